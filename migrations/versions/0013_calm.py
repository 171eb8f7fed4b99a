"""calm"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# what is looked for again and again, among all that was ever sent
PARTIAL = {
    ("person_id", "digest_at"): "digest_at IS NOT NULL",
    ("person_id", "bundle_at"): "bundle_at IS NOT NULL",
    ("sent_at", "id"): "error IS NOT NULL AND sent_at IS NULL",
}


def _name(columns: tuple[str, ...]) -> str:
    return "_".join(("ix_notification", *columns))


def upgrade() -> None:
    instant = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    for column in (f"bundle_at {instant}", "held_for VARCHAR(8)"):
        op.execute(f"ALTER TABLE notification ADD COLUMN {column}")
    op.drop_index("ix_notification_digest_at", "notification")
    op.create_index("ix_notification_person_id_sent_at", "notification", ["person_id", "sent_at"])
    for columns, those in PARTIAL.items():
        where = sa.text(those)
        op.create_index(
            _name(columns),
            "notification",
            list(columns),
            sqlite_where=where,
            postgresql_where=where,
        )


def downgrade() -> None:
    for columns in PARTIAL:
        op.drop_index(_name(columns), "notification")
    op.drop_index("ix_notification_person_id_sent_at", "notification")
    op.create_index("ix_notification_digest_at", "notification", ["digest_at"])
    for column in ("held_for", "bundle_at"):
        op.execute(f"ALTER TABLE notification DROP COLUMN {column}")
