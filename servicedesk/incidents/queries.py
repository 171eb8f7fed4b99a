"""Lists of incidents: views, counts, and pages by cursor; always within what one may see."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from servicedesk import times
from servicedesk.incidents import attention, cursors, dated, search, spans
from servicedesk.incidents.cursors import Order
from servicedesk.incidents.models import OPEN, HandOff, Incident
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, reach
from servicedesk.setup.directory import REQUESTER, Directory
from servicedesk.sla.calendar import NoWorkingTime

Condition = sa.ColumnElement[bool]
PAGE = 50
RECENT = 500  # newest titles that a guess is made from
YEAR = 366 * 24 * 3600


@dataclass(frozen=True)
class Reader:
    """Who reads a list, when, and by which set-up."""

    person: Person
    setup: Directory
    now: datetime

    @property
    def groups(self) -> list[str]:
        """Give the refs of the reader's own groups."""
        return [f"group:{group.id}" for group in self.person.groups]

    @property
    def today(self) -> date:
        """Give the day in the desk's zone."""
        return times.local_day(self.now, self.setup.zone)

    def ahead(self, seconds: int) -> datetime:
        """Give the instant some working time ahead on the desk's calendar."""
        calendar = self.setup.desk_calendar
        try:
            return calendar.reach(self.now, seconds) if calendar else self.now
        except NoWorkingTime:
            return self.now + timedelta(seconds=seconds)

    def ago(self, seconds: int) -> datetime:
        """Give the last instant some working time ago on the desk's calendar, a year at most."""
        calendar = self.setup.desk_calendar
        if calendar is None:
            return self.now - timedelta(seconds=seconds)

        def worked(back: int) -> int:
            return calendar.counted(self.now - timedelta(seconds=back), self.now)

        return self.now - timedelta(seconds=bisect_left(range(YEAR), seconds, key=worked))


# Written into the statement: SQLite takes the indexes over open incidents only if it sees them.
IS_OPEN: Condition = Incident.state.in_(
    sa.bindparam("open", OPEN, expanding=True, literal_execute=True)
)
VIEWS = (
    "next", "mine", "unassigned", "handed-off", "partners", "requester",
    "soon", "overdue", "stagnant", "all", "done",
)  # fmt: skip
LISTS = (*VIEWS, *attention.BEHIND)  # every view that an address may name
SORTED_BY = {
    "next": "next_due",
    "requested": "requested_due",
    "promised": "promised_due",
    "target": "target_due",
    "since": "held_since",
    "logged": "logged_at",
    "changed": "changed_at",
    "newest": "number",
}
SORTS = (*SORTED_BY, *(f"-{name}" for name in SORTED_BY))  # a "-" turns an order round


def view(name: str, reader: Reader) -> Condition:
    """Give the condition of a view of the workbench."""
    if name == "done":
        return sa.not_(IS_OPEN)
    if name in attention.BEHIND:
        return sa.and_(IS_OPEN, attention.BEHIND[name](reader))
    return sa.and_(IS_OPEN, _open_view(name, reader))


def _open_view(name: str, reader: Reader) -> Condition:
    person, groups = reader.person, reader.groups
    mine = sa.or_(Incident.given_to.in_(groups), Incident.assignee_id == person.id)
    ours = Incident.given_to.in_(groups) if groups else sa.true()
    views: dict[str, Condition] = {
        "next": mine if groups else sa.true(),
        "mine": Incident.assignee_id == person.id,
        "unassigned": sa.and_(attention.with_nobody(reader), ours),
        "handed-off": _handed_off(groups),
        "partners": Incident.holder.like("partner:%"),
        "requester": Incident.holder == REQUESTER,
        "soon": attention.due_soon(reader),
        "overdue": attention.overdue(reader),
        "stagnant": attention.stagnant(reader),
        "all": sa.true(),
    }
    return views[name]


def _handed_off(groups: list[str]) -> Condition:
    """Handed off and not answered: by one's own groups, or by any for who has none."""
    waiting = sa.select(HandOff.id).where(
        HandOff.incident_id == Incident.id, HandOff.ended_at.is_(None)
    )
    found = sa.exists(waiting.where(HandOff.sender.in_(groups)) if groups else waiting)
    return sa.and_(Incident.handoff_count > 0, found)


def counts(session: Session, reader: Reader) -> dict[str, int]:
    """Count each view of open incidents in one query."""
    names = [name for name in VIEWS if name != "done"]
    columns = [
        sa.func.count().filter(_open_view(name, reader)).label(name.replace("-", "_"))
        for name in names
    ]
    query = sa.select(*columns).select_from(Incident).where(IS_OPEN, visible(reader.person))
    return dict(zip(names, session.execute(query).one(), strict=True))


def order(sort: str) -> Order:
    """Give an order by its name; what has no date comes last, whichever way round."""
    name = sort.removeprefix("-")
    down = (sort != name) != (name == "newest")
    column = Incident.__table__.c[SORTED_BY[name]]
    if column.nullable or (down and name == "next"):
        return (dated.downwards if down else dated.upwards)(column), down
    return column, down


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    incidents: Sequence[Incident]
    next: str | None  # cursor of the page after this one
    total: int
    hidden: int = 0  # §9: confidential ones that belong in the list and may not be shown in it


@dataclass(frozen=True)
class Filter:
    """What narrows a list besides its view."""

    text: str = ""
    service: str = ""
    holder: str = ""
    priority: str = ""
    type: str = ""
    only: str = ""  # see attention.only
    # one of dated.choices, and days from one to another; both together are both
    requested: str = ""
    requested_from: str = ""
    requested_to: str = ""
    promised: str = ""
    promised_from: str = ""
    promised_to: str = ""
    target: str = ""
    target_from: str = ""
    target_to: str = ""

    def days(self, name: str) -> spans.Span:
        """Give the days to which one of the three dates is narrowed."""
        return spans.between(getattr(self, f"{name}_from"), getattr(self, f"{name}_to"))

    @property
    def is_dated(self) -> bool:
        """Say whether any of the three dates narrows it."""
        return any(getattr(self, name) or not self.days(name).is_open for name in dated.DATES)

    def condition(self, reader: Reader) -> Condition:
        """Give the SQL condition."""
        parts: list[Condition] = [sa.true()]
        setup = reader.setup
        if self.text:
            parts.append(search.found(self.text, reader.person))
        if self.service:
            found = setup.services_by_key.get(self.service)
            parts.append(Incident.service_id == (found.id if found else 0))
        if self.holder:
            party = setup.by_key.get(self.holder)
            parts.append(Incident.holder == (party.ref if party else self.holder))
        if self.priority:
            parts.append(Incident.priority == self.priority)
        if self.type:
            parts.append(Incident.type == self.type)
        if self.only:
            parts.append(attention.only(self.only, reader))
        for name in dated.DATES:
            parts += dated.conditions(name, getattr(self, name), self.days(name), reader)
        return sa.and_(*parts)


def page(
    session: Session,
    reader: Reader,
    name: str,
    *,
    narrowed: Filter | None = None,
    sort: str = "next",
    after: str | None = None,
    size: int | None = None,
) -> Page:
    """Read one page of a view: the same number of queries whatever it shows."""
    condition = within(reader, name, narrowed)
    rows, following = _slice(session, condition, order_in(name, sort), after, size or PAGE)
    return Page(rows, following, *_counted(session, reader, name, narrowed or Filter()))


def _counted(session: Session, reader: Reader, name: str, asked: Filter) -> tuple[int, int]:
    """§9: count what a list shows, and the confidential ones in it that it may not show, at once.

    None are told of a list that was searched for: their texts would answer.
    """
    seen = visible(reader.person)
    kept: Condition = sa.false()
    if is_desk_side(reader.person) and not asked.text:
        unseen = sa.not_(sa.func.coalesce(seen, sa.false()))  # may be unknown
        kept = sa.and_(Incident.confidential, unseen)
    query = sa.select(sa.func.count().filter(seen), sa.func.count().filter(kept))
    query = query.where(view(name, reader), asked.condition(reader), sa.or_(seen, kept))
    total, hidden = session.execute(query.select_from(Incident)).one()
    return total, hidden


def _slice(
    session: Session, condition: Condition, order: Order, after: str | None, size: int
) -> tuple[Sequence[Incident], str | None]:
    """Read some incidents in an order from a cursor on, and give the cursor of what follows."""
    query = sa.select(Incident).where(condition)
    query = query.options(joinedload(Incident.requester), joinedload(Incident.assignee))
    return cursors.read_page(session, query, order, Incident.id, after, size)


def ordered(order: Order, back: bool = False) -> tuple[sa.ColumnElement[Any], ...]:
    """Give what to order by, to the last doubt; `back`: from the end to the beginning."""
    return cursors.ordered(order, Incident.__table__.c.id, back)


@dataclass(frozen=True)
class Place:
    """Where an incident stands in a list, with the numbers beside it."""

    position: int
    total: int
    previous: int | None
    next: int | None


def place(
    session: Session,
    reader: Reader,
    name: str,
    incident: Incident,
    narrowed: Filter | None = None,
    sort: str = "next",
) -> Place | None:
    """Say where an incident stands in a list; None if it is not in it (any more)."""
    condition = within(reader, name, narrowed)
    column, down = order_in(name, sort)
    here = sa.select(column, Incident.id).where(condition, Incident.id == incident.id)
    if (row := session.execute(here).one_or_none()) is None:
        return None
    place, at = sa.tuple_(column, Incident.id), cursors.at(column, *row)
    before = place > at if down else place < at
    count = sa.select(sa.func.count().filter(before), sa.func.count()).select_from(Incident)
    ahead, total = session.execute(count.where(condition)).one()
    numbers = sa.select(Incident.number).where(condition)
    previous = numbers.where(before).order_by(*ordered((column, down), back=True)).limit(1)
    after = place < at if down else place > at
    following = numbers.where(after).order_by(*ordered((column, down))).limit(1)
    return Place(ahead + 1, total, session.scalar(previous), session.scalar(following))


def within(reader: Reader, name: str, narrowed: Filter | None) -> Condition:
    """Give the condition of a list: its view, what narrows it, what one may see."""
    condition = (narrowed or Filter()).condition(reader)
    return sa.and_(view(name, reader), condition, visible(reader.person))


def order_in(name: str, sort: str) -> Order:
    """Give the order of a view: what has ended has no next date, and goes by its number."""
    return order(sort.replace("next", "newest") if name == "done" else sort)


def holders(
    session: Session, reader: Reader, name: str, narrowed: Filter | None = None
) -> dict[str, int]:
    """Count who holds how many incidents of a list; nobody holds what has ended."""
    if name == "done":
        return {}
    condition = within(reader, name, narrowed)
    query = sa.select(Incident.holder, sa.func.count()).where(condition).group_by(Incident.holder)
    return {holder: count for holder, count in session.execute(query) if holder}


def find(session: Session, person: Person, number: int) -> Incident | None:
    """Give an incident by number, if the person may see it."""
    query = sa.select(Incident).where(Incident.number == number, visible(person))
    query = query.options(joinedload(Incident.requester), joinedload(Incident.assignee))
    return session.scalar(query)


def own(
    session: Session,
    reader: Reader,
    *,
    is_open: bool = True,
    narrowed: Filter | None = None,
    sort: str = "newest",
    after: str | None = None,
) -> Page:
    """Read a page of a requester's own incidents: under way, ended, or found by words."""
    condition = own_ones(reader, is_open=is_open, narrowed=narrowed or Filter())
    rows, following = _slice(session, condition, order(sort), after, PAGE)
    total = session.scalar(sa.select(sa.func.count()).select_from(Incident).where(condition)) or 0
    return Page(rows, following, total)


def own_ones(reader: Reader, *, is_open: bool, narrowed: Filter) -> Condition:
    """Take a requester's own incidents: under way or ended; words find both."""
    under_way = Incident.state.in_([*OPEN, "resolved"])
    wanted = sa.true() if narrowed.text else under_way if is_open else sa.not_(under_way)
    mine = Incident.requester_id == reader.person.id
    return sa.and_(mine, wanted, narrowed.condition(reader))


def recent_titles(session: Session, services: Sequence[int]) -> list[tuple[int, str, int]]:
    """Give service, title and requester of the newest incidents, but for confidential ones."""
    query = sa.select(Incident.service_id, Incident.title, Incident.requester_id).where(
        Incident.confidential.is_(False), Incident.service_id.in_(services)
    )
    rows = session.execute(query.order_by(Incident.number.desc()).limit(RECENT))
    return [(service, title, requester) for service, title, requester in rows]


def is_desk_side(person: Person) -> bool:
    """Say whether a person sees incidents as the desk does."""
    return reach(person, Act.SEE_INCIDENT) == Reach.ALL
