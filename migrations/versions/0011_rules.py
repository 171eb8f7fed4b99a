"""rules that come again until somebody takes responsibility, and the versions of policies"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from servicedesk.db import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = (
    ("firing", "told JSON NOT NULL DEFAULT '[]'"),
    ("firing", "acknowledged_at {instant}"),
    ("firing", "acknowledged_by_id INTEGER REFERENCES person (id)"),
    ("next_step", "policy VARCHAR(64)"),
    ("next_step", "what VARCHAR(64)"),
)


def upgrade() -> None:
    instant = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    for table, column in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(instant=instant)}")
    op.create_index(op.f("ix_firing_fired_at"), "firing", ["fired_at"])
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("published_at", Instant(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policy.id"], name=op.f("fk_policy_version_policy_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["person.id"], name=op.f("fk_policy_version_published_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("policy_id", "number", name=op.f("uq_policy_version_policy_id_number")),
    )
    # what a policy says now is the first version that is known of it
    first = sa.text(
        "INSERT INTO policy_version (policy_id, number, steps, published_at)"
        " SELECT id, 1, steps, :now FROM policy"
    ).bindparams(sa.bindparam("now", datetime.now(UTC).replace(microsecond=0), Instant()))
    op.get_bind().execute(first)


def downgrade() -> None:
    op.drop_table("policy_version")
    op.drop_index(op.f("ix_firing_fired_at"), "firing")
    for table, column in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")
