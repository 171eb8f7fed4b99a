"""companies and their people"""

import sqlalchemy as sa
from alembic import op

import servicedesk.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    for table, column in (
        ("partner_member", "admin BOOLEAN NOT NULL DEFAULT FALSE"),
        ("partner_member", "by_company BOOLEAN NOT NULL DEFAULT FALSE"),
        ("person", f"signed_in_at {instant}"),
    ):
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    op.create_table(
        "company_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_company_change_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_company_change_person_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_company_change_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_change")),
    )
    op.create_index(op.f("ix_company_change_partner_id"), "company_change", ["partner_id"])
    op.create_index(op.f("ix_company_change_person_id"), "company_change", ["person_id"])


def downgrade() -> None:
    op.drop_table("company_change")
    for table, column in (
        ("person", "signed_in_at"),
        ("partner_member", "by_company"),
        ("partner_member", "admin"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
