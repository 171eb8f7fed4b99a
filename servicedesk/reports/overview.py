"""The months of the desk with what was sealed and the figures that lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.reports import embedded, queries, shelf
from servicedesk.reports.cases import Frame, Result
from servicedesk.reports.contents import ended, settled
from servicedesk.reports.facts import Fact
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.models import Report
from servicedesk.reports.periods import Period, fiscal_from, month_of, read_period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.recalling import Question, Recall, recalling
from servicedesk.reports.scopes import ALL, NoScope, Scope, read_scope
from servicedesk.setup.directory import Directory

AT_ONCE = 12
LEADING = (
    "requested_due.first", "sla.resolution", "sla.resolution.net", "intake", "resolved", "backlog",
)  # fmt: skip
MONTH = len("2026-10")  # letters of a month
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
class Other:
    """What was sealed besides the desk's months: of several months, or of a part."""

    period: Period
    scope: Scope | None  # None: of what is no longer there
    reports: Sequence[Report]  # of its latest revision, one a language
    results: Mapping[str, Result]


@dataclass(frozen=True)
class Others:
    """Some of them, the last sealed first, and the cursor of those before."""

    rows: Sequence[Other]
    before: int | None


@dataclass(frozen=True)
class Overview:
    """Some months, the latest first, and those from which earlier and later ones go on."""

    months: Sequence[Month]
    earlier: str | None = None
    later: str | None = None
    begun: datetime | None = None  # when the first incident was logged


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
        return Overview([], begun=first)
    sealed = queries.latest_sealed(session, [m.name for m in shown], scope.name, setup.zone)
    results = _worked_out(session, setup, scope, shown, sealed, now, known)
    months = [_month(m, sealed.get(m.name, []), results, setup, now) for m in reversed(shown)]
    earlier = shown[0].before if shown[0].first > begin.first else None
    later = _later(shown[-1], current)
    return Overview(months, earlier.name if earlier else None, later, first)


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
        with recalling(Question(setup, known, scope, now, now)) as recall:
            if recall:
                return {month.name: _tallied(recall, month) for month in missing}
        since = missing[0].start
        facts = queries.facts(session, setup, known, at=now, since=since, scope=scope)
        return {month.name: _leading(facts, Frame(month, now, scope.party)) for month in missing}

    return shelf.keep(key, make, len)


def _tallied(recall: Recall, month: Period) -> dict[str, Result]:
    found = recall.tally(month, settled=settled(month, recall.question.setup, recall.question.at))
    return {id: found.results[id] for id in LEADING}


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


def others(session: Session, setup: Directory, before: int = 0) -> Others:
    """List what was sealed besides the desk's months, from a cursor on: at most two queries."""
    keys = Report.period, Report.scope
    last = sa.func.max(Report.id)
    a_month = sa.and_(
        Report.scope == ALL, sa.func.length(Report.period) == MONTH, ~Report.period.contains("Q")
    )
    within = Report.zone == setup.zone, sa.not_(a_month)
    query = sa.select(*keys, last.label("last")).where(*within).group_by(*keys)
    if before:
        query = query.having(last < before)
    found = session.execute(query.order_by(last.desc()).limit(AT_ONCE + 1)).all()
    shown = found[:AT_ONCE]
    if not shown:
        return Others([], None)
    wanted = sa.tuple_(*keys).in_([(row.period, row.scope) for row in shown])
    by_key: dict[tuple[str, str], list[Report]] = {}
    rows = sa.select(Report).where(wanted, Report.zone == setup.zone)
    for row in session.scalars(rows.order_by(Report.revision.desc(), Report.language)):
        there = by_key.setdefault((row.period, row.scope), [])
        if not there or there[0].revision == row.revision:
            there.append(row)
    others = [_other(by_key[row.period, row.scope], setup) for row in shown]
    return Others(others, shown[-1].last if len(found) > AT_ONCE else None)


def _other(reports: list[Report], setup: Directory) -> Other:
    row = reports[0]
    try:
        scope = read_scope(row.scope, setup)
    except NoScope:
        scope = None
    period = read_period(row.period, row.zone, fiscal_from(setup))
    return Other(period, scope, reports, embedded.results(row.figures))
