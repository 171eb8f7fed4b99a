"""the desk runs by itself"""

import sqlalchemy as sa
from alembic import op

import servicedesk.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pulse",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pulse")),
    )
    op.create_table(
        "firing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("cycle", sa.String(length=40), nullable=False),
        sa.Column("due_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("fired_at", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_firing_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firing")),
        sa.UniqueConstraint(
            "incident_id",
            "policy",
            "step",
            "cycle",
            name=op.f("uq_firing_incident_id_policy_step_cycle"),
        ),
    )
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("secret", sa.String(length=43), nullable=False),
        sa.Column("made_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("used_at", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_link_incident_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
    )
    op.create_index(op.f("ix_link_ends_at"), "link", ["ends_at"], unique=False)
    op.create_index(op.f("ix_link_incident_id"), "link", ["incident_id"], unique=False)
    op.create_index(op.f("ix_link_person_id"), "link", ["person_id"], unique=False)

    op.create_table(
        "next_step",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("not_before", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_next_step_incident_id")
        ),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_next_step")),
    )
    op.create_index(op.f("ix_next_step_at"), "next_step", ["at"], unique=False)

    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("made_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("waits_until", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.Column("failed_at", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_notification_incident_id")
        ),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_notification_link_id")),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_notification_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notification_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notification_message_id")),
    )
    op.create_index(
        op.f("ix_notification_incident_id"), "notification", ["incident_id"], unique=False
    )
    op.create_index(op.f("ix_notification_person_id"), "notification", ["person_id"], unique=False)
    op.create_index(op.f("ix_notification_sent_at"), "notification", ["sent_at"], unique=False)
    op.create_index(
        op.f("ix_notification_waits_until"), "notification", ["waits_until"], unique=False
    )

    # SQLite can't add a named constraint later, and would copy the whole table for it
    op.execute(
        "ALTER TABLE incident ADD COLUMN approver_id INTEGER"
        " CONSTRAINT fk_incident_approver_id REFERENCES person (id)"
    )
    op.add_column("incident", sa.Column("approval", sa.String(length=8), nullable=True))
    op.create_index(
        "ix_incident_approver",
        "incident",
        ["approver_id"],
        unique=False,
        sqlite_where=sa.text("approval = 'asked'"),
        postgresql_where=sa.text("approval = 'asked'"),
    )
    op.add_column("person", sa.Column("absent_from", sa.Date(), nullable=True))
    op.add_column("person", sa.Column("absent_until", sa.Date(), nullable=True))
    for flag in ("imported", "barred"):
        said = sa.Column(flag, sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column("person", said)
    op.add_column("person", sa.Column("sources", sa.JSON(), nullable=True))
    invited_at = sa.Column("invited_at", servicedesk.db.Instant(timezone=True), nullable=True)
    op.add_column("person", invited_at)
    op.create_index(op.f("ix_person_deputy_id"), "person", ["deputy_id"], unique=False)

    # what the board asks of the past
    op.create_index(
        op.f("ix_incident_first_requested_due"), "incident", ["first_requested_due"], unique=False
    )
    op.create_index(op.f("ix_handoff_sent_at"), "handoff", ["sent_at"], unique=False)
    op.create_index("ix_holding_end", "holding", ["end", "start", "incident_id"], unique=False)
    op.create_index(
        "ix_event_prioritised",
        "event",
        ["happened_at", "incident_id"],
        unique=False,
        sqlite_where=sa.text("kind = 'incident.prioritised'"),
        postgresql_where=sa.text("kind = 'incident.prioritised'"),
    )


def downgrade() -> None:
    op.drop_index("ix_event_prioritised", "event")
    op.drop_index("ix_holding_end", "holding")
    op.drop_index(op.f("ix_handoff_sent_at"), "handoff")
    op.drop_index(op.f("ix_incident_first_requested_due"), "incident")
    op.drop_index(op.f("ix_person_deputy_id"), "person")
    for column in ("invited_at", "sources", "barred", "imported"):
        op.drop_column("person", column)
    op.drop_column("person", "absent_until")
    op.drop_column("person", "absent_from")
    op.drop_index("ix_incident_approver", "incident")
    op.drop_column("incident", "approval")
    op.drop_column("incident", "approver_id")
    for table in ("notification", "next_step", "link", "firing", "pulse"):
        op.drop_table(table)
