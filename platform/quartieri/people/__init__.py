"""Authorities, accounts, organisations, sign-in, roles; ``access`` guards the routes.

Owns who may do what. Knows calls by their id only.
"""
