"""Major incidents as pages show them; how many there are adds no query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from servicedesk.incidents import cursors
from servicedesk.incidents.models import OPEN, Incident, MajorIncident, MajorUpdate
from servicedesk.incidents.search import found
from servicedesk.incidents.terms import sought
from servicedesk.incidents.visibility import visible
from servicedesk.major import concerned
from servicedesk.major.concerned import Extent
from servicedesk.people.models import Group, Person, group_member
from servicedesk.people.permissions import Act, may

PAGE = 50
LINKED = 20  # of what belongs to one, on a page of its room
KNOWN = 20  # disturbances on one's home
IS_OPEN = Incident.state.in_(OPEN)
RUNS = sa.and_(MajorIncident.state == "confirmed", IS_OPEN)
WAITS = sa.and_(MajorIncident.state == "proposed", IS_OPEN)
PAST = sa.or_(
    MajorIncident.state == "over", sa.and_(MajorIncident.state == "confirmed", sa.not_(IS_OPEN))
)
WAS = MajorIncident.state.in_(("confirmed", "over"))  # one that has, or had, a room
PUBLIC = sa.and_(RUNS, Incident.confidential.is_(False))


def _majors(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    query = sa.select(MajorIncident).join(Incident, Incident.id == MajorIncident.incident_id)
    return query.where(*conditions).options(joinedload(MajorIncident.incident))


# The list


@dataclass(frozen=True)
class Listing:
    """What goes on, what waits for a decision, and a page of what is over."""

    running: Sequence[MajorIncident]
    waiting: Sequence[MajorIncident]
    past: Sequence[MajorIncident]
    next: str | None
    people: Mapping[int, Person]


def listing(session: Session, person: Person, after: str | None = None) -> Listing:
    """Step: list the major incidents that somebody may see."""
    sees = visible(person, Act.SEE_MAJORS)
    due = MajorIncident.update_due
    running = session.scalars(_majors(RUNS, sees).order_by(due, MajorIncident.id)).all()
    waiting = session.scalars(_majors(WAITS, sees).order_by(MajorIncident.id)).all()
    order = (MajorIncident.proposed_at.expression, True)
    query, id = _majors(PAST, sees), MajorIncident.id
    past, following = cursors.read_page(session, query, order, id, after, PAGE)
    return Listing(running, waiting, past, following, people(session, [*running, *waiting, *past]))


def every(person: Person) -> sa.Select[Any]:
    """Select what `listing` has, in the same order: what goes on, what waits, what is over."""
    place = sa.case((RUNS, 0), (WAITS, 1), else_=2)
    running, over = sa.case((RUNS, MajorIncident.update_due)), sa.case((PAST, 1), else_=0)
    latest = sa.case((over == 1, MajorIncident.proposed_at))
    ids = sa.case((over == 1, -MajorIncident.id), else_=MajorIncident.id)
    query = _majors(sa.or_(RUNS, WAITS, PAST), visible(person, Act.SEE_MAJORS))
    return query.order_by(place, running, latest.desc(), ids)


def count(session: Session, person: Person) -> int:
    """Step: count what goes on or waits for a decision, as far as somebody may see it."""
    query = sa.select(sa.func.count()).select_from(MajorIncident).join(Incident)
    shown = MajorIncident.state.in_(("proposed", "confirmed"))
    return session.scalar(query.where(shown, IS_OPEN, visible(person, Act.SEE_MAJORS))) or 0


def people(session: Session, majors: Iterable[MajorIncident]) -> dict[int, Person]:
    """Step: give everybody who is named in some major incidents, by id."""
    ids = {
        id
        for row in majors
        for id in (row.proposed_by_id, row.decided_by_id, row.coordinator_id)
        if id
    }
    return by_id(session, ids)


def by_id(session: Session, ids: Iterable[int | None]) -> dict[int, Person]:
    """Step: give people by their ids."""
    wanted = {id for id in ids if id}
    rows = session.scalars(sa.select(Person).where(Person.id.in_(wanted))) if wanted else ()
    return {person.id: person for person in rows}


# One of them


@dataclass(frozen=True)
class Standing:
    """An incident's part in major incidents, as its reader may know it."""

    row: MajorIncident | None = None  # its own, the last one that was not refused or withdrawn
    updates: Sequence[MajorUpdate] = ()  # the newest first
    linked: int = 0
    open: int = 0  # of those linked
    of: Belongs | None = None
    refused: MajorIncident | None = None  # its last proposal, where that came to nothing
    people: Mapping[int, Person] | None = None

    @property
    def is_waiting(self) -> bool:
        """Say whether it is proposed and not decided."""
        return self.row is not None and self.row.state == "proposed"

    @property
    def is_running(self) -> bool:
        """Say whether it goes on."""
        return _is_running(self.row)

    def name(self, id: int | None) -> str:
        """Name somebody; nobody is nothing."""
        found = (self.people or {}).get(id or 0)
        return found.name if found else ""


@dataclass(frozen=True)
class Belongs:
    """The major incident that another one belongs to; §9: without words where these are not for
    its reader.
    """

    number: int
    row: MajorIncident | None
    sees: bool  # its page opens
    updates: Sequence[MajorUpdate] = ()

    @property
    def is_running(self) -> bool:
        """Say whether it goes on."""
        return _is_running(self.row)


def _is_running(row: MajorIncident | None) -> bool:
    return row is not None and row.state == "confirmed" and row.incident.state in OPEN


def last(session: Session, incident: int, *conditions: sa.ColumnElement[bool]) -> Any:
    """Step: give the last major incident that an incident (its id) was."""
    query = _majors(MajorIncident.incident_id == incident, *conditions)
    return session.scalar(query.order_by(MajorIncident.n.desc()).limit(1))


def updates(session: Session, row: MajorIncident) -> Sequence[MajorUpdate]:
    """Step: give what those concerned were told, the newest first."""
    query = sa.select(MajorUpdate).where(
        MajorUpdate.incident_id == row.incident_id, MajorUpdate.n > row.n
    )
    return session.scalars(query.order_by(MajorUpdate.n.desc())).all()


def standing(session: Session, person: Person, incident: Incident) -> Standing:
    """Step: say what part an incident has in major ones, to who may see the incident."""
    desk = may(person, Act.SEE_MAJORS)
    shown = MajorIncident.state != "withdrawn" if desk else WAS
    row = last(session, incident.id, shown)
    belongs = _belongs(session, person, incident.major_id) if incident.major_id else None
    if row is None:
        return Standing(of=belongs)
    if row.state == "refused":
        return Standing(of=belongs, refused=row, people=people(session, [row]))
    counts = sa.select(sa.func.count(), sa.func.count().filter(IS_OPEN)).select_from(Incident)
    linked, still = session.execute(counts.where(Incident.major_id == incident.id)).one()
    told = updates(session, row)
    named = by_id(
        session,
        [row.proposed_by_id, row.decided_by_id, row.coordinator_id, *(one.by_id for one in told)],
    )
    return Standing(row, told, linked, still, belongs, people=named)


def _belongs(session: Session, person: Person, major: int) -> Belongs | None:
    row: MajorIncident | None = last(session, major, WAS)
    seen = sa.select(Incident.id).where(Incident.id == major, visible(person, Act.SEE_MAJORS))
    sees = session.scalar(seen) is not None
    if row is None:
        return None
    if row.incident.confidential and not sees:
        return Belongs(row.incident.number, None, sees=False)
    told = updates(session, row)
    return Belongs(row.incident.number, row, sees, told)


@dataclass(frozen=True)
class Room:
    """Everything about a major incident for those who work on it."""

    row: MajorIncident
    updates: Sequence[MajorUpdate]
    extent: Extent
    linked: Sequence[Incident]  # a page of those that the reader may see
    next: str | None
    hidden: int  # linked ones that the reader may not see, of all pages
    refused: Sequence[MajorIncident]  # earlier proposals of the same incident
    people: Mapping[int, Person]

    @property
    def is_running(self) -> bool:
        """Say whether it goes on."""
        return _is_running(self.row)

    def name(self, id: int | None) -> str:
        """Name somebody; nobody is nothing."""
        found = self.people.get(id or 0)
        return found.name if found else ""


def room(session: Session, person: Person, number: int, after: str | None = None) -> Room | None:
    """Step: gather a major incident for somebody; None where there is none, or not for them."""
    query = _majors(Incident.number == number, WAS, visible(person, Act.SEE_MAJORS))
    row = session.scalar(query.order_by(MajorIncident.n.desc()).limit(1))
    if row is None:
        return None
    told = updates(session, row)
    rows, following = linked(session, person, row.incident, after)
    extent = concerned.extent(session, row.incident)
    shown = sa.select(sa.func.count()).select_from(Incident)
    seen = shown.where(Incident.major_id == row.incident_id, visible(person))
    named = [row.proposed_by_id, row.decided_by_id, row.coordinator_id]
    named += [one.by_id for one in told]
    hidden = extent.linked - (session.scalar(seen) or 0)
    before = _majors(MajorIncident.incident_id == row.incident_id, MajorIncident.n < row.n)
    before = before.where(MajorIncident.state == "refused").order_by(MajorIncident.n)
    refused = session.scalars(before).all()
    named += [one.decided_by_id for one in refused]
    return Room(row, told, extent, rows, following, hidden, refused, by_id(session, named))


def linked(
    session: Session, person: Person, major: Incident, after: str | None = None
) -> tuple[Sequence[Incident], str | None]:
    """Step: give a page of what belongs to a major incident, the newest first."""
    query = sa.select(Incident).where(Incident.major_id == major.id, visible(person))
    return _page(session, query, after, LINKED)


def _page(
    session: Session, query: sa.Select[Any], after: str | None, size: int
) -> tuple[Sequence[Incident], str | None]:
    query = query.options(joinedload(Incident.requester))
    order = (Incident.number.expression, True)
    return cursors.read_page(session, query, order, Incident.id, after, size)


def belonging(session: Session, incident: Incident) -> int:
    """Step: count what is open and belongs to an incident that is a major one now."""
    if last(session, incident.id, MajorIncident.state == "confirmed") is None:
        return 0
    query = sa.select(sa.func.count()).select_from(Incident)
    return session.scalar(query.where(Incident.major_id == incident.id, IS_OPEN)) or 0


def similar(
    session: Session, person: Person, major: Incident, text: str = "", after: str | None = None
) -> tuple[Sequence[Incident], str | None]:
    """Step: offer open incidents of the same service that belong to none yet, the newest first."""
    itself = sa.exists().where(
        MajorIncident.incident_id == Incident.id,
        MajorIncident.state.in_(("proposed", "confirmed")),
    )
    query = sa.select(Incident).where(
        IS_OPEN,
        Incident.service_id == major.service_id,
        Incident.id != major.id,
        Incident.major_id.is_(None),
        sa.not_(itself.correlate(Incident)),
        visible(person, Act.UPDATE_MAJOR),
    )
    if text and (sought(text).terms or sought(text).in_full):
        query = query.where(found(text, person))
    return _page(session, query, after, PAGE)


def coordinators(session: Session, incident: Incident) -> list[Person]:
    """Step: offer who may coordinate: first those of the group that has it, of a confidential one
    nobody else than the people of its groups.
    """
    own = [incident.given_to, incident.desk_group]
    ids = [int(ref.partition(":")[2]) for ref in own if ref.startswith("group:")]
    members = sa.select(group_member.c.person_id).where(group_member.c.group_id.in_(ids))
    leads = sa.select(Group.lead_id).where(Group.id.in_(ids), Group.lead_id.is_not(None))
    theirs = sa.or_(Person.id.in_(members), Person.id.in_(leads), Person.id == incident.assignee_id)
    roles = sa.cast(Person.roles, sa.Text)
    anybody = sa.or_(*(roles.like(f'%"{role}"%') for role in ("agent", "lead", "manager")))
    who = theirs if incident.confidential else sa.or_(theirs, anybody)
    query = (
        sa.select(Person).where(Person.active.is_(True), who).options(selectinload(Person.leads))
    )
    rows = session.scalars(query.order_by(sa.not_(theirs), Person.name, Person.id))
    return [person for person in rows if may(person, Act.UPDATE_MAJOR)]


# What everybody may know


@dataclass(frozen=True)
class Disturbance:
    """A major incident that goes on, as everybody reads of it: never the incident's own words."""

    number: int
    headline: str
    since: datetime
    service: int
    said: str = ""  # the last update
    said_at: datetime | None = None
    own: int | None = None  # the number by which the reader is concerned already


def known(session: Session, person: Person) -> list[Disturbance]:
    """Step: list the disturbances that everybody may know of, the newest first."""
    if not may(person, Act.LOG_INCIDENT):
        return []
    rows = session.scalars(
        _majors(PUBLIC).order_by(MajorIncident.decided_at.desc(), MajorIncident.id).limit(KNOWN)
    ).all()
    if not rows:
        return []
    ids = [row.incident_id for row in rows]
    newest = sa.select(MajorUpdate.incident_id, sa.func.max(MajorUpdate.n)).where(
        MajorUpdate.incident_id.in_(ids)
    )
    place = sa.tuple_(MajorUpdate.incident_id, MajorUpdate.n)
    told = {
        one.incident_id: one
        for one in session.scalars(
            sa.select(MajorUpdate).where(place.in_(newest.group_by(MajorUpdate.incident_id)))
        )
    }
    mine = _own(session, person, ids)
    return [_disturbance(row, told.get(row.incident_id), mine) for row in rows]


def _own(session: Session, person: Person, ids: Sequence[int]) -> dict[int, int]:
    own = sa.select(Incident.id, Incident.major_id, Incident.number).where(
        Incident.requester_id == person.id,
        IS_OPEN,
        sa.or_(Incident.major_id.in_(ids), Incident.id.in_(ids)),
    )
    return {major or id: number for id, major, number in session.execute(own)}


def _disturbance(
    row: MajorIncident, told: MajorUpdate | None, mine: Mapping[int, int]
) -> Disturbance:
    said = told if told and told.n > row.n else None
    return Disturbance(
        row.incident.number,
        row.headline,
        row.decided_at or row.proposed_at,
        row.incident.service_id,
        said.body if said else "",
        said.at if said else None,
        mine.get(row.incident_id),
    )
