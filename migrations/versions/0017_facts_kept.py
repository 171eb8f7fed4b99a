"""facts of incidents and figures of months, kept so that reports need not read journals"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fact",
        sa.Column("incident_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("born", sa.Integer(), nullable=False),
        sa.Column("reach", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("part_of", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_fact")),
    )
    op.create_index("ix_fact_span", "fact", ["generation", "reach", "since", "until", "event"])
    op.create_index("ix_fact_event", "fact", ["event", "born"])
    op.create_index(op.f("ix_fact_part_of"), "fact", ["part_of"])
    op.create_table(
        "fact_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_state")),
    )
    op.execute("INSERT INTO fact_state (id, generation, basis, event) VALUES (1, 0, '', 0)")
    op.create_table(
        "period_tally",
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("after", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=220), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("incidents", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("first", "after", "zone", "scope", name=op.f("pk_period_tally")),
    )


def downgrade() -> None:
    op.drop_table("period_tally")
    op.drop_table("fact_state")
    op.drop_table("fact")
