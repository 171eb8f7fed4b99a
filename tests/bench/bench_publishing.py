"""A calendar is changed while 30,000 incidents are open and people work with them (C7)."""

from __future__ import annotations

import csv
import os
import random
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask

from servicedesk import times
from servicedesk.db import db, transaction
from servicedesk.history.check import check
from servicedesk.history.replay import NEEDED, replay
from servicedesk.incidents import catching_up, preview
from servicedesk.incidents.models import Incident
from servicedesk.setup import editing
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory
from servicedesk.sla.calendar import Calendar
from servicedesk.sla.models import ClockRow
from tests.bench.measured import Table, spread, table, timed
from tests.bench.visiting import Visitors, visitors
from tests.cast import DESK

OPEN = int(os.environ.get("INCIDENTS") or 30_000)
GOAL = 30  # seconds, preview, publishing and bringing all up together
BLOCKED = 2  # seconds that nobody waits for a page or an act
QUIET = 10  # seconds without anything else going on
STATES = ("in_progress", "in_progress", "on_hold", "new")


def open_incidents(path: Path, now: datetime) -> None:
    """Write a history of incidents of the last week, in the hands of all parties."""
    chance = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, NEEDED, restval="")
        writer.writeheader()
        for n in range(OPEN):
            key, logged = f"K{n}", now - timedelta(minutes=chance.randint(200, 7 * 1440))
            first = {"incident": key, "at": logged.isoformat(), "state": "new"}
            wish = (now + timedelta(days=chance.randint(1, 9))).date().isoformat()
            said = {"title": f"Incident {n}", "requester": "emi", "requested_due": wish}
            levels = {"impact": chance.randint(1, 3), "urgency": chance.randint(1, 3)}
            writer.writerow({**first, **said, **levels, "service": "internet"})
            state = chance.choice(STATES)
            second = {"incident": key, "at": (logged + timedelta(minutes=30)).isoformat()}
            second["group"] = chance.choice(["", "", "network", "netone"])
            hold = "requester" if state == "on_hold" else ""
            writer.writerow({**second, "state": state, "hold": hold})


def gather_statistics() -> None:
    """Do what a server does by itself within a minute, and the tests' one does not."""
    with transaction() as session:
        session.execute(sa.text("ANALYZE"))


def next_working_day(now: datetime, calendar: Calendar) -> str:
    """Give the day after today that is worked."""
    zone = ZoneInfo(calendar.zone)
    day = now.astimezone(zone).replace(hour=0, minute=0) + timedelta(days=1)
    while not calendar.counted(day, day + timedelta(days=1)):
        day += timedelta(days=1)
    return day.date().isoformat()


def bare() -> int:
    """Read every running clock's row and write it back, as SQL alone does it."""
    with transaction() as session:
        rows = session.execute(sa.select(ClockRow.id, ClockRow.due_at).where(ClockRow.running))
        said = [{"id": id, "due_at": due} for id, due in rows]
        session.execute(sa.update(ClockRow), said)
    return len(said)


def compare() -> None:
    """Say how long SQL alone takes, with nobody at work."""
    counts: dict[str, int] = {}
    took = timed(lambda: counts.update(rows=bare()))
    with table("Bare SQL: every running clock's row read and written once") as said:
        said.add("", f"{took.wall:.2f} s", f"{counts['rows']:,} rows")


def closing(session: Any, day: str) -> dict[str, Any]:
    """Give the set-up with a closing day more."""
    data = editing.document(session)
    office = data["calendars"]["office"]
    office["closed"] = [*map(str, office["closed"]), day]
    return data


def test_a_closing_day_is_announced_to_30000_open_incidents(
    app: Flask, settings: dict[str, Any], backend: str, tmp_path: Path
) -> None:
    """C7: under 30 s, without blocking the pages: alone, then while people work."""
    now = times.now().replace(second=0)
    with app.app_context():
        load_text(DESK, "desk.yaml", now=now - timedelta(days=30))
        open_incidents(tmp_path / "history.csv", now)
        replay(tmp_path / "history.csv", now=now)
        gather_statistics()
        with table(f"{OPEN:,} open incidents, a closing day more, {backend}, alone") as said:
            alone = publish(said)
        compare()
        numbers = list(db.session.scalars(sa.select(Incident.number).limit(2000)))
        with visitors(settings, numbers) as people:
            sleep(QUIET)
            people.say("busy")
            with table(f"{OPEN:,} open incidents, another one, {backend}, people work") as said:
                publish(said)
            people.say("after")
        with table(f"How long people wait: median / 95 of 100 / worst, {backend}") as said:
            worst = max(waited(people, what, said) for what in ("list", "page", "write"))
        found = check(now=times.now())
    assert (found.differences, found.behind) == ([], 0)
    assert alone < GOAL
    assert worst < BLOCKED


def waited(people: Visitors, what: str, said: Table) -> float:
    """Say how long something took before and meanwhile; gives the worst of meanwhile."""
    quiet, busy = people.took("quiet", what), people.took("busy", what)
    said.add(f"{what}, quiet", spread(quiet), f"{len(quiet)} times")
    said.add(f"{what}, meanwhile", spread(busy), f"{len(busy)} times")
    return max(busy)


def publish(said: Table) -> float:
    """Preview, publish and bring everything up; gives the seconds of all three."""
    session = db.session()
    day = next_working_day(times.now(), directory(session).calendars["office"])
    data = closing(session, day)
    planned = editing.plan(data, times.now())
    moved: list[preview.Moved] = []
    shown = timed(
        lambda: moved.extend(
            preview.by_calendars(session, planned.before, planned.after, times.now())
        )
    )
    published = timed(lambda: editing.publish(data, times.now(), planned.revision))
    counts: list[int] = []
    caught = timed(lambda: counts.append(catching_up.catch_up(times.now())))
    said.add("preview", str(shown), f"{len(moved):,} deadlines would move")
    said.add("publishing", str(published))
    said.add("bringing up", str(caught), f"{counts[0]:,} incidents")
    whole = shown.wall + published.wall + caught.wall
    said.add("in all", f"{whole:.2f} s", f"goal {GOAL} s")
    return whole
