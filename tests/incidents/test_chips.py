"""The three dates as they are shown: what is left, and how it stands."""

from __future__ import annotations

from datetime import date

import pytest
from flask_babel import force_locale

from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.chips import Chip, Chips
from tests.cast import Desk, at

pytestmark = pytest.mark.backends("sqlite")

FRIDAY = Due(day=date(2026, 11, 27))


def chips(desk: Desk, n: int, when: str) -> dict[str, Chip]:
    """Give an incident's chips at an instant, as they are read in English."""
    incident = desk.incident(n)
    with desk.app.test_request_context("/"), force_locale("en"):
        return {chip.kind: chip for chip in Chips(desk.setup(), at(when)).all(incident)}


def said(desk: Desk, n: int, when: str, kind: str) -> tuple[str, str]:
    chip = chips(desk, n, when)[kind]
    return chip.left, chip.tone


def test_nothing_wished_and_nothing_promised_is_said_so(desk: Desk) -> None:
    """D5: an incident without a wish is one without a wish."""
    shown = chips(desk, desk.log(), "10:00")
    assert (shown["requested"].text, shown["requested"].tone) == ("No date", "none")
    assert (shown["promised"].text, shown["promised"].tone) == ("Not promised", "none")


@pytest.mark.parametrize(
    ("when", "left"),
    [
        ("Thu 10:00", ("15 h left", "quiet")),
        ("Fri 13:59:59", ("4 h 00 left", "quiet")),
        ("Fri 14:00", ("4 h 00 left", "soon")),
        ("Fri 23:59:59", ("0 min left", "soon")),
        ("Sat 00:00", ("over", "late")),
        ("Mon 10:30", ("1 h 30 over", "late")),
    ],
)
def test_what_is_left_of_a_wish_is_working_time(
    desk: Desk, when: str, left: tuple[str, str]
) -> None:
    """D1: a day is in time until its midnight; what is left counts the desk's hours."""
    assert said(desk, desk.log(wish=FRIDAY), when, "requested") == left


@pytest.mark.parametrize("kind", ["requested", "promised"])
@pytest.mark.parametrize(
    ("when", "left"),
    [
        ("Fri 13:59:59", ("4 h 00 left", "quiet")),
        ("Fri 14:00", ("4 h 00 left", "soon")),  # 18:00 is the last working moment before Sunday
        ("Sat 12:00", ("0 min left", "soon")),
        ("Sun 23:59:59", ("0 min left", "soon")),
        ("Mon 00:00", ("over", "late")),
    ],
)
def test_a_closed_day_is_near_before_the_desk_closes_and_late_after_it(
    desk: Desk, kind: str, when: str, left: tuple[str, str]
) -> None:
    """D1: planned for the last working moment before, judged at its midnight; wish and promise."""
    sunday = Due(day=date(2026, 11, 29))
    n = desk.log(wish=sunday)
    desk.do(commands.promise, n, sunday, by="ito", when="10:00")
    assert said(desk, n, when, kind) == left


@pytest.mark.parametrize(
    ("when", "verdict"), [("Fri 23:59:59", ("kept", "met")), ("Sat 00:00", ("late", "late"))]
)
def test_resolved_it_was_kept_or_late(desk: Desk, when: str, verdict: tuple[str, str]) -> None:
    """D1: judged at the resolution."""
    n = desk.log(wish=FRIDAY)
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when=when)
    assert said(desk, n, "Wed 10:00", "requested") == verdict


def test_cancelled_in_time_it_was_neither_kept_nor_late(desk: Desk) -> None:
    """§4: clocks that still run end as cancelled."""
    n = desk.log(wish=FRIDAY)
    desk.do(commands.cancel, n, by="emi", when="10:00")
    assert said(desk, n, "Wed 10:00", "requested") == ("", "none")


def test_the_next_target_is_the_earliest_that_runs(desk: Desk) -> None:
    """Screens: the next target, with its kind."""
    n = desk.log()
    shown = chips(desk, n, "09:30")["target"]
    assert (shown.target_name, shown.left) == ("Answer", "Answer · 30 min left")
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="09:40")
    shown = chips(desk, n, "09:40")["target"]
    assert shown.left == "Holding · 7 h 20 left"


def test_a_partners_answer_is_named_so(desk: Desk) -> None:
    n = desk.log(impact=1, urgency=1)
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="09:05")
    desk.do(hand_off, n, "netone", note="Please look", by="ito", when="09:10")
    assert said(desk, n, "09:10", "target") == ("Accept · 15 min left", "soon")


def test_a_paused_clock_shows_what_is_left(desk: Desk) -> None:
    """C5: while paused, a clock has no due instant; it shows what is left."""
    n = desk.log(impact=1, urgency=1)
    desk.do(commands.hold, n, "requester", by="ito", when="10:00", question="Which room?")
    shown = chips(desk, n, "Mon 10:00")["target"]
    assert (shown.text, shown.left, shown.tone) == ("Paused", "Resolve · 3 h 00 left", "paused")


def test_a_paused_clock_that_is_over_says_so(desk: Desk) -> None:
    """C10: breached from then on, running, paused or stopped."""
    n = desk.log(impact=1, urgency=1)
    desk.do(commands.hold, n, "requester", by="ito", when="16:00", question="Which room?")
    shown = chips(desk, n, "Mon 10:00")["target"]
    assert (shown.text, shown.left, shown.tone) == ("Paused", "Resolve · 2 h 00 over", "late")


def test_reached_at_closing_time_it_is_not_late_before_work_goes_on(desk: Desk) -> None:
    """C3, C10: due at closing time, breached once counted time exceeds the target."""
    n = desk.log(when="14:00", impact=1, urgency=1)
    desk.do(commands.comment, n, "reply", "We look at it", by="ito", when="14:00")
    assert said(desk, n, "Thu 20:00", "target") == ("Resolve · 0 min left", "soon")
    assert said(desk, n, "Fri 10:00", "target") == ("Resolve · 1 h 00 over", "late")


def test_what_has_ended_has_no_next_target(desk: Desk) -> None:
    n = desk.log()
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when="10:00")
    assert chips(desk, n, "10:00")["target"].text == "–"
