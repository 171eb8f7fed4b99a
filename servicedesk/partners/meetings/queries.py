"""Reads meetings and fills their sheets: what is open now, what was said of it, what was decided.

H8: a sheet goes to the company. So nothing of a note, a reply or another party's thread is read
here at all; of an incident its number, and its title unless it is confidential.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk.incidents.models import HandOff, Incident, WorkRequest
from servicedesk.incidents.visibility import is_passed_on, may_be_passed_on
from servicedesk.partners.meetings.models import (
    HANDOFF,
    HELD,
    REQUEST,
    Decision,
    Meeting,
    MeetingItem,
)
from servicedesk.partners.meetings.sheet import Decided, Item, Sheet, from_json, said_again, scored
from servicedesk.partners.score import queries as scores
from servicedesk.partners.score import spans
from servicedesk.partners.score.handed import is_overdue
from servicedesk.partners.score.score import Score
from servicedesk.setup.directory import Directory, Party
from servicedesk.sla.models import ClockRow

Key = tuple[str, int, int]  # kind, incident, number within it


def find(session: Session, partner: int, n: int, *, lock: bool = False) -> Meeting | None:
    """Give a company's meeting by its number."""
    query = sa.select(Meeting).where(Meeting.partner_id == partner, Meeting.n == n)
    return session.scalar(query.with_for_update() if lock else query)


def listed(session: Session, partners: Sequence[int], *, held: bool = False) -> list[Meeting]:
    """List the meetings with some companies, the latest first; all, or the held ones."""
    query = sa.select(Meeting).where(Meeting.partner_id.in_(partners))
    query = query.where(Meeting.state == HELD) if held else query
    order = (Meeting.day.desc(), Meeting.partner_id, Meeting.n.desc())
    return list(session.scalars(query.options(joinedload(Meeting.partner)).order_by(*order)))


def open_decisions(session: Session, partner: int) -> int:
    """Count what was decided with a company and is not done."""
    query = sa.select(sa.func.count()).select_from(Decision).join(Decision.meeting)
    query = query.where(Meeting.partner_id == partner, Decision.done_in_id.is_(None))
    return session.scalar(query) or 0


# The sheet


def sheet(session: Session, setup: Directory, meeting: Meeting, now: datetime) -> Sheet:
    """Give a meeting's sheet: as it was kept, or as of now."""
    if meeting.contents is not None:
        return _withheld(session, from_json(meeting.contents))
    return draft(session, setup, meeting, score_of(session, setup, meeting, now), now)


def _withheld(session: Session, kept: Sheet) -> Sheet:
    """§9: leave out of what was kept what has become confidential since."""
    ids = sorted({item.incident for item in kept.items})
    secret = sa.select(Incident.id).where(Incident.id.in_(ids), sa.not_(is_passed_on()))
    found = set(session.scalars(secret))
    return replace(kept, items=[_in_short(it) if it.incident in found else it for it in kept.items])


def _in_short(item: Item) -> Item:
    return replace(item, title="", ticket="", requester="", confidential=True)


def score_of(session: Session, setup: Directory, meeting: Meeting, now: datetime) -> Score:
    """F1: give the score of the days since the meeting before."""
    party = setup.party(f"partner:{meeting.partner_id}")
    period = spans.days(min(meeting.since, meeting.day), meeting.day, setup.zone)
    at = now.replace(second=0, microsecond=0)
    return scores.score(session, setup, party, period, at)


def draft(
    session: Session, setup: Directory, meeting: Meeting, score: Score, now: datetime
) -> Sheet:
    """Fill the sheet of a meeting that is being prepared."""
    party = score.party
    return Sheet(
        setup.name, party.name, meeting.n, meeting.day, meeting.since, setup.zone,
        meeting.participants, held=False, at=now, scores=scored(score), lines=score.lines,
        items=list(items(session, setup, party, meeting, now)),
        decisions=decisions(session, meeting),
    )  # fmt: skip


def decisions(session: Session, meeting: Meeting) -> list[Decided]:
    """List what was decided in it, and earlier and not done before it."""
    query = sa.select(Decision).join(Decision.meeting).options(joinedload(Decision.meeting))
    query = query.where(
        Meeting.partner_id == meeting.partner_id,
        Meeting.n <= meeting.n,
        sa.or_(
            Decision.meeting_id == meeting.id,
            Decision.done_in_id.is_(None),
            Decision.done_in_id == meeting.id,
        ),
    )
    return [
        Decided(
            row.id, row.text, row.owner, row.due, row.done_in_id is not None,
            row.meeting.n, row.meeting.day,
        )
        for row in session.scalars(query.order_by(Decision.id))
    ]  # fmt: skip


def lines(session: Session, meeting: Meeting) -> dict[Key, MeetingItem]:
    """Give what was said of each item."""
    query = sa.select(MeetingItem).where(MeetingItem.meeting_id == meeting.id)
    return {(row.kind, row.incident_id, row.n): row for row in session.scalars(query)}


def items(
    session: Session, setup: Directory, party: Party, meeting: Meeting, now: datetime
) -> Iterator[Item]:
    """List what the company has open, the oldest first, and what ended of what was said here."""
    said = lines(session, meeting)
    kept = {key for key, row in said.items() if row.next_action or row.next_day}
    for item in _every(session, party.ref, kept, now):
        key = (item.kind, item.incident, item.n)
        row = said.get(key)
        if row:
            item = said_again(item, row.next_action, row.next_day, row.who)
        if not item.ended or key in kept:
            yield item


def _every(session: Session, ref: str, kept: set[Key], now: datetime) -> Iterator[Item]:
    yield from _handoffs(session, ref, {key for key in kept if key[0] == HANDOFF}, now)
    yield from _requests(session, ref, {key for key in kept if key[0] == REQUEST}, now)


def _handoffs(session: Session, ref: str, kept: set[Key], now: datetime) -> Iterator[Item]:
    incidents = sorted({incident for _kind, incident, _n in kept})
    there = sa.or_(HandOff.ended_at.is_(None), HandOff.incident_id.in_(incidents))
    query = sa.select(HandOff, is_overdue(now)).where(HandOff.receiver == ref, there)
    query = query.options(joinedload(HandOff.incident).joinedload(Incident.requester))
    dues = _dues(session, ref)
    for row, late in session.execute(query.order_by(HandOff.sent_at, HandOff.id)):
        incident, told = row.incident, may_be_passed_on(row.incident)
        state = "asked" if row.asked_at and row.ended_at is None else row.state
        yield Item(
            HANDOFF, incident.id, incident.number, row.n,
            incident.title if told else "", not told, incident.priority, state, row.sent_at,
            _first(dues.get((incident.id, row.n)), row.answer_by), bool(late),
            row.partner_ticket or "" if told else "",
            incident.requester.name if row.share_requester and told else "",
            ended=row.ended_at is not None,
        )  # fmt: skip


def _first(*dates: datetime | None) -> datetime | None:
    """Give the earlier of two dates, each of which may be missing."""
    return min((at for at in dates if at), default=None)


def _dues(session: Session, ref: str) -> Mapping[tuple[int, int], datetime]:
    """Give when the contract wants something of each open hand-off."""
    query = sa.select(ClockRow.incident_id, ClockRow.handoff, sa.func.min(ClockRow.due_at)).where(
        ClockRow.party == ref,
        ClockRow.handoff.is_not(None),
        ClockRow.stopped_at.is_(None),
        ClockRow.due_at.is_not(None),
    )
    query = query.group_by(ClockRow.incident_id, ClockRow.handoff)
    return {(incident, n or 0): due for incident, n, due in session.execute(query) if due}


def _requests(session: Session, ref: str, kept: set[Key], now: datetime) -> Iterator[Item]:
    incidents = sorted({incident for _kind, incident, _n in kept})
    there = sa.or_(WorkRequest.ended_at.is_(None), WorkRequest.incident_id.in_(incidents))
    query = sa.select(WorkRequest).where(WorkRequest.receiver == ref, there)
    query = query.options(joinedload(WorkRequest.incident))
    for row in session.scalars(query.order_by(WorkRequest.asked_at, WorkRequest.id)):
        incident, ended = row.incident, row.ended_at is not None
        told = may_be_passed_on(incident)
        late = not ended and row.due is not None and row.due < now
        yield Item(
            REQUEST, incident.id, incident.number, row.n,
            row.title if told else "", not told, incident.priority, row.state, row.asked_at,
            row.due, late, row.partner_ticket or "" if told else "", "", ended=ended,
        )  # fmt: skip


def belonging(session: Session, ref: str, keys: Sequence[Key]) -> set[Key]:
    """§9: of some items those that are the company's."""
    found: set[Key] = set()
    for kind, table in ((HANDOFF, HandOff), (REQUEST, WorkRequest)):
        ids = {incident for name, incident, _n in keys if name == kind}
        mine = sa.select(table.incident_id, table.n).where(
            table.receiver == ref, table.incident_id.in_(ids)
        )
        found |= {(kind, incident, n) for incident, n in session.execute(mine)}
    return found
