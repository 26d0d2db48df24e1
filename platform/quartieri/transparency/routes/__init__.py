"""Pages of the money for everybody, and of the ledger for the treasury."""

from quartieri.transparency.routes.book import bp as ledger_bp
from quartieri.transparency.routes.money import bp

blueprints = (bp, ledger_bp)
