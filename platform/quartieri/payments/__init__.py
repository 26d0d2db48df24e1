"""Charges and refunds asked of a provider, the inbox of its messages, and reconciliation.

It knows subjects by a word ("pledge:12") and no campaign; what changed at the provider it tells by
a job named after the subject's kind ("pledge.settle"). It posts nothing to the ledger: whoever
owns the subject does, from :func:`quartieri.payments.queries.facts`.
"""
