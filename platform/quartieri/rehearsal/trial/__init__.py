"""The rehearsal of a draft call: a copy lives through all phases with invented people.

``copy`` is what is taken along, ``script`` who plays (pure, by a seed), ``play`` and ``money``
drive the same verbs as the interface, ``notes`` keeps what happened and which rules fired,
``report`` makes a document of it, ``whole`` does all of that.
"""
