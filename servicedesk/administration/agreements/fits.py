"""Whether paths fit, arranged for tables: what is the same for several priorities is one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from servicedesk.setup.directory import Directory, Service
from servicedesk.setup.feasibility import CLOCKS, Fit, Verdict, feasibility
from servicedesk.sla.agreement import Target
from servicedesk.sla.calendar import Calendar


@dataclass(frozen=True)
class Shown:
    """One judgement with the set-up that it belongs to."""

    fit: Fit
    target: Target | None
    setup: Directory

    @property
    def calendar(self) -> Calendar:
        """Give the calendar that the customer's time is counted by, at the worst start."""
        walk = self.fit.worst
        agreement = self.fit.service.agreement
        terms = agreement.at(walk.start) if walk else agreement.versions[-1]
        return self.setup.calendars[terms.calendar]


@dataclass(frozen=True)
class Line:
    """What is so for some priorities of a service: as it stands, and by a draft if there is one."""

    clock: str
    priorities: tuple[str, ...]
    now: Shown | None
    then: Shown | None = None
    targets: tuple[tuple[Target | None, Target | None], ...] = ()  # as it stands, by the draft

    @property
    def differs(self) -> bool:
        """Say whether a draft changes the verdict."""
        return (
            self.now is None or self.then is None or self.now.fit.verdict != self.then.fit.verdict
        )

    @property
    def badness(self) -> int:
        """Order verdicts, by the draft if there is one; the worst is the highest."""
        shown = self.then or self.now
        return _WORST.index(shown.fit.verdict) if shown else 0


# The best first.
_WORST = (
    Verdict.NO_TARGET,
    Verdict.ALWAYS,
    Verdict.UNKNOWN,
    Verdict.PARTLY,
    Verdict.NEVER,
    Verdict.NO_TIME,
)


@dataclass(frozen=True)
class Group:
    """The lines of a service."""

    service: Service
    lines: list[Line]

    @property
    def is_bad(self) -> bool:
        """Say whether something of it does not fit."""
        shown = (line.then or line.now for line in self.lines)
        return any(it is not None and it.fit.verdict.is_bad for it in shown)


def groups(setup: Directory, services: Iterable[Service], now: datetime) -> list[Group]:
    """Judge services as they stand."""
    return _arranged(_shown(setup, services, now), None)


def beside(
    before: Directory, after: Directory, services: Sequence[Service], now: datetime
) -> list[Group]:
    """Judge services by a draft, beside as they stand."""
    keys = {service.key for service in services}
    olds = [service for key, service in before.services_by_key.items() if key in keys]
    return _arranged(_shown(before, olds, now), _shown(after, services, now))


Judged = dict[tuple[str, str, str], Shown]


def _shown(setup: Directory, services: Iterable[Service], now: datetime) -> Judged:
    found = feasibility(setup, now, services)
    return {
        (fit.service.key, fit.clock, fit.priority): Shown(
            fit, fit.service.agreement.at(now).target(fit.clock, fit.priority), setup
        )
        for fit in found
    }


def _arranged(now: Judged, then: Judged | None) -> list[Group]:
    """Put together what belongs together, the worst services first."""
    names = now if then is None else then
    services = {key[0]: shown.fit.service for key, shown in names.items()}
    found = [Group(it, _lines(key, names, now, then or {})) for key, it in services.items()]
    return sorted(found, key=lambda group: -max((line.badness for line in group.lines), default=0))


def _lines(service: str, names: Judged, now: Judged, then: Judged) -> list[Line]:
    lines = [
        _line(priority, now.get((service, clock, priority)), then.get((service, clock, priority)))
        for clock in CLOCKS
        for (of, its, priority) in names
        if (of, its) == (service, clock)
    ]
    timed = (line for line in lines if _is_timed(line.now) or _is_timed(line.then))
    return [_together(list(same)) for _same, same in groupby(timed, _look)]


def _line(priority: str, now: Shown | None, then: Shown | None) -> Line:
    shown = now or then
    targets = now.target if now else None, then.target if then else None
    return Line(shown.fit.clock if shown else "", (priority,), now, then, (targets,))


def _is_timed(shown: Shown | None) -> bool:
    return shown is not None and shown.fit.verdict != Verdict.NO_TARGET


def _look(line: Line) -> tuple[object, ...]:
    """Give what lines must have in common to be one; all that fits as before is."""
    shown = [it for it in (line.now, line.then) if it]
    is_same = line.then is None or line.targets[0][0] == line.targets[0][1]
    if is_same and all(it.fit.verdict == Verdict.ALWAYS for it in shown):
        return line.clock, len(shown)
    return line.clock, line.targets, *(replace(it.fit, priority="") for it in shown)


def _together(lines: Sequence[Line]) -> Line:
    """Make one line of several, with the tightest of their ways."""
    names = tuple(name for line in lines for name in line.priorities)
    targets = tuple(dict.fromkeys(pair for line in lines for pair in line.targets))
    now, then = (_tightest([getattr(line, side) for line in lines]) for side in ("now", "then"))
    return replace(lines[0], priorities=names, targets=targets, now=now, then=then)


def _tightest(shown: Sequence[Shown | None]) -> Shown | None:
    known = [it for it in shown if it]
    return min(known, key=lambda it: it.fit.worst.spare if it.fit.worst else 0, default=None)
