"""Several people at the same major incident at once, and processes that are killed meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.errors import DeskError, NotFound
from servicedesk.incidents.models import Incident, MajorUpdate
from servicedesk.mail import post
from servicedesk.mail.envelope import Mail
from servicedesk.major import commands as major
from servicedesk.major.resolving import resolve_with_linked
from servicedesk.outbox import Notification
from tests.cast import Desk, at
from tests.mail.mailbox import Mailroom, without_limit
from tests.major.played import link, running
from tests.support.checkout import ROOT

ROUNDS = 3
LONG_AGO = at("2026-01-01 09:00")  # sending runs on real time: what a killed process has leased


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do them at the same instant; gives what each gave, or its refusal."""
    together = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        together.wait()
        try:
            return act()
        except DeskError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as workers:
        return [done.result() for done in [workers.submit(one, act) for act in acts]]


def test_two_who_link_the_same_to_two_majors_at_once(desk: Desk) -> None:
    """It belongs to one, and the other hears so: nothing is taken away unseen."""
    one, two = running(desk), running(desk)
    for _round in range(ROUNDS):
        other = desk.log(by="taro", when="09:30")
        found = at_once(
            partial(desk.do, major.link, other, one, by="ito", when="09:31"),
            partial(desk.do, major.link, other, two, by="abe", when="09:31"),
        )
        refused = [str(each) for each in found if each is not None]
        assert len(refused) == 1
        assert "already" in refused[0]
        assert desk.kinds(other).count("incident.linked") == 1
        assert desk.incident(other).major_id in {desk.incident(n).id for n in (one, two)}


def test_who_presses_me_too_twice_at_once_has_one_incident(desk: Desk) -> None:
    number = running(desk)
    for who in ("taro", "mori"):
        press = partial(desk.call, major.me_too, number, by=who, when="09:30")
        found = at_once(press, press, press)
        assert len(set(found)) == 1
    with desk.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Incident)) == 3


def test_nothing_is_linked_to_what_has_just_ended(desk: Desk) -> None:
    """Whoever says me too at the same instant is resolved with it, or hears that it is over."""
    for _round in range(ROUNDS):
        number = running(desk)
        said = ("solved", "Replaced")
        own, _done = at_once(
            partial(desk.call, major.me_too, number, by="taro", when="09:40"),
            partial(desk.do, resolve_with_linked, number, *said, by="ito", when="09:40"),
        )
        assert isinstance(own, NotFound) or desk.incident(own).state == "resolved"


@pytest.mark.parametrize("end", [major.stand_down, major.update])
def test_an_update_and_the_end_at_once_are_told_once_each(
    desk: Desk, end: Callable[..., Any]
) -> None:
    """Who comes second finds it over, or is told of after the first."""
    number = running(desk)
    link(desk, number)
    found = at_once(
        partial(desk.do, major.update, number, "First", by="ito", when="09:40"),
        partial(desk.do, end, number, "Second", by="sato", when="09:40"),
    )
    done = sum(each is None for each in found)
    told = Counter(
        (row.person_id, row.data["n"])
        for kind in ("major_update", "major_over")
        for row in Mailroom(desk).queued(kind)
    )
    assert sorted(told.values()) == [1] * (2 * done)  # Emi and Taro


# Killed

KILLED = """
import os, signal, sys
from datetime import datetime
from servicedesk import outbox
from servicedesk.app import create_app
from servicedesk.db import db
from servicedesk.major import commands
from servicedesk.people.models import Person
real = outbox.queue_many
def queue_many(*said, **more):
    real(*said, **more)
    os.kill(os.getpid(), signal.SIGKILL)
outbox.queue_many = queue_many
with create_app().app_context():
    actor = db.session().query(Person).filter_by(key="ito").one()
    now = datetime.fromisoformat(sys.argv[2])
    commands.update(int(sys.argv[1]), "A switch is replaced", actor=actor, now=now)
"""


class Killed(BaseException):
    """Ends a process at that instant, in a test that goes on."""


def run(settings: dict[str, Any], code: str, *args: str) -> None:
    """Run a process that kills itself in the middle."""
    told = {name: str(settings[name]) for name in ("DATABASE_URL", "DESK_VAR", "SECRET_KEY")}
    how: dict[str, Any] = {"cwd": ROOT, "env": {**os.environ, **told}, "capture_output": True}
    done = subprocess.run([sys.executable, "-c", code, *args], check=False, **how)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.slow
def test_each_requester_gets_one_mail_whoever_is_killed(
    desk: Desk, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """E5, E3: killed before the commit nobody is told, and killed while sending nobody twice."""
    without_limit(desk)
    room = Mailroom(desk)
    keys = ("emi", "taro", "mori", "abe")
    for key in keys:
        room.change(key, mail=f"{key}@kita.example")
    number = running(desk)
    for key in keys[1:]:
        for title in ("No mail", "No web", "No phone"):
            link(desk, number, by=key, title=title)
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.delete(Notification))
    run(settings, KILLED, str(number), at("09:40").isoformat())
    assert room.queued("major_update") == []
    assert desk.rows(MajorUpdate, number) == []
    desk.do(major.update, number, "A switch is replaced", by="ito", when="09:41")
    real, sent = post.Folder.send, []

    def send(folder: post.Folder, mail: Mail) -> None:
        real(folder, mail)
        sent.append(mail.message_id)
        if len(sent) == 2:
            raise Killed

    monkeypatch.setattr(post.Folder, "send", send)
    with pytest.raises(Killed):
        room.deliver()
    with desk.app.app_context(), transaction() as session:
        leased = Notification.sent_at.is_(None)
        session.execute(sa.update(Notification).where(leased).values(waits_until=LONG_AGO))
    room.deliver()
    assert Counter(mail.to for mail in room.files()) == {f"{key}@kita.example": 1 for key in keys}
