"""F7: what is behind one mark of a chart: the cases of a month, a party, a way between tiers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from servicedesk.reports.cases import Case, Frame
from servicedesk.reports.charts import Link
from servicedesk.reports.contents import Contents
from servicedesk.reports.facts import Fact, HandOffFact
from servicedesk.reports.figures import Figure
from servicedesk.reports.periods import read_period
from servicedesk.reports.tables import BANDS, tier_of
from servicedesk.setup.directory import Directory

Wanted = Mapping[str, str]
MONTH, NOBODY = "month", "none"


@dataclass(frozen=True)
class Marks:
    """Makes marks lead to what is behind them, in exactly this report."""

    carried: Mapping[str, Any]  # by every address of the page
    endpoint: str = "reports.figure"

    def __call__(self, id: str, said: str, **wanted: object) -> Link:
        """Give a mark's address and name."""
        return Link(url_for(self.endpoint, id=id, **self.carried, **_written(wanted)), said)


def _written(wanted: Mapping[str, object]) -> dict[str, Any]:
    return {name: NOBODY if said is None else str(said) for name, said in wanted.items()}


def asked(said: Wanted) -> dict[str, str]:
    """Read from an address what its cases are narrowed to."""
    return {name: said[name] for name in (MONTH, *KEEPS) if name in said}


def cases(contents: Contents, figure: Figure, wanted: Wanted) -> list[Case]:
    """List a figure's cases, or those of them that a mark stands for; raises ValueError."""
    found = contents.cases[figure.column]
    if MONTH in wanted:
        month = read_period(wanted[MONTH], contents.period.zone)
        frame = Frame(month, contents.frame.at, contents.frame.party)
        found = figure.of(contents.every, frame)
    if len(wanted) == (MONTH in wanted):
        return found
    facts = {fact.number: fact for fact in (contents.every if MONTH in wanted else contents.facts)}
    return [case for case in found if _kept(facts[case.number], case, wanted, figure, contents)]


def _kept(fact: Fact, case: Case, wanted: Wanted, figure: Figure, contents: Contents) -> bool:
    here = _Here(fact, case, figure, contents.frame, contents.setup)
    return all(KEEPS[name](here, said) for name, said in wanted.items() if name in KEEPS)


@dataclass(frozen=True, slots=True)
class _Here:
    """A case with what is known around it."""

    fact: Fact
    case: Case
    figure: Figure
    frame: Frame
    setup: Directory

    def tier(self, holder: str) -> str:
        """Write a holder's tier as an address has it."""
        tier = tier_of(self.setup, holder)
        return NOBODY if tier is None else str(tier)

    @property
    def handoff(self) -> HandOffFact | None:
        """Give the hand-off that it is about."""
        return next((h for h in self.fact.handoffs if h.n == self.case.handoff), None)


def _way(here: _Here, end: int, said: str) -> bool:
    return here.handoff is not None and str(here.handoff.tiers[end]) == said


def _aged(here: _Here, said: str) -> bool:
    days = (here.frame.until - here.fact.logged_at).days
    return str(bisect_right(BANDS, days)) == said


def _spent(here: _Here, said: str) -> bool:
    """Say whether some of the time that a breached clock had counted was in one's hands."""
    if here.case.value:
        return False
    kind = here.figure.id.split(".")[1]
    clocks = (c for c in here.fact.clocks if c.kind == kind and c.party is None and not c.met)
    return any(holder == said for clock in clocks for holder, _seconds in clock.spent)


def _held(here: _Here, said: str) -> bool:
    return any(held.end and here.tier(held.holder) == said for held in here.fact.held)


KEEPS: Mapping[str, Callable[[_Here, str], bool]] = {
    "service": lambda here, said: str(here.fact.service) == said,
    "priority": lambda here, said: here.fact.priority == said,
    "category": lambda here, said: (here.fact.category or "") == said,
    "channel": lambda here, said: here.fact.channel == said,
    "department": lambda here, said: (here.fact.department or "") == said,
    "type": lambda here, said: here.fact.type == said,
    "party": lambda here, said: here.case.party == said,
    "tier": lambda here, said: here.tier(here.case.party or here.fact.desk_group) == said,
    "sender": lambda here, said: _way(here, 0, said),
    "receiver": lambda here, said: _way(here, 1, said),
    "band": _aged,
    "spent": _spent,
    "hands": _held,
}
