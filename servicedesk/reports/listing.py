"""A report as a page: what was sealed or is known, and the cases behind its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import times
from servicedesk.errors import BadInput
from servicedesk.reports import queries, shelf
from servicedesk.reports.cases import Case
from servicedesk.reports.commands import Asked, place
from servicedesk.reports.contents import ended
from servicedesk.reports.document import Document, Seal
from servicedesk.reports.figures import Figure
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
    def exactly(self) -> dict[str, str | int | None]:
        """Give what an address carries to be about exactly these figures."""
        said = self.doc.contents
        mine = {"at": times.iso(said.frame.at), "known": said.known.event}
        return self.link | ({} if self.sealed else mine)

    @property
    def link(self) -> dict[str, str | int | None]:
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
    start: int
    before: int | None
    after: int | None


CASES_BY: Mapping[str, Callable[[Case], Any]] = {
    "number": lambda case: (),
    "when": lambda case: case.at.timestamp() if case.at else 0,
    "value": lambda case: case.value,
}
SORTS = (*CASES_BY, *(f"-{name}" for name in CASES_BY))


def cases(page: Page, figure: Figure, show: str, start: int, sort: str = "number") -> Rows:
    """Give a figure's cases from one on: all, those that count, or those that do not.

    They go by number unless sorted otherwise; those without a date come last.
    """
    found, down = page.doc.contents.cases[figure.column], sort.startswith("-")
    every = sorted(found, key=lambda c: (c.number, c.handoff or 0), reverse=down)
    every.sort(key=CASES_BY[sort.removeprefix("-")], reverse=down)
    every.sort(key=lambda case: "when" in sort and case.at is None)
    kept = {
        "all": every,
        "yes": [case for case in every if case.value],
        "no": [case for case in every if not case.value],
    }
    wanted = kept.get(show, every)
    start = max(0, min(start, len(wanted)))
    end = start + AT_ONCE
    return Rows(
        wanted[start:end],
        {name: len(found) for name, found in kept.items()},
        start,
        max(0, start - AT_ONCE) if start else None,
        end if end < len(wanted) else None,
    )


def scopes(setup: Directory) -> list[tuple[str, list[tuple[str, str]]]]:
    """List what a report can be about, in groups: keys and names."""
    parties = [party for party in setup.parties.values() if party.active]
    services = [service for service in setup.services.values() if service.active]
    return [
        (_("Services"), [(f"service:{s.key}", s.name) for s in services]),
        (_("Support groups"), [(f"group:{p.key}", p.name) for p in parties if not p.is_partner]),
        (_("Partner companies"), [(f"partner:{p.key}", p.name) for p in parties if p.is_partner]),
    ]
