"""Figures of incidents told act by act, without any database."""

from __future__ import annotations

from collections.abc import Sequence

from servicedesk.reports.cases import Case, Frame, Result
from servicedesk.reports.contents import judged_at
from servicedesk.reports.facts import About, Fact, derive
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.periods import Period, read_period
from servicedesk.setup.directory import Party
from tests.cast import at
from tests.incidents.told import Told, directory

NOVEMBER = read_period("2026-11", "Asia/Tokyo")
OCTOBER = read_period("2026-10", "Asia/Tokyo")
DECEMBER = read_period("2026-12", "Asia/Tokyo")
LATER = "2027-01-15 09:00"


def fact(told: Told, now: str = LATER, number: int = 1) -> Fact:
    """Derive the fact of one incident."""
    return derive(told.act.work, About(number), at(now))


def facts(*told: Told, now: str = LATER) -> list[Fact]:
    """Derive the facts of some incidents, numbered from 1."""
    return [fact(one, now, number) for number, one in enumerate(told, 1)]


def frame(period: Period = NOVEMBER, now: str = LATER, party: Party | None = None) -> Frame:
    """Look at a period, at an instant."""
    until = judged_at(period, directory(), at(now))
    return Frame(period, until, party.ref if party else None)


def result(
    id: str,
    *told: Told,
    period: Period = NOVEMBER,
    now: str = LATER,
    party: Party | None = None,
) -> Result:
    """Work a figure out."""
    said = frame(period, now, party)
    return BY_ID[id].result(
        [derive(t.act.work, About(n), said.at) for n, t in enumerate(told)], said
    )


def kept(id: str, *told: Told, **how: object) -> tuple[int | None, int | None]:
    """Give the hits and cases of a share."""
    found = result(id, *told, **how)  # type: ignore[arg-type]
    return found.numerator, found.denominator


def value(id: str, *told: Told, **how: object) -> int | None:
    """Give a count or a time."""
    return result(id, *told, **how).value  # type: ignore[arg-type]


def values(cases: Sequence[Case]) -> list[int]:
    """Give the values of cases."""
    return [case.value for case in cases]
