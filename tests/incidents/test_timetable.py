"""§4: what comes to an incident by itself, and when; from its story and the set-up alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.errors import DeskError
from servicedesk.incidents import acts
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.lifecycle import IllegalMove
from servicedesk.incidents.timetable import Duty, duties
from servicedesk.setup.directory import Directory
from servicedesk.sla.calendar import Version, parse_hours
from servicedesk.times import iso
from tests.cast import at
from tests.incidents.test_story_properties import DOINGS, STEPS, Step
from tests.incidents.told import EMI, ITO, SATO, Told, directory

NEVER = Version("Asia/Tokyo", parse_hours({}))
NIGHTS = Version("Asia/Tokyo", parse_hours({"mon-fri": ["22:00-30:00"]}))


def setup(*calendar: Version, **said: Any) -> Directory:
    return replace(directory(*calendar), more=said)


def coming(it: Told) -> list[tuple[str, str]]:
    """What comes, and when in Tokyo."""
    zone = at("09:00").tzinfo
    return [(duty.kind, f"{duty.at.astimezone(zone):%m-%d %H:%M}") for duty in duties(it.act.work)]


def test_nothing_comes_to_what_is_new_or_under_way() -> None:
    it = Told("09:00")
    assert duties(it.act.work) == []
    acts.take(it.at("10:00"))
    assert duties(it.act.work) == []


def test_a_hold_ends_when_it_was_said() -> None:
    """§4: another reason has an `until` that ends it by itself."""
    it = Told("09:00")
    acts.hold(it.at("10:00"), "delivery", at("Tue 12:00"))
    assert duties(it.act.work) == [Duty(at("Tue 12:00"), "hold-ends")]


def test_the_requester_is_reminded_twice_then_it_is_resolved_without_an_answer() -> None:
    """§4, C1: each after three working days, to the end of their working hours."""
    it = Told("09:00", setup=setup(remind_after=3))
    acts.hold(it.at("10:00"), "requester")
    assert coming(it) == [("remind-requester", "12-01 18:00")]
    it.at("Tue 18:00").record("requester.reminded", n=1)
    assert coming(it) == [("remind-requester", "12-04 18:00")]
    it.at("2026-12-04 18:00").record("requester.reminded", n=2)
    assert coming(it) == [("no-answer", "12-09 18:00")]


def test_after_a_reminder_that_was_late_the_next_counts_from_there() -> None:
    """§4: a desk that stood still for weeks doesn't remind and give up in the same minute."""
    it = Told("09:00")
    acts.hold(it.at("10:00"), "requester")
    sent = at("2026-12-21 09:30")
    it.at("Tue 18:00").record("requester.reminded", n=1, sent=iso(sent))
    assert coming(it) == [("remind-requester", "12-24 18:00")]


def test_on_time_is_on_time_where_the_working_day_ends_the_next_morning() -> None:
    """C2: the window of a night belongs to the day on which it begins."""
    it = Told("09:00", setup=setup(NIGHTS, remind_after=1))
    acts.hold(it.at("23:00"), "requester")
    (first,) = duties(it.act.work)
    assert first.at == at("Sat 06:00")  # Friday's night
    it.act.now = first.at
    it.act.record("requester.reminded", n=1)
    assert coming(it) == [("remind-requester", "12-01 06:00")]  # Monday's


def test_an_answer_ends_the_reminding() -> None:
    it = Told("09:00")
    acts.hold(it.at("10:00"), "requester")
    acts.comment(it.at("11:00", by=EMI), 1, "reply", "digest", desk=False)
    assert duties(it.act.work) == []


def test_the_days_are_those_of_the_desk_group() -> None:
    """§4: whoever holds it meanwhile; holidays and days off are no working days."""
    it = Told("2026-12-25 09:00")
    acts.hold(it.at("2026-12-25 10:00"), "requester")
    assert coming(it) == [("remind-requester", "01-01 18:00")]  # after the 28th and the 31st


def test_what_is_resolved_closes_after_the_agreed_working_days() -> None:
    """§4: resolved to closed by itself."""
    it = Told("09:00", setup=setup(close_after=5))
    acts.resolve(it.at("15:00"), "solved")
    assert coming(it) == [("close", "12-03 18:00")]
    acts.reopen(it.at("16:00", by=EMI))
    assert duties(it.act.work) == []
    acts.resolve(it.at("Fri 10:00"), "solved")
    assert coming(it) == [("close", "12-04 18:00")]
    acts.close(it.at("Fri 11:00", by=EMI))
    assert duties(it.act.work) == []


def test_a_desk_that_closes_at_once_leaves_the_rest_of_the_day() -> None:
    """§4: with 0 working days at the next midnight of the desk, working day or not."""
    it = Told("09:00", setup=setup(close_after=0))
    acts.resolve(it.at("Sat 15:00"), "solved")
    assert duties(it.act.work) == [Duty(at("Sun 00:00"), "close")]


def test_an_approver_is_reminded_five_times() -> None:
    """§4: then the desk has to look for another way."""
    it = Told("09:00")
    acts.ask_approval(it.act, SATO)
    for n in range(1, 6):
        (duty,) = duties(it.act.work)
        assert duty.kind == "remind-approver"
        it.act.now = duty.at
        it.act.record("approver.reminded", n=n)
    assert duties(it.act.work) == []


@pytest.mark.parametrize("reason", ["requester", "delivery", "approval"])
def test_nothing_comes_to_an_imported_hold(reason: str) -> None:
    """contract: reminders, `until` and approval do not act on imported rows."""
    it = Told("09:00", imported=True)
    acts.hold(it.at("10:00"), reason, at("Tue 12:00"))
    assert duties(it.act.work) == []
    it.act.imported = False
    acts.attach(it.at("11:00"), 1, "digest")
    assert duties(it.act.work) == []


def test_what_a_history_resolved_does_not_close_by_itself() -> None:
    """contract: closing by time does not act on imported rows; a live resolution closes."""
    it = Told("09:00", imported=True)
    acts.resolve(it.at("10:00"), None)
    assert duties(it.act.work) == []
    it.act.imported = False
    acts.reopen(it.at("11:00"))
    acts.resolve(it.at("12:00"), "solved")
    assert [duty.kind for duty in duties(it.act.work)] == ["close"]


def test_without_working_time_nothing_comes() -> None:
    """C3: no loop, no crash."""
    it = Told("09:00", setup=setup(NEVER))
    acts.hold(it.at("10:00"), "requester")
    assert duties(it.act.work) == []
    acts.resolve(it.at("11:00"), "solved")
    assert duties(it.act.work) == []


@given(STEPS, st.integers(0, 25))
def test_whatever_happens_nothing_comes_to_what_is_imported(
    steps: list[Step], imported: int
) -> None:
    """contract: imported holds and resolutions; and the events alone say what comes.

    A history comes first; what is live goes on from there.
    """
    it = Told("09:00", setup=setup())
    for k, (gap, name, extra) in enumerate(steps):
        it.act.now += timedelta(seconds=gap)
        it.act.actor, it.act.imported = ITO, k < imported
        try:
            DOINGS[name](it.act, extra)
        except (IllegalMove, DeskError, IndexError, ValueError):
            continue
        found = duties(it.act.work)
        assert found == duties(follow(it.act.events, it.setup))
        assert found == sorted(found, key=lambda duty: duty.at)
        ends = ("incident.held", "incident.resolved", "incident.closed")
        last = next((e for e in reversed(it.act.events) if e.kind in ends), None)
        if found:
            assert last is not None
            assert not last.data.get("imported")
            assert all(duty.at > last.at for duty in found)
