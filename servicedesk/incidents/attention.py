"""What needs attention among open incidents: the lists behind the board and the morning page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from servicedesk import times
from servicedesk.incidents.chips import SOON
from servicedesk.incidents.models import HandOff, Incident, ReturnProposal
from servicedesk.incidents.timetable import REMIND_AFTER
from servicedesk.people.absence import is_away
from servicedesk.people.models import Person
from servicedesk.setup.directory import REQUESTER
from servicedesk.sla.models import ClockRow

if TYPE_CHECKING:
    from servicedesk.incidents.queries import Reader

Condition = sa.ColumnElement[bool]
LONG = timedelta(days=28)  # open for so long: long-running (長期化)
URGENT = "P1"
STAGNANT = 5 * 8 * 3600  # working seconds without any change
UNACCEPTED = 3600  # working seconds after sending, where no target for accepting is agreed


# Instants of the desk's days


def week_end(reader: Reader) -> datetime:
    """Give the midnight with which the reader's week ends, from Sunday to Monday."""
    monday = reader.today + timedelta(days=7 - reader.today.weekday())
    return times.midnight(monday, reader.setup.zone)


def evening(reader: Reader) -> datetime:
    """Give the close of the last working day before today."""
    return _worked_before(reader, times.midnight(reader.today, reader.setup.zone))


def _worked_before(reader: Reader, at: datetime) -> datetime:
    """Give the last working moment at or before an instant; on a desk that never works: at all."""
    calendar = reader.setup.desk_calendar
    return (calendar.last_working_moment(at) if calendar else None) or at


def working_day_before(reader: Reader) -> datetime:
    """Give the midnight with which the last working day before today began."""
    return _morning_of(reader, evening(reader))


def _morning_of(reader: Reader, close: datetime) -> datetime:
    """Give the midnight with which the day began that was closed at an instant."""
    zone = reader.setup.zone
    return times.midnight(times.local_day(close - timedelta(seconds=1), zone), zone)


def working_days_ago(reader: Reader, days: int) -> datetime:
    """Give an instant such that so many whole working days have passed since any day before it."""
    zone = reader.setup.zone
    tonight = times.end_of_day(reader.today, zone)
    at = tonight if _worked_before(reader, tonight) <= reader.now else None
    at = at or times.midnight(reader.today, zone)
    for _day in range(days):
        at = _morning_of(reader, _worked_before(reader, at))
    return at


# What a list behind the board or the morning page holds, of what is open


def long_running(reader: Reader) -> Condition:
    """Take what was logged four weeks ago or earlier (長期化)."""
    return Incident.logged_at <= reader.now - LONG


def urgent(reader: Reader) -> Condition:
    """Take what has the highest priority."""
    return Incident.priority == URGENT


def overdue(reader: Reader) -> Condition:
    """Take what has missed its wish, its promise or its next target."""
    return Incident.late_from <= reader.now


def due_soon(reader: Reader) -> Condition:
    """Take what has its next date within the next working hours, and has missed none."""
    return sa.and_(Incident.next_due <= reader.ahead(SOON), Incident.late_from > reader.now)


def at_risk(reader: Reader) -> Condition:
    """Take what is due soon or overdue."""
    return sa.or_(due_soon(reader), overdue(reader))


def stagnant(reader: Reader) -> Condition:
    """Take what nothing has happened to for five working days."""
    return Incident.changed_at < reader.ago(STAGNANT)


def wished_today(reader: Reader) -> Condition:
    """Take what the requester asked for by today, in the desk's zone."""
    zone = reader.setup.zone
    start, end = times.midnight(reader.today, zone), times.end_of_day(reader.today, zone)
    at = sa.and_(Incident.requested_due >= start, Incident.requested_due < end)
    return sa.or_(
        Incident.requested_day == reader.today, sa.and_(Incident.requested_day.is_(None), at)
    )


def _handed(*conditions: Condition) -> Condition:
    """Take what has a hand-off of a kind."""
    found = sa.exists().where(HandOff.incident_id == Incident.id, *conditions)
    return sa.and_(Incident.handoff_count > 0, found.correlate(Incident))


def sent(reader: Reader) -> Condition:
    """Take what was handed off and is not accepted yet."""
    return _handed(HandOff.ended_at.is_(None), HandOff.state == "sent")


def unaccepted(reader: Reader) -> Condition:
    """Take what was handed off and should have been accepted by now.

    That is: later than the receiver's target for accepting; without one, after a working hour.
    """
    clock = sa.exists().where(
        ClockRow.incident_id == HandOff.incident_id,
        ClockRow.handoff == HandOff.n,
        ClockRow.kind == "acceptance",
        ClockRow.target_seconds.is_not(None),
    )
    late = clock.where(ClockRow.late_from <= reader.now).correlate(HandOff)
    long_ago = HandOff.sent_at <= reader.ago(UNACCEPTED)
    waiting = sa.or_(late, sa.and_(sa.not_(clock.correlate(HandOff)), long_ago))
    return _handed(HandOff.ended_at.is_(None), HandOff.state == "sent", waiting)


def unanswered_in_time(reader: Reader) -> Condition:
    """H2: take what was handed off and should have been answered by now."""
    return _handed(HandOff.ended_at.is_(None), is_answer_late(reader.now))


# Written out, so that the index over just these rows is used.
ANSWERS: Condition = sa.and_(sa.text("clock.kind = 'answer'"), ClockRow.stopped_at.is_(None))


def is_answer_late(now: datetime) -> Condition:
    """H2: say of an open hand-off that its wished date has passed, or the receiver's target."""
    clock = sa.exists().where(
        ClockRow.incident_id == HandOff.incident_id,
        ClockRow.handoff == HandOff.n,
        ANSWERS,
        sa.or_(ClockRow.late_from <= now, ClockRow.breached_at <= now),
    )
    return sa.or_(HandOff.answer_by < now, clock.correlate(HandOff))


def asked(reader: Reader) -> Condition:
    """H2: take what its receiver has a question about: the sender has to reply."""
    return _handed(IS_ASKED)


IS_ASKED: Condition = sa.and_(HandOff.ended_at.is_(None), HandOff.asked_at.is_not(None))


def to_decide(reader: Reader) -> Condition:
    """H5: take what is about to be given to a party again and waits for the lead's decision."""
    return _proposed()


def _proposed(*conditions: Condition) -> Condition:
    found = sa.exists().where(
        ReturnProposal.incident_id == Incident.id, ReturnProposal.state == "asked", *conditions
    )
    return found.correlate(Incident)


def came_back(reader: Reader) -> Condition:
    """H5: take what was ever given to a party again."""
    return Incident.returns >= 1


def came_back_twice(reader: Reader) -> Condition:
    """H5: take what was given to parties again at least twice."""
    return Incident.returns >= 2


def bounced(reader: Reader) -> Condition:
    """Take what was sent back, or given again to who had had it, today or the working day before.

    H5 says what a return is.
    """
    since = working_day_before(reader)
    # written out, so that the index over just these rows is used
    state = sa.literal_column("'sent_back'", sa.String)
    found = sa.select(HandOff.incident_id)
    sent_back = found.where(HandOff.state == state, HandOff.ended_at >= since)
    again = found.where(HandOff.is_return, HandOff.sent_at >= since)
    return Incident.id.in_(sa.union_all(sent_back, again))


def returned(reader: Reader) -> Condition:
    """H5: take what was ever given to a party again, or came back lately."""
    return sa.or_(Incident.returns >= 1, bounced(reader))


def unanswered(reader: Reader) -> Condition:
    """Take what waits for its requester for longer than until the first reminder."""
    days = int(reader.setup.more.get("remind_after", REMIND_AFTER))
    since = working_days_ago(reader, days)
    return sa.and_(Incident.holder == REQUESTER, Incident.held_since < since)


def waiting(reader: Reader) -> Condition:
    """Take what waits too long: for its requester, or for anybody to touch it."""
    return sa.or_(unanswered(reader), stagnant(reader))


def fresh(reader: Reader) -> Condition:
    """Take what was logged since the evening of the working day before."""
    return Incident.logged_at >= evening(reader)


def dated_this_week(reader: Reader) -> Condition:
    """Take what has a wish, a promise or a running target ahead, but still in this week."""
    end = week_end(reader)
    dates = (Incident.requested_due, Incident.promised_due, Incident.target_due)
    return sa.or_(*(sa.and_(date > reader.now, date <= end) for date in dates))


def on_hold(reader: Reader) -> Condition:
    """Take what is on hold."""
    return Incident.state == "on_hold"


def with_nobody(reader: Reader) -> Condition:
    """§3: not assigned, or to somebody who is away today."""
    away = sa.select(Person.id).where(is_away(reader.today))
    return sa.or_(Incident.assignee_id.is_(None), Incident.assignee_id.in_(away))


def unassigned(reader: Reader) -> Condition:
    """Take what a group has and nobody in it works on."""
    return sa.and_(Incident.holder.like("group:%"), with_nobody(reader))


def past_target(reader: Reader) -> Condition:
    """Take what has missed the target that it runs towards."""
    return Incident.target_due < reader.now


DOUBTS: Mapping[str, Callable[[Reader], Condition]] = {
    "on_hold": on_hold,
    "sent": sent,
    "unassigned": unassigned,
    "past_target": past_target,
}


def doubtful(reader: Reader) -> Condition:
    """Take what will probably be missed this week.

    It has a date ahead in this week, and yet it is on hold, not accepted, not assigned, or past
    its next target already.
    """
    doubts = (doubt(reader) for doubt in DOUBTS.values())
    return sa.and_(dated_this_week(reader), sa.or_(*doubts))


# Views by name: behind numbers of the board and the morning page, not in the workbench's column.
BEHIND: Mapping[str, Callable[[Reader], Condition]] = {
    "long": long_running,
    "urgent": urgent,
    "at-risk": at_risk,
    "doubtful": doubtful,
    "today": wished_today,
    "unaccepted": unaccepted,
    "sent": sent,
    "bounced": bounced,
    "returned": returned,
    "unanswered": unanswered_in_time,
    "asked": asked,
    "to-decide": to_decide,
    "back": came_back,
    "back-twice": came_back_twice,
    "waiting": waiting,
    "fresh": fresh,
}


# What narrows a list, as its address says it: `only=tier:2`, `only=group:network,person:ito`


def only(said: str, reader: Reader) -> Condition:
    """Take what all parts of a text ask for; nothing for what nobody can ask for."""
    return sa.and_(sa.true(), *(_part(part, reader) for part in said.split(",") if part))


def _part(said: str, reader: Reader) -> Condition:
    kind, _colon, key = said.partition(":")
    part = _PARTS.get(kind)
    return part(key, reader) if part else sa.false()


def _of_tier(key: str, reader: Reader) -> Condition:
    return Incident.holder.in_(_refs(key, reader))


def _refs(key: str, reader: Reader) -> list[str]:
    return [p.ref for p in reader.setup.parties.values() if p.tier and str(p.tier) == key]


def _of_group(key: str, reader: Reader) -> Condition:
    """Take what a party was given last, also while the requester or the sender is asked."""
    return Incident.given_to == _ref(key, reader)


def _given_to_tier(key: str, reader: Reader) -> Condition:
    return Incident.given_to.in_(_refs(key, reader))


def _asked_of(refs: Sequence[str]) -> Condition:
    """H2: take what a receiver has asked these about."""
    return _handed(IS_ASKED, HandOff.returns_to.in_(refs))


def _decided_by(refs: Sequence[str]) -> Condition:
    """H5: take what these want to give to a party again, and their lead decides on."""
    return _proposed(ReturnProposal.sender.in_(refs))


def _near_group(key: str, reader: Reader) -> Condition:
    """Take what a group has, or has handed off and waits for."""
    ref = _ref(key, reader)
    waits = _handed(HandOff.ended_at.is_(None), HandOff.sender == ref)
    return sa.or_(Incident.given_to == ref, waits)


def _ref(key: str, reader: Reader) -> str:
    party = reader.setup.by_key.get(key) or reader.setup.parties.get(key)
    return party.ref if party else ""


def _of_person(key: str, reader: Reader) -> Condition:
    person = sa.select(Person.id).where(Person.key == key)
    return Incident.assignee_id == person.scalar_subquery()


def _of_nobody(key: str, reader: Reader) -> Condition:
    return with_nobody(reader)


_PARTS: Mapping[str, Callable[[str, Reader], Condition]] = {
    "tier": _of_tier,
    "group": _of_group,
    "given-tier": _given_to_tier,
    "asked": lambda key, reader: _asked_of([_ref(key, reader)]),
    "asked-tier": lambda key, reader: _asked_of(_refs(key, reader)),
    "decides": lambda key, reader: _decided_by([_ref(key, reader)]),
    "decides-tier": lambda key, reader: _decided_by(_refs(key, reader)),
    "near": _near_group,
    "person": _of_person,
    "nobody": _of_nobody,
}
