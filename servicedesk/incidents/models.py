"""Incidents, their holdings, hand-offs, comments and files as tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.db import Model
from servicedesk.people.models import Partner, Person

NO_DATE = datetime(9999, 1, 1, tzinfo=UTC)
OPEN = ("new", "in_progress", "on_hold")

watcher = sa.Table(
    "watcher",
    Model.metadata,
    sa.Column("incident_id", sa.ForeignKey("incident.id"), primary_key=True),
    sa.Column("person_id", sa.ForeignKey("person.id"), primary_key=True, index=True),
)


class Incident(Model):
    """An incident or service request: its texts, and its story as last told by the journal."""

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    external_id: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    import_digest: Mapped[str | None] = mapped_column(sa.String(64))  # of its imported rows
    version: Mapped[int] = mapped_column(default=0)  # sequence number of the last event
    head: Mapped[str] = mapped_column(sa.String(64))  # hash of the last event

    # texts: only here, never in the journal
    title: Mapped[str] = mapped_column(sa.String(300))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    department: Mapped[str | None] = mapped_column(sa.String(200))
    category: Mapped[str | None] = mapped_column(sa.String(120))
    resolution_text: Mapped[str | None] = mapped_column(sa.Text)
    workaround: Mapped[str | None] = mapped_column(sa.Text)
    root_cause: Mapped[str | None] = mapped_column(sa.Text)
    priority_reason: Mapped[str | None] = mapped_column(sa.Text)

    # what follows from the journal
    type: Mapped[str] = mapped_column(sa.String(10), default="incident")  # incident, request
    channel: Mapped[str] = mapped_column(sa.String(10), default="portal")
    confidential: Mapped[bool] = mapped_column(default=False)
    requester_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    logged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("service.id"))
    impact: Mapped[int]
    urgency: Mapped[int]
    priority: Mapped[str] = mapped_column(sa.String(8))
    state: Mapped[str] = mapped_column(sa.String(12))
    hold_reason: Mapped[str | None] = mapped_column(sa.String(12))
    hold_until: Mapped[datetime | None]
    desk_group: Mapped[str] = mapped_column(sa.String(20))  # party
    given_to: Mapped[str] = mapped_column(sa.String(20))  # party; holds unless the requester does
    holder: Mapped[str | None] = mapped_column(sa.String(20))  # party or "requester"; while open
    held_since: Mapped[datetime | None]
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    approver_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))  # asked last
    approval: Mapped[str | None] = mapped_column(sa.String(8))  # asked, granted, refused
    requested_day: Mapped[date | None]
    rush: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # D6
    requested_due: Mapped[datetime | None]  # D1: judged instant; a day: the next midnight
    first_requested_day: Mapped[date | None]
    first_requested_due: Mapped[datetime | None] = mapped_column(index=True)
    promised_day: Mapped[date | None]
    promised_due: Mapped[datetime | None]
    resolution_code: Mapped[str | None] = mapped_column(sa.String(40))
    duplicate_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incident.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incident.id"))
    # the major incident that it belongs to
    major_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    logged_at: Mapped[datetime] = mapped_column(index=True)
    first_response_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    handoff_count: Mapped[int] = mapped_column(default=0)
    returns: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)

    # the next target of the clocks that run, for lists
    target_kind: Mapped[str | None] = mapped_column(sa.String(12))
    target_party: Mapped[str | None] = mapped_column(sa.String(20))
    target_due: Mapped[datetime | None]
    target_left: Mapped[int | None]  # working seconds left at `changed_at`; below 0: over
    # the earliest of wish, promise and target, for the order of work; far ahead: none
    next_due: Mapped[datetime] = mapped_column(default=NO_DATE)
    late_from: Mapped[datetime] = mapped_column(default=NO_DATE)  # when the first of them is missed
    # C7: the revision of the set-up by which an open incident's rows were derived
    setup_revision: Mapped[int] = mapped_column(default=0, server_default="0")

    requester: Mapped[Person] = relationship(foreign_keys=[requester_id])
    assignee: Mapped[Person | None] = relationship(foreign_keys=[assignee_id])

    @property
    def label(self) -> str:
        """The number as people say it: `INC-00000001`."""
        return label(self.number)


def label(number: int) -> str:
    """Write an incident's number (管理番号)."""
    return f"INC-{number:08d}"


_open = sa.text("state IN ('new', 'in_progress', 'on_hold')")
for _name, _columns in {
    "ix_incident_open_next": (Incident.next_due, Incident.id),
    "ix_incident_open_holder": (Incident.holder, Incident.next_due, Incident.id),
    "ix_incident_open_given": (Incident.given_to, Incident.next_due, Incident.id),
    "ix_incident_open_assignee": (Incident.assignee_id, Incident.next_due, Incident.id),
}.items():
    sa.Index(_name, *_columns, sqlite_where=_open, postgresql_where=_open)


_alive = sa.text("state IN ('new', 'in_progress', 'on_hold', 'resolved')")
sa.Index(
    "ix_incident_behind", Incident.setup_revision, Incident.id,
    sqlite_where=_alive, postgresql_where=_alive,
)  # fmt: skip


_asked = sa.text("approval = 'asked'")
sa.Index("ix_incident_approver", Incident.approver_id, sqlite_where=_asked, postgresql_where=_asked)


class Holding(Model):
    """H1: a stretch of time in which one party held an incident."""

    __tablename__ = "holding"
    __table_args__ = (sa.UniqueConstraint("incident_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    n: Mapped[int]
    holder: Mapped[str] = mapped_column(sa.String(20))  # party or "requester"
    start: Mapped[datetime]
    end: Mapped[datetime | None]


# What was in somebody's hands at an instant and is no longer.
sa.Index("ix_holding_end", Holding.end, Holding.start, Holding.incident_id)


class HandOff(Model):
    """H2: an incident handed from one party to another."""

    __tablename__ = "handoff"
    __table_args__ = (sa.UniqueConstraint("incident_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    n: Mapped[int]
    sender: Mapped[str] = mapped_column(sa.String(20))
    receiver: Mapped[str] = mapped_column(sa.String(20))
    direction: Mapped[str] = mapped_column(sa.String(12))  # up down across partner from-partner
    is_return: Mapped[bool] = mapped_column(default=False)  # H5
    state: Mapped[str] = mapped_column(sa.String(14))  # sent accepted answered sent_back …
    sent_at: Mapped[datetime] = mapped_column(index=True)
    sent_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]  # the answer date that the sender asked for
    share_requester: Mapped[bool] = mapped_column(default=False)  # H8
    share_files: Mapped[bool] = mapped_column(default=False)  # those of the incident itself
    reason: Mapped[str | None] = mapped_column(sa.String(40))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    outcome_text: Mapped[str | None] = mapped_column(sa.Text)  # answer, or why it was sent back
    partner_ticket: Mapped[str | None] = mapped_column(sa.String(120), index=True)
    returns_to: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")
    asked_at: Mapped[datetime | None]  # the question that waits for a reply
    questions: Mapped[int] = mapped_column(default=0, server_default="0")
    nudged_at: Mapped[datetime | None]  # last
    nudges: Mapped[int] = mapped_column(default=0, server_default="0")
    refusals: Mapped[int] = mapped_column(default=0, server_default="0")  # of its answer

    incident: Mapped[Incident] = relationship()


_under_way = sa.text("ended_at IS NULL")
sa.Index(
    "ix_handoff_open", HandOff.receiver, HandOff.returns_to, HandOff.state, HandOff.answer_by,
    HandOff.asked_at, HandOff.incident_id, HandOff.n,
    sqlite_where=_under_way, postgresql_where=_under_way,
)  # fmt: skip
sa.Index("ix_handoff_receiver_ended", HandOff.receiver, HandOff.ended_at, HandOff.id)
_back = sa.text("state = 'sent_back'")
sa.Index(
    "ix_handoff_sent_back", HandOff.ended_at, HandOff.incident_id,
    sqlite_where=_back, postgresql_where=_back,
)  # fmt: skip


class ReturnProposal(Model):
    """H5: a hand-off back to who had it before, with what it says; a lead decides."""

    __tablename__ = "return_proposal"
    __table_args__ = (sa.UniqueConstraint("incident_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    n: Mapped[int]  # sequence number of the event with which it was asked
    sender: Mapped[str] = mapped_column(sa.String(20))
    receiver: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(10), index=True)  # as episodes.Return has it
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(sa.String(40))
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    share_requester: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    share_files: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    comment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comment.id"))  # has its files
    decision: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    incident: Mapped[Incident] = relationship()


class WorkRequest(Model):
    """H6: work asked of a group or partner while the incident stays where it is."""

    __tablename__ = "work_request"
    __table_args__ = (sa.UniqueConstraint("incident_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    n: Mapped[int]
    sender: Mapped[str] = mapped_column(sa.String(20))
    receiver: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(10))  # as episodes.WorkRequest has it
    due: Mapped[datetime | None]
    must_finish: Mapped[bool] = mapped_column(default=False)
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    title: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    body: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    result: Mapped[str | None] = mapped_column(sa.Text)  # what was done, or why it was not
    partner_ticket: Mapped[str | None] = mapped_column(sa.String(120), index=True)

    incident: Mapped[Incident] = relationship()


sa.Index(
    "ix_work_request_open", WorkRequest.receiver, WorkRequest.due,
    sqlite_where=_under_way, postgresql_where=_under_way,
)  # fmt: skip
sa.Index(
    "ix_work_request_receiver_ended", WorkRequest.receiver, WorkRequest.ended_at, WorkRequest.id
)


class MajorIncident(Model):
    """An incident that was proposed as major: who decided, its rhythm, and what is said of it."""

    __tablename__ = "major_incident"
    __table_args__ = (sa.UniqueConstraint("incident_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    n: Mapped[int]  # sequence number of the event with which it was proposed
    state: Mapped[str] = mapped_column(sa.String(10), index=True)  # as episodes.Major has it
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    policy: Mapped[str | None] = mapped_column(sa.String(64))  # the rule that proposed it
    step: Mapped[str | None] = mapped_column(sa.String(64))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    coordinator_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    every_seconds: Mapped[int] = mapped_column(default=0)
    update_due: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    updates: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0)
    over_at: Mapped[datetime | None] = mapped_column(index=True)
    reviewed_at: Mapped[datetime | None]
    # texts; what everybody may read is the headline, never the incident's own title
    reason: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    decision: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    headline: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    review: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")

    incident: Mapped[Incident] = relationship()


class MajorUpdate(Model):
    """What those concerned were told of a major incident."""

    __tablename__ = "major_update"
    __table_args__ = (sa.UniqueConstraint("incident_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    n: Mapped[int]  # sequence number of its event
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    body: Mapped[str] = mapped_column(sa.Text)


class Comment(Model):
    """What somebody wrote: a reply, an internal note, or a line in a partner's thread."""

    __tablename__ = "comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    handoff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("handoff.id"), index=True)
    work_request_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("work_request.id"), index=True
    )
    kind: Mapped[str] = mapped_column(sa.String(8))  # reply, note, partner
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    # H7: the company in whose name it came by mail, where no person of it is known
    partner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partner.id"))
    by_mail: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    written_at: Mapped[datetime]
    body: Mapped[str] = mapped_column(sa.Text)

    author: Mapped[Person | None] = relationship()
    partner: Mapped[Partner | None] = relationship()


class Attachment(Model):
    """A file; seen by exactly those who see its comment or, without one, the incident."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), index=True)
    comment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comment.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    stored: Mapped[str] = mapped_column(sa.String(64), unique=True)  # its name on disk
    added_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    added_at: Mapped[datetime]


class NextStep(Model):
    """E2: when something is due for an incident by itself; all that a sweep looks at."""

    __tablename__ = "next_step"

    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    not_before: Mapped[datetime | None]  # real time, after a failure
    failures: Mapped[int] = mapped_column(default=0)
    policy: Mapped[str | None] = mapped_column(sa.String(64))  # None: it comes without a rule
    what: Mapped[str | None] = mapped_column(sa.String(64))  # step of the policy, or timetable.Duty


class Firing(Model):
    """E3: a step of a policy that was done for an incident, once in each cycle."""

    __tablename__ = "firing"
    __table_args__ = (sa.UniqueConstraint("incident_id", "policy", "step", "cycle"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    policy: Mapped[str] = mapped_column(sa.String(64))
    step: Mapped[str] = mapped_column(sa.String(64))
    cycle: Mapped[str] = mapped_column(sa.String(40))
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None] = mapped_column(index=True)  # None: noted as passed
    told: Mapped[list[int]] = mapped_column(sa.JSON, default=list, server_default="[]")
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Exclusion(Model):
    """C11: an interval that shall not count for some clocks, with the words of both people."""

    __tablename__ = "exclusion"
    __table_args__ = (sa.UniqueConstraint("incident_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    n: Mapped[int]  # sequence number of the event with which it was asked
    start: Mapped[datetime]
    end: Mapped[datetime]
    clocks: Mapped[list[str]] = mapped_column(sa.JSON)  # as episodes.Exclusion has them
    state: Mapped[str] = mapped_column(sa.String(10), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    decision: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    incident: Mapped[Incident] = relationship()


class DateChange(Model):
    """D3: a wish or a promise as it was made, revised, accepted or declined."""

    __tablename__ = "date_change"
    __table_args__ = (sa.UniqueConstraint("incident_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incident.id"))
    n: Mapped[int]  # sequence number of its event
    kind: Mapped[str] = mapped_column(sa.String(10))  # requested, promised
    day: Mapped[date | None]
    due: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(10))  # as story.DateEntry has it
    answer: Mapped[str | None] = mapped_column(sa.String(10))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(sa.Text)
