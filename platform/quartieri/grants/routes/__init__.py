"""Pages of grants and payments, for officials; and giving one's own project up."""

from quartieri.grants.routes.ends import own_bp
from quartieri.grants.routes.grants import bp
from quartieri.grants.routes.payments import bp as payments_bp

blueprints = (bp, own_bp, payments_bp)
