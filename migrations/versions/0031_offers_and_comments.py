"""Offers of help, comments on a page that is being prepared, and the tutor who makes them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


ROLES = (
    *("administrator", "call_manager", "signing_manager", "officer", "commission_chair"),
    *("commission_secretary", "commission_member", "treasurer", "auditor"),
    *("applicant", "backer", "account", "system"),
)


def allow(*roles: str) -> None:
    """Say which roles may be held; nothing names this table, so that SQLite may rebuild it."""
    name = op.f("ck_role_grant_role")
    words = "role IN ({})".format(", ".join(f"'{role}'" for role in roles))
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(name, "role_grant", type_="check")
        op.create_check_constraint(name, "role_grant", words)
        return
    rebuilt = sa.Table(
        "role_grant",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(words, name=name),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name="fk_role_grant_authority_id"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_role_grant_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_role_grant"),
        sa.Index("ix_role_grant_call_id", "call_id"),
        sa.Index("ix_role_grant_user", "user_id"),
    )
    with op.batch_alter_table("role_grant", recreate="always", copy_from=rebuilt):
        pass


def upgrade() -> None:
    allow(*ROLES, "tutor")
    op.create_table(
        "campaign_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "basics",
                "story",
                "budget",
                "people",
                "rewards",
                "needs",
                "surplus",
                "faqs",
                name="pagepart",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_campaign_comment_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_comment_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_comment")),
    )
    with op.batch_alter_table("campaign_comment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_campaign_comment_campaign_id"), ["campaign_id"], unique=False
        )

    op.create_table(
        "campaign_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("need", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "in_kind",
                "time",
                name="needkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=140), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "offered",
                "accepted",
                "declined",
                "received",
                name="offerstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_campaign_offer_quantity")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_offer_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_offer")),
    )
    with op.batch_alter_table("campaign_offer", schema=None) as batch_op:
        batch_op.create_index("ix_campaign_offer_campaign", ["campaign_id", "id"], unique=False)


def downgrade() -> None:
    op.execute("DELETE FROM role_grant WHERE role = 'tutor'")
    allow(*ROLES)
    with op.batch_alter_table("campaign_offer", schema=None) as batch_op:
        batch_op.drop_index("ix_campaign_offer_campaign")

    op.drop_table("campaign_offer")
    with op.batch_alter_table("campaign_comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_comment_campaign_id"))

    op.drop_table("campaign_comment")
