"""Reminders of turns on call: of each that begins soon, once, to whoever is asked then."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.mail.letter import NotToBeSent
from servicedesk.mail.letters import write
from servicedesk.oncall import commands
from servicedesk.oncall.reminding import remind
from servicedesk.outbox import Notification
from servicedesk.people.models import Group, Person
from tests.cast import Desk, at
from tests.mail.mailbox import Mailroom, assert_says_why, read, set_desk
from tests.oncall.turns import ask, give_rota, take_over, told
from tests.support.clock import Clock

sqlite = pytest.mark.backends("sqlite")
ABES, MORIS = "2026-12-07 09:00", "2026-11-30 09:00"  # their next turns begin then
MORI = ("duty_soon", "mori")


@pytest.fixture
def room(desk: Desk) -> Mailroom:
    return Mailroom(desk)


def run(desk: Desk, *times: str) -> int:
    with desk.app.app_context():
        return sum(remind(at(when)) for when in times)


def change(desk: Desk, key: str, **values: Any) -> None:
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.update(Person).where(Person.key == key).values(**values))


def test_who_has_the_next_turn_is_reminded_once(desk: Desk) -> None:
    """E5: the day before, and not again."""
    give_rota(desk)
    assert run(desk, "2026-11-29 08:59") == 0
    assert run(desk, "2026-11-29 09:00", "2026-11-29 09:05", "2026-11-30 08:59", MORIS) == 1
    assert told(desk) == [MORI]
    assert run(desk, "2026-12-06 12:00") == 1
    assert told(desk) == [MORI, ("duty_soon", "abe")]


@sqlite
@pytest.mark.parametrize(("hours", "count"), [(0, 0), (72, 0), (73, 1)])
def test_how_long_before_is_a_setting(desk: Desk, hours: int, count: int) -> None:
    give_rota(desk)
    desk.app.config["DUTY_REMINDER"] = hours
    assert run(desk, "2026-11-27 08:30") == count


@sqlite
def test_a_turn_that_is_swapped_away_is_not_reminded_of(desk: Desk, clock: Clock) -> None:
    give_rota(desk)
    id = ask(desk, ABES, "mori", MORIS)
    desk.call(commands.answer_swap, id, True, by="mori", when="11:00")
    assert run(desk, "2026-11-29 09:01") == 0  # Abe has it, and goes on
    assert run(desk, "2026-12-06 12:00") == 1
    assert told(desk)[2:] == [MORI]


@sqlite
def test_swapped_after_it_was_queued_it_is_not_sent(desk: Desk, clock: Clock) -> None:
    give_rota(desk)
    run(desk, "2026-11-29 09:01")
    take_over(desk, "abe", MORIS, "2026-12-01 09:00", by="ueda", when="2026-11-29 09:02")
    clock.now = at("2026-11-29 09:03")
    change(desk, "mori", mail="mori@kita.example")
    with desk.session() as session, pytest.raises(NotToBeSent):
        write(session, session.get_one(Notification, 1))
    assert run(desk, "2026-11-30 10:00") == 1  # it begins a day later


@sqlite
def test_who_was_told_of_a_change_just_now_is_not_told_again(desk: Desk) -> None:
    give_rota(desk)
    take_over(desk, "mori", "18:00", "Fri 09:00", when="10:00")
    assert run(desk, "10:05") == 1
    assert told(desk)[1:] == [("duty_soon", "abe")]  # whose own goes on after it


@sqlite
def test_who_goes_on_is_not_reminded(desk: Desk) -> None:
    give_rota(desk, weeks=["mori", "mori", "abe"])
    assert run(desk, "2026-11-15 12:00", "2026-11-22 12:00") == 1
    assert told(desk) == [("duty_soon", "abe")]


@sqlite
@pytest.mark.parametrize("reader", ["ito", "abe"])
def test_who_is_asked_in_somebodys_place_is_reminded(
    desk: Desk, room: Mailroom, clock: Clock, reader: str
) -> None:
    """§3: the deputy of who is away then; of who has left, the lead."""
    give_rota(desk)
    day = at(MORIS).date()
    if reader == "ito":
        change(desk, "mori", absent_from=day, absent_until=day, deputy_id=desk.id("ito"))
    else:
        change(desk, "mori", active=False)
    run(desk, "2026-11-29 09:01")
    assert told(desk) == [("duty_soon", reader)]
    change(desk, "mori", absent_from=None, absent_until=None, active=True)
    assert run(desk, "2026-11-29 09:05") == 0
    clock.now = at("2026-11-29 09:01")
    room.change(reader, mail="reader@kita.example")
    assert "Mori Sho, who has this turn, is away: you are asked." in room.write(1).text


@sqlite
def test_the_mail_says_when_and_why_and_leads_to_the_rota(
    desk: Desk, room: Mailroom, clock: Clock
) -> None:
    """E6: what, why, and one button to act."""
    give_rota(desk, covers="closed")
    run(desk, "2026-11-29 09:01")
    room.change("mori", mail="mori@kita.example")
    mail = room.write(1)
    assert_says_why(mail)
    assert mail.subject == "On call: your next turn - Kita Electric IT"
    for words in ("Network team", "Mon 30 Nov 2026, 09:00", "Mon 7 Dec 2026, 09:00", "closed"):
        assert words in mail.text
    assert mail.link.endswith("/oncall/network")


class Killed(BaseException):
    """Ends a process at that instant, in a test that goes on."""


def test_who_is_killed_leaves_it_to_the_next(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """E3: the reminder is the note that it was made."""
    give_rota(desk)
    real: Callable[..., bool] = outbox.queue_once

    def killed(*what: Any, **how: Any) -> bool:
        real(*what, **how)
        raise Killed

    monkeypatch.setattr(outbox, "queue_once", killed)
    with pytest.raises(Killed):
        run(desk, "2026-11-29 09:01")
    monkeypatch.setattr(outbox, "queue_once", real)
    assert told(desk) == []
    assert run(desk, "2026-11-29 09:05") == 1


def test_any_number_may_remind_at_once(desk: Desk) -> None:
    give_rota(desk)
    with ThreadPoolExecutor(3) as workers:
        assert sum(workers.map(lambda _n: run(desk, "2026-11-29 09:01"), range(3))) == 1
    assert told(desk) == [MORI]


@sqlite
@pytest.mark.parametrize(
    ("handover", "made", "until"),
    [
        ("00:00", "2026-11-29 00:01", "2026-11-29 07:00"),  # time enough after the night
        ("09:00", "2026-11-29 22:00", None),  # at seven it would be late
    ],
)
def test_it_waits_for_the_end_of_quiet_hours_where_there_is_time(
    desk: Desk, room: Mailroom, clock: Clock, handover: str, made: str, until: str | None
) -> None:
    give_rota(desk, at=handover)
    set_desk(desk, quiet={"from": "20:00", "to": "07:00"})
    room.change("mori", mail="mori@kita.example")
    clock.now = at(made)
    assert run(desk, made) == 1
    assert room.deliver().sent == (0 if until else 1)
    assert room.queued()[0].bundle_at == (at(until) if until else None)


@sqlite
def test_an_agreed_swap_is_mailed_to_the_lead(desk: Desk, clock: Clock) -> None:
    """E6: the lead is told of what two of the group have agreed."""
    give_rota(desk)
    with desk.app.app_context(), transaction() as session:
        session.execute(
            sa.update(Group).where(Group.key == "network").values(lead_id=desk.id("ueda"))
        )
    set_desk(desk)
    id = ask(desk, MORIS, "abe", None, by="mori")
    desk.call(commands.answer_swap, id, True, by="abe", when="11:00")
    assert sorted(told(desk)[1:]) == [("swap_agreed", "mori"), ("swap_agreed", "ueda")]
    change(desk, "ueda", mail="ueda@kita.example")
    with desk.session() as session:
        note = session.query(Notification).filter_by(person_id=desk.id("ueda")).one()
        mail = read(write(session, note).content)
    assert "Abe Mio takes a turn of Mori Sho on call for Network team." in mail.text
    assert "You get this because you lead Network team" in mail.text
