"""E5: random storms, against a judge who looks at every mail."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.incidents.models import Incident
from servicedesk.mail import calm, post
from servicedesk.mail.bundling import bundle
from servicedesk.mail.digest import summarize
from servicedesk.mail.envelope import Mail
from servicedesk.mail.messages import FAILED, UNSENT, some_messages
from servicedesk.people.models import Person
from tests.cast import Desk, at
from tests.mail.mailbox import Mailroom, set_desk, without_limit
from tests.mail.storms import RULE, fire, log
from tests.support.clock import Clock

sqlite = pytest.mark.backends("sqlite")


@pytest.fixture(autouse=True)
def _at_nine(clock: Clock) -> None:
    clock.now = at("09:00")


@sqlite
@pytest.mark.parametrize("seed", [int(os.environ.get("SEED", "20261126"))])
def test_in_any_storm_each_message_goes_once_and_no_later_than_it_must(
    desk: Desk, room: Mailroom, clock: Clock, seed: int
) -> None:
    """E5: nothing is lost, doubled, early, sent in quiet hours, or kept back without a reason."""
    dice = Random(seed)
    set_desk(desk, most_mails=4)
    room.change("sato", channels={"quiet": {"from": "21:00", "to": "23:00"}})
    numbers = log(desk, 3) + log(desk, 1, impact=1, urgency=1)
    clock.now, made = at("20:00"), {}
    rounds: list[datetime] = []
    for _ in range(50):
        for _burst in range(dice.choices((0, 1, 6), (70, 20, 10))[0]):
            to, n = dice.choice(("sato", "abe")), dice.choice(numbers)
            kind = dice.choice(("rule", "rule", "reply"))
            made[room.queue(kind, to, n, **RULE)] = clock.now
        clock.advance(seconds=dice.choice((15, 60, 240)))
        rounds.append(clock.now)
        room.deliver()
    for _ in range(14):
        clock.advance(minutes=15)
        rounds.append(clock.now)
        room.deliver()
    judge(desk, room, made, rounds)


def judge(desk: Desk, room: Mailroom, made: dict[int, datetime], rounds: list[datetime]) -> None:
    rows = {row.id: row for row in room.queued()}
    with desk.session() as session:
        p1 = set(session.scalars(sa.select(Incident.id).where(Incident.priority == "P1")))
    gone: dict[int, datetime] = {}
    for id in made:
        mail = rows[rows[id].digest_id or id]
        assert mail.sent_at, "lost"
        assert mail.person_id == rows[id].person_id
        gone[id] = mail.sent_at
    mails = sorted((row.sent_at, row.person_id) for row in rows.values() if row.sent_at)
    assert len(mails) == len({rows[id].digest_id or id for id in made}), "doubled"
    quiet_for = desk.id("sato")
    for id, began in made.items():
        row = rows[id]
        is_rule = row.kind == "rule"
        urgent = is_rule and row.incident_id in p1
        ready = began + timedelta(seconds=(20 if urgent else 60) if is_rule else 0)
        waited = [at for at in rounds if began < at and ready <= at < gone[id]]
        assert gone[id] >= began
        assert not (urgent and waited), "kept back though it is urgent"
        for instant in waited:
            assert hinders(instant, row.person_id, quiet_for, mails), "kept back for nothing"
        if not urgent and not row.digest_id:
            before = [at for at, person in mails if person == row.person_id and at < gone[id]]
            assert not is_quiet(gone[id], row.person_id, quiet_for), "sent in quiet hours"
            assert sum(at > gone[id] - calm.HOUR for at in before) < 4, "too many"


# Killed at any instant


class Killed(BaseException):
    """Ends a process at that instant, in a test that goes on."""


PLACES = (
    (post.Folder, "send"),
    (outbox, "queue_bundle"),
    (outbox, "hold"),
    (outbox, "release"),
    (outbox, "settle"),
)


class Danger:
    """Kills whoever sends before and after each step, and keeps what went out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, dice: Random) -> None:
        self.dice, self.chance, self.killed = dice, 0.04, 0
        self.sent: set[str] = set()
        for place, name in PLACES:
            monkeypatch.setattr(place, name, self.endangered(getattr(place, name)))

    def endangered(self, real: Any) -> Any:
        def step(*what: Any, **how: Any) -> Any:
            self.kill()
            done = real(*what, **how)
            self.sent |= {it.message_id for it in what if isinstance(it, Mail)}
            self.kill()
            return done

        return step

    def kill(self) -> None:
        if self.dice.random() < self.chance:
            raise Killed

    def round(self, desk: Desk, room: Mailroom, now: datetime) -> None:
        try:
            with desk.app.app_context():
                summarize(now)
            room.deliver()
        except Killed:
            self.killed += 1


@pytest.mark.parametrize("seed", [int(os.environ.get("SEED", "20261127"))])
def test_whoever_is_killed_each_message_is_in_one_mail_or_shown_with_when_it_goes(
    desk: Desk, room: Mailroom, clock: Clock, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E5: at every instant it is on its way or waits for a known instant; at the end all went."""
    dice = Random(seed)
    set_desk(desk, most_mails=3)
    room.change("sato", channels={"quiet": {"from": "21:00", "to": "22:00"}})
    room.change("abe", channels={"watched": "digest", "hour": 21})
    numbers = log(desk, 2) + log(desk, 1, impact=1, urgency=1)
    danger = Danger(monkeypatch, dice)
    clock.now = at("20:30")
    made: dict[int, datetime] = {}
    for n in range(40):
        for _burst in range(dice.choices((0, 1, 5), (40, 40, 20))[0] if n < 30 else 0):
            kind, to = dice.choice(("rule", "rule", "reply")), dice.choice(("sato", "abe"))
            made[room.queue(kind, to, dice.choice(numbers), **RULE)] = clock.now
        clock.advance(seconds=dice.choice((15, 60, 360)))
        danger.round(desk, room, clock.now)
        assert_accounted_for(desk, room, made, clock.now)
    assert danger.killed > 3
    danger.chance = 0
    for _ in range(10):
        clock.advance(hours=3)
        danger.round(desk, room, clock.now)
    assert_accounted_for(desk, room, made, clock.now)
    rows = {row.id: row for row in room.queued()}
    mails = [rows[rows[id].digest_id or id] for id in made]
    assert all(mail.sent_at for mail in mails), "lost"
    assert {mail.message_id for mail in mails} == danger.sent


def assert_accounted_for(
    desk: Desk, room: Mailroom, made: dict[int, datetime], now: datetime
) -> None:
    """Each is in a mail, or waits until an instant; what is urgent waits for its like alone."""
    rows = {row.id: row for row in room.queued()}
    with desk.session() as session:
        p1 = set(session.scalars(sa.select(Incident.id).where(Incident.priority == "P1")))
        shown = [
            message
            for key in ("sato", "abe")
            for message in some_messages(session, person(session, key), now).messages
        ]
    assert len(shown) == len(made)
    for message in shown:
        assert message.became not in (FAILED, UNSENT)
        assert message.when, message.became
    for id, began in made.items():
        row = rows[id]
        places = (row.sent_at, row.waits_until, row.bundle_at, row.digest_at, row.digest_id)
        assert sum(place is not None for place in places) == 1, "in two places, or in none"
        if row.kind == "rule" and row.incident_id in p1:
            assert row.held_for == calm.SETTLES
            assert not row.bundle_at or row.bundle_at <= began + timedelta(seconds=20)


def person(session: Session, key: str) -> Person:
    return session.scalars(sa.select(Person).where(Person.key == key)).one()


def is_quiet(instant: datetime, person: int | None, quiet_for: int) -> bool:
    local = instant.astimezone(at("09:00").tzinfo)
    return person == quiet_for and bool(re.fullmatch("2[12]:..", f"{local:%H:%M}"))


def hinders(
    instant: datetime, person: int | None, quiet_for: int, mails: list[tuple[Any, Any]]
) -> bool:
    recent = [at for at, to in mails if to == person and instant - calm.HOUR < at <= instant]
    return is_quiet(instant, person, quiet_for) or len(recent) >= 4


@sqlite
def test_a_storm_is_kept_back_by_a_few_looks(desk: Desk, room: Mailroom, clock: Clock) -> None:
    """E2: what waits costs nothing until it is due."""
    without_limit(desk)
    fire(room, "sato", *log(desk, 2) * 30)
    clock.now = at("09:01")
    with desk.app.app_context():
        assert bundle(clock.now) == 60
        assert bundle(clock.now) == 0
    assert room.deliver().sent == 1
