"""Imported results of votes and outside phases; the act that confirms one is a kind of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
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
    "rectification",
    "scrolling",
)
NEW = ("result",)
STATES = ("draft", "signed", "published", "revoked", "discarded")
COLUMNS = (
    "id, authority_id, kind, number, dated, office, signer, decides, file_id, file_sha256, state,"
    " recorded_by, recorded_at, published_at"
)


def upgrade() -> None:
    kinds((*KINDS, *NEW))
    op.create_table(
        "imported_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("window_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_imported_file_act_id")),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["user_account.id"], name=op.f("fk_imported_file_uploaded_by")
        ),
        sa.ForeignKeyConstraint(
            ["window_id"], ["call_window.id"], name=op.f("fk_imported_file_window_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_file")),
    )
    with op.batch_alter_table("imported_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imported_file_window_id"), ["window_id"], unique=False)

    op.create_table(
        "imported_points",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("points", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["imported_file.id"], name=op.f("fk_imported_points_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_imported_points_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_points")),
        sa.UniqueConstraint(
            "file_id", "proposal_id", name=op.f("uq_imported_points_file_id_proposal_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("imported_points")
    with op.batch_alter_table("imported_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imported_file_window_id"))

    op.drop_table("imported_file")
    op.execute("UPDATE act SET kind = 'ranking' WHERE kind = 'result'")
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
