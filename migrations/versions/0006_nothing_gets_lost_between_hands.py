"""nothing gets lost between hands"""

import sqlalchemy as sa
from alembic import op

import servicedesk.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

HANDOFF = (
    "returns_to VARCHAR(20) NOT NULL DEFAULT ''",
    "asked_at {instant}",
    "questions INTEGER NOT NULL DEFAULT 0",
    "nudged_at {instant}",
    "nudges INTEGER NOT NULL DEFAULT 0",
    "refusals INTEGER NOT NULL DEFAULT 0",
)


def upgrade() -> None:
    instant = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    for column in HANDOFF:
        op.execute(f"ALTER TABLE handoff ADD COLUMN {column.format(instant=instant)}")
    op.execute("UPDATE handoff SET returns_to = sender")
    op.execute(
        "CREATE INDEX ix_handoff_open ON handoff"
        " (receiver, returns_to, state, answer_by, asked_at, incident_id, n)"
        " WHERE ended_at IS NULL"
    )
    op.execute(
        "CREATE INDEX ix_clock_answer ON clock (incident_id, handoff, late_from, breached_at)"
        " WHERE kind = 'answer' AND stopped_at IS NULL"
    )
    op.create_table(
        "return_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=20), nullable=False),
        sa.Column("receiver", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("answer_by", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("share_requester", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("share_files", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        *_keys("return_proposal", incident="incident", asked_by="person", decided_by="person",
               comment="comment"),
    )  # fmt: skip
    op.create_index(op.f("ix_return_proposal_state"), "return_proposal", ["state"])
    op.create_table(
        "work_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=20), nullable=False),
        sa.Column("receiver", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.Column("must_finish", sa.Boolean(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("accepted_at", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", servicedesk.db.Instant(timezone=True), nullable=True),
        sa.Column("title", sa.String(length=300), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("partner_ticket", sa.String(length=120), nullable=True),
        *_keys("work_request", incident="incident", asked_by="person"),
    )
    op.create_index(op.f("ix_work_request_partner_ticket"), "work_request", ["partner_ticket"])
    op.create_index("ix_work_request_receiver", "work_request", ["receiver", "ended_at", "due"])
    op.execute(
        "ALTER TABLE comment ADD COLUMN work_request_id INTEGER"
        " CONSTRAINT fk_comment_work_request_id REFERENCES work_request (id)"
    )
    op.create_index(op.f("ix_comment_work_request_id"), "comment", ["work_request_id"])
    op.create_table(
        "selection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", servicedesk.db.Instant(timezone=True), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_selection_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection")),
        sa.UniqueConstraint("token", name=op.f("uq_selection_token")),
    )
    op.create_table(
        "chosen",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("selection_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["selection_id"], ["selection.id"], name=op.f("fk_chosen_selection_id")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_chosen_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chosen")),
        sa.UniqueConstraint(
            "selection_id", "incident_id", name=op.f("uq_chosen_selection_id_incident_id")
        ),
    )
    op.create_index(op.f("ix_chosen_selection_id"), "chosen", ["selection_id"])
    op.create_index(op.f("ix_chosen_incident_id"), "chosen", ["incident_id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_chosen_waiting", "chosen", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )


def _keys(table: str, **columns: str) -> list[sa.Constraint]:
    foreign = [
        sa.ForeignKeyConstraint([f"{name}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_id"))
        for name, other in columns.items()
    ]
    return [
        *foreign,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("incident_id", "n", name=op.f(f"uq_{table}_incident_id_n")),
    ]


def downgrade() -> None:
    op.execute("DROP INDEX ix_clock_answer")
    op.execute("DROP INDEX ix_handoff_open")
    op.drop_table("chosen")
    op.drop_table("selection")
    op.drop_index(op.f("ix_comment_work_request_id"), "comment")
    with op.batch_alter_table("comment") as comment:
        comment.drop_column("work_request_id")
    op.drop_table("work_request")
    op.drop_table("return_proposal")
    for column in reversed(HANDOFF):
        op.execute(f"ALTER TABLE handoff DROP COLUMN {column.split()[0]}")
