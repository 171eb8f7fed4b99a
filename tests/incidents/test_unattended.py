"""Weeks of random work with sweeps in between: what comes by itself leaves everything sound."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from servicedesk import journal
from servicedesk.errors import DeskError
from servicedesk.escalation.commands import hand_off
from servicedesk.escalation.sweep import sweep
from servicedesk.incidents import approvals, commands, solved
from servicedesk.incidents.approvals import Answer
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.models import Incident, NextStep
from servicedesk.incidents.timetable import duties
from servicedesk.setup.snapshot import directory
from tests.cast import Desk, at
from tests.incidents.approving import want_approval

SERVICES = ("internet", "printing", "laptop", "licence", "orphan")
Do = Callable[[Desk, int, datetime, random.Random], object]


def by(who: str, act: Callable[..., object], *args: object, **more: object) -> Do:
    return lambda desk, n, when, chance: desk.do(act, n, *args, by=who, when=when, **more)


def held(desk: Desk, n: int, when: datetime, chance: random.Random) -> None:
    until = when + timedelta(hours=chance.randint(1, 90))
    desk.do(commands.hold, n, "delivery", by="ito", when=when, until=until)


def moved(desk: Desk, n: int, when: datetime, chance: random.Random) -> None:
    to = chance.choice(SERVICES)
    desk.do(commands.reclassify, n, to, "request", by="ito", when=when)


DOINGS: tuple[Do, ...] = (
    by("ito", commands.take),
    by("ito", commands.hold, "requester", question="Which room?"),
    by("ito", commands.resume),
    by("ito", commands.resolve, "solved", "Done"),
    by("ito", hand_off, "netone", note="Please look"),
    by("emi", commands.comment, "reply", "Room 3"),
    by("emi", commands.reopen),
    by("emi", commands.close),
    by("emi", solved.continue_, text="Again"),
    by("emi", commands.cancel),
    by("ueda", approvals.decide, Answer(True)),
    by("abe", approvals.decide, Answer(False, "No")),
    held,
    moved,
)


@pytest.mark.parametrize("seed", range(3))
def test_after_random_weeks_nothing_due_is_left_and_all_is_sound(desk: Desk, seed: int) -> None:
    """§4, E2, C6: the desk's fixture lets `check` recompute everything at the end."""
    want_approval(desk)
    chance, when = random.Random(seed), at("09:00")
    for _ in range(60):
        when += timedelta(minutes=chance.choice([1, 30, 300, 1500, 5000]))
        if chance.random() < 0.2:
            service = chance.choice(SERVICES)
            desk.call(commands.log, by="emi", when=when, title="No network", service=service)
            continue
        with desk.session() as session:
            sweep(when)
            number = session.scalar(sa.select(sa.func.max(Incident.number))) or 1
        try:
            chance.choice(DOINGS)(desk, chance.randint(1, number), when, chance)
        except DeskError:
            continue
    with desk.session() as session:
        sweep(when)
        assert list(session.scalars(sa.select(NextStep).where(NextStep.at <= when))) == []
        for incident in session.scalars(sa.select(Incident)):
            work = follow(journal.read(session, incident.id), directory(session))
            assert all(duty.at > when for duty in duties(work))
