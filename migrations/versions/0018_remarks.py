"""remarks, actions and approval of reports"""

import sqlalchemy as sa
from alembic import op

from servicedesk.db import Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("scope", sa.String(length=220), nullable=False),
        sa.Column("comment", sa.String(length=400), nullable=False),
        sa.Column("wanted", sa.String(length=400), nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approver_id"], ["person.id"], name=op.f("fk_report_remark_approver_id")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_report_remark_changed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_remark")),
        sa.UniqueConstraint("period", "scope", name=op.f("uq_report_remark_period_scope")),
    )
    op.create_table(
        "report_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("scope", sa.String(length=220), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", Instant(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_report_action_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_report_action_changed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_action")),
    )
    op.create_index("ix_report_action_scope_ends", "report_action", ["scope", "ends"])
    op.create_table(
        "report_approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("scope", sa.String(length=220), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", Instant(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("decided_at", Instant(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approver_id"], ["person.id"], name=op.f("fk_report_approval_approver_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_report_approval_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_report_approval_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_approval")),
        sa.UniqueConstraint(
            "period",
            "scope",
            "zone",
            "revision",
            name=op.f("uq_report_approval_period_scope_zone_revision"),
        ),
    )
    op.execute("ALTER TABLE report ADD COLUMN approved_sha256 VARCHAR(64)")
    op.execute("ALTER TABLE report ADD COLUMN approved_stored VARCHAR(64)")


def downgrade() -> None:
    op.execute("ALTER TABLE report DROP COLUMN approved_stored")
    op.execute("ALTER TABLE report DROP COLUMN approved_sha256")
    op.drop_table("report_approval")
    op.drop_index("ix_report_action_scope_ends", "report_action")
    op.drop_table("report_action")
    op.drop_table("report_remark")
