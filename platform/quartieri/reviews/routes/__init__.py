"""Pages of evaluations: the reviewer's, the office's, the published rankings."""

from quartieri.reviews.routes.decisions import bp as decisions_bp
from quartieri.reviews.routes.desk import bp as desk_bp
from quartieri.reviews.routes.imported import bp as results_bp
from quartieri.reviews.routes.office import bp as office_bp
from quartieri.reviews.routes.public import bp as public_bp
from quartieri.reviews.routes.rankings import bp as rankings_bp
from quartieri.reviews.routes.waiting import bp as waiting_bp
from quartieri.reviews.routes.words import register

register(desk_bp)
blueprints = (decisions_bp, desk_bp, office_bp, rankings_bp, public_bp, waiting_bp, results_bp)
