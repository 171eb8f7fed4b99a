"""search and templates"""

import sqlalchemy as sa
from alembic import op

import servicedesk.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEARCH = ("incident", "handoff")
# Only the words' index is kept; a document is told from others by its digest. The words come
# separated by spaces: the ascii tokenizer leaves every other character in them alone.
SQLITE = """
    CREATE VIRTUAL TABLE {name}_search USING fts5(
        seen, desk, digest UNINDEXED, tokenize = 'ascii', detail = 'column',
        content = '', contentless_delete = 1, contentless_unindexed = 1
    )
"""


def upgrade() -> None:
    op.create_table(
        "template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("impact", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("desk_only", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_template_changed_by_id")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_template_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
    )
    for name in SEARCH:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(SQLITE.format(name=name))
        else:
            _search_table(name)


def _search_table(name: str) -> None:
    from sqlalchemy.dialects.postgresql import TSVECTOR

    table = f"{name}_search"
    op.create_table(
        table,
        sa.Column("rowid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.Column("digest", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("rowid", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_words", table, ["words"], postgresql_using="gin")


def downgrade() -> None:
    for name in SEARCH:
        op.execute(f"DROP TABLE {name}_search")
    op.drop_table("template")
