"""Meetings as the desk keeps them: each command is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import formats, times
from servicedesk.db import db, transaction
from servicedesk.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from servicedesk.incidents import words
from servicedesk.partners.meetings import queries
from servicedesk.partners.meetings.models import HELD, THEM, US, Decision, Meeting, MeetingItem
from servicedesk.partners.meetings.queries import Key
from servicedesk.partners.meetings.sheet import to_json
from servicedesk.people.models import Partner, Person
from servicedesk.people.permissions import Act, may
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory

TEXT, OWNER, PEOPLE = 500, 120, 2000  # letters
MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Said:
    """What is said of an item: the next action, by when, whose turn it is."""

    action: str = ""
    day: date | None = None
    who: str = ""


@dataclass(frozen=True)
class Resolved:
    """A decision as it is typed."""

    text: str
    owner: str = ""
    due: date | None = None
    done: bool = False


@dataclass(frozen=True)
class Changes:
    """What a form of the sheet says; what it does not show stays as it is."""

    day: date
    since: date
    participants: str = ""
    items: Mapping[Key, Said] = field(default_factory=dict)
    decisions: Mapping[int, Resolved] = field(default_factory=dict)
    new: Sequence[Resolved] = ()


def open_meeting(partner: int, day: date, *, actor: Person, now: datetime) -> int:
    """Open the sheet of a meeting; gives its number. Raises Refused where there is a draft."""
    actor_id = actor.id
    with transaction() as session:
        person = _keeper(session, actor_id)
        company = session.get(Partner, partner, with_for_update=True)
        if company is None:
            raise NotFound(_("There is no such company."))
        there = queries.listed(session, [partner])
        if any(one.is_draft for one in there):
            raise Refused(_("There is a draft already: please hold that meeting first."))
        last = max(there, key=lambda one: one.n, default=None)
        row = Meeting(
            partner_id=partner, n=last.n + 1 if last else 1, day=_sound(day),
            since=min(last.day + timedelta(days=1) if last else day - MONTH, day),
            created_by_id=person.id, created_at=now, changed_by_id=person.id, changed_at=now,
            participants=last.participants if last else "",
        )  # fmt: skip
        session.add(row)
        session.flush()
        if last:
            _carry_over(session, directory(session), last, row, now)
        return row.n


def _carry_over(
    session: Session, setup: Directory, last: Meeting, row: Meeting, now: datetime
) -> None:
    """Step: begin with what was said the last time of what is open still."""
    party = setup.party(f"partner:{row.partner_id}")
    for item in queries.items(session, setup, party, last, now):
        if not item.ended and (item.next_action or item.next_day or item.who):
            key = {"kind": item.kind, "incident_id": item.incident, "n": item.n}
            said = {"next_action": item.next_action, "next_day": item.next_day, "who": item.who}
            session.add(MeetingItem(meeting_id=row.id, **key, **said))


def save(
    partner: int, n: int, changes: Changes, *, actor: Person, now: datetime, version: int
) -> None:
    """Keep a draft's lines; raises NotFound, Refused, Stale or BadInput."""
    with _drafting(partner, n, actor, now, version) as (session, row):
        row.day, row.since = _sound(changes.day), _sound(changes.since)
        if row.since > row.day:
            raise BadInput(_("The score has to begin before the meeting."))
        row.participants = words.text(changes.participants, PEOPLE)
        _keep_items(session, row, changes.items)
        _keep_decisions(session, row, changes)


def _keep_items(session: Session, row: Meeting, said: Mapping[Key, Said]) -> None:
    """Step: keep what is said of each item, of the company's own alone."""
    ref = f"partner:{row.partner_id}"
    own = queries.belonging(session, ref, list(said))
    there = queries.lines(session, row)
    for key, one in said.items():
        if key not in own:
            raise BadInput(_("There is no such hand-off, or it is not for you."))
        kind, incident, number = key
        kept = there.get(key)
        if kept is None:
            if one == Said():
                continue
            kept = MeetingItem(meeting_id=row.id, kind=kind, incident_id=incident, n=number)
            session.add(kept)
        kept.next_action, kept.next_day = words.text(one.action, TEXT), one.day
        kept.who = one.who if one.who in (US, THEM) else ""


def _keep_decisions(session: Session, row: Meeting, changes: Changes) -> None:
    shown = {one.id for one in queries.decisions(session, row)}
    for id, said in changes.decisions.items():
        decision = session.get(Decision, id)
        if decision is None or id not in shown:
            raise BadInput(_("There is no such decision."))
        _keep_decision(session, row, decision, said)
    for said in changes.new:
        if said.text.strip():
            _write(session, row, Decision(meeting_id=row.id), said)


def _keep_decision(session: Session, row: Meeting, decision: Decision, said: Resolved) -> None:
    if said.text.strip():
        _write(session, row, decision, said)
    elif decision.meeting_id == row.id:
        session.delete(decision)
    else:
        raise BadInput(_("What was decided earlier stays: please mark it as done instead."))


def _write(session: Session, row: Meeting, decision: Decision, said: Resolved) -> None:
    decision.text, decision.due = words.text(said.text, TEXT), said.due
    decision.owner = words.text(said.owner, OWNER)
    decision.done_in_id = row.id if said.done else None
    session.add(decision)


def hold(partner: int, n: int, *, actor: Person, now: datetime, version: int) -> None:
    """Hold a meeting: its sheet stays as it is now; raises NotFound, Refused or Stale."""
    reading = db.session()
    setup, found = directory(reading), queries.find(reading, partner, n)
    score = queries.score_of(reading, setup, found, now) if found else None
    with _drafting(partner, n, actor, now, version) as (session, row):
        if row.day > times.local_day(now, setup.zone):
            raise Refused(_("This meeting is on %(day)s.", day=formats.far(row.day)))
        if score is None:
            raise NotFound(_("There is no such meeting."))
        sheet = queries.draft(session, setup, row, score, now)
        row.contents, row.state = to_json(sheet), HELD
        row.held_at, row.held_by_id = now, row.changed_by_id


def discard(partner: int, n: int, *, actor: Person, now: datetime, version: int) -> None:
    """Throw a draft away, with what was typed in it; raises NotFound, Refused or Stale.

    What was decided earlier stays; where the draft said that it was done, it is open again.
    """
    with _drafting(partner, n, actor, now, version) as (session, row):
        done = sa.update(Decision).where(Decision.done_in_id == row.id)
        session.execute(done.values(done_in_id=None))
        for table in (MeetingItem, Decision):
            session.execute(sa.delete(table).where(table.meeting_id == row.id))
        session.flush()
        session.delete(row)


@contextmanager
def _drafting(
    partner: int, n: int, actor: Person, now: datetime, version: int
) -> Iterator[tuple[Session, Meeting]]:
    """Change a draft in one transaction, based on a version of it."""
    actor_id = actor.id
    with transaction() as session:
        person = _keeper(session, actor_id)
        row = queries.find(session, partner, n, lock=True)
        if row is None:
            raise NotFound(_("There is no such meeting."))
        if not row.is_draft:
            raise Refused(_("This meeting was held: its sheet stays as it is."))
        if row.version != version:
            raise Stale(_("Somebody changed this sheet meanwhile."), version)
        yield session, row
        row.version += 1
        row.changed_by_id, row.changed_at = person.id, now


def _keeper(session: Session, id: int) -> Person:
    person = session.get_one(Person, id)
    if not may(person, Act.KEEP_MEETINGS):
        raise NotAllowed(_("You may not do this."))
    return person


def _sound(day: date) -> date:
    if not 1970 <= day.year <= 2199:
        raise BadInput(_("Please choose a day."))
    return day
