"""Applications: drafts, submission with snapshot and protocol number, admissibility, integration.

Also keeps facts that upper slices write for others to read: who scored a proposal.
"""
