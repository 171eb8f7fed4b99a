"""A report as a page: what was sealed or is known, and the cases behind its figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import times
from servicedesk.errors import BadInput
from servicedesk.incidents.models import HandOff, Incident
from servicedesk.incidents.visibility import handed, visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, reaches
from servicedesk.reports import narrowed, queries, shelf
from servicedesk.reports.cases import Case
from servicedesk.reports.commands import Asked, place
from servicedesk.reports.contents import ended
from servicedesk.reports.document import Document, Seal
from servicedesk.reports.figures import SECONDS, SHARE, Figure
from servicedesk.reports.models import Report
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import ALL
from servicedesk.reports.tables import OTHERS
from servicedesk.setup.directory import REQUESTER, Directory

AT_ONCE = 50


@dataclass(frozen=True)
class Page:
    """A period's page."""

    asked: Asked
    doc: Document
    sealed: Sequence[Report]  # every revision, the latest first
    newer: bool  # facts recorded since would change it
    ended: bool

    @property
    def latest(self) -> Sequence[Report]:
        """Give the latest revision, one row a language."""
        return [row for row in self.sealed if row.revision == self.sealed[0].revision]

    def part(self, key: str) -> str | None:
        """Give the scope that a row of a table is the report of; None where there is none."""
        said = self.doc.contents
        if said.scope.name != ALL or key in (OTHERS, REQUESTER):
            return None
        return said.key(key) if ":" in key else f"service:{said.setup.services[int(key)].key}"

    @property
    def exactly(self) -> dict[str, Any]:
        """Give what an address carries to be about exactly these figures."""
        return self.link | ({} if self.sealed else self.pins)

    @property
    def pins(self) -> dict[str, Any]:
        """Give the instant and the knowledge that these figures are of."""
        said = self.doc.contents
        return {"at": times.iso(said.frame.at), "known": said.known.event}

    @property
    def link(self) -> dict[str, Any]:
        """Give what every address of this page carries."""
        scope = self.asked.scope.name
        return {"period": self.asked.period.name, "scope": None if scope == ALL else scope}


def page(
    session: Session, setup: Directory, asked: Asked, *, now: datetime, known: Knowledge,
    at: str | None = None,
) -> Page:  # fmt: skip
    """Read a period: as its latest seal knows it, else as it is known."""
    sealed = queries.sealed(session, *place(asked))
    moment = _moment(at, now) if at else shelf.moment(now, known)
    period, scope = asked.period, asked.scope
    said = shelf.contents(session, setup, period, scope, now=moment, known=known)
    newer = bool(sealed) and said.digest_as(sealed[0].definitions) != sealed[0].digest
    if newer:
        then = Knowledge(sealed[0].cutoff_event, sealed[0].cutoff_at)
        said = shelf.contents(session, setup, period, scope, now=moment, known=then)
    revision = sealed[0].revision if sealed else None
    return Page(asked, Document(said, Seal(revision)), sealed, newer, ended(period, setup, now))


def _moment(at: str, now: datetime) -> datetime:
    """Read the instant that a draft was shown at; raises BadInput."""
    try:
        return min(times.parse(at), now)
    except ValueError:
        raise BadInput(_("This address is not a page.")) from None


@dataclass(frozen=True)
class Rows:
    """Some of a figure's cases."""

    cases: Sequence[Case]
    counts: dict[str, int]
    withheld: int  # §9: of all that are listed, those of which the reader has the number alone
    start: int
    before: str | None  # cursors of the pages beside this one; "" is the first
    after: str | None


CASES_BY: Mapping[str, Callable[[Case], Any]] = {
    "number": lambda case: (),
    "when": lambda case: case.at.timestamp() if case.at else 0,
    "value": lambda case: case.value,
}
SORTS = (*CASES_BY, *(f"-{name}" for name in CASES_BY))
SHOWN = ("all", "yes", "no")


def usual(figure: Figure) -> str:
    """Say which of its cases are as many as the figure says: of a number those that count."""
    return "all" if figure.unit in (SHARE, SECONDS) else "yes"


@dataclass(frozen=True)
class Narrowed:
    """Which of a figure's cases are asked for, in which order, and from where on."""

    show: str = "all"
    sort: str = "number"
    after: str = ""
    wanted: Mapping[str, str] = field(default_factory=dict)  # what a mark or a row stands for

    @classmethod
    def read(cls, args: Mapping[str, str], figure: Figure) -> Narrowed:
        """Read an address; what makes no sense is not asked for."""
        show, sort = args.get("show", ""), args.get("sort", "")
        return cls(
            show if show in SHOWN else usual(figure),
            sort if sort in SORTS else "number",
            args.get("after", "")[:60],
            narrowed.asked(args),
        )

    def said(self, **changes: str | None) -> dict[str, str]:
        """Give what an address carries of it, but where it goes on."""
        found = {**self.wanted, "show": self.show, "sort": self.sort, **changes}
        return {name: text for name, text in found.items() if text}


def chosen(page: Page, figure: Figure, asked: Narrowed) -> dict[str, list[Case]]:
    """Give a figure's cases in their order: all, those that count, and those that do not.

    They go by number unless sorted otherwise; those without a date come last.
    """
    sort, down = asked.sort, asked.sort.startswith("-")
    found = narrowed.cases(page.doc.contents, figure, asked.wanted)
    every = sorted(found, key=lambda c: (c.number, c.handoff or 0), reverse=down)
    every.sort(key=CASES_BY[sort.removeprefix("-")], reverse=down)
    every.sort(key=lambda case: "when" in sort and case.at is None)
    return {
        "all": every,
        "yes": [case for case in every if case.value],
        "no": [case for case in every if not case.value],
    }


def cases(page: Page, figure: Figure, asked: Narrowed, unseen: Collection[int] = ()) -> Rows:
    """Give a figure's cases from a cursor on."""
    kept = chosen(page, figure, asked)
    wanted = kept[asked.show]
    names = list(_names(wanted))
    start = names.index(asked.after) + 1 if asked.after in names else 0
    end, earlier = start + AT_ONCE, start - AT_ONCE
    return Rows(
        wanted[start:end],
        {name: len(found) for name, found in kept.items()},
        sum(case.number in unseen for case in wanted),
        start,
        (names[earlier - 1] if earlier > 0 else "") if start else None,
        names[end - 1] if end < len(wanted) else None,
    )


def _names(cases: Iterable[Case]) -> Iterator[str]:
    """Name each case for a cursor: an incident may count more than once."""
    there: dict[tuple[int, int], int] = defaultdict(int)
    for case in cases:
        key = case.number, case.handoff or 0
        there[key] += 1
        yield f"{key[0]}-{key[1]}-{there[key]}"


def unseen(session: Session, person: Person, numbers: Iterable[int]) -> set[int]:
    """§9: take the incidents of which a person may not see more than the number: one query."""
    if Reach.ALL in reaches(person, Act.SEE_INCIDENT):
        hidden = sa.not_(sa.func.coalesce(visible(person), sa.false()))
        query = sa.select(Incident.number).where(Incident.confidential, hidden)
        return set(numbers).intersection(session.scalars(query))
    return set(numbers).difference(sheets(session, person))


def sheets(session: Session, person: Person) -> dict[int, int]:
    """H8: give the last hand-off to a person's company of each incident that was handed to it."""
    query = sa.select(Incident.number, sa.func.max(HandOff.n)).join(HandOff.incident)
    query = query.where(handed(person)).group_by(Incident.number)
    return {number: n for number, n in session.execute(query)}  # noqa: C416, typed rows


def titles(session: Session, person: Person, cases: Iterable[Case]) -> dict[int, str]:
    """§9, H8: give the titles that a person may see of some cases: one query."""
    sees = sa.or_(visible(person), was_handed(person))
    return queries.visible_titles(session, [case.number for case in cases], sees)


def was_handed(person: Person) -> sa.ColumnElement[bool]:
    """H8: give the condition on Incident for what was handed to a person's company."""
    theirs = sa.exists().where(HandOff.incident_id == Incident.id, handed(person))
    return theirs.correlate(Incident)


def scopes(setup: Directory) -> list[tuple[str, list[tuple[str, str]]]]:
    """List what a report can be about, in groups: keys and names."""
    parties = [party for party in setup.parties.values() if party.active]
    services = [service for service in setup.services.values() if service.active]
    return [
        (_("Services"), [(f"service:{s.key}", s.name) for s in services]),
        (_("Support groups"), [(f"group:{p.key}", p.name) for p in parties if not p.is_partner]),
        (_("Partner companies"), [(f"partner:{p.key}", p.name) for p in parties if p.is_partner]),
    ]
