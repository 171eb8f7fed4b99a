"""A year of a desk whose calendars, agreements and priorities change; then the check."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk import journal
from servicedesk.event import Event
from servicedesk.history.check import check
from servicedesk.incidents import catching_up
from servicedesk.incidents.catching_up import ALIVE
from servicedesk.incidents.models import Incident
from servicedesk.setup.directory import Directory
from servicedesk.sla.judging import judged
from servicedesk.sla.models import ClockRow
from tests.cast import Desk
from tests.history.simulated import MINUTE, Year
from tests.incidents import reference
from tests.incidents.reference import Walk
from tests.incidents.world import TooFar, World
from tests.support.torture import enough

INCIDENTS = int(os.environ.get("INCIDENTS") or enough(80, 3000))
# The rows are the same on both; what differs by database shows with fewer.
ON_POSTGRES = min(INCIDENTS, enough(40, 3000))
SEED = int(os.environ.get("SEED") or 2026)
PARTS = 4
SHORT = timedelta(days=12)  # longer ones would take the reference too long
SAMPLE = enough(20, 400)
FINAL = ("closed", "cancelled")
VERDICT = ("state", "target_seconds", "counted_seconds", "stopped_at", "breached_at", "due_at")

Key = tuple[int, str, str | None, int | None]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches so small that everything is interrupted in the middle."""
    monkeypatch.setattr(catching_up, "AT_ONCE", 3)
    monkeypatch.setattr("servicedesk.incidents.applying.AT_ONCE", 3)
    monkeypatch.setattr(catching_up, "PAUSE", 0.0)


def clocks(year: Year) -> dict[Key, tuple[Incident, ClockRow]]:
    """Read every clock's row with its incident, but those that are behind a changed set-up."""
    with year.desk.session() as session:
        revision = year.desk.setup().revision
        there = sa.select(Incident, ClockRow).join(ClockRow, ClockRow.incident_id == Incident.id)
        rows = session.execute(there.where(sa.not_(catching_up.behind(revision)))).all()
        return {(i.number, c.kind, c.party, c.handoff): (i, c) for i, c in rows}


@pytest.mark.slow
@pytest.mark.usefixtures("small_batches")
def test_after_a_year_of_changes_the_check_finds_nothing(desk: Desk, backend: str) -> None:
    """C6, C7, C8, H1: rows are what the journal says, whatever was published when."""
    incidents = INCIDENTS if backend == "sqlite" else ON_POSTGRES
    year = Year(desk, random.Random(SEED), incidents)
    year.begin()
    final: dict[Key, tuple[Any, ...]] = {}
    late: dict[Key, datetime] = {}
    for _ in range(PARTS):
        year.live(1 / PARTS)
        with desk.session():
            assert check(now=year.now).differences == []
        rows = clocks(year)
        assert {key: verdict(*rows[key]) for key in final} == final  # C8: closed is closed
        final |= {key: verdict(*row) for key, row in rows.items() if row[0].state in FINAL}
        breaches = {key: breach(year, row) for key, (_incident, row) in rows.items()}
        assert {key: breaches[key] for key in late if key in breaches}.items() <= late.items()
        late |= {key: at for key, at in breaches.items() if at}
    year.settle()
    with desk.session():
        found = check(now=year.now)
    assert (found.differences, found.behind) == ([], 0)
    assert compared(year) >= min(SAMPLE, incidents // 4) // 2


def verdict(incident: Incident, row: ClockRow) -> tuple[Any, ...]:
    """What a sealed report may have been made of."""
    return (incident.state, *(getattr(row, name) for name in VERDICT))


def breach(year: Year, row: ClockRow) -> datetime | None:
    """C11: a breach of a clock that counts; a wish may be revised."""
    if row.counted_seconds is None:
        return None
    return judged(row, year.desk.setup().calendars, year.now).breached_at


# Against the reference


def compared(year: Year) -> int:
    """Compare a sample with the reference, clock by clock; gives how many incidents it was."""
    with year.desk.session():
        setup = year.desk.setup()
    world, count, now = World.of(setup), 0, year.now + MINUTE  # what began just now lasts
    for incident, events, rows in sample(year):
        try:
            expected = reference.clocks(events, world, now)
        except TooFar:
            continue
        engine = {(row.kind, row.party, row.handoff): said(row, setup, now) for row in rows}
        assert engine == {name: found(clock) for name, clock in expected.items()}, incident.label
        count += 1
    return count


def said(row: ClockRow, setup: Directory, now: datetime) -> tuple[Any, ...]:
    """What a row comes to by an instant."""
    stood = judged(row, setup.calendars, now)
    return stood.state, row.target_seconds, stood.counted, row.stopped_at, stood.breached_at


def found(clock: Walk) -> tuple[Any, ...]:
    """What the reference finds."""
    return clock.state(), clock.target, clock.seconds, clock.stopped_at, clock.breached_at


def sample(year: Year) -> Iterator[tuple[Incident, list[Event], list[ClockRow]]]:
    """Choose incidents of which not too much time has to be looked at."""
    with year.desk.session() as session:
        every = session.scalars(sa.select(Incident)).all()
        short = [one for one in every if lasted(one, year.now) < SHORT]
        for one in year.chance.sample(short, min(SAMPLE, len(short))):
            query = sa.select(ClockRow).where(ClockRow.incident_id == one.id)
            rows = session.scalars(query.where(ClockRow.counted_seconds.is_not(None))).all()
            yield one, journal.read(session, one.id), list(rows)


def lasted(one: Incident, now: datetime) -> timedelta:
    """How long an incident was open, or might have been."""
    return (now if one.state in ALIVE else one.changed_at) - one.logged_at
