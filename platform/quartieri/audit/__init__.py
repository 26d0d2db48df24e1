"""Who did what to what, when and why, before and after; append-only.

Owns the actor (who acts, in which roles), the audit entries and the one place that executes a
state's move. Knows no call, no pledge: subjects are named by kind and id.
"""
