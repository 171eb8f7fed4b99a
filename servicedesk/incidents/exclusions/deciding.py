"""Exclusions as pages show them: those of an incident, and those that somebody can decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from servicedesk import journal
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.detail import Detail
from servicedesk.incidents.episodes import Exclusion
from servicedesk.incidents.exclusions import words
from servicedesk.incidents.exclusions.commands import ASKED, hindrance, parties_of
from servicedesk.incidents.exclusions.effects import Effect, effects
from servicedesk.incidents.models import Exclusion as Row
from servicedesk.incidents.models import Holding, Incident
from servicedesk.incidents.queries import Reader
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.setup.directory import Directory

AT_ONCE = 50
CUSTOMERS = ("response", "resolution")


@dataclass(frozen=True)
class Shown:
    """An exclusion in the reader's words."""

    row: Row
    span: str
    clocks: str
    effects: Sequence[Effect]
    lines: Sequence[str]  # what it changes, a clock each
    asked_by: str
    decided_by: str
    mine: bool  # asked for by the reader
    hindrance: str | None = None  # why the reader can't decide

    @property
    def state(self) -> str:
        """Name how it stands."""
        return words.state(self.row.state)

    @property
    def waits(self) -> bool:
        """Say whether it is to be decided."""
        return self.row.state == ASKED

    @property
    def changing(self) -> list[str]:
        """Say what it changes, only of the clocks that it does."""
        both = zip(self.effects, self.lines, strict=True)
        return [line for effect, line in both if effect.changes]

    @property
    def changes(self) -> bool:
        """Say whether it takes any time out of what is counted."""
        return any(effect.changes for effect in self.effects)


# Of one incident


def of_incident(session: Session, found: Detail, reader: Person) -> list[Shown]:
    """Give an incident's exclusions, the latest first."""
    query = sa.select(Row).where(Row.incident_id == found.incident.id).order_by(Row.n.desc())
    rows = {row.n: row for row in session.scalars(query)}
    told = {one.n: one for one in found.work.story.exclusions}
    own = parties_of(reader, found.setup) if rows else frozenset()
    return [_shown(rows[n], told[n], found, reader, own) for n in rows if n in told]


def _shown(row: Row, one: Exclusion, found: Detail, reader: Person, own: frozenset[str]) -> Shown:
    counts = one.state in (ASKED, "approved")
    what = effects(found.work, one, found.now) if counts else []
    return Shown(
        row,
        words.span(one.start, one.end),
        words.clocks(one.clocks, found.setup),
        what,
        [words.effect(each, found.setup) for each in what],
        found.names.get(one.asked_by or 0, ""),
        found.names.get(one.decided_by or 0, ""),
        one.asked_by == reader.id,
        hindrance(found.work.story, one, reader.id, own),
    )


# To be decided by somebody


def count(session: Session, person: Person, setup: Directory) -> int:
    """Count what a person can decide."""
    if not may(person, Act.DECIDE_EXCLUSION):
        return 0
    query = sa.select(sa.func.count()).select_from(Row).join(Incident)
    return session.scalar(query.where(*_theirs(person, setup))) or 0


def waiting(session: Session, reader: Reader, start: int = 0) -> list[tuple[Shown, Incident]]:
    """List what a person can decide from one on, the oldest first, with what it would change."""
    query = selected(reader.person, reader.setup).options(contains_eager(Row.incident))
    rows = list(session.scalars(query.offset(start).limit(AT_ONCE)))
    names = _names(session, {row.asked_by_id for row in rows})
    return [(_listed(session, row, reader, names), row.incident) for row in rows]


def selected(person: Person, setup: Directory) -> sa.Select[Row]:
    """Select what a person can decide, with its incident, the oldest first."""
    query = sa.select(Row).join(Row.incident).where(*_theirs(person, setup))
    return query.order_by(Row.asked_at, Row.id)


def _listed(session: Session, row: Row, reader: Reader, names: Mapping[int, str]) -> Shown:
    work = follow(journal.read(session, row.incident_id), reader.setup)
    one = next(each for each in work.story.exclusions if each.n == row.n)
    what = effects(work, one, max(reader.now, work.story.changed_at))
    return Shown(
        row,
        words.span(one.start, one.end),
        words.clocks(one.clocks, reader.setup),
        what,
        [words.effect(each, reader.setup) for each in what],
        names.get(one.asked_by or 0, ""),
        "",
        mine=False,
    )


def _names(session: Session, ids: set[int | None]) -> dict[int, str]:
    query = sa.select(Person.id, Person.name).where(Person.id.in_(ids - {None}))
    names: dict[int, str] = dict(session.execute(query).all())
    return names


def _theirs(person: Person, setup: Directory) -> Iterator[sa.ColumnElement[bool]]:
    """C11: give the conditions on exclusions for what a person can decide, as `hindrance` says."""
    own = sorted(parties_of(person, setup))
    yield Row.state == ASKED
    yield Row.asked_by_id.is_distinct_from(person.id)
    yield visible(person, Act.DECIDE_EXCLUSION)
    for ref in own:
        yield sa.not_(_names_clock(ref))
    if own:
        customers = sa.or_(*map(_names_clock, CUSTOMERS))
        yield sa.not_(sa.and_(customers, sa.or_(Incident.desk_group.in_(own), _held_by(own))))


def _names_clock(key: str) -> sa.ColumnElement[bool]:
    """Look for a clock's name among those kept as JSON."""
    return sa.cast(Row.clocks, sa.Text).like(f'%"{key}"%')


def _held_by(own: Sequence[str]) -> sa.ColumnElement[bool]:
    held = sa.exists().where(
        Holding.incident_id == Row.incident_id,
        Holding.holder.in_(own),
        Holding.start < Row.end,
        sa.or_(
            Holding.end.is_(None), sa.and_(Holding.end > Row.start, Holding.end > Holding.start)
        ),
    )
    return held.correlate(Row)
