"""The double-entry book and its seals.

Owns accounts, transactions, entries (each moves a positive amount from one account to another), the
erasable private part, and the seals that anyone can re-walk. Knows accounts by name (the chart in
``rules.chart``) and nothing of campaigns, calls or grants: who may move money is decided above.
"""
