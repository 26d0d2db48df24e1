"""Gateways: payments, email and storage. For each a protocol, the real one, and one for local use.

They know addresses, keys and formats of the outside, and nothing of calls, campaigns or people.
"""
