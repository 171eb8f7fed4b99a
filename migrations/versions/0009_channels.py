"""channels"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    digest = "CONSTRAINT fk_notification_digest_id REFERENCES notification (id)"
    for table, column in (
        ("person", "channels JSON"),
        ("notification", "channel VARCHAR(8) NOT NULL DEFAULT 'mail'"),
        ("notification", f"digest_at {instant}"),
        ("notification", f"digest_id INTEGER {digest}"),
        ("notification", "digest_day DATE"),
    ):
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    op.create_index("ix_notification_digest_at", "notification", ["digest_at"])
    op.create_index("ix_notification_digest_id", "notification", ["digest_id"])
    op.create_index(
        "ix_notification_person_id_digest_day",
        "notification",
        ["person_id", "digest_day"],
        unique=True,
    )


def downgrade() -> None:
    op.drop_index("ix_notification_person_id_digest_day", "notification")
    op.drop_index("ix_notification_digest_id", "notification")
    op.drop_index("ix_notification_digest_at", "notification")
    for table, column in (
        ("notification", "digest_day"),
        ("notification", "digest_id"),
        ("notification", "digest_at"),
        ("notification", "channel"),
        ("person", "channels"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
