"""What counts in a figure, incident by incident, and how it adds up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from servicedesk.escalation import path
from servicedesk.reports.facts import CANCELLED, OPEN, RESOLVED, DateFact, Fact
from servicedesk.reports.periods import Period


@dataclass(frozen=True, slots=True)
class Frame:
    """What a figure is given for: a period, as judged at an instant, of a party or of all."""

    period: Period
    at: datetime
    party: str | None = None

    @property
    def until(self) -> datetime:
        """Give the end of the period, or the instant up to which it has come."""
        return min(self.period.end, self.at)


@dataclass(frozen=True, slots=True)
class Case:
    """What counts once in a figure: its value, and who answers for it."""

    number: int
    value: int  # 1 or 0; seconds
    party: str | None = None
    at: datetime | None = None
    handoff: int | None = None
    day: date | None = None  # a date that is a day: `at` is the end of it


@dataclass(frozen=True, slots=True)
class Result:
    """A figure's value: a count, seconds, or an exact share."""

    value: int | None  # None for a share: that is numerator ÷ denominator
    numerator: int | None = None
    denominator: int | None = None  # of a time: how many there were

    @property
    def empty(self) -> bool:
        """F5: say whether there was nothing to count."""
        return self.value is None and not self.denominator

    @property
    def number(self) -> float | None:
        """Give it as one number: the value, or the share; None where there is none."""
        if self.value is not None:
            return self.value
        return (self.numerator or 0) / self.denominator if self.denominator else None


Cases = Callable[[Fact, Frame], Iterator[Case]]
Total = Callable[[Sequence[int]], Result]


# What cases add up to


def count(values: Sequence[int]) -> Result:
    """Add up."""
    return Result(sum(values))


def share(values: Sequence[int]) -> Result:
    """F5: divide exactly."""
    return Result(None, sum(values), len(values))


def mean(values: Sequence[int]) -> Result:
    """Give the mean in whole seconds, rounded up; none of nothing."""
    if not values:
        return Result(None, 0, 0)
    return Result(-(-sum(values) // len(values)), sum(values), len(values))


def percentile(percent: int) -> Total:
    """Give the nearest rank: the smallest value that so many per cent of all do not exceed."""

    def total(values: Sequence[int]) -> Result:
        if not values:
            return Result(None, None, 0)
        rank = -(-percent * len(values) // 100)
        return Result(sorted(values)[max(rank, 1) - 1], None, len(values))

    return total


# Which cases there are


def logged(value: Callable[[Fact], bool]) -> Cases:
    """F4: take what was logged in the period."""

    def cases(fact: Fact, frame: Frame) -> Iterator[Case]:
        if frame.period.holds(fact.logged_at):
            yield Case(fact.number, int(value(fact)), at=fact.logged_at)

    return cases


def resolved(value: Callable[[Fact], int | None]) -> Cases:
    """F4: take what is resolved, for the last time in the period."""

    def cases(fact: Fact, frame: Frame) -> Iterator[Case]:
        if fact.state == RESOLVED and frame.period.holds(fact.resolved_at):
            yield Case(fact.number, int(value(fact) or 0), at=fact.resolved_at)

    return cases


def still_open(value: Callable[[Fact, Frame], bool]) -> Cases:
    """F4: take what is open at the end of the period."""

    def cases(fact: Fact, frame: Frame) -> Iterator[Case]:
        if fact.open_at(frame.until):
            holder = fact.holder_before(frame.until)
            yield Case(fact.number, int(value(fact, frame)), holder, fact.logged_at)

    return cases


def past_due(fact: Fact, frame: Frame) -> bool:
    """Say whether the current wish had passed by the end of the period."""
    return fact.wish is not None and fact.wish.late_from <= frame.until


def _falls(said: DateFact, frame: Frame) -> bool:
    """F2: say whether a date falls in the period: a day by its date, an instant by itself."""
    if frame.party not in (None, said.party):
        return False
    return frame.period.holds_day(said.day) if said.day else frame.period.holds(said.due)


def _in_time(fact: Fact, said: DateFact, frame: Frame) -> bool | None:
    """F2: judge a date at the last resolution; None: it is ahead, or was cancelled before it."""
    if fact.state == OPEN:
        return None if frame.at < said.late_from else False
    in_time = fact.ended_at is not None and fact.ended_at < said.late_from
    return None if in_time and fact.state == CANCELLED else in_time


def dated(
    choose: Callable[[Fact], DateFact | None],
    within: Callable[[Fact], bool] = lambda fact: True,
    value: Callable[[Fact, bool], int] = lambda fact, in_time: in_time,
) -> Cases:
    """F2: take what has a date in the period, and judge it."""

    def cases(fact: Fact, frame: Frame) -> Iterator[Case]:
        said = choose(fact)
        if said is None or not _falls(said, frame) or not within(fact):
            return
        in_time = _in_time(fact, said, frame)
        if in_time is not None:
            counted = int(value(fact, in_time))
            yield Case(fact.number, counted, said.party, said.due, day=said.day)

    return cases


def ahead(fact: Fact, frame: Frame) -> Iterator[Case]:
    """F2: take wishes in the period that are still ahead."""
    wish = fact.wish
    if wish and _falls(wish, frame) and fact.state == OPEN and frame.at < wish.late_from:
        yield Case(fact.number, 1, wish.party, wish.due, day=wish.day)


def decided(kind: str, whose: str = "", *, net: bool = False) -> Cases:
    """F3: take clocks decided in the period; a party's report takes its own alone.

    `net`: as they are decided without what is excluded (C11).
    """

    def cases(fact: Fact, frame: Frame) -> Iterator[Case]:
        for clock in fact.clocks:
            if clock.kind != kind or (clock.party or "").partition(":")[0] != whose:
                continue
            verdict = clock.net if net and clock.net else clock
            if not frame.period.holds(verdict.at):
                continue
            if clock.party is None or frame.party in (None, clock.party):
                met = int(verdict.met)
                yield Case(fact.number, met, verdict.holder, verdict.at, clock.handoff)

    return cases


def excluded(fact: Fact, frame: Frame) -> Iterator[Case]:
    """C11: take exclusions approved in the period; a party's report those of clocks it shows."""
    for one in fact.exclusions:
        if frame.period.holds(one.decided_at) and one.is_of(frame.party):
            yield Case(fact.number, 1, at=one.decided_at)


def sent(fact: Fact, frame: Frame) -> Iterator[Case]:
    """Take hand-offs sent in the period; in a party's report those that it sent or got."""
    for handoff in fact.handoffs:
        ends = (None, handoff.sender, handoff.receiver)
        if frame.period.holds(handoff.sent_at) and frame.party in ends:
            yield Case(fact.number, 1, handoff.receiver, handoff.sent_at, handoff.n)


def majors(fact: Fact, frame: Frame) -> Iterator[Case]:
    """Take major incidents confirmed in the period."""
    for one in fact.majors:
        if frame.period.holds(one.confirmed_at):
            yield Case(fact.number, 1, at=one.confirmed_at)


def updates_missed(fact: Fact, frame: Frame) -> Iterator[Case]:
    """Take updates of major incidents that were noted as missing in the period."""
    for at in (at for one in fact.majors for at in one.missed):
        if frame.period.holds(at):
            yield Case(fact.number, 1, at=at)


def escalated(fact: Fact) -> bool:
    """F4: say whether it was ever handed to a higher tier or to a partner."""
    return any(path.upward(handoff.direction) for handoff in fact.handoffs)
