"""The figures of a history worked out again, in plain Python over its CSV, the simplest way."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

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
    resolved: datetime | None = None
    reopened: int = 0
    returns: int = 0
    handoffs: list[tuple[datetime, int, int]] = field(default_factory=list)  # from tier to tier
    opened: list[Span] = field(default_factory=list)
    running: list[Span] = field(default_factory=list)  # open and not on hold
    priorities: list[tuple[datetime, str]] = field(default_factory=list)

    def seconds(self) -> int:
        return sum(int((end - start).total_seconds()) for start, end in self.opened)


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
        if row["group"] and row["group"] != it.groups[-1]:
            it.handoffs.append((at, tier[it.groups[-1]], tier[row["group"]]))
            it.returns += row["group"] in it.groups
            it.groups.append(row["group"])
            it.tiers.add(tier[row["group"]])
        it.state = row["state"] or it.state
        now_open = it.state in OPEN
        if it.open:
            it.opened.append((since, at))
            if not held:
                it.running.append((since, at))
            if not now_open:
                it.resolved = at if it.state in DONE else None
        elif now_open:
            it.reopened += 1
            it.resolved = None
        since, held, it.open = at, it.state == "on_hold", now_open
    return it


def _at(row: dict[str, str]) -> datetime:
    return datetime.fromisoformat(row["at"]).astimezone(UTC)


def nearest_rank(values: Iterable[int], percent: int) -> int:
    ordered = sorted(values)
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1]


def resolution(it: Told, targets: dict[str, int], until: datetime) -> tuple[str, datetime] | None:
    """Judge the resolution clock, which runs round the clock: met or breached, and when."""
    running = list(it.running) + ([] if not it.open else [(it.opened[-1][1], until)])
    if it.open and it.state == "on_hold":
        running = list(it.running)
    counted = timedelta()
    for start, end in running:
        for since, to, target in _pieces(start, end, it.priorities, targets):
            if counted > target:
                return "breached", since  # the new target made it late at once
            if counted + (to - since) > target:
                return "breached", since + (target - counted)
            counted += to - since
    return ("met", it.resolved) if it.resolved else None


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
