"""What goes on in chosen incidents, and beside them, by the commands that people use.

Each command is a transaction with the instant at which somebody did it as its `now`. All of them
are done in the order of these instants, so that each finds the desk as it stood then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.demo.case import Case, Script
from servicedesk.demo.letterbox import telling
from servicedesk.demo.stage import Stage
from servicedesk.demo.tale import soon
from servicedesk.escalation.sweep import sweep
from servicedesk.incidents.models import NextStep
from servicedesk.people.models import Person


class Goes(Protocol):
    """Who a script is about."""

    at: datetime


@dataclass
class Affair:
    """Something beside all incidents: a meeting, a company's people, a mail."""

    stage: Stage
    at: datetime

    def do(self, command: Callable[..., Any], *said: Any, by: str, **more: Any) -> Any:
        """Do what somebody does on a page."""
        with telling(self.stage, self.at):
            return command(*said, actor=self.person(by), now=self.at, **more)

    def person(self, key: str) -> Person:
        """Look somebody up."""
        return self.stage.people[key]

    def told(self, name: str) -> Case:
        """Give one of the chosen cases by name."""
        found: Case = self.stage.told[name]
        return found


Course = Callable[[Affair], Script]


@dataclass(order=True)
class _Waiting:
    at: datetime
    n: int
    who: Goes = field(compare=False)
    script: Script = field(compare=False)


def go_on(stage: Stage, courses: Iterable[Course] = ()) -> int:
    """Do what the scripts of the chosen cases and other courses say; gives how many ended early.

    What lies ahead is not done, nor what would follow it.
    """
    waiting = [*_cases(stage), *_affairs(stage, courses)]
    heapify(waiting)
    left = 0
    while waiting:
        first = heappop(waiting)
        if first.at > stage.now:
            left += 1
            continue
        let_come(stage.session, first.at)
        following = _step(first)
        if following:
            at = max(following, soon(first.at, 1))
            heappush(waiting, _Waiting(at, first.n, first.who, first.script))
    let_come(stage.session, stage.now)
    return left


def _cases(stage: Stage) -> Iterator[_Waiting]:
    for n, case in enumerate(stage.told.values()):
        if case.script:
            yield _Waiting(case.goes_on_at, n, case, case.script)


def _affairs(stage: Stage, courses: Iterable[Course]) -> Iterator[_Waiting]:
    for n, course in enumerate(courses, len(stage.told)):
        affair = Affair(stage, stage.now)
        script = course(affair)
        if at := next(script, None):
            yield _Waiting(at, n, affair, script)


def _step(due: _Waiting) -> datetime | None:
    """Do what is due; gives when it goes on."""
    due.who.at = due.at
    return next(due.script, None)


def let_come(session: Session, until: datetime) -> None:
    """Let come what comes by itself, each at its own instant."""
    first = sa.select(sa.func.min(NextStep.at)).where(NextStep.at <= until)
    with outbox.quiet(session):
        while at := session.scalar(first):
            if sweep(at).failed:
                raise RuntimeError("something of the demo that comes by itself has failed")
