"""How the dates of a life line are drawn and labelled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from servicedesk.incidents.lifeline.frame import RAIL_FLOOR
from servicedesk.incidents.lifeline.parts import MarkKind, MarkState
from servicedesk.incidents.lifeline.placing import Placed, place
from servicedesk.incidents.lifeline.spots import Spot
from servicedesk.incidents.lifeline.text import text_width
from tests.incidents.lifelines import (
    NOW,
    Drawing,
    barcode_scanners,
    drawing,
    life_line,
    mark,
)

HOUR = timedelta(hours=1)


def shape(shown: Drawing, name: str) -> tuple[str, str, str]:
    """The element, outline and paint of a date's head."""
    head = shown.at_width("wide")[1].named(name)[0]
    drawn = next(each for each in head.iter() if "ll-head" in each.get("class", ""))
    paint = "hollow" if "ll-paper" in drawn.get("class", "") else "filled"
    return drawn.tag, drawn.get("d", drawn.get("r", "")), paint


def line_of(shown: Drawing, name: str) -> str:
    head = shown.at_width("wide")[1].named(name)[0]
    return next(e.get("d", "") for e in head.iter() if e.get("class") == "ll-line")


def spot(kind: MarkKind, x: float, state: MarkState = "open") -> Spot:
    """A date with words of 20 letters, 6 of them its short ones."""
    return Spot(mark(kind, NOW, state, label="x" * 20, short="x" * 6), NOW, x)


def placing(*found: Spot, width: int = 940) -> dict[str, Placed]:
    return {each.spot.mark.kind: each for each in place(found, width)}


def test_the_three_dates_have_three_shapes() -> None:
    marks = [mark("requested", NOW + HOUR), mark("promised", NOW), mark("target", NOW - HOUR)]
    shown = drawing(life_line(NOW - 6 * HOUR, marks=marks))
    assert shape(shown, "ll-requested") == ("path", "M0 -5H10L7 -1L10 3H0Z", "filled")
    assert shape(shown, "ll-promised") == ("path", "M0 -5.5L5.5 0L0 5.5L-5.5 0Z", "hollow")
    assert shape(shown, "ll-target") == ("circle", "5", "hollow")


@pytest.mark.parametrize("kind", ["requested", "promised", "target"])
def test_a_breached_date_is_filled(kind: MarkKind) -> None:
    marks = [mark(kind, NOW - HOUR, "breached")]
    assert shape(drawing(life_line(NOW - 6 * HOUR, marks=marks)), "ll-breached")[2] == "filled"


def test_a_breached_label_is_bold() -> None:
    label = drawing(barcode_scanners()).at_width("wide")[1].named("ll-label")[1]
    assert label.text == "Resolution target Tue 24 · 15 h over"
    assert label.get("font-weight") == "600"


def test_a_superseded_date_is_hollow_and_struck_out() -> None:
    shown = drawing(barcode_scanners())
    assert shape(shown, "ll-superseded")[2] == "hollow"
    label = shown.at_width("wide")[1].named("ll-superseded")[0].find("svg/text")
    assert label is not None
    assert label.get("text-decoration") == "line-through"


@pytest.mark.parametrize(
    ("name", "floor"),
    [("ll-met", RAIL_FLOOR), ("ll-superseded", RAIL_FLOOR), ("ll-open", 160), ("ll-breached", 160)],
)
def test_the_line_of_what_is_settled_ends_at_the_clock(name: str, floor: int) -> None:
    assert line_of(drawing(barcode_scanners()), name).endswith(f"V{floor}")


def test_only_an_open_promise_is_dashed() -> None:
    lines = drawing(barcode_scanners()).at_width("wide")[1].named("ll-line")
    assert [each.get("stroke-dasharray") for each in lines] == [None, None, None, None, "5 3"]


def test_every_date_of_the_example_has_its_whole_label() -> None:
    assert drawing(barcode_scanners()).labels() == [
        "First answer met",
        "Resolution target Tue 24 · 15 h over",
        "Promised Wed 25",
        "Requested Thu 26",
        "Promised Fri 27, 12:00",
    ]


def test_a_label_tries_its_places_in_order() -> None:
    """Upper right, lower right, upper left, lower left, the date alone, only the head."""
    breach = spot("target", 50, "breached")
    assert _where(placing(spot("requested", 50))["requested"]) == (0, "right", 20)
    assert _where(placing(breach, spot("requested", 55))["requested"]) == (1, "right", 20)
    assert _where(placing(spot("requested", 95))["requested"]) == (0, "left", 20)
    crowd = placing(spot("target", 78, "breached"), spot("requested", 94))
    assert _where(crowd["requested"]) == (1, "left", 20)
    assert _where(placing(spot("requested", 50), width=120)["requested"]) == (0, "right", 6)
    assert _where(placing(spot("requested", 50), width=80)["requested"]) == (0, "", 0)


def _where(placed: Placed) -> tuple[int, str, int]:
    return placed.row, placed.side, len(placed.text)


def test_the_more_important_date_chooses_first() -> None:
    found = placing(spot("promised", 50), spot("requested", 51), spot("target", 49, "breached"))
    assert list(found) == ["target", "requested", "promised"]


def test_a_lower_label_never_crosses_an_upper_line() -> None:
    found = placing(spot("target", 50, "breached"), spot("requested", 47))
    assert _where(found["requested"]) == (0, "left", 20)


def test_a_wish_and_a_promise_for_the_same_instant_stand_one_below_the_other() -> None:
    found = placing(spot("requested", 50), spot("promised", 50))
    assert [(each.row, each.side) for each in found.values()] == [(0, "right"), (1, "right")]


def test_a_head_without_a_place_stands_close_above_the_clock() -> None:
    crowd = [spot("target", 50, "breached"), spot("requested", 50), spot("promised", 50)]
    assert placing(*crowd)["promised"].row == 2


def test_a_japanese_letter_counts_twice() -> None:
    assert text_width("Promised 25") == pytest.approx(11 * 6.3)
    assert text_width("回答納期 25日") == pytest.approx(5 * 12 + 3 * 6.3)
