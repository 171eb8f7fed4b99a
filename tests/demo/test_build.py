"""Making the demo: all of it or nothing, once, and only where no other desk is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.demo import arranged, build, letterbox
from servicedesk.demo.affairs import AFFAIRS
from servicedesk.demo.build import AnotherDesk
from servicedesk.demo.featured import FEATURED
from servicedesk.demo.going_on import go_on
from servicedesk.demo.history import Entry, History
from servicedesk.demo.opening import open_desk
from servicedesk.demo.stage import Stage
from servicedesk.history.check import check
from servicedesk.incidents.models import Incident, NextStep
from servicedesk.intake.models import Template
from servicedesk.journal import EventRow
from servicedesk.people import commands as people
from servicedesk.people.models import Person
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory
from tests.support.clock import NOW
from tests.support.torture import enough

pytestmark = pytest.mark.backends("sqlite")

ODD = (
    datetime(2026, 11, 23, 0, 1, tzinfo=UTC),  # a holiday on a Monday
    datetime(2026, 12, 5, 18, 0, tzinfo=UTC),  # at night, after a Saturday
    datetime(2027, 1, 4, 0, 5, tzinfo=UTC),  # the first minutes of a year's work
    datetime(2028, 2, 29, 5, 0, tzinfo=UTC),
    datetime(2026, 11, 30, 23, 50, tzinfo=UTC),  # the first of a month, before work
    datetime(2026, 12, 31, 15, 30, tzinfo=UTC),  # half an hour into a year
)


@pytest.fixture
def stage(session: Session) -> Stage:
    open_desk(NOW)
    return Stage(session, directory(session), NOW, Random(1))


@pytest.mark.slow
@pytest.mark.usefixtures("demo")
def test_it_is_there_and_made_once(history: Session) -> None:
    assert build.there(history)
    before = history.scalar(sa.select(sa.func.count(EventRow.id)))
    assert build.create(now=NOW + timedelta(days=1)) == 0
    assert history.scalar(sa.select(sa.func.count(EventRow.id))) == before


@pytest.mark.slow
@pytest.mark.parametrize("made", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("demo")
def test_made_again_it_leaves_absences_and_templates(history: Session) -> None:
    absences = sa.select(Person.key, Person.absent_from).where(Person.absent_from.is_not(None))
    before = history.execute(absences).all()
    build.create(now=NOW + timedelta(days=9))
    assert history.execute(absences).all() == before
    assert history.scalar(sa.select(sa.func.count(Template.id))) == 7


@pytest.mark.slow
@pytest.mark.usefixtures("demo")
def test_everybody_can_sign_in(history: Session) -> None:
    listed = history.scalars(sa.select(Person).where(Person.listed)).all()
    assert not [person.key for person in listed if not person.password_hash]
    person = people.sign_in(key="kubota", password=build.PASSWORD, address="", now=NOW)
    assert person.has("manager")


@pytest.mark.usefixtures("_cheap_hashes")
def test_what_is_interrupted_leaves_nothing(session: Session, settings: dict[str, Any]) -> None:
    def stop(done: int, of: int) -> None:
        if done == 25:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build.create(now=NOW, progress=stop)
    assert not build.there(session)
    assert session.scalar(sa.select(sa.func.count(EventRow.id))) == 0
    assert not session.scalar(sa.select(Person.id).where(Person.password_hash.is_not(None)))
    assert not [p for p in Path(settings["DESK_VAR"]).glob("files/*/*") if p.is_file()]


def test_another_desk_is_left_alone(session: Session) -> None:
    load_text("desk: {name: The real one}", "desk.yaml", now=NOW)
    with pytest.raises(AnotherDesk, match="“The real one”"):
        build.there(session)
    with pytest.raises(AnotherDesk):
        build.create(now=NOW)
    assert session.scalar(sa.select(sa.func.count(Incident.id))) == 0


def test_the_same_now_gives_the_same_arrivals(stage: Stage) -> None:
    again = Stage(stage.session, stage.setup, NOW, Random(1))
    other = Stage(stage.session, stage.setup, NOW, Random(2))
    first, second, third = ([e.at for e in History(s).entries()] for s in (stage, again, other))
    assert first == second
    assert first != third


@pytest.mark.slow
@pytest.mark.parametrize("instant", enough(ODD[2:3], ODD), ids=str)
def test_the_chosen_cases_fit_any_day(stage: Stage, instant: datetime) -> None:
    """Whoever starts it at night, on a holiday or early on a Monday finds them all."""
    then = Stage(stage.session, stage.setup, instant, Random(1))
    arranged.arrange(then)
    with transaction() as session:
        staged = Stage(session, directory(session), instant, Random(1))
        chosen = sorted(FEATURED, key=lambda each: each.logged_at(staged))
        history = History(staged)
        entries = [Entry(e.logged_at(staged), partial(e.play, staged)) for e in chosen]
        tales = list(history.tell(entries))
        assert len(tales) == len(FEATURED)
    letterbox.open_inbox()
    assert go_on(staged, AFFAIRS) == 0  # nothing was left for later
    assert not session.scalar(sa.select(NextStep.at).where(NextStep.at <= instant))
    assert check(now=instant).differences == []


def test_ago_counts_working_time_back(stage: Stage) -> None:
    # Thursday 14:05 in Tokyo; the office is closed from 12:00 to 13:00 and on Monday
    assert NOW - stage.ago(hours=1) == timedelta(hours=1)
    assert NOW - stage.ago(hours=2) == timedelta(hours=3)
    assert NOW - stage.ago(days=1) == timedelta(days=1)
    assert NOW - stage.ago(days=3) == timedelta(days=6)


def test_working_days_leave_weekends_and_holidays_out(stage: Stage) -> None:
    days = [stage.working_day(n).day for n in (-3, 0, 1, 2)]
    assert [day.isoformat() for day in days if day] == [
        "2026-11-20", "2026-11-26", "2026-11-27", "2026-11-30",
    ]  # fmt: skip
