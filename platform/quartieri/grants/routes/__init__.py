"""Pages of grants and payments, for officials."""

from quartieri.grants.routes.grants import bp
from quartieri.grants.routes.payments import bp as payments_bp

blueprints = (bp, payments_bp)
