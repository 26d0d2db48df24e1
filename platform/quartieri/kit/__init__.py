"""Small tools without a domain: money, time, labels, errors, states, fields and filters.

Nothing here knows a call or a pledge, reads a request or opens a database.
"""
