"""major incidents"""

import sqlalchemy as sa
from alembic import op

from servicedesk.db import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE incident ADD COLUMN major_id INTEGER REFERENCES incident (id)")
    op.create_index(op.f("ix_incident_major_id"), "incident", ["major_id"])
    op.create_table(
        "major_incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_at", Instant(timezone=True), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("policy", sa.String(length=64), nullable=True),
        sa.Column("step", sa.String(length=64), nullable=True),
        sa.Column("decided_at", Instant(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("coordinator_id", sa.Integer(), nullable=True),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("update_due", Instant(timezone=True), nullable=True),
        sa.Column("updated_at", Instant(timezone=True), nullable=True),
        sa.Column("updates", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("over_at", Instant(timezone=True), nullable=True),
        sa.Column("reviewed_at", Instant(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.Column("headline", sa.String(length=300), server_default="", nullable=False),
        sa.Column("review", sa.JSON(), server_default="{}", nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_major_incident_{column}")
            )
            for column, table in (
                ("incident_id", "incident"),
                ("proposed_by_id", "person"),
                ("decided_by_id", "person"),
                ("coordinator_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_major_incident")),
        sa.UniqueConstraint("incident_id", "n", name=op.f("uq_major_incident_incident_id_n")),
    )
    op.create_index(op.f("ix_major_incident_state"), "major_incident", ["state"])
    op.create_index(op.f("ix_major_incident_over_at"), "major_incident", ["over_at"])
    op.create_table(
        "major_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_major_update_incident_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_major_update_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_major_update")),
        sa.UniqueConstraint("incident_id", "n", name=op.f("uq_major_update_incident_id_n")),
    )


def downgrade() -> None:
    op.drop_table("major_update")
    op.drop_table("major_incident")
    op.drop_index(op.f("ix_incident_major_id"), "incident")
    op.execute("ALTER TABLE incident DROP COLUMN major_id")
