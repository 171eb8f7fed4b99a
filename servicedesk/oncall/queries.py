"""Who is on call, now and in the coming weeks; a number of queries that no rota adds to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.oncall import rota
from servicedesk.oncall.models import ASKED, DutyChange, DutySwap
from servicedesk.oncall.rota import Change, Turn
from servicedesk.people.absence import DEPUTIES, asked, stands_in_for
from servicedesk.people.models import Person, group_member
from servicedesk.people.permissions import Act, Reach, may, reaches
from servicedesk.setup.directory import Directory, Party
from servicedesk.setup.rota import CLOSED, Pattern
from servicedesk.times import local_day

AHEAD = timedelta(weeks=8)  # as far as turns are listed, offered and swapped
A_WEEK = timedelta(days=8)  # and a bit: the longest turn of a pattern
LONGEST = timedelta(days=92)  # that a change lasts
SHOWN = 50  # changes and swaps of a group


class Why(StrEnum):
    """Why somebody is asked as on call."""

    DUTY = "duty"  # the rota says so
    HOURS = "hours"  # the lead, in the group's own hours
    NOBODY = "nobody"  # the lead, as nobody has the duty
    NO_ROTA = "no_rota"  # the lead, as there is no rota


def who(session: Session, setup: Directory, ref: str, at: datetime) -> int | None:
    """Step, E1: give who is on call of a group at an instant, else its lead; None of a partner.

    Whoever has the duty stands here while absent too: the deputy is asked in their place.
    """
    party = setup.party(ref)
    if party.is_partner:
        return None
    if not party.rota or is_left_to_lead(setup, party, at):
        return party.lead
    found = rota.on_duty(party.rota, _changes(session, party, at), at)
    reached = found and asked(session, found, local_day(at, setup.zone))
    return found if reached else party.lead


def is_left_to_lead(setup: Directory, party: Party, at: datetime) -> bool:
    """Say whether a group is at work itself, and its rota covers only when it is not."""
    if rota.covers(party.rota, at) != CLOSED:
        return False
    return setup.calendar_of(party.ref, at).is_open(at)


def _changes(session: Session, party: Party, at: datetime) -> list[Change]:
    rows = changes_of(session, [party.id], at, at + timedelta(seconds=1))
    return [change_of(row) for row in rows]


def changes_of(
    session: Session, groups: Collection[int], start: datetime, end: datetime
) -> list[DutyChange]:
    """Step: list what was changed by hand and touches a time, in the order of its making."""
    query = sa.select(DutyChange).where(
        DutyChange.group_id.in_(groups),
        DutyChange.end_at > start,
        DutyChange.start_at < end,
        sa.or_(
            DutyChange.withdrawn_at.is_(None),
            DutyChange.withdrawn_at > DutyChange.start_at,
        ),
    )
    return list(session.scalars(query.order_by(DutyChange.id)))


def change_of(row: DutyChange) -> Change:
    """Give a change as the rota reads it."""
    return Change(row.id, row.start_at, row.ends_at, row.person_id)


# A book of rotas


@dataclass(frozen=True)
class Book:
    """The rotas of some groups, what was changed of them within a time, and their people."""

    setup: Directory
    start: datetime
    end: datetime
    changes: Mapping[int, Sequence[DutyChange]]  # by group
    people: Mapping[int, Person]

    def stretches(
        self, party: Party, start: datetime, end: datetime, patterns: Sequence[Pattern] = ()
    ) -> list[Turn]:
        """Part a time by who has the duty; by another rota, where one is given."""
        return rota.stretches(patterns or party.rota, self.of(party), start, end)

    def of(self, party: Party) -> list[Change]:
        """Give the changes of a group."""
        return [change_of(row) for row in self.changes.get(party.id, ())]

    def turns(self, party: Party) -> list[Turn]:
        """List the turns that touch the book's time, whole ones."""
        changes = self.of(party)
        start = min([self.start - A_WEEK, *(change.start for change in changes)])
        end = max([self.end + A_WEEK, *(change.end for change in changes)])
        found = rota.turns(party.rota, changes, start, end)
        return [turn for turn in found if turn.end > self.start and turn.start < self.end]

    def name(self, id: int | None) -> str:
        """Name somebody; nobody is nothing."""
        found = self.people.get(id) if id else None
        return found.name if found else ""


def book(
    session: Session, setup: Directory, parties: Iterable[Party], start: datetime, end: datetime
) -> Book:
    """Step: open the rotas of some groups over a time: a few queries, however many they are."""
    known = list(parties)
    ids_of = [it.id for it in known]
    rows = changes_of(session, ids_of, start - A_WEEK, end + LONGEST)
    found: dict[int, list[DutyChange]] = {}
    for row in rows:
        found.setdefault(row.group_id, []).append(row)
    ids = {id for it in known for pattern in it.rota for week in pattern.weeks for id in week}
    ids |= {it.lead for it in known} | {row.person_id for row in rows}
    return Book(setup, start, end, found, people(session, ids))


def people(session: Session, ids: Iterable[int | None]) -> dict[int, Person]:
    """Step: read people, and the deputies of those among them who have one."""
    found: dict[int, Person] = {}
    wanted = {id for id in ids if id is not None}
    for _each in range(DEPUTIES + 1):
        if not wanted:
            break
        found |= {
            it.id: it for it in session.scalars(sa.select(Person).where(Person.id.in_(wanted)))
        }
        wanted = {it.deputy_id for it in found.values() if it.deputy_id} - found.keys()
    return found


@dataclass(frozen=True)
class Standing:
    """Who of a group is on call now, and who is next."""

    party: Party
    why: Why
    person: Person | None  # who is asked now
    instead_of: Person | None = None  # who is away
    duty: Person | None = None  # who has the duty, also while the lead is asked
    until: datetime | None = None  # the duty changes hands; None: not in the coming weeks
    after: Person | None = None
    change: int | None = None  # by which change


def standings(
    session: Session, setup: Directory, parties: Sequence[Party], now: datetime
) -> list[Standing]:
    """Step: say of some groups who is on call now, until when, and who is next."""
    found = book(session, setup, parties, now, now + AHEAD)
    return [_standing(session, found, party, now) for party in parties]


def _standing(session: Session, it: Book, party: Party, now: datetime) -> Standing:
    ahead = it.stretches(party, now, it.end) if party.rota else []
    first = ahead[0].person if ahead else None
    why = _why(it.setup, party, ahead, now)
    id = first if why is Why.DUTY else party.lead
    person = asked(session, id, local_day(now, it.setup.zone)) if id else None
    if why is Why.DUTY and person is None:
        why, id = Why.NOBODY, party.lead
        person = asked(session, id, local_day(now, it.setup.zone)) if id else None
    change = next((turn for turn in ahead if turn.person != first), None)
    return Standing(
        party,
        why,
        person,
        it.people.get(id) if id and person and person.id != id else None,
        it.people.get(first) if first else None,
        change.start if change else None,
        it.people.get(change.person) if change and change.person else None,
        ahead[0].change if ahead else None,
    )


def _why(setup: Directory, party: Party, ahead: Sequence[Turn], now: datetime) -> Why:
    if not ahead or rota.covers(party.rota, now) is None:
        return Why.NO_ROTA
    if is_left_to_lead(setup, party, now):
        return Why.HOURS
    return Why.DUTY if ahead[0].person else Why.NOBODY


# People, and what they may


def groups(setup: Directory) -> list[Party]:
    """List the support groups in use, by tier and name."""
    found = [it for it in setup.parties.values() if it.tier and it.active]
    return sorted(found, key=lambda it: (it.tier, it.name, it.id))


def crew(session: Session, party: Party) -> list[Person]:
    """Step: list who of a group can be on call: its members and its lead, by name."""
    members = sa.select(group_member.c.person_id).where(group_member.c.group_id == party.id)
    ours = sa.or_(Person.id.in_(members), Person.id == party.lead)
    query = sa.select(Person).where(Person.active, ours)
    return list(session.scalars(query.order_by(Person.name, Person.id)))


def keeps(session: Session, setup: Directory, person: Person, party: Party, now: datetime) -> bool:
    """Step: say whether somebody keeps a group's rota: its lead or their deputy, a manager."""
    if not may(person, Act.SEE_ROTA):
        return False
    if Reach.ALL in reaches(person, Act.KEEP_ROTA):
        return True
    day = local_day(now, setup.zone)
    return party.lead is not None and party.lead in stands_in_for(session, person, day)


# Swaps and changes


def open_swaps(session: Session, now: datetime, *those: sa.ColumnElement[bool]) -> list[DutySwap]:
    """Step: list the swaps that wait for an answer and can still be agreed."""
    query = sa.select(DutySwap).where(DutySwap.state == ASKED, DutySwap.end_at > now, *those)
    return list(session.scalars(query.order_by(DutySwap.start_at, DutySwap.id).limit(SHOWN)))


def coming_changes(session: Session, party: Party, now: datetime) -> list[DutyChange]:
    """Step: list what was changed by hand and is not over, the next first."""
    query = sa.select(DutyChange).where(
        DutyChange.group_id == party.id,
        DutyChange.end_at > now,
        DutyChange.withdrawn_at.is_(None),
    )
    return list(session.scalars(query.order_by(DutyChange.start_at, DutyChange.id).limit(SHOWN)))
