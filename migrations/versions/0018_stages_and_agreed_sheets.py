"""Stages of an evaluation, sheets that a commission agrees on, criteria that do not apply."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OUTCOMES = ("funded", "eligible_unfunded", "not_eligible", "excluded", "withdrawn")
ADMISSIONS = ("admitted", "not_admitted")
STATES = (
    "proposed",
    "accepted",
    "declined",
    "expired",
    "cancelled",
    "recused",
    "in_progress",
    "unable",
    "submitted",
)
KEPT = "id, proposal_id, user_id, state, version, total, note, assigned_at, submitted_at"


def upgrade() -> None:
    for table in ("call_window", "ranking"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(
                sa.Column("stage", sa.Integer(), server_default="1", nullable=False)
            )
    with op.batch_alter_table("score") as batch_op:
        batch_op.add_column(
            sa.Column("not_applicable", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    outcomes((*OUTCOMES[:2], *ADMISSIONS, *OUTCOMES[2:]))
    if op.get_bind().dialect.name == "sqlite":
        rebuild(stages=True)
        return
    op.add_column(
        "assignment", sa.Column("stage", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column(
        "assignment", sa.Column("agreed", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.drop_constraint("uq_assignment_proposal_id_user_id", "assignment")
    op.create_unique_constraint(
        "uq_assignment_proposal_id_user_id_stage", "assignment", ["proposal_id", "user_id", "stage"]
    )
    op.create_check_constraint(op.f("ck_assignment_stage"), "assignment", "stage >= 1")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        rebuild(stages=False)
    else:
        op.drop_constraint(op.f("ck_assignment_stage"), "assignment")
        op.drop_constraint("uq_assignment_proposal_id_user_id_stage", "assignment")
        op.create_unique_constraint(
            "uq_assignment_proposal_id_user_id", "assignment", ["proposal_id", "user_id"]
        )
        op.drop_column("assignment", "agreed")
        op.drop_column("assignment", "stage")
    outcomes(OUTCOMES)
    op.execute("ALTER TABLE score DROP COLUMN not_applicable")
    op.execute("ALTER TABLE ranking DROP COLUMN stage")
    op.execute("ALTER TABLE call_window DROP COLUMN stage")


def outcomes(allowed: tuple[str, ...]) -> None:
    """Say which outcomes a line of a ranking may have; nothing refers to that table."""
    words = ", ".join(f"'{one}'" for one in allowed)
    with op.batch_alter_table("ranking_entry") as batch_op:
        batch_op.drop_constraint(op.f("ck_ranking_entry_rankingoutcome"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_ranking_entry_rankingoutcome"), f"outcome IN ({words})"
        )


def rebuild(*, stages: bool) -> None:
    """Write the table of assignments anew on SQLite, which drops no constraint.

    Declarations and scores refer to its rows: their foreign keys wait for the end of the
    transaction, and by then every row is back under its id.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TEMPORARY TABLE kept AS SELECT {KEPT} FROM assignment")
    op.drop_index("ix_assignment_user_state", table_name="assignment")
    op.drop_table("assignment")
    extra = [
        sa.Column("stage", sa.Integer(), server_default="1", nullable=False),
        sa.Column("agreed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("stage >= 1", name=op.f("ck_assignment_stage")),
    ]
    unique = ["proposal_id", "user_id", *(["stage"] if stages else [])]
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                *STATES,
                name="assignmentstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        *(extra if stages else []),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_assignment_proposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_assignment_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint(*unique, name=op.f("uq_assignment_" + "_".join(unique))),
    )
    op.execute(f"INSERT INTO assignment ({KEPT}) SELECT {KEPT} FROM kept")
    op.execute("DROP TABLE kept")
    op.create_index("ix_assignment_user_state", "assignment", ["user_id", "state"], unique=False)
