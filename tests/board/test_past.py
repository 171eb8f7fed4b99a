"""The board's past numbers are those that it showed then."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
import sqlalchemy as sa

from servicedesk.board import past, queries
from servicedesk.board.past import Numbers
from servicedesk.board.queries import Held
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.queries import Reader
from servicedesk.people.models import Person
from servicedesk.setup.snapshot import directory
from tests.board.played import Play
from tests.cast import Desk, at


def shown(desk: Desk, when: datetime) -> Numbers:
    """Give what the board shows at an instant, as of now."""
    with desk.session() as session:
        person = session.scalars(sa.select(Person).where(Person.key == "ueda")).one()
        held = queries.held(session, Reader(person, directory(session), when))
    now = sum(held.values(), Held())
    return Numbers(now.count, now.long, now.urgent, now.overdue)


def then(desk: Desk, when: datetime) -> Numbers:
    """Give what is computed of an earlier instant."""
    with desk.session() as session:
        earlier = when - timedelta(days=7)
        found = past.numbers(session, directory(session), when, earlier)
        assert found[1:] == past.numbers(session, directory(session), earlier)
        return found[0]


@pytest.mark.parametrize("seed", range(4))
def test_the_past_is_what_the_board_showed_then(desk: Desk, seed: int) -> None:
    """Not from snapshots: reopened ones, holds, priorities and dates as they were by then."""
    random = Random(seed)
    play = Play(desk, random, at("2026-10-05 09:00"))
    seen = {}
    for _stop in range(24):
        play.go_on(play.now + timedelta(minutes=random.randint(60, 3000)))
        seen[play.now] = shown(desk, play.now)
    story = "\n".join(play.done)
    assert {when: then(desk, when) for when in seen} == seen, story
    assert max(numbers.overdue for numbers in seen.values()) > 1
    assert max(numbers.urgent for numbers in seen.values()) > 1


def test_what_was_opened_again_was_not_open_in_between(desk: Desk) -> None:
    n = desk.log(when="09:00")
    desk.do(commands.resolve, n, "solved", "Plugged in", by="ito", when="10:00")
    desk.do(commands.reopen, n, by="emi", when="Fri 09:30")
    times = ("08:59", "09:00", "09:59", "10:00", "Fri 09:29", "Fri 09:30")
    assert [then(desk, at(time)).open for time in times] == [0, 1, 1, 0, 0, 1]


def test_a_priority_counts_from_when_it_was_set(desk: Desk) -> None:
    n = desk.log(when="09:00", impact=2, urgency=2)
    desk.do(commands.prioritise, n, 1, 1, by="ito", when="11:00", reason="All are down")
    assert [then(desk, at(time)).urgent for time in ("10:59", "11:00", "12:00")] == [0, 1, 1]
    desk.do(commands.prioritise, n, 3, 3, by="sato", when="13:00", reason="Only one is")
    assert [then(desk, at(time)).urgent for time in ("10:59", "12:00", "13:00")] == [0, 1, 0]


def test_a_wish_is_missed_from_its_end_until_it_is_moved(desk: Desk) -> None:
    """D1: a day up to its midnight."""
    n = desk.log(when="09:00", service="printing", wish=Due(at=at("11:00")))
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="09:01")
    desk.do(commands.wish, n, Due(day=at("Fri 09:00").date()), by="emi", when="12:00")
    times = ("11:00", "11:01", "12:00", "12:01")
    assert [then(desk, at(time)).overdue for time in times] == [0, 1, 0, 0]


def test_a_target_reached_at_closing_time_is_missed_in_the_morning(desk: Desk) -> None:
    """C10, C3: reached exactly at closing time, exceeded when working time goes on."""
    n = desk.log(when="17:00")  # the first answer is due in a working hour
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="Fri 10:00")
    times = ("17:59", "18:00", "22:00", "Fri 09:00", "Fri 09:01", "Fri 10:00")
    assert [then(desk, at(time)).overdue for time in times] == [0, 0, 0, 0, 1, 0]


def test_a_resolution_that_rests_is_not_overdue(desk: Desk) -> None:
    """C4: printing's agreement pauses in a hold for a change, internet's does not."""
    for service in ("printing", "internet"):
        n = desk.log(when="09:00", service=service)
        desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="09:10")
        desk.do(hand_off, n, "printco", note="Please look", by="ito", when="09:20")  # no targets
        until = at("2026-12-09 09:00")
        desk.do(commands.hold, n, "change", by="ito", when="2026-12-02 09:00", until=until)
    earlier, meanwhile = at("2026-12-01 12:00"), at("2026-12-02 12:00")
    assert then(desk, earlier).overdue == 2
    assert then(desk, meanwhile).overdue == 1
    assert shown(desk, meanwhile).overdue == 1


def test_a_receiver_s_target_counts_while_it_holds(desk: Desk) -> None:
    """OLA: thirty working minutes to accept."""
    n = desk.log(when="09:00", impact=3, urgency=3)
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="09:01")
    desk.do(hand_off, n, "network", note="Please look", by="ito", when="10:00")
    desk.do(hand_off, n, "netone", note="Please look", by="abe", when="11:00")
    times = ("10:30", "10:31", "11:00")
    assert [then(desk, at(time)).overdue for time in times] == [0, 1, 0]


def test_a_month_ago_is_the_same_day_or_the_last_one() -> None:
    def before(when: str) -> datetime:
        return past.month_before(at(when), "Asia/Tokyo")

    assert before("2026-11-26 14:05") == at("2026-10-26 14:05")
    assert before("2026-03-31 09:00") == at("2026-02-28 09:00")
    assert before("2026-01-15 09:00") == at("2025-12-15 09:00")
    assert past.week_before(at("2026-11-26 14:05"), "Asia/Tokyo") == at("2026-11-19 14:05")
