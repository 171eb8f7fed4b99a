"""What a life line shows of an incident."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from flask import Flask

from servicedesk.incidents.lifeline import (
    Bar,
    Dot,
    HandOff,
    Lane,
    LifeLine,
    Stretch,
    draw,
    picture,
    rows,
)
from tests.incidents.lifelines import (
    AROUND_THE_CLOCK,
    NOW,
    OFFICE_HOURS,
    Drawing,
    barcode_scanners,
    drawing,
    life_line,
    mark,
    mini_drawing,
    never,
    november,
    percents,
    tick_label,
    x,
)

HOUR = timedelta(hours=1)


def test_the_height_follows_the_number_of_lanes() -> None:
    assert drawing(barcode_scanners()).root.get("height") == str(56 + 26 * 4 + 22)
    assert drawing(life_line(NOW - HOUR, lanes=())).root.get("height") == str(56 + 22)


def test_lanes_stand_in_order_of_tier_then_partners_then_the_requester() -> None:
    lanes = picture(barcode_scanners(), tick_label, str).lanes
    assert [lane.key for lane in lanes] == ["desk", "network", "hoshino", "requester"]


def test_a_bar_reaches_from_its_start_to_its_end() -> None:
    line = barcode_scanners()
    bar = drawing(line).named("ll-partner")[-1].find("rect")
    assert bar is not None
    left, width = percents(bar, "x", "width")
    assert left == pytest.approx(x(line, november("20 13:10")), abs=0.01)
    assert left + width == pytest.approx(x(line, november("24 16:20")), abs=0.01)


def test_a_bar_without_an_end_reaches_to_now() -> None:
    line = barcode_scanners()
    bar = drawing(line).named("ll-item")[5].find("rect")
    assert bar is not None
    assert sum(percents(bar, "x", "width")) == pytest.approx(x(line, NOW), abs=0.01)


def test_a_holding_of_no_length_still_shows() -> None:
    instant = NOW - 5 * HOUR
    bars = [Bar("desk", instant, instant, "none"), Bar("network", instant, None, "rest")]
    bar = drawing(life_line(instant, bars=bars)).named("ll-tier-1")[-1].find("rect")
    assert bar is not None
    assert bar.get("width") == "3"


def test_a_pause_is_hatched_in_the_colour_of_the_lane() -> None:
    bars = drawing(barcode_scanners()).named("ll-item")
    assert [rect.get("fill") for rect in bars[5].iter("rect")] == [
        "currentColor",
        "url(#one-tier-2)",
    ]
    assert [rect.get("fill") for rect in bars[2].iter("rect")] == ["url(#one-requester)"]


def test_only_the_kinds_of_holder_that_paused_have_a_hatching() -> None:
    patterns = [each.get("id") for each in drawing(barcode_scanners()).root.iter("pattern")]
    assert patterns == ["one-tier-2", "one-requester"]


def test_a_lane_is_shaded_by_its_own_holders_calendar() -> None:
    uses = drawing(barcode_scanners()).named("ll-shade")
    assert [use.get("href") for use in uses] == ["#one-closed-0", "#one-closed-0", "#one-closed-1"]


def test_closed_stretches_too_short_to_see_are_left_out() -> None:
    """Ninety days: the nights vanish, the weekends stay."""
    line = life_line(NOW - timedelta(days=90))
    shades = next(g for g in drawing(line).root.iter("g") if g.get("id") == "one-closed-0")
    assert len(shades) == 13 + 1  # the weekends, and what follows the last drawn Friday
    assert all(percents(each, "width")[0] * 9.4 > 4 - 0.1 for each in shades)


def test_a_hand_off_points_from_the_giver_to_the_taker() -> None:
    down, up = (
        [path.get("d") for path in arrow.iter("path")][-1]
        for arrow in (drawing(barcode_scanners()).named("ll-arrow")[i] for i in (0, 2))
    )
    assert down == "M0 88L-3.5 82.5H3.5Z"
    assert up == "M0 102L-3.5 107.5H3.5Z"


@pytest.mark.parametrize("lane", ["desk", "gone"])
def test_a_hand_off_within_a_lane_or_to_an_unknown_one_is_left_out(lane: str) -> None:
    line = life_line(NOW - HOUR, hand_offs=[HandOff(NOW, "desk", lane, "odd")])
    assert drawing(line).named("ll-arrow") == []


def test_a_reply_at_the_very_end_of_a_bar_stays_inside_it() -> None:
    end = NOW - HOUR
    bars = [Bar("desk", NOW - 4 * HOUR, end, "a"), Bar("network", end, None, "b")]
    dots = drawing(life_line(bars[0].start, bars=bars, dots=[Dot(end, "desk", "Reply")]))
    assert dots.named("ll-dot")[0].get("cx") == "-5"


def test_the_clock_is_thin_where_it_counted_and_thick_where_it_is_over() -> None:
    picture = drawing(barcode_scanners())
    assert {each.get("height") for each in picture.named("ll-counted")} == {"4"}
    assert {each.get("height") for each in picture.named("ll-over")} == {"6"}


def test_gaps_of_the_clock_too_short_to_see_close() -> None:
    start = NOW - timedelta(days=90)
    rail = [Stretch(a, b, "counted") for a, b in OFFICE_HOURS(start, NOW)]
    drawn = drawing(life_line(start, rail=rail)).named("ll-counted")
    assert len(drawn) == 14  # one for each week, not one for each of 63 days


def test_the_time_now_stands_in_a_pill() -> None:
    shown = drawing(barcode_scanners())
    assert [text.text for text in shown.named("ll-pill")[0].iter("text")] == ["14:05"]
    assert shown.named("ll-ended") == []


def test_a_resolved_incident_has_no_future() -> None:
    line = life_line(NOW - 30 * HOUR, ended=NOW - 24 * HOUR)
    shown = drawing(line)
    assert shown.named("ll-future") == []
    assert len(shown.named("ll-ended")) == 2
    assert x(line, NOW - 24 * HOUR) == pytest.approx(100 / 1.05, abs=0.01)


def test_every_bar_and_date_can_be_focused_and_says_its_sentence() -> None:
    line = barcode_scanners()
    shown = drawing(line)
    items = [each for each in shown.named("ll-item") if "ll-mark" not in each.get("class", "")]
    said = [(each.get("tabindex"), each.get("role"), each.get("aria-label")) for each in items]
    assert said == [("0", "img", bar.sentence) for bar in line.bars]
    for name in ("wide", "middle", "narrow", "bare"):
        marks = shown.at_width(name)[1].named("ll-item")
        assert [each.get("aria-label") for each in marks] == [m.sentence for m in line.marks]


def test_only_the_widest_choice_of_labels_shows_without_a_style_sheet() -> None:
    shown = drawing(barcode_scanners())
    hidden = [name for name in ("wide", "middle", "narrow", "bare") if _hidden(shown, name)]
    assert hidden == ["middle", "narrow", "bare"]


def _hidden(shown: Drawing, name: str) -> bool:
    return all(group.root.get("display") == "none" for group in shown.at_width(name))


def test_the_mini_picture_has_no_text_and_nothing_to_focus() -> None:
    shown = mini_drawing(barcode_scanners())
    assert list(shown.root.iter("text")) == []
    assert [each.get("tabindex") for each in shown.every() if each.get("tabindex")] == []
    assert shown.root.get("role") == "img"
    assert {each.get("height") for each in shown.named("ll-body")} == {"8", "7"}


def test_the_mini_picture_leaves_out_what_is_settled() -> None:
    marks = mini_drawing(barcode_scanners()).named("ll-mark")
    assert [each.get("class") for each in marks] == [
        "ll-mark ll-target ll-breached",
        "ll-mark ll-requested ll-open",
        "ll-mark ll-promised ll-open",
    ]


def test_the_list_tells_everything_in_order_of_time() -> None:
    line = barcode_scanners()
    listed = rows(line, lambda instant: f"{instant:%d %H:%M}")
    assert len(listed) == len([*line.bars, *line.hand_offs, *line.dots, *line.marks])
    assert all(a.at <= b.at for a, b in pairwise(listed))
    assert [row.when for row in listed if row.kind == "date"] == [
        "19 10:14",
        "24 11:12",
        "25 17:00",
        "Thu 26",
        "27 12:00",
    ]


def test_the_legend_names_only_signs_that_occur() -> None:
    always = Lane("desk", "tier-1", "Service Desk", "", AROUND_THE_CLOCK)
    quiet = life_line(NOW - HOUR, lanes=[always], working=AROUND_THE_CLOCK)
    assert picture(quiet, tick_label, str).legend == ("held",)
    assert picture(barcode_scanners(), tick_label, str).legend == (
        "held",
        "paused",
        "closed",
        "over",
    )


@pytest.mark.parametrize(
    "line",
    [
        life_line(NOW),
        life_line(NOW, lanes=(), bars=()),
        life_line(NOW + HOUR),
        life_line(NOW, ended=NOW, marks=[mark("requested", NOW, "met")]),
        life_line(NOW - timedelta(days=40), working=never),
        life_line(NOW - HOUR, marks=[mark("requested", NOW.replace(year=9999), day=True)]),
        life_line(NOW - HOUR, marks=[mark("promised", NOW - timedelta(days=400), "breached")]),
        replace(barcode_scanners(), marks=(), edge_label=""),
    ],
)
def test_odd_histories_are_drawn_too(line: LifeLine) -> None:
    assert drawing(line).root.get("width") == "100%"
    assert mini_drawing(line).root.get("width") == "100%"
    assert len(rows(line, str)) == len([*line.bars, *line.marks, *line.hand_offs, *line.dots])


@pytest.mark.backends("sqlite")
def test_the_page_names_the_lanes_and_lists_everything(app: Flask) -> None:
    source = "{% from 'incidents/_lifeline.html' import lifeline %}{{ lifeline(picture, 'Open') }}"
    with app.test_request_context():
        page = app.jinja_env.from_string(source).render(
            picture=picture(barcode_scanners(), tick_label, str)
        )
    assert all(words in page for words in ("Hoshino Networks", "53 min", "<p>Open</p>"))
    assert page.count("<tr>") == 1 + 18
    assert 'style="' not in page


def test_an_imported_holding_before_the_logging_begins_the_picture() -> None:
    line = life_line(NOW - HOUR, bars=[Bar("desk", NOW - 3 * HOUR, None, "imported")])
    assert x(line, NOW - 3 * HOUR) == 0
    assert x(line, NOW - HOUR) > 0


def test_a_picture_takes_a_few_milliseconds() -> None:
    line = barcode_scanners()
    draw(line, tick_label)
    before = time.process_time()
    for _ in range(20):
        draw(line, tick_label)
    assert (time.process_time() - before) / 20 < 0.005
