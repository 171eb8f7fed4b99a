"""What would happen to each of those chosen, before anything is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.escalation import returns
from servicedesk.incidents import bulk
from servicedesk.incidents.acts import Act
from servicedesk.incidents.bulk import Kept
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.models import Incident
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right
from servicedesk.selection.deeds import ASKS, GOES, OUTCOMES, Meant, Outcome, rehearse
from servicedesk.setup.directory import Directory, Party

MOST = 500  # at once


@dataclass(frozen=True, slots=True)
class Line:
    """One of those chosen: as it is now, and what would happen to it."""

    incident: Incident
    version: int
    outcome: Outcome

    @property
    def is_to_do(self) -> bool:
        """Say whether confirming does something with it."""
        return self.outcome.kind in (GOES, ASKS)


@dataclass(frozen=True)
class Preview:
    """What an act would come to, for all of those chosen."""

    lines: Sequence[Line]

    @property
    def counts(self) -> dict[str, int]:
        """Count what would happen, by its kind."""
        found = Counter(line.outcome.kind for line in self.lines)
        return {kind: found[kind] for kind in OUTCOMES if found[kind]}

    @property
    def to_do(self) -> list[Line]:
        """Give what confirming would do something with."""
        return [line for line in self.lines if line.is_to_do]


class Guard:
    """H5: says who decides on a return; asked once for those that the same leads decide on."""

    def __init__(self, session: Session, person: int) -> None:
        self.session, self.person = session, person
        self._deciders: dict[tuple[str, str], list[int]] = {}

    def waits(self, act: Act, to: Party) -> bool:
        """Say whether a hand-off would have to wait for somebody else than who wants it."""
        if not returns.is_guarded(act, to):
            return False
        whose = act.story.given_to, act.story.desk_group
        if whose not in self._deciders:
            self._deciders[whose] = returns.deciders(self.session, act)
        asked = self._deciders[whose]
        return bool(asked) and self.person not in asked


def chosen(session: Session, person: Person, numbers: Sequence[int]) -> Sequence[Incident]:
    """Read which of the numbers somebody may work on, in the order given: others are not there."""
    wanted = list(dict.fromkeys(numbers))[:MOST]
    may = visible(person, Right.WORK_INCIDENT)
    query = sa.select(Incident).where(Incident.number.in_(wanted), may)
    found = {incident.number: incident for incident in session.scalars(query)}
    return [found[number] for number in wanted if number in found]


def preview(
    session: Session,
    person: Person,
    incidents: Sequence[Incident],
    meant: Meant,
    setup: Directory,
    now: datetime,
) -> Preview:
    """Try an act on each in memory; the number of queries does not depend on how many there are."""
    ids = {incident.id: incident for incident in incidents}
    kept = bulk.read(session, sa.select(*bulk.COLUMNS).where(Incident.id.in_(ids)))
    tried = {one.id: one for one in kept}
    guard = Guard(session, person.id)
    return Preview(
        [
            _line(incident, tried[incident.id], person.id, meant, setup, now, guard)
            for incident in incidents
            if incident.id in tried
        ]
    )


def _line(
    incident: Incident,
    kept: Kept,
    person: int,
    meant: Meant,
    setup: Directory,
    now: datetime,
    guard: Guard,
) -> Line:
    work = follow(kept.events, setup)
    version = work.story.seq
    act = Act(work, max(now, work.story.changed_at), person)
    return Line(incident, version, rehearse(act, meant, guard.waits))
