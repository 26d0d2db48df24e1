"""Grants: reserve, commit, pay out, report, settle.

Public money is reserved by a ranking, committed by a signed grant act and by nothing else, and
paid by three people: the officer requests, the manager approves, the treasurer orders and pays.
"""
