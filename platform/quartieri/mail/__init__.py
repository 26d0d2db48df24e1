"""Letters: written in the transaction that causes them, sent later by a job.

So no letter leaves for a change that did not happen, and each one can be read again.
"""
