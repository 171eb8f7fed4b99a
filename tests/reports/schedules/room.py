"""A desk whose reports come by themselves, and what is read back of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from servicedesk.reports.models import Report
from servicedesk.reports.schedules import commands, running
from servicedesk.reports.schedules.models import Run, Schedule
from servicedesk.reports.schedules.running import Done
from servicedesk.setup.load import load_text
from tests.cast import DESK, at
from tests.mail.mailbox import Mailroom

# Working days of December 2026 at the cast's desk: 1, 2, 3, 4, 7, …; of November: 2, 4 (the third
# is a holiday), 5, 6, 9, …
DUE = "2026-12-03 08:00"  # of November, on working day 3
SINCE = "2026-11-20 09:00"


def text(*schedules: str) -> str:
    """Write the cast's desk with schedules; people have addresses."""
    said = DESK
    for key in ("ueda", "kim", "park", "root"):
        said = re.sub(rf"(\n  {key}: +{{)", rf"\1mail: {key}@kita.example, ", said)
    lines = "".join(f"    {schedule}\n" for schedule in schedules)
    return f"{said}reports:\n  schedules:\n{lines}" if schedules else said


BOARD = "board: {name: For the board, people: [ueda], owner: ueda}"


@dataclass
class Room(Mailroom):
    """Looks into the outbox, the runs and the sealed reports."""

    def queued(self, kind: str | None = None) -> list[Notification]:
        """What is told of reports."""
        return [row for row in super().queued(kind) if row.kind.startswith("report_")]

    def load(self, *schedules: str, when: str = SINCE) -> None:
        with self.desk.session():
            load_text(text(*schedules), "cast.yaml", now=at(when))

    def run(self, *instants: str) -> Done:
        """Do the scheduler's job at some instants; gives what the last came to."""
        done = Done()
        for when in instants:
            with self.desk.session():
                done = running.run(at(when))
        return done

    def runs(self) -> list[Run]:
        with self.desk.session() as session:
            query = sa.select(Run).join(Schedule).order_by(Run.due_at, Schedule.key)
            return list(session.scalars(query))

    def run_of(self, period: str = "2026-11") -> Run:
        (found,) = [run for run in self.runs() if run.period == period]
        return found

    def sealed(self) -> list[tuple[str, str, int]]:
        """Period, language, revision of what was sealed."""
        with self.desk.session() as session:
            rows = session.scalars(sa.select(Report).order_by(Report.id))
            return [(row.period, row.language, row.revision) for row in rows]

    def person(self, key: str) -> Person:
        with self.desk.session() as session:
            return session.scalars(sa.select(Person).filter_by(key=key)).one()

    def act(self, act: Any, schedule: str, who: str, *args: Any, **how: Any) -> Any:
        """Have somebody do something with a schedule."""
        with self.desk.session() as session:
            person = session.scalars(sa.select(Person).filter_by(key=who)).one()
            return act(schedule, person, *args, **how)

    def subscribe(self, who: str, schedule: str = "board", *, wants: bool = True) -> None:
        self.act(commands.subscribe, schedule, who, wants=wants)
