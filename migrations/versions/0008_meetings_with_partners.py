"""meetings with partners"""

import sqlalchemy as sa
from alembic import op

import servicedesk.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DRAFT = sa.text("state = 'draft'")


def upgrade() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("participants", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("held_by_id", sa.Integer(), nullable=True),
        sa.Column("held_at", servicedesk.db.Instant(timezone=True), nullable=True),
        *_keys("meeting", partner="partner", created_by="person", changed_by="person",
               held_by="person"),
        sa.UniqueConstraint("partner_id", "n", name=op.f("uq_meeting_partner_id_n")),
    )  # fmt: skip
    op.create_index(
        "ix_meeting_draft",
        "meeting",
        ["partner_id"],
        unique=True,
        sqlite_where=DRAFT,
        postgresql_where=DRAFT,
    )
    op.create_table(
        "meeting_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("next_action", sa.Text(), nullable=False),
        sa.Column("next_day", sa.Date(), nullable=True),
        sa.Column("who", sa.String(length=4), nullable=False),
        *_keys("meeting_item", meeting="meeting", incident="incident"),
        sa.UniqueConstraint(
            "meeting_id", "kind", "incident_id", "n",
            name=op.f("uq_meeting_item_meeting_id_kind_incident_id_n"),
        ),
    )  # fmt: skip
    op.create_table(
        "meeting_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("done_in_id", sa.Integer(), nullable=True),
        *_keys("meeting_decision", meeting="meeting", done_in="meeting"),
    )
    op.create_index(op.f("ix_meeting_decision_meeting_id"), "meeting_decision", ["meeting_id"])


def _keys(table: str, **columns: str) -> list[sa.Constraint]:
    foreign = [
        sa.ForeignKeyConstraint(
            [f"{name}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_id")
        )
        for name, other in columns.items()
    ]
    return [*foreign, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def downgrade() -> None:
    op.drop_table("meeting_decision")
    op.drop_table("meeting_item")
    op.drop_table("meeting")
