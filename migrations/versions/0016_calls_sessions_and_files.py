"""Endowments and pauses of sessions, files of calls, the province of an authority."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cover",
                "document",
                name="callfilekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("title_it", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("readable", sa.Boolean(), nullable=False),
        sa.Column("copy_of_id", sa.Integer(), nullable=True),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["user_account.id"], name=op.f("fk_call_file_added_by")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_file_call_id")),
        sa.ForeignKeyConstraint(
            ["copy_of_id"], ["call_file.id"], name=op.f("fk_call_file_copy_of_id")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_call_file_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_file")),
    )
    with op.batch_alter_table("call_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_file_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_file_copy_of_id"), ["copy_of_id"], unique=False)
        batch_op.create_index(
            "uq_call_file_cover",
            ["call_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'cover'"),
            postgresql_where=sa.text("kind = 'cover'"),
        )

    op.create_table(
        "window_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("window_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended_at >= began_at", name=op.f("ck_window_pause_dates")),
        sa.ForeignKeyConstraint(
            ["window_id"], ["call_window.id"], name=op.f("fk_window_pause_window_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window_pause")),
        sa.UniqueConstraint("key", name=op.f("uq_window_pause_key")),
    )
    with op.batch_alter_table("window_pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_window_pause_window_id"), ["window_id"], unique=False)

    with op.batch_alter_table("authority", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("province", sa.String(length=2), server_default="", nullable=False)
        )

    # written out, so that no table is rebuilt: SQLite would try each row that refers to it
    op.execute(
        "ALTER TABLE call_window ADD COLUMN endowment_cents BIGINT"
        " CONSTRAINT ck_call_window_endowment CHECK (endowment_cents > 0)"
    )
    op.execute(
        "INSERT INTO window_pause (window_id, key, began_at, ended_at)"
        " SELECT p.window_id, 'integration:' || i.id, i.requested_at,"
        " CASE WHEN i.state = 'requested' THEN NULL"
        " WHEN i.answered_at IS NOT NULL THEN i.answered_at"
        " WHEN i.due_at < i.requested_at THEN i.requested_at ELSE i.due_at END"
        " FROM integration_request i JOIN proposal p ON p.id = i.proposal_id"
        " WHERE p.window_id IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE call_window DROP COLUMN endowment_cents")
    op.execute("ALTER TABLE authority DROP COLUMN province")

    with op.batch_alter_table("window_pause", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_window_pause_window_id"))

    op.drop_table("window_pause")
    with op.batch_alter_table("call_file", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_call_file_cover",
            sqlite_where=sa.text("kind = 'cover'"),
            postgresql_where=sa.text("kind = 'cover'"),
        )
        batch_op.drop_index(batch_op.f("ix_call_file_copy_of_id"))
        batch_op.drop_index(batch_op.f("ix_call_file_call_id"))

    op.drop_table("call_file")
