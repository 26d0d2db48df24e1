"""Campaigns: the page, its approval, pledges, the closing and what follows from it.

Success is decided on collected money. A campaign never commits public money: it asks `grants` to
keep or release what the ranking reserved.
"""
