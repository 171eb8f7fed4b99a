"""The figures of a past period, added up once over what had ended, and once more over the rest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from servicedesk.reports import cases, tables
from servicedesk.reports.cases import Case, Frame, Result
from servicedesk.reports.facts import Fact
from servicedesk.reports.figures import BY_ID, FIGURES, Figure
from servicedesk.reports.tables import Month, Volume
from servicedesk.sla.zones import epoch, utc

WISHES = "requested_due.first"
SUMS = (cases.count, cases.share, cases.mean)  # what can be added to later; a percentile cannot
ALL_TYPES = 99


@dataclass(frozen=True)
class Tally:
    """What a period comes to."""

    results: Mapping[str, Result]
    types: Mapping[str, tuple[int, int, int]]  # logged, resolved and left open, by type
    first: int | None  # when the first of its incidents was logged, in seconds since 1970

    @property
    def first_logged_at(self) -> datetime | None:
        """Give when the first of its incidents was logged."""
        return None if self.first is None else utc(self.first)

    def month(self, name: str) -> Month:
        """Give it as a month of the course over time."""
        rows = [Volume(key, *counts) for key, counts in self.types.items() if any(counts)]
        rows.sort(key=_largest_first)
        return Month(
            name,
            sum(row.intake for row in rows),
            sum(row.resolved for row in rows),
            sum(row.backlog for row in rows),
            self.results[WISHES],
            {row.key: row for row in rows},
        )


def _largest_first(row: Volume) -> tuple[int, int, str]:
    return -max(row.intake, row.resolved, row.backlog), -row.intake, row.key


def add_up(facts: Sequence[Fact], frame: Frame) -> Tally:
    """Add facts up."""
    found = _cases(facts, frame)
    results = {figure.id: figure.sum_up(found[figure.column]) for figure in FIGURES}
    return of(results, facts, frame)


def of(results: Mapping[str, Result], facts: Sequence[Fact], frame: Frame) -> Tally:
    """Make a tally of facts whose figures are known."""
    first = min((epoch(fact.logged_at) for fact in facts), default=None)
    return Tally(results, _types(facts, frame), first)


def added(tally: Tally, facts: Sequence[Fact], frame: Frame) -> Tally | None:
    """Add more facts to a tally; None where a percentile would be another one."""
    if not facts:
        return tally
    found = _cases(facts, frame)
    if any(found[figure.column] for figure in FIGURES if figure.total not in SUMS):
        return None
    more = {id: _sum(BY_ID[id], was, found[BY_ID[id].column]) for id, was in tally.results.items()}
    types = dict(tally.types)
    for key, counts in _types(facts, frame).items():
        a, b, c = types.get(key, (0, 0, 0))
        types[key] = a + counts[0], b + counts[1], c + counts[2]
    firsts = [tally.first, *(epoch(fact.logged_at) for fact in facts)]
    return Tally(more, types, min(at for at in firsts if at is not None))


def _cases(facts: Iterable[Fact], frame: Frame) -> dict[str, list[Case]]:
    by_column = {figure.column: figure for figure in FIGURES}
    return {name: figure.of(facts, frame) for name, figure in by_column.items()}


def _sum(figure: Figure, was: Result, more: Sequence[Case]) -> Result:
    if not more:
        return was
    found = figure.sum_up(more)
    if figure.total is cases.count:
        return Result((was.value or 0) + (found.value or 0))
    above = (was.numerator or 0) + (found.numerator or 0)
    below = (was.denominator or 0) + (found.denominator or 0)
    value = -(-above // below) if figure.total is cases.mean else None
    return Result(value, above, below)


def _types(facts: Sequence[Fact], frame: Frame) -> dict[str, tuple[int, int, int]]:
    rows = tables.volumes(facts, frame, lambda fact: fact.type, ALL_TYPES)
    return {row.key: (row.intake, row.resolved, row.backlog) for row in rows}


def write(tally: Tally) -> str:
    """Write it as JSON."""
    return json.dumps(asdict(tally), separators=(",", ":"))


def read(text: str) -> Tally | None:
    """Read it back; None where there are other figures now."""
    said: dict[str, Any] = json.loads(text)
    results = {id: Result(**one) for id, one in said["results"].items()}
    types = {key: (a, b, c) for key, (a, b, c) in said["types"].items()}
    return Tally(results, types, said["first"]) if results.keys() == BY_ID.keys() else None
