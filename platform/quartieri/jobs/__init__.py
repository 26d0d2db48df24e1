"""Timed work: a leased job table, the worker's loop and the demo's clock.

A job is added in the caller's transaction; a worker takes it under a lease and works outside of
that transaction, so handlers run at least once and must be idempotent. Knows handlers by name only.
"""
