"""The months of the desk with what was sealed and the figures that lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from servicedesk.reports import embedded, queries, shelf
from servicedesk.reports.cases import Frame, Result
from servicedesk.reports.contents import ended
from servicedesk.reports.facts import Fact
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.models import Report
from servicedesk.reports.periods import Period, month_of
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from servicedesk.setup.directory import Directory

AT_ONCE = 12
LEADING = (
    "requested_due.first", "sla.resolution", "sla.resolution.net", "intake", "resolved", "backlog",
)  # fmt: skip
RUNNING, ENDED, SEALED = "running", "ended", "sealed"


@dataclass(frozen=True)
class Month:
    """A month: sealed, ended but not sealed, or still running."""

    period: Period
    state: str
    reports: Sequence[Report]  # of its latest revision, one a language
    results: Mapping[str, Result]

    @property
    def revision(self) -> int | None:
        """Give the latest revision, if it is sealed."""
        return self.reports[0].revision if self.reports else None


@dataclass(frozen=True)
class Overview:
    """Some months, the latest first, and those from which earlier and later ones go on."""

    months: Sequence[Month]
    earlier: str | None = None
    later: str | None = None


def overview(
    session: Session, setup: Directory, scope: Scope, *, now: datetime, known: Knowledge,
    last: str | None = None,
) -> Overview:  # fmt: skip
    """List the months up to one of them, the current one when left out."""
    first = queries.first_logged_at(session)
    if first is None:
        return Overview([])
    begin, current = month_of(first, setup.zone), month_of(now, setup.zone)
    shown = [m for m in _up_to(current, last) if m.first >= begin.first]
    if not shown:
        return Overview([])
    sealed = queries.latest_sealed(session, [m.name for m in shown], scope.name, setup.zone)
    results = _worked_out(session, setup, scope, shown, sealed, now, known)
    months = [_month(m, sealed.get(m.name, []), results, setup, now) for m in reversed(shown)]
    earlier = shown[0].before if shown[0].first > begin.first else None
    later = _later(shown[-1], current)
    return Overview(months, earlier.name if earlier else None, later)


def _up_to(current: Period, last: str | None) -> list[Period]:
    end = current
    while last is not None and end.name > last and end.first.year > 1970:
        end = end.before
    return end.months_to_here(AT_ONCE)


def _later(shown: Period, current: Period) -> str | None:
    if shown.first >= current.first:
        return None
    return min(shown.moved(AT_ONCE).name, current.name)


def _worked_out(
    session: Session,
    setup: Directory,
    scope: Scope,
    shown: Sequence[Period],
    sealed: Mapping[str, Sequence[Report]],
    now: datetime,
    known: Knowledge,
) -> dict[str, dict[str, Result]]:
    """Work out the leading figures of the months that are not sealed."""
    missing = [month for month in shown if month.name not in sealed]
    if not missing:
        return {}
    key = (str(session.get_bind().engine.url), setup.revision, scope, known.event, now,
           tuple(month.name for month in missing))  # fmt: skip

    def make() -> dict[str, dict[str, Result]]:
        since = missing[0].start
        facts = queries.facts(session, setup, known, at=now, since=since, scope=scope)
        return {month.name: _leading(facts, Frame(month, now, scope.party)) for month in missing}

    return shelf.keep(key, make, len)


def _leading(facts: Sequence[Fact], frame: Frame) -> dict[str, Result]:
    return {id: BY_ID[id].result(facts, frame) for id in LEADING}


def _month(
    period: Period,
    reports: Sequence[Report],
    results: Mapping[str, Mapping[str, Result]],
    setup: Directory,
    now: datetime,
) -> Month:
    if reports:
        return Month(period, SEALED, reports, embedded.results(reports[0].figures))
    state = ENDED if ended(period, setup, now) else RUNNING
    return Month(period, state, [], results[period.name])
