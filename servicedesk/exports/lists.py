"""The desk's lists, by the name that addresses give them: who has them, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.exports.sheet import MOST, Sheet
from servicedesk.incidents.models import Incident
from servicedesk.incidents.queries import Reader
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, reaches
from servicedesk.reports.cases import Case
from servicedesk.reports.periods import Period, fiscal_from, month_of
from servicedesk.setup.directory import REQUESTER, Directory

AT_ONCE = 1000


@dataclass(frozen=True)
class Asked:
    """Which list is asked for, by whom: what its page's address says."""

    session: Session
    person: Person
    setup: Directory
    now: datetime
    args: Mapping[str, str]

    def said(self, name: str) -> str:
        """Give a word of the address."""
        return self.args.get(name, "").replace("\0", "").strip()[:200]

    @cached_property
    def reader(self) -> Reader:
        """Say who reads."""
        return Reader(self.person, self.setup, self.now)

    @property
    def month(self) -> Period:
        """Give the running month."""
        return month_of(self.now, self.setup.zone, fiscal_from(self.setup))

    def party(self, ref: str | None) -> str:
        """Name a party; the requester by that word."""
        if ref == REQUESTER:
            return _("Requester")
        return self.setup.parties[ref].name if ref and ref in self.setup.parties else ""

    def titled(
        self, cases: Iterable[Case], sees: sa.ColumnElement[bool]
    ) -> Iterator[tuple[Case, str | None]]:
        """§9: give cases with the titles that may be seen, else None; a query for so many."""
        some = iter(cases)
        while few := list(islice(some, AT_ONCE)):
            numbers = {case.number for case in few}
            query = sa.select(Incident.number, Incident.title)
            rows = self.session.execute(query.where(Incident.number.in_(numbers), sees))
            titles = {row.number: row.title for row in rows}
            yield from ((case, titles.get(case.number)) for case in few)

    def stream(self, query: Any) -> Any:
        """Read rows a few at a time, and no more than a file takes."""
        wanted = query.limit(MOST + 1).execution_options(yield_per=AT_ONCE)
        return self.session.execute(wanted)


@dataclass(frozen=True)
class List:
    """A list: the right and the reaches that open its page, and what makes it."""

    act: Act
    make: Callable[[Asked], Sheet]
    reaches: tuple[Reach, ...] = tuple(set(Reach) - {Reach.NONE})

    def is_for(self, person: Person) -> bool:
        """§9: say whether somebody has the page, and so the file."""
        return bool(reaches(person, self.act).intersection(self.reaches))


def at(day: date | None, instant: datetime | None) -> date | datetime | None:
    """D1: give a date as what it is: a day, or an instant."""
    return day or instant
