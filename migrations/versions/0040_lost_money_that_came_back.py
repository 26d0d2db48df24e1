"""Lost money that came back is a case; what is promised counts what of it is really here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

KINDS = ("dispute", "warning", "refund", "part")
STATES = ("open", "won", "lost", "done")
WITHHELD = ("nothing", "held", "gone")
GONE = "refunded_cents + disputed_cents + lost_cents"


def one_of(column: str, words: tuple[str, ...]) -> str:
    return "{} IN ({})".format(column, ", ".join(f"'{word}'" for word in words))


def allow(*kinds: str) -> None:
    """Say which kinds of cases there are; nothing names this table: SQLite may rebuild it."""
    name = op.f("ck_pledge_case_casekind")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(name, "pledge_case", type_="check")
        op.create_check_constraint(name, "pledge_case", one_of("kind", kinds))
        return
    whole = [
        *("amount_cents", "fee_cents", "part_cents"),
        *("from_collected_cents", "from_payable_cents", "from_cost_cents"),
    ]
    rebuilt = sa.Table(
        "pledge_case",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pledge_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(100), nullable=False),
        *(sa.Column(column, sa.BigInteger(), nullable=False) for column in whole),
        sa.Column("withheld", sa.String(40), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(one_of("kind", kinds), name=name),
        sa.CheckConstraint(one_of("state", STATES), name="ck_pledge_case_casestate"),
        sa.CheckConstraint(one_of("withheld", WITHHELD), name="ck_pledge_case_withheld"),
        sa.CheckConstraint("amount_cents >= 0", name="ck_pledge_case_amount"),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name="fk_pledge_case_owner_id"),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name="fk_pledge_case_pledge_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pledge_case"),
        sa.UniqueConstraint(
            "pledge_id", "kind", "source", name="uq_pledge_case_pledge_id_kind_source"
        ),
        sa.Index("ix_pledge_case_pledge_id", "pledge_id"),
        sa.Index("ix_pledge_case_state", "state", "due_at", "id"),
    )
    with op.batch_alter_table("pledge_case", recreate="always", copy_from=rebuilt):
        pass


def count(sign: str) -> None:
    """Take what is not here of paid pledges off what their campaigns count, or put it back."""
    op.execute(
        f"UPDATE campaign SET promised_cents = promised_cents {sign} (SELECT SUM({GONE})"
        " FROM pledge WHERE campaign_id = campaign.id AND state = 'paid')"
        " WHERE EXISTS (SELECT 1 FROM pledge WHERE campaign_id = campaign.id AND state = 'paid'"
        f" AND {GONE} > 0)"
    )


def upgrade() -> None:
    allow(*KINDS, "back")
    count("-")


def downgrade() -> None:
    count("+")
    op.execute("DELETE FROM pledge_case WHERE kind = 'back'")
    allow(*KINDS)
