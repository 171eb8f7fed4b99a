"""What belongs in the lists behind the board and the morning page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

import pytest
import sqlalchemy as sa

from servicedesk.board import queries as board
from servicedesk.escalation import commands as escalation
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import attention, commands, timetable
from servicedesk.incidents.acts import Due
from servicedesk.incidents.models import HandOff, Incident
from servicedesk.incidents.queries import Reader
from servicedesk.people.models import Person
from servicedesk.reports import tables
from servicedesk.reports.waiting import waits
from servicedesk.setup.snapshot import directory
from tests.board.played import Play
from tests.cast import Desk, at
from tests.incidents.test_queries import numbers, reading
from tests.support.clock import Clock

sqlite = pytest.mark.backends("sqlite")


def test_long_running_is_open_for_four_weeks(desk: Desk) -> None:
    """Where an age band of the report begins, so that both can be compared."""
    desk.log(when="2026-10-29 14:00")
    assert numbers(desk, "long", when="2026-11-26 13:59") == []
    assert numbers(desk, "long", when="2026-11-26 14:00") == [1]
    assert attention.LONG.days in tables.BANDS


def test_requested_for_today_is_a_day_or_an_instant_of_today(desk: Desk) -> None:
    """D1: in the desk's time zone."""
    wishes = (
        Due(day=date(2026, 11, 26)), Due(at=at("23:59")), Due(at=at("Fri 00:00")),
        Due(day=date(2026, 11, 27)), None,
    )  # fmt: skip
    for wish in wishes:
        desk.log(when="2026-11-25 09:00", wish=wish)
    desk.log(when="08:00", wish=Due(at=at("08:30")))
    assert set(numbers(desk, "today", when="00:00")) == {1, 2, 6}
    assert set(numbers(desk, "today", when="23:59")) == {1, 2, 6}
    assert set(numbers(desk, "today", when="Fri 00:00")) == {3, 4}


def test_not_accepted_is_past_the_target_or_an_hour(desk: Desk) -> None:
    """OLA: the network team accepts in 30 working minutes; PrintCo's contract says nothing."""
    for to in ("network", "printco", "network"):
        n = desk.log(when="09:00")
        desk.do(hand_off, n, to, note="Please look", by="ito", when="10:00")
    desk.do(escalation.accept, 3, 1, by="abe", when="10:20")
    assert numbers(desk, "unaccepted", when="10:30") == []
    assert numbers(desk, "unaccepted", when="10:31") == [1]
    assert numbers(desk, "unaccepted", when="10:59") == [1]
    assert set(numbers(desk, "unaccepted", when="11:01")) == {1, 2}
    assert set(numbers(desk, "sent", when="11:01")) == {1, 2}
    desk.do(escalation.accept, 2, 1, by="park", when="11:10")
    assert numbers(desk, "unaccepted", when="11:10") == [1]


def test_what_came_back_stays_until_the_next_working_day_ends(desk: Desk) -> None:
    """H4, H5: sent back, or given again to who had had it."""
    for _n in range(3):
        n = desk.log(when="09:00")
        desk.do(hand_off, n, "network", note="Please look", by="ito", when="10:00")
    desk.do(escalation.send_back, 1, 1, "Not ours", by="abe", when="Fri 11:00")
    desk.do(hand_off, 2, "desk", note="Please look", by="abe", when="Fri 11:00")
    for when in ("Fri 11:00", "Sat 12:00", "Mon 09:00", "Mon 23:59"):
        assert set(numbers(desk, "bounced", when=when)) == {1, 2}, when
    assert numbers(desk, "bounced", when="Tue 00:00") == []
    assert numbers(desk, "returned", when="Tue 00:00") == [2]


def test_new_is_what_came_in_since_the_evening(desk: Desk) -> None:
    """Monday's page begins with Friday evening."""
    times = ("2026-11-25 17:59", "2026-11-25 18:00", "08:00", "Fri 18:00", "Sun 03:00", "Mon 08:59")
    for when in times:
        desk.log(when=when)
    assert {1, 2, 3} & set(numbers(desk, "fresh", when="08:30")) == {2, 3}
    assert set(numbers(desk, "fresh", when="Mon 09:00")) == {4, 5, 6}


@sqlite
@pytest.mark.parametrize("days", [1, 2, 3, 5])
def test_an_unanswered_question_waits_as_long_as_its_reminder(desk: Desk, days: int) -> None:
    """§4: the list begins when the first reminder is due."""
    with reading(desk) as (_session, reader):
        setup = reader.setup
        calendar = setup.desk_calendar
    assert calendar
    held = [at("2026-11-18 08:00") + timedelta(hours=7 * n) for n in range(30)]
    for hour in range(0, 24 * 9, 5):
        now = at("2026-11-25 00:30") + timedelta(hours=hour)
        since = attention.working_days_ago(Reader(reader.person, setup, now), days)
        for start in (one for one in held if one <= now):
            due = timetable.working_days_after(calendar, start, days)
            assert (start < since) == (due is not None and due <= now), (start, now)


def test_waiting_too_long_is_unanswered_or_untouched(desk: Desk) -> None:
    """§4: reminded after three working days, where the desk says nothing else."""
    desk.log(when="2026-11-19 09:00")
    desk.do(commands.hold, 1, "requester", by="ito", when="2026-11-19 09:30", question="Which?")
    desk.log(when="2026-11-18 09:00")
    desk.log(when="2026-11-25 09:00")
    assert numbers(desk, "waiting", when="2026-11-25 17:59") == []  # Monday was a holiday
    assert numbers(desk, "waiting", when="2026-11-25 18:00") == [1]
    assert set(numbers(desk, "waiting", when="09:01")) == {1, 2}


def test_a_list_is_narrowed_to_who_has_it(desk: Desk) -> None:
    """F7: what the numbers of tiers, groups and people lead to."""
    for to in ("", "network", "netone"):
        n = desk.log(when="09:00")
        if to:
            desk.do(hand_off, n, to, note="Please look", by="ito", when="10:00")
    desk.log(when="09:00")
    desk.do(commands.take, 4, by="ito", when="09:10")
    desk.do(commands.hold, 4, "requester", by="ito", when="09:30", question="Which room?")
    asked = {
        "tier:1": {1}, "tier:2": {2}, "tier:3": set(), "group:desk": {1, 4},
        "group:network": {2}, "near:desk": {1, 2, 3, 4}, "near:network": {2},
        "group:desk,person:ito": {4}, "group:desk,nobody": {1}, "person:sato": set(),
        "person:": set(), "nonsense": set(), "group:nothing": set(), ",": {1, 2, 3, 4},
    }  # fmt: skip
    assert {only: set(numbers(desk, "all", only=only)) for only in asked} == asked


@sqlite
def test_somebody_away_leaves_their_work_with_nobody(desk: Desk, clock: Clock) -> None:
    """§3: an absent assignee's incidents show in the group's list."""
    desk.log(when="09:00")
    desk.do(commands.take, 1, by="ito", when="09:10")
    assert numbers(desk, "all", only="group:desk,nobody") == []
    with desk.session() as session:
        person = session.scalars(sa.select(Person).where(Person.key == "ito")).one()
        person.absent_from, person.absent_until = date(2026, 11, 26), date(2026, 11, 30)
        session.commit()
    assert numbers(desk, "all", only="group:desk,nobody") == [1]
    page = desk.visit("ueda").get("/group/desk").text
    assert "away until" in page


@pytest.mark.parametrize("seed", range(2))
def test_the_next_action_is_what_the_report_says(desk: Desk, seed: int) -> None:
    """F1: read from the rows it is the same as from the journal, but for when a hold began."""
    play = Play(desk, Random(seed), at("2026-11-16 09:00"))
    play.go_on(at("14:05"))
    compared = 0
    for n in range(1, play.count + 1):
        told = waits(desk.story(n))
        if told is None:
            continue
        handoff = next((h for h in desk.rows(HandOff, n) if h.ended_at is None), None)
        read = board.waits(desk.incident(n), handoff)
        since = read.since if told.reason else told.since
        compared += 1
        assert (read.action, read.who, read.until, read.reason, read.since) == (
            told.action, told.who, told.until, told.reason, since,
        )  # fmt: skip
    assert compared > 8


@sqlite
def test_lists_of_what_is_open_use_the_indexes_over_it(desk: Desk) -> None:
    """SQLite sees that a statement asks for open ones only if they are written into it."""
    with reading(desk) as (session, _reader):
        from servicedesk.incidents.queries import IS_OPEN

        query = sa.select(Incident.id).where(IS_OPEN).order_by(Incident.next_due, Incident.id)
        written = str(
            query.compile(session.get_bind(), compile_kwargs={"render_postcompile": True})
        )
        plan = session.execute(sa.text(f"EXPLAIN QUERY PLAN {written}")).all()
    assert "ix_incident_open_next" in str(plan)


def test_days_are_those_of_the_desk(desk: Desk) -> None:
    """The week ends on Sunday; the day before a holiday is the last one worked."""

    def days(when: str) -> tuple[datetime, datetime, datetime]:
        with desk.session() as session:
            person = session.scalars(sa.select(Person).where(Person.key == "ito")).one()
            reader = Reader(person, directory(session), at(when))
        return (
            attention.evening(reader),
            attention.working_day_before(reader),
            attention.week_end(reader),
        )

    assert days("2026-11-24 08:00") == (
        at("2026-11-20 18:00"), at("2026-11-20 00:00"), at("2026-11-30 00:00"),
    )  # fmt: skip
    assert days("Sun 23:59")[2] == at("Mon 00:00")
