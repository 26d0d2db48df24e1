"""Proposals, snapshots, checks and the register."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from quartieri.ledger import triggers

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "protocol_counter",
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_protocol_counter_authority_id")
        ),
        sa.PrimaryKeyConstraint("authority_id", "year", name=op.f("pk_protocol_counter")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("window_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "discarded",
                "submitted",
                "superseded",
                "in_check",
                "integration_requested",
                "refusal_notified",
                "admissible",
                "inadmissible",
                "under_review",
                "stopped_at_gate",
                "ranked",
                "selected",
                "waiting",
                "offered",
                "passed_over",
                "not_selected",
                "campaigning",
                "awarded",
                "lapsed",
                "running",
                "suspended",
                "reporting",
                "completed",
                "renounced",
                "revoked",
                "withdrawn",
                "withdrawn_after_admission",
                name="proposalstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=140), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column(
            "answers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("own_cents", sa.BigInteger(), nullable=False),
        sa.Column("requested_cents", sa.BigInteger(), nullable=False),
        sa.Column("crowd_cents", sa.BigInteger(), nullable=False),
        sa.Column(
            "declarations", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("cost_cents >= 0", name=op.f("ck_proposal_cost")),
        sa.CheckConstraint("requested_cents >= 0", name=op.f("ck_proposal_requested")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_proposal_area_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_proposal_call_id")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["call_edition.id"], name=op.f("fk_proposal_edition_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_proposal_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user_account.id"], name=op.f("fk_proposal_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["proposal.id"], name=op.f("fk_proposal_replaces_id")
        ),
        sa.ForeignKeyConstraint(
            ["window_id"], ["call_window.id"], name=op.f("fk_proposal_window_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("slug", name=op.f("uq_proposal_slug")),
    )
    op.create_index("ix_proposal_call_state", "proposal", ["call_id", "state", "id"], unique=False)
    op.create_index(
        op.f("ix_proposal_organisation_id"), "proposal", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_proposal_owner_id"), "proposal", ["owner_id"], unique=False)
    op.create_index(
        "ix_proposal_window_state", "proposal", ["window_id", "state", "id"], unique=False
    )
    op.create_table(
        "admissibility_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("requirement", sa.String(length=40), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "met",
                "not_met",
                "unclear",
                name="checkoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["user_account.id"], name=op.f("fk_admissibility_check_checked_by")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_admissibility_check_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admissibility_check")),
        sa.UniqueConstraint(
            "proposal_id",
            "requirement",
            name=op.f("uq_admissibility_check_proposal_id_requirement"),
        ),
    )
    op.create_table(
        "budget_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_budget_line_amount")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_budget_line_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
    )
    op.create_index(
        op.f("ix_budget_line_proposal_id"), "budget_line", ["proposal_id"], unique=False
    )
    op.create_table(
        "integration_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "answered",
                "lapsed",
                "cancelled",
                name="integrationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answer_file_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_file_id"],
            ["stored_file.id"],
            name=op.f("fk_integration_request_answer_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_integration_request_proposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user_account.id"], name=op.f("fk_integration_request_requested_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integration_request")),
    )
    op.create_index(
        op.f("ix_integration_request_proposal_id"),
        "integration_request",
        ["proposal_id"],
        unique=False,
    )
    op.create_table(
        "proposal_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_proposal_attachment_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_attachment_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_attachment")),
    )
    op.create_index(
        op.f("ix_proposal_attachment_proposal_id"),
        "proposal_attachment",
        ["proposal_id"],
        unique=False,
    )
    op.create_table(
        "proposal_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_member_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_member")),
    )
    op.create_index(
        op.f("ix_proposal_member_proposal_id"), "proposal_member", ["proposal_id"], unique=False
    )
    op.create_table(
        "proposal_partner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "informal_group",
                "association",
                "third_sector",
                "social_enterprise",
                "business",
                "other_non_profit",
                name="organisationkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tax_code", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=300), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_partner_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_partner")),
    )
    op.create_index(
        op.f("ix_proposal_partner_proposal_id"), "proposal_partner", ["proposal_id"], unique=False
    )
    op.create_table(
        "proposal_scorer",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("window_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_scorer_proposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_proposal_scorer_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["window_id"], ["call_window.id"], name=op.f("fk_proposal_scorer_window_id")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "user_id", name=op.f("pk_proposal_scorer")),
    )
    op.create_index(
        op.f("ix_proposal_scorer_window_id"), "proposal_scorer", ["window_id"], unique=False
    )
    op.create_table(
        "proposal_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_snapshot_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_snapshot")),
        sa.UniqueConstraint(
            "proposal_id", "number", name=op.f("uq_proposal_snapshot_proposal_id_number")
        ),
    )
    op.create_table(
        "protocol_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_protocol_entry_authority_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_protocol_entry_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_entry")),
        sa.UniqueConstraint(
            "authority_id",
            "year",
            "number",
            name=op.f("uq_protocol_entry_authority_id_year_number"),
        ),
        sa.UniqueConstraint(
            "proposal_id", "revision", name=op.f("uq_protocol_entry_proposal_id_revision")
        ),
    )
    for statement in triggers.append_only(
        op.get_bind().dialect.name, ["proposal_snapshot", "protocol_entry"]
    ):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in triggers.drop_append_only(
        op.get_bind().dialect.name, ["proposal_snapshot", "protocol_entry"]
    ):
        op.get_bind().exec_driver_sql(statement)
    op.drop_table("protocol_entry")
    op.drop_table("proposal_snapshot")
    op.drop_index(op.f("ix_proposal_scorer_window_id"), table_name="proposal_scorer")
    op.drop_table("proposal_scorer")
    op.drop_index(op.f("ix_proposal_partner_proposal_id"), table_name="proposal_partner")
    op.drop_table("proposal_partner")
    op.drop_index(op.f("ix_proposal_member_proposal_id"), table_name="proposal_member")
    op.drop_table("proposal_member")
    op.drop_index(op.f("ix_proposal_attachment_proposal_id"), table_name="proposal_attachment")
    op.drop_table("proposal_attachment")
    op.drop_index(op.f("ix_integration_request_proposal_id"), table_name="integration_request")
    op.drop_table("integration_request")
    op.drop_index(op.f("ix_budget_line_proposal_id"), table_name="budget_line")
    op.drop_table("budget_line")
    op.drop_table("admissibility_check")
    op.drop_index("ix_proposal_window_state", table_name="proposal")
    op.drop_index(op.f("ix_proposal_owner_id"), table_name="proposal")
    op.drop_index(op.f("ix_proposal_organisation_id"), table_name="proposal")
    op.drop_index("ix_proposal_call_state", table_name="proposal")
    op.drop_table("proposal")
    op.drop_table("protocol_counter")
