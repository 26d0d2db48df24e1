"""Acts that go down a list; rectifications and scrolling are kinds of act of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

KINDS = (
    "publication",
    "extension",
    "appointment",
    "ranking",
    "grant",
    "legal_entity",
    "revocation",
    "budget",
    "review",
    "suspension",
    "conclusion",
    "renunciation",
)
NEW = ("rectification", "scrolling")
STATES = ("draft", "signed", "published", "revoked", "discarded")
COLUMNS = (
    "id, authority_id, kind, number, dated, office, signer, decides, file_id, file_sha256, state,"
    " recorded_by, recorded_at, published_at"
)


def upgrade() -> None:
    kinds((*KINDS, *NEW))
    op.execute(
        "UPDATE act SET kind = 'rectification'"
        " WHERE id IN (SELECT act_id FROM call_act WHERE verb = 'rectify')"
    )
    op.create_table(
        "ranking_list_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ranking_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "answer",
            sa.Enum(
                "accepted",
                "refused",
                "lapsed",
                name="listanswer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "answer IS NULL OR due_at IS NOT NULL", name=op.f("ck_ranking_list_act_answer")
        ),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_ranking_list_act_cents")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_ranking_list_act_act_id")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_ranking_list_act_proposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["ranking_id"], ["ranking.id"], name=op.f("fk_ranking_list_act_ranking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking_list_act")),
    )
    with op.batch_alter_table("ranking_list_act", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ranking_list_act_proposal_id"), ["proposal_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ranking_list_act_ranking_id"), ["ranking_id"], unique=False
        )
        batch_op.create_index(
            "uq_ranking_list_act_open",
            ["proposal_id"],
            unique=True,
            sqlite_where=sa.text("due_at IS NOT NULL AND answer IS NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL AND answer IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("ranking_list_act", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ranking_list_act_open",
            sqlite_where=sa.text("due_at IS NOT NULL AND answer IS NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL AND answer IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_ranking_list_act_ranking_id"))
        batch_op.drop_index(batch_op.f("ix_ranking_list_act_proposal_id"))

    op.drop_table("ranking_list_act")
    op.execute("UPDATE act SET kind = 'publication' WHERE kind = 'rectification'")
    op.execute("UPDATE act SET kind = 'ranking' WHERE kind = 'scrolling'")
    kinds(KINDS)


def kinds(allowed: tuple[str, ...]) -> None:
    """Say which kinds an act may have; on SQLite, which drops no constraint, the table is rebuilt.

    Many tables refer to its rows: their foreign keys wait for the end of the transaction, and by
    then every row is back under its id.
    """
    if op.get_bind().dialect.name == "postgresql":
        words = ", ".join(f"'{one}'" for one in allowed)
        op.drop_constraint(op.f("ck_act_actkind"), "act", type_="check")
        op.create_check_constraint(op.f("ck_act_actkind"), "act", f"kind IN ({words})")
        return
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TEMPORARY TABLE kept AS SELECT {COLUMNS} FROM act")
    op.drop_table("act")
    op.create_table(
        "act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("kind", _code("actkind", allowed), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("office", sa.String(length=200), nullable=False),
        sa.Column("signer", sa.String(length=200), nullable=False),
        sa.Column("decides", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", _code("actstate", STATES), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_act_authority_id")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_act_file_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_act_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
        sa.UniqueConstraint("authority_id", "kind", "number", "dated", name="uq_act_number"),
    )
    op.execute(f"INSERT INTO act ({COLUMNS}) SELECT {COLUMNS} FROM kept")
    op.execute("DROP TABLE kept")


def _code(name: str, codes: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)
