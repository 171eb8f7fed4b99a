"""The figures of a history worked out again, in plain Python over its CSV, the simplest way."""

from __future__ import annotations

import csv
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import yaml

OPEN = ("new", "in_progress", "on_hold")
DONE = ("resolved", "closed")
Span = tuple[datetime, datetime]


@dataclass
class Told:
    """What the rows of one incident come to."""

    logged: datetime
    tiers: set[int]
    groups: list[str]
    open: bool = True
    state: str = ""
    asked: bool = False  # the requester has it
    resolved: datetime | None = None
    stopped: datetime | None = None  # for the first time
    reopened: int = 0
    returns: int = 0
    cancelled: datetime | None = None
    handoffs: list[tuple[datetime, int, int]] = field(default_factory=list)  # from tier to tier
    given: list[tuple[datetime, str]] = field(default_factory=list)
    visits: list[tuple[str, Span]] = field(default_factory=list)  # in whose hands, of groups
    opened: list[Span] = field(default_factory=list)
    running: list[Span] = field(default_factory=list)  # open and not on hold
    priorities: list[tuple[datetime, str]] = field(default_factory=list)

    def seconds(self) -> int:
        return sum(int((end - start).total_seconds()) for start, end in self.opened)

    def open_before(self, instant: datetime) -> bool:
        since = self.opened[-1][1] if self.opened else self.logged
        still = self.open and since < instant
        return still or any(start < instant <= end for start, end in self.opened)


def read(folder: Path) -> list[Told]:
    """Read a whole history."""
    desk = yaml.safe_load((folder / "desk.yaml").read_text(encoding="utf-8"))
    with (folder / "history.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    by_incident: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_incident.setdefault(row["incident"], []).append(row)
    return [_told(mine, desk) for mine in by_incident.values()]


def _told(rows: list[dict[str, str]], desk: dict[str, Any]) -> Told:
    tier = {key: group["tier"] for key, group in desk["groups"].items()}
    first = rows[0]
    it = Told(_at(first), {tier[first["group"]]}, [first["group"]])
    impact, urgency = "2", "2"
    since, held = it.logged, False
    for row in rows:
        at = _at(row)
        impact, urgency = row["impact"] or impact, row["urgency"] or urgency
        priority = desk["priorities"][f"{impact},{urgency}"]
        if not it.priorities or it.priorities[-1][1] != priority:
            it.priorities.append((at, priority))
        if it.open and not it.asked and since < at:
            it.visits.append((it.groups[-1], (since, at)))
        if row["group"] and row["group"] != it.groups[-1]:
            _give(it, at, row["group"], tier)
        it.state = row["state"] or it.state
        now_open = it.state in OPEN
        if it.open:
            it.opened.append((since, at))
            it.running += [] if held else [(since, at)]
            if not now_open:
                _stop(it, at)
        elif now_open:
            it.reopened += 1
            it.resolved = None
        it.asked = it.state == "on_hold" and (row["hold"] or "requester" * it.asked) == "requester"
        since, held, it.open = at, it.state == "on_hold", now_open
    return it


def _give(it: Told, at: datetime, group: str, tier: Mapping[str, int]) -> None:
    it.given.append((at, group))
    it.handoffs.append((at, tier[it.groups[-1]], tier[group]))
    it.returns += group in it.groups
    it.groups.append(group)
    it.tiers.add(tier[group])


def _stop(it: Told, at: datetime) -> None:
    it.stopped = it.stopped or at
    it.resolved = at if it.state in DONE else None
    it.cancelled = at if it.state == "cancelled" else None


def _at(row: dict[str, str]) -> datetime:
    return datetime.fromisoformat(row["at"]).astimezone(UTC)


def nearest_rank(values: Iterable[int], percent: int) -> int:
    ordered = sorted(values)
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1]


def resolution(it: Told, targets: dict[str, int], until: datetime) -> tuple[str, datetime] | None:
    """Judge the resolution clock, which runs round the clock: met or breached, and when."""
    running = list(it.running)
    if it.open and it.state != "on_hold":
        running.append((it.opened[-1][1], until))
    late = _late(it, running, targets)
    if late:
        return "breached", late
    return ("met", it.resolved) if it.resolved else None


def response(it: Told, targets: dict[str, int], until: datetime) -> tuple[str, datetime] | None:
    """Judge the first response where nobody answered: at the first resolution, without pauses."""
    late = _late(it, [(it.logged, it.stopped or until)], targets)
    if late:
        return "breached", late
    return ("met", it.stopped) if it.stopped and it.stopped != it.cancelled else None


def _late(it: Told, running: Iterable[Span], targets: dict[str, int]) -> datetime | None:
    counted = timedelta()
    for start, end in running:
        for since, to, target in _pieces(start, end, it.priorities, targets):
            if counted > target:
                return since  # the new target made it late at once
            if counted + (to - since) > target:
                return since + (target - counted)
            counted += to - since
    return None


class Office:
    """Working hours, as a list of what lies between opening and closing."""

    def __init__(self, zone: str, country: str, years: range) -> None:
        self.opens: list[datetime] = []
        self.closes: list[datetime] = []
        self.before: list[int] = [0]  # seconds worked before each window
        off = holidays.country_holidays(country, years=years)
        day = date(years[0], 1, 1)
        while day.year in years:
            if day.weekday() < 5 and day not in off:
                self._open(day, ZoneInfo(zone))
            day += timedelta(days=1)

    def _open(self, day: date, zone: ZoneInfo) -> None:
        for begin, end in ((8, 12), (13, 17)):
            both = (
                datetime.combine(day, time(hour), zone).astimezone(UTC) for hour in (begin, end)
            )
            start, stop = both
            self.opens.append(start)
            self.closes.append(stop)
            self.before.append(self.before[-1] + int((stop - start).total_seconds()))

    def until(self, instant: datetime) -> int:
        """Count what was worked up to an instant."""
        n = bisect_right(self.opens, instant)
        if n == 0:
            return 0
        worked = min(instant, self.closes[n - 1]) - self.opens[n - 1]
        return self.before[n - 1] + int(worked.total_seconds())

    def between(self, span: Span) -> int:
        return self.until(span[1]) - self.until(span[0])

    def reached(self, worked: int) -> datetime:
        """Give the earliest instant up to which so much was worked."""
        n = bisect_right(self.before, worked - 1)
        return self.opens[n - 1] + timedelta(seconds=worked - self.before[n - 1])


def holdings(
    it: Told, office: Office, minutes: Mapping[str, int], until: datetime
) -> dict[str, tuple[str, datetime]]:
    """Judge how long each group held it: met at the end of its last visit, or breached."""
    found: dict[str, tuple[str, datetime]] = {}
    worked: Counter[str] = Counter()
    reached: dict[str, datetime] = {}
    visits = list(it.visits)
    holds = it.open and not it.asked
    if holds:
        visits.append((it.groups[-1], (it.opened[-1][1], until)))
    for n, (group, span) in enumerate(visits):
        if found.get(group, ("",))[0] == "breached":
            continue
        left, seconds = minutes[group] * 60 - worked[group], office.between(span)
        if 0 < left <= seconds:  # C3, C10: reached, even if it is missed only later
            reached[group] = office.reached(office.until(span[0]) + left)
        worked[group] += seconds
        found[group] = ("breached", reached[group]) if seconds > left else ("met", span[1])
        runs = holds and n == len(visits) - 1
        if found[group][0] == "met" and (runs or span[1] == it.cancelled):
            del found[group]
    return found


def _pieces(
    start: datetime, end: datetime, priorities: list[tuple[datetime, str]], targets: dict[str, int]
) -> Iterable[tuple[datetime, datetime, timedelta]]:
    """Cut a stretch where the priority, and with it the target, changed."""
    changes = [at for at, _priority in priorities if start < at < end]
    edges = [start, *changes, end]
    for since, to in pairwise(edges):
        priority = [name for at, name in priorities if at <= since][-1]
        yield since, to, timedelta(minutes=targets[priority])


def by_minutes(
    begin: datetime, end: datetime, paused: list[Span], excluded: list[Span], target: int
) -> tuple[bool, bool]:
    """Count a clock that runs round the clock minute by minute: met gross, met net?"""
    gross = net = 0
    at = begin
    while at < end:
        counts = not any(start <= at < stop for start, stop in paused)
        gross += counts
        net += counts and not any(start <= at < stop for start, stop in excluded)
        at += timedelta(minutes=1)
    return gross <= target, net <= target
