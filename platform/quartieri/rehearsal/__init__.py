"""Driving the others' verbs: the demo city, and the replay of past editions.

Nothing here has a way of its own to change data: what it does, an official or a citizen could.
"""
