"""Numbered receipts; what a pledge says of its giver; why a letter did not arrive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt_counter",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_receipt_counter_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "year", name=op.f("pk_receipt_counter")),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "receipt",
                "void",
                name="receiptkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pledge_id", sa.Integer(), nullable=False),
        sa.Column("voids_id", sa.Integer(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "snapshot", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.CheckConstraint(
            "(kind = 'void') = (voids_id IS NOT NULL)", name=op.f("ck_receipt_voids")
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_receipt_amount")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_receipt_organisation_id")
        ),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name=op.f("fk_receipt_pledge_id")),
        sa.ForeignKeyConstraint(["voids_id"], ["receipt.id"], name=op.f("fk_receipt_voids_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint(
            "organisation_id", "year", "number", name=op.f("uq_receipt_organisation_id_year_number")
        ),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_pledge_id"), ["pledge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_voids_id"), ["voids_id"], unique=False)

    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("failure", sa.String(length=300), server_default="", nullable=False)
        )

    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("cover_cents", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("mailbox", sa.String(length=254), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("company", sa.String(length=200), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("sponsor", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("tax_code", sa.String(length=16), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("shipping_answer", sa.String(length=500), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("team", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_check_constraint(
            op.f("ck_pledge_cover"), "cover_cents >= 0 AND cover_cents < amount_cents"
        )
        batch_op.create_index("ix_pledge_mailbox", ["campaign_id", "mailbox"], unique=False)
    op.execute("UPDATE pledge SET mailbox = email")


def downgrade() -> None:
    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.drop_index("ix_pledge_mailbox")
        batch_op.drop_constraint(op.f("ck_pledge_cover"), type_="check")
        batch_op.drop_column("team")
        batch_op.drop_column("shipping_answer")
        batch_op.drop_column("tax_code")
        batch_op.drop_column("sponsor")
        batch_op.drop_column("company")
        batch_op.drop_column("mailbox")
        batch_op.drop_column("cover_cents")

    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_column("failure")

    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receipt_voids_id"))
        batch_op.drop_index(batch_op.f("ix_receipt_pledge_id"))

    op.drop_table("receipt")
    op.drop_table("receipt_counter")
