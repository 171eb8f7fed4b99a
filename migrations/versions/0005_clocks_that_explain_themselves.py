"""clocks that explain themselves"""

import sqlalchemy as sa
from alembic import op

import servicedesk.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ALIVE = "state IN ('new', 'in_progress', 'on_hold', 'resolved')"


def upgrade() -> None:
    instant = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    for table, column in (
        ("incident", "setup_revision INTEGER NOT NULL DEFAULT 0"),
        ("incident", "rush BOOLEAN NOT NULL DEFAULT FALSE"),
        ("clock", "excluded_seconds INTEGER NOT NULL DEFAULT 0"),
        ("clock", "net_state VARCHAR(10)"),
        ("clock", f"net_late_from {instant}"),
        ("clock", f"net_breaches_at {instant}"),
        ("clock", f"net_breached_at {instant}"),
        ("policy", "since JSON NOT NULL DEFAULT '{}'"),
        ("service", f"policy_since {instant}"),
    ):
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    op.create_index(
        "ix_incident_behind",
        "incident",
        ["setup_revision", "id"],
        sqlite_where=sa.text(ALIVE),
        postgresql_where=sa.text(ALIVE),
    )
    op.create_table(
        "exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("start", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("end", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("clocks", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_exclusion_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_exclusion_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_exclusion_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
        sa.UniqueConstraint("incident_id", "n", name=op.f("uq_exclusion_incident_id_n")),
    )
    op.create_index(op.f("ix_exclusion_state"), "exclusion", ["state"])
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.Column("finished_at", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_application_agreement_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_application_asked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )


def downgrade() -> None:
    op.drop_table("application")
    op.drop_table("exclusion")
    op.drop_index("ix_incident_behind", "incident")
    for table, column in (
        ("service", "policy_since"),
        ("policy", "since"),
        ("clock", "net_breached_at"),
        ("clock", "net_breaches_at"),
        ("clock", "net_late_from"),
        ("clock", "net_state"),
        ("clock", "excluded_seconds"),
        ("incident", "rush"),
        ("incident", "setup_revision"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
