"""The demo city: real authorities and programmes, past calls as history, invented open calls."""

from quartieri.rehearsal.demo.city import accounts_text, is_loaded, load

__all__ = ["accounts_text", "is_loaded", "load"]
