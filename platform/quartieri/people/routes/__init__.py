"""Pages of the own account, and of people and roles for administrators."""

from quartieri.people.routes.account import bp
from quartieri.people.routes.manage import bp as manage_bp

blueprints = (bp, manage_bp)
