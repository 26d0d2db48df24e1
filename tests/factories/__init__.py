"""Plain functions that build one valid, minimal row each."""
