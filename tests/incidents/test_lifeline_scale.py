"""How a life line lays out its time, and what it writes below."""

from __future__ import annotations

from datetime import timedelta

import pytest

from servicedesk.incidents.lifeline import LifeLine
from servicedesk.incidents.lifeline.extent import judged_at
from servicedesk.incidents.lifeline.scale import gaps, merge
from servicedesk.incidents.lifeline.spots import spots
from servicedesk.incidents.lifeline.ticks import ticks
from tests.incidents.lifelines import (
    AROUND_THE_CLOCK,
    NOW,
    barcode_scanners,
    drawing,
    life_line,
    mark,
    never,
    november,
    scale,
    x,
)
from tests.sla.calendars import at, calendar

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_closed_time_takes_an_eighth_of_working_time() -> None:
    line = barcode_scanners()
    hour_worked = x(line, november("20 11:00")) - x(line, november("20 10:00"))
    hour_closed = x(line, november("20 23:00")) - x(line, november("20 22:00"))
    assert hour_worked == pytest.approx(8 * hour_closed)


def test_a_desk_that_never_closes_has_an_even_scale() -> None:
    line = life_line(NOW - 3 * DAY, working=AROUND_THE_CLOCK)
    assert x(line, NOW - 2 * DAY) == pytest.approx(x(line, NOW) / 3)


def test_a_desk_that_never_opens_has_an_even_scale_too() -> None:
    line = life_line(NOW - 3 * DAY, working=never)
    assert x(line, NOW - 2 * DAY) == pytest.approx(x(line, NOW) / 3)


def test_two_hours_are_not_folded() -> None:
    evening = november("26 17:00")
    line = life_line(evening, now=evening + 2 * HOUR)
    assert x(line, evening + HOUR) == pytest.approx(x(line, evening + 2 * HOUR) / 2)


def test_the_picture_ends_five_per_cent_after_now() -> None:
    assert x(life_line(NOW - 5 * HOUR), NOW) == pytest.approx(100 / 1.05, abs=0.01)


def test_the_picture_reaches_the_last_open_date_with_room_for_its_label() -> None:
    line = barcode_scanners()
    promised = x(line, november("27 12:00"))
    assert 80 < promised < 100 / 1.05
    assert "Promised Fri 27, 12:00" in drawing(line).labels()


def test_a_superseded_date_does_not_stretch_the_picture() -> None:
    line = life_line(NOW - 5 * HOUR, marks=[mark("promised", NOW + 2 * HOUR, "superseded")])
    assert x(line, NOW) == pytest.approx(100 / 1.05, abs=0.01)


def test_the_picture_has_at_least_one_hour() -> None:
    line = life_line(NOW - timedelta(minutes=1))
    assert scale(line).end - scale(line).begin == HOUR


@pytest.mark.parametrize("days", [2, 30, 400, 30_000])
def test_the_past_keeps_about_three_fifths_when_a_date_lies_far_ahead(days: int) -> None:
    line = life_line(NOW - 3 * DAY, marks=[mark("requested", NOW + days * DAY)])
    assert 55 <= x(line, NOW) <= 61


def test_a_parked_date_stands_at_the_edge_with_an_arrow() -> None:
    line = life_line(
        NOW - timedelta(minutes=77),
        working=AROUND_THE_CLOCK,
        marks=[
            mark("requested", NOW, day=True, label="Requested 24:00", short="24:00"),
            mark("target", NOW + timedelta(minutes=43), label="Resolution 14:48", short="14:48"),
        ],
    )
    parked = drawing(line).at_width("wide")[1].named("ll-requested")[0]
    assert [each.get("x") for each in parked.iter("svg")] == ["100%"]
    assert [each.text for each in parked.iter("text") if each.get("class") == "ll-label"] == [
        "24:00"
    ]
    assert len(list(parked.iter("path"))) == 3  # line, flag, arrow


def test_parked_dates_stand_side_by_side_the_farthest_at_the_edge() -> None:
    week = NOW + 7 * DAY
    marks = [mark("target", week + DAY), mark("requested", week), mark("promised", week)]
    line = life_line(NOW - HOUR, marks=marks)
    parked = {each.mark.kind: (each.x, each.shift) for each in spots(line, scale(line))}
    assert parked == {"target": (100, 0), "requested": (100, -18), "promised": (100, -18)}


def test_what_lies_outside_goes_to_the_nearer_end() -> None:
    line = life_line(NOW - 5 * HOUR)
    assert (x(line, NOW - 9 * DAY), x(line, NOW + 9 * DAY)) == (0, 100)


def test_a_date_before_the_beginning_is_parked_at_the_left() -> None:
    line = life_line(NOW - 5 * HOUR, marks=[mark("requested", NOW - 3 * DAY, "breached")])
    shown = drawing(line).at_width("wide")[1]
    assert [each.get("x") for each in shown.root.iter("svg")] == ["0%"]
    assert shown.texts("ll-label") == ["Requested Thu 26"]


@pytest.mark.parametrize("hour", ["00:01", "12:00", "24:00"])
def test_a_day_is_judged_at_its_24_00(hour: str) -> None:
    """D1: in the desk's zone, whichever instant of the day stands for it."""
    midnight = at("2026-11-27T00:00")
    instant = midnight if hour == "24:00" else november(f"26 {hour}")
    assert judged_at(mark("requested", instant, day=True), "Asia/Tokyo") == midnight


def test_a_day_of_25_hours_is_judged_at_its_24_00_too() -> None:
    """D1: on the day on which the clocks go back."""
    zone = "Europe/Berlin"
    noon, midnight = at("2026-10-25T12:00", zone), at("2026-10-26T00:00", zone)
    assert judged_at(mark("requested", noon, day=True), zone) == midnight


def test_merging_joins_what_touches_and_drops_what_is_empty() -> None:
    a, b, c, d = (NOW + n * HOUR for n in range(4))
    assert merge([(c, d), (a, b), (b, b), (b, c)], a, d) == ((a, d),)
    assert gaps([(b, c)], a, d) == ((a, b), (c, d))
    assert merge([], a, d) == ()


def units(line: LifeLine, width: int = 940) -> str:
    """The ticks of a picture, briefly."""
    [chosen] = ticks(scale(line), line.zone, [width])
    return " ".join(
        f"{tick.at:%H:%M}" if tick.unit == "time" else f"{tick.unit}-{tick.at.month}/{tick.at.day}"
        for tick in chosen
        if tick.line
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (life_line(NOW - timedelta(minutes=77)), "13:00 13:15 13:30 13:45 14:00"),
        (life_line(NOW - 4 * HOUR), "10:30 11:00 11:30 12:00 12:30 13:00 13:30 14:00"),
        (
            life_line(november("26 09:00"), now=november("26 17:30")),
            "09:00 10:00 11:00 12:00 13:00 14:00 15:00 16:00 17:00",
        ),
        (life_line(november("19 09:30")), "day-11/19 day-11/20 day-11/24 day-11/25 day-11/26"),
        (life_line(november("02 09:30")), "week-11/9 week-11/16 week-11/24"),
        (
            life_line(november("04 09:00") - 200 * DAY),
            "month-5/1 month-6/1 month-7/1 month-8/3 month-9/1 month-10/1 month-11/2 month-12/1",
        ),
        (  # every second month
            life_line(november("02 09:00") - 400 * DAY, now=november("02 09:00") + 240 * DAY),
            (
                "month-11/3 month-1/1 month-3/2 month-5/1 month-7/1 month-9/1 "
                "month-11/2 month-1/1 month-3/1 month-5/3 month-7/1"
            ),
        ),
    ],
)
def test_ticks_are_of_the_smallest_unit_that_has_room(line: LifeLine, expected: str) -> None:
    assert units(line) == expected


def test_a_narrow_picture_has_fewer_ticks() -> None:
    line = barcode_scanners()
    assert units(line).startswith("day-11/19 day-11/20 day-11/24")
    assert units(line, 280).startswith("week-11/24")


def test_the_first_tick_of_a_later_day_names_the_day() -> None:
    line = life_line(november("25 13:30"), now=november("26 11:05"))
    assert units(line) == "14:00 15:00 16:00 17:00 day-11/26 10:00 11:00"


def test_hours_give_way_to_days_where_none_falls_on_the_opening() -> None:
    half_past = calendar({"mon-fri": ["08:45-17:45"]}).windows
    line = life_line(november("25 13:30"), now=november("26 11:05"), working=half_past)
    assert units(line) == "day-11/25 day-11/26"


def test_where_no_tick_stands_at_the_beginning_its_day_is_named() -> None:
    [chosen] = ticks(scale(life_line(november("21 02:00"))), "Asia/Tokyo", [940])
    assert (chosen[0].at, chosen[0].unit, chosen[0].line) == (november("21 02:00"), "day", False)


def test_a_beginning_close_to_the_first_tick_is_not_named() -> None:
    [chosen] = ticks(scale(life_line(november("08 11:00"))), "Asia/Tokyo", [940])
    assert (chosen[0].at, chosen[0].line) == (november("09 09:00"), True)


def test_a_tick_on_a_working_day_stands_at_its_opening() -> None:
    """After a weekend and a holiday that is Tuesday."""
    line = barcode_scanners()
    lines = drawing(line).at_width("wide")[0].named("ll-tick")
    assert lines[2].get("x1") == f"{x(line, november('24 09:00')):.2f}%"


def test_a_label_under_the_pill_gives_way() -> None:
    line = life_line(NOW - 5 * HOUR, now=november("26 13:02"))
    assert "13:00" not in drawing(line).tick_labels()


def test_a_night_at_work_is_told_by_the_clock() -> None:
    """Logged on a Friday evening, looked at on Saturday: nothing was open."""
    evening = november("27 20:00")
    line = life_line(evening, now=evening + 10 * HOUR)
    assert "day 11-28" in drawing(line).tick_labels()


def test_a_history_of_thirty_years_has_a_few_ticks() -> None:
    line = life_line(NOW - 11_000 * DAY)
    assert 3 < len(drawing(line).tick_labels()) < 17
