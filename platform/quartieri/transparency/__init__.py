"""Transparency: reads across slices and writes nothing.

The money of the site, of a call and of a grant act for everybody, with JSON and CSV twins of
stable names; the ledger's accounts and statements for the treasury; the seals for whoever wants
to keep the chain. All figures are the ledger's own balances; nothing here adds them up anew.
"""
