"""People at a desk that is busy, in a process of their own: they read, and somebody writes."""

from __future__ import annotations

import logging
import multiprocessing
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from time import perf_counter, sleep
from typing import Any

import sqlalchemy as sa

from servicedesk import times
from servicedesk.app import create_app
from servicedesk.db import db
from servicedesk.incidents import commands
from servicedesk.incidents.models import label
from servicedesk.people.models import Person
from tests.people.signing import come_in

PAUSE = 0.1  # seconds between two visits
Visit = tuple[str, str, float]  # when, what, seconds


@dataclass
class Visitors:
    """What they met with, by what else was going on."""

    pipe: Connection
    visits: list[Visit] = field(default_factory=list)

    def say(self, phase: str) -> None:
        """Tell them what is going on from now on."""
        self.pipe.send(phase)

    def took(self, phase: str, what: str) -> list[float]:
        """Give how long something took each time."""
        return [seconds for when, kind, seconds in self.visits if (when, kind) == (phase, what)]


@contextmanager
def visitors(settings: dict[str, Any], numbers: list[int]) -> Iterator[Visitors]:
    """Let people read and write until the block ends; then their visits are known."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_visit, args=(settings, numbers, there), daemon=True)
    process.start()
    people = Visitors(here)
    here.recv()  # they are there
    try:
        yield people
    finally:
        here.send("end")
        people.visits = here.recv()
        process.join()


def _visit(settings: dict[str, Any], numbers: list[int], pipe: Connection) -> None:
    app = create_app(settings)
    logging.getLogger("servicedesk").setLevel(logging.WARNING)
    chance, phase, visits = random.Random(1), "quiet", []
    client = app.test_client()
    come_in(client, "ito")
    doings: dict[str, Callable[[], object]] = {
        "list": lambda: client.get("/incidents"),
        "page": lambda: client.get(f"/incidents/{label(chance.choice(numbers))}"),
        "write": lambda: _write(app, chance.choice(numbers)),
    }
    for doing in doings.values():
        doing()
    pipe.send("there")
    while phase != "end":
        for what, doing in doings.items():
            while pipe.poll():
                phase = pipe.recv()
            started = perf_counter()
            doing()
            visits.append((phase, what, perf_counter() - started))
            sleep(PAUSE)
    pipe.send(visits)


def _write(app: Any, number: int) -> None:
    with app.app_context():
        person = db.session.scalars(sa.select(Person).where(Person.key == "ito")).one()
        commands.comment(number, "note", "Seen", actor=person, now=times.now())
