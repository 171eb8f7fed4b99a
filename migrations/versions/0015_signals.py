"""signals"""

import sqlalchemy as sa
from alembic import op

from servicedesk.db import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("titles", sa.Boolean(), nullable=False),
        sa.Column("more", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook")),
        sa.UniqueConstraint("key", name=op.f("uq_hook_key")),
    )
    op.create_table(
        "hook_receiver",
        sa.Column("hook_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("former", sa.JSON(), nullable=False),
        sa.Column("set_at", Instant(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", Instant(timezone=True), nullable=True),
        sa.Column("failed_at", Instant(timezone=True), nullable=True),
        sa.Column("failing_since", Instant(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("rests_until", Instant(timezone=True), nullable=True),
        sa.Column("disabled_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hook_id"], ["hook.id"], name=op.f("fk_hook_receiver_hook_id")),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["person.id"], name=op.f("fk_hook_receiver_set_by_id")
        ),
        sa.PrimaryKeyConstraint("hook_id", name=op.f("pk_hook_receiver")),
    )
    op.execute("ALTER TABLE notification ADD COLUMN hook_id INTEGER REFERENCES hook (id)")
    op.create_index("ix_notification_hook_id_id", "notification", ["hook_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_notification_hook_id_id", "notification")
    op.execute("DELETE FROM notification WHERE hook_id IS NOT NULL")
    op.execute("ALTER TABLE notification DROP COLUMN hook_id")
    op.drop_table("hook_receiver")
    op.drop_table("hook")
