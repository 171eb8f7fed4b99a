"""calm"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    for column in (f"bundle_at {instant}", "held_for VARCHAR(8)"):
        op.execute(f"ALTER TABLE notification ADD COLUMN {column}")
    op.create_index("ix_notification_bundle_at", "notification", ["bundle_at"])
    op.create_index("ix_notification_person_id_sent_at", "notification", ["person_id", "sent_at"])


def downgrade() -> None:
    op.drop_index("ix_notification_person_id_sent_at", "notification")
    op.drop_index("ix_notification_bundle_at", "notification")
    for column in ("held_for", "bundle_at"):
        op.execute(f"ALTER TABLE notification DROP COLUMN {column}")
