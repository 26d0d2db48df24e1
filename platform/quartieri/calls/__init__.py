"""Calls for proposals: design, windows, editions, criteria; their public pages.

A call is drafted as one document (`design.CallDesign`); publication by act freezes it as a
numbered edition. Whether a window is open follows from its dates and the clock.
"""
