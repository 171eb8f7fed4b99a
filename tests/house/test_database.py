"""Transactions, instants, and what happens when several write at once; on both databases."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import Stale
from servicedesk.incidents import commands
from servicedesk.incidents.models import Incident
from servicedesk.people.models import Person, SignInAttempt
from servicedesk.setup.models import Counter
from tests.cast import Desk, cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.support.checkout import ROOT

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]

WRITERS, EACH = 4, 25


def last(session: Session) -> int:
    """Read the last number given."""
    return session.scalars(sa.select(Counter.last).where(Counter.name == "incident")).one()


# One transaction


def test_an_error_undoes_the_whole_act(session: Session) -> None:
    def act() -> None:
        with transaction():
            session.get_one(Counter, "incident").last = 7
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert last(session) == 0


def test_transactions_do_not_nest(session: Session) -> None:
    with transaction(), pytest.raises(RuntimeError, match="do not nest"), transaction():
        pass


def test_after_an_error_the_next_act_goes_through(session: Session) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        raise ZeroDivisionError
    with transaction():
        session.get_one(Counter, "incident").last = 7
    assert last(session) == 7


def test_what_was_read_before_is_read_again(app: Flask, session: Session) -> None:
    """A transaction begins with what is so then, not with what was seen before."""
    counter = session.get_one(Counter, "incident")
    assert counter.last == 0
    with ThreadPoolExecutor(1) as other:
        other.submit(_count_up, app).result()
    with transaction():
        assert counter.last == 1


def _count_up(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.get_one(Counter, "incident").last += 1


def test_a_reference_to_nothing_is_refused(session: Session) -> None:
    with pytest.raises(sa.exc.IntegrityError), transaction():
        session.add(Person(key="x", name="X", manager_id=4711))


# Instants


def test_instants_come_back_aware_and_in_utc(session: Session) -> None:
    """C1: instants are stored in UTC."""
    said = datetime(2026, 11, 26, 14, 5, tzinfo=timezone(timedelta(hours=9)))
    with transaction():
        session.add(SignInAttempt(key="x", address="y", at=said))
    read = session.scalars(sa.select(SignInAttempt.at)).one()
    assert (read, read.utcoffset()) == (said, timedelta())


def test_an_instant_without_a_zone_is_none(session: Session) -> None:
    attempt = SignInAttempt(key="x", address="y", at=datetime(2026, 11, 26))  # noqa: DTZ001
    with pytest.raises(sa.exc.StatementError, match="time zone"), transaction():
        session.add(attempt)


# At once


def at_once(*doings: Callable[[], object]) -> list[object]:
    """Run in as many threads, started together; give what came, or the error."""
    together = Barrier(len(doings))

    def run(doing: Callable[[], object]) -> object:
        together.wait()
        try:
            return doing()
        except Stale as error:
            return error

    with ThreadPoolExecutor(len(doings)) as threads:
        return list(threads.map(run, doings))


def test_no_update_is_lost(app: Flask, session: Session) -> None:
    """Reading first and writing later loses updates where writers do not wait for each other."""

    def count() -> None:
        for _ in range(EACH):
            with app.app_context(), transaction() as own:
                query = sa.select(Counter).where(Counter.name == "incident")
                counter = own.scalars(query.with_for_update()).one()
                counter.last = counter.last + 1

    at_once(*[count] * WRITERS)
    assert last(session) == WRITERS * EACH


def test_incidents_logged_at_once_have_numbers_of_their_own(desk: Desk) -> None:
    """§3: numbering without doubles under concurrency."""

    def log() -> list[int]:
        return [desk.log() for _ in range(EACH // 5)]

    given = [n for numbers in at_once(*[log] * WRITERS) for n in numbers]  # type: ignore[attr-defined]
    assert sorted(given) == list(range(1, WRITERS * (EACH // 5) + 1))


def test_of_two_with_the_same_version_one_is_refused(desk: Desk) -> None:
    """§4: also when both send at the same moment."""
    n = desk.log()
    version = desk.incident(n).version
    came = at_once(
        lambda: desk.do(commands.take, n, by="ito", when="10:00", version=version),
        lambda: desk.do(commands.take, n, by="sato", when="10:00", version=version),
    )
    assert sorted(type(one).__name__ for one in came) == ["NoneType", "Stale"]
    assert desk.kinds(n) == ["incident.logged", "incident.assigned", "incident.started"]


def test_acts_at_once_on_one_incident_follow_each_other(desk: Desk) -> None:
    """§3: one sequence of events, one chain of hashes."""
    n = desk.log()

    def note() -> None:
        for _ in range(3):
            desk.do(commands.comment, n, "note", "Seen", by="ito", when="10:00")

    at_once(*[note] * WRITERS)
    assert [event.seq for event in desk.events(n)] == list(range(1, 3 * WRITERS + 2))
    assert desk.differences() == []


LOGGER = """
import sys, json
from datetime import UTC, datetime
from servicedesk.app import create_app
from servicedesk.db import db
from servicedesk.incidents import commands
from servicedesk.people.models import Person

app = create_app()
numbers = []
for _ in range(8):
    with app.app_context():
        emi = db.session.query(Person).filter_by(key="emi").one()
        now = datetime(2026, 11, 26, tzinfo=UTC)
        numbers.append(commands.log(actor=emi, now=now, title="No network", service="internet"))
print(json.dumps(numbers))
"""


@pytest.mark.backends("sqlite")
def test_processes_that_log_at_once_share_the_numbers(desk: Desk) -> None:
    """§3: numbering without doubles, whoever writes."""
    settings = {
        "DATABASE_URL": str(desk.app.config["DATABASE_URL"]),
        "DESK_VAR": str(desk.app.config["DESK_VAR"]),
        "SECRET_KEY": "for tests",
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-c", LOGGER], cwd=ROOT, env=settings, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    given = [n for process in started for n in json.loads(process.communicate()[0])]
    assert sorted(given) == list(range(1, 17))


def test_reading_does_not_wait_for_a_writer(app: Flask, desk: Desk) -> None:
    """Pages are read while somebody writes; they see what was so before."""
    n = desk.log()
    desk.tampered = True  # a title that was changed past the commands is not found any more
    with app.app_context(), transaction() as session:
        session.scalars(sa.select(Incident)).one().title = "Changed"
        session.flush()
        with ThreadPoolExecutor(1) as other:
            assert other.submit(lambda: desk.incident(n).title).result() == "No network"
