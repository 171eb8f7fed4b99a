"""mail comes in"""

import sqlalchemy as sa
from alembic import op

import servicedesk.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEPT = "pruned_at IS NULL"


def upgrade() -> None:
    op.execute("ALTER TABLE comment ADD COLUMN partner_id INTEGER REFERENCES partner(id)")
    op.execute("ALTER TABLE comment ADD COLUMN by_mail BOOLEAN NOT NULL DEFAULT FALSE")
    op.create_table(
        "reply_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("reader", sa.String(length=24), nullable=False),
        sa.Column("secret", sa.String(length=43), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("made_at", servicedesk.db.Instant(timezone=True), nullable=False),
        *_keys("reply_address", incident="incident"),
        sa.UniqueConstraint("digest", name=op.f("uq_reply_address_digest")),
        sa.UniqueConstraint(
            "incident_id",
            "purpose",
            "n",
            "reader",
            name=op.f("uq_reply_address_incident_id_purpose_n_reader"),
        ),
    )
    op.create_table(
        "received_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kept", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=250), nullable=True),
        sa.Column("sender", sa.String(length=254), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("received_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.String(length=300), nullable=True),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=10), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.Column("pruned_at", servicedesk.db.Instant(timezone=True), nullable=True),
        *_keys("received_mail", incident="incident", comment="comment", decided_by="person"),
        sa.UniqueConstraint("digest", name=op.f("uq_received_mail_digest")),
    )
    op.create_index(op.f("ix_received_mail_incident_id"), "received_mail", ["incident_id"])
    op.create_index("ix_received_mail_state_id", "received_mail", ["state", "id"])
    op.create_index(
        "ix_received_mail_sender_received_at", "received_mail", ["sender", "received_at"]
    )
    op.create_index(
        "ix_received_mail_kept",
        "received_mail",
        ["kept"],
        sqlite_where=sa.text(KEPT),
        postgresql_where=sa.text(KEPT),
    )


def _keys(table: str, **columns: str) -> list[sa.Constraint]:
    foreign = [
        sa.ForeignKeyConstraint([f"{name}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_id"))
        for name, other in columns.items()
    ]
    return [*foreign, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def downgrade() -> None:
    op.drop_table("received_mail")
    op.drop_table("reply_address")
    with op.batch_alter_table("comment") as comment:
        comment.drop_column("by_mail")
        comment.drop_column("partner_id")
