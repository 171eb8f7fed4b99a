"""The major incidents of a period: from when to when, their updates, what their reviews want."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from servicedesk.reports.cases import Frame
from servicedesk.reports.facts import Fact, MajorFact


@dataclass(frozen=True, slots=True)
class Major:
    """A major incident that went on in the period, as it stood at its end."""

    fact: Fact
    major: MajorFact
    over_at: datetime | None  # None: it went on
    updates: int
    missed: int

    @property
    def lasted(self) -> int | None:
        """Give the time to stand down, in seconds."""
        if self.over_at is None:
            return None
        return int((self.over_at - self.major.confirmed_at).total_seconds())


def majors(facts: Iterable[Fact], frame: Frame) -> list[Major]:
    """List the major incidents that went on in the period, the earliest first."""
    found = [
        _major(fact, one, frame.until)
        for fact in facts
        for one in fact.majors
        if one.confirmed_at < frame.until
        and (one.over_at is None or one.over_at >= frame.period.start)
    ]
    return sorted(found, key=lambda row: (row.major.confirmed_at, row.fact.number))


def _major(fact: Fact, one: MajorFact, until: datetime) -> Major:
    over_at = one.over_at if one.over_at and one.over_at < until else None
    updates, missed = (sum(at < until for at in said) for said in (one.updates, one.missed))
    return Major(fact, one, over_at, updates, missed)


# What the journal does not hold


@dataclass(frozen=True, slots=True)
class ActionSaid:
    """What the review of a major incident wants done, by whom and by when."""

    text: str
    who: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class MajorSaid:
    """The words of a major incident, which are not in the journal."""

    headline: str
    actions: tuple[ActionSaid, ...] = ()
