"""Numbered administrative acts that other slices refer to.

An act is signed in the city's own document system; here it is recorded with number, date, office,
signer and file, so that every publication, ranking, grant and payment names the one it rests on.
"""
