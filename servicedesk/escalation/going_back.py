"""H5: what is to go back to who had it before, as the one who decides reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.escalation.returns import deciders
from servicedesk.incidents import timetable
from servicedesk.incidents.acts import Act
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.models import Incident, ReturnProposal
from servicedesk.incidents.story import Story
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right
from servicedesk.setup.directory import Directory, Party
from servicedesk.setup.snapshot import directory


@dataclass(frozen=True)
class Stay:
    """Who had it, and for how long."""

    party: Party
    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class Waiting:
    """A return that waits, or was decided."""

    incident: Incident
    row: ReturnProposal
    sender: Party
    receiver: Party
    stays: Sequence[Stay]
    returns: int  # so far
    asked_by: str
    decided_by: str
    leads: Sequence[str]  # who is asked
    may_decide: bool
    may_withdraw: bool
    passes_at: datetime | None  # when it goes through by itself

    @property
    def waits(self) -> bool:
        """Say whether it is still to be decided."""
        return self.row.state == "asked"


def read(session: Session, person: Person, number: int, n: int, now: datetime) -> Waiting | None:
    """Gather a return for somebody who may work on its incident; None if it is not for them."""
    query = sa.select(ReturnProposal).join(Incident)
    query = query.where(Incident.number == number, ReturnProposal.n == n)
    row = session.scalar(query.where(visible(person, Right.WORK_INCIDENT)))
    if row is None:
        return None
    setup = directory(session)
    work = follow(journal.read(session, row.incident_id), setup)
    leads = deciders(session, Act(work, now)) if row.state == "asked" else []
    wanted = {row.asked_by_id, row.decided_by_id, *leads} - {None}
    found = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(wanted)))
    names: dict[int | None, str] = dict(found.all())
    passes = [duty.at for duty in timetable.duties(work) if duty.kind == timetable.RETURN_LAPSES]
    return Waiting(
        row.incident,
        row,
        setup.party(row.sender),
        setup.party(row.receiver),
        list(_stays(work.story, setup)),
        work.story.returns,
        names.get(row.asked_by_id, ""),
        names.get(row.decided_by_id, ""),
        [names[id] for id in leads if id in names],
        person.id in leads,
        row.asked_by_id == person.id,
        passes[0] if passes else None,
    )


def _stays(story: Story, setup: Directory) -> Iterator[Stay]:
    for holding in story.holdings:
        if holding.holder in setup.parties and (holding.end is None or holding.end > holding.start):
            yield Stay(setup.party(holding.holder), holding.start, holding.end)
