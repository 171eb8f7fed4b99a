"""Charts: whole SVG, the same bytes, nothing inline, words for who cannot see them."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.reports import charts
from servicedesk.reports.charts import Line, Part

SVG = "{http://www.w3.org/2000/svg}"
LABELS = ["Sep", "Oct", "Nov"]


def months() -> str:
    lines = [
        Line("Logged", [3, 5, 8], ["3", "5", "8"]),
        Line("Resolved", [2, 5, 9], ["2", "5", "9"], dashed=True),
    ]
    return charts.months(LABELS, Line("Open", [1, 1, 0], ["1", "1", "0"]), lines, "Volume")


def shares(goal: float | None = 0.9) -> str:
    line = Line("Kept", [0.8, None, 1.0], ["80.0 %", "–", "100.0 %"])
    return charts.shares(LABELS, line, goal, "goal 90 %", "Kept")


PARTS = [Part("Tier 1", 3, "#111111"), Part("Partner", 1, "#222222", "25 %", True)]
DRAWN = {
    "months": months(),
    "shares": shares(),
    "without a goal": shares(None),
    "compliance": charts.compliance(0.8, 0.9, "Kept"),
    "stacked": charts.stacked(PARTS, "Hands"),
    "swatch": charts.swatch(Part("Partner", 1, "#222222", hatched=True)),
}


@pytest.mark.parametrize("drawn", DRAWN.values(), ids=DRAWN)
def test_a_chart_is_whole_and_has_nothing_inline(drawn: str) -> None:
    root = ET.fromstring(drawn)
    assert root.find(f"{SVG}title") is not None
    for element in root.iter():
        assert element.tag not in (f"{SVG}style", f"{SVG}script")
        assert not {name for name in element.attrib if name == "style" or name.startswith("on")}


@pytest.mark.parametrize("drawn", DRAWN.values(), ids=DRAWN)
def test_every_shape_says_its_colour_itself(drawn: str) -> None:
    """What is printed is not reached by the page's CSS."""
    for element in ET.fromstring(drawn).iter():
        if element.tag in {
            f"{SVG}{name}" for name in ("rect", "line", "polyline", "circle", "text")
        }:
            assert {"fill", "stroke"} & set(element.attrib)


def test_the_same_figures_are_the_same_bytes() -> None:
    assert months() == DRAWN["months"]


def test_a_chart_says_its_values_in_words() -> None:
    said = ET.fromstring(months()).findtext(f"{SVG}desc")
    assert (
        said
        == "Open: Sep 1, Oct 1, Nov 0; Logged: Sep 3, Oct 5, Nov 8; Resolved: Sep 2, Oct 5, Nov 9"
    )


def test_what_is_missing_to_the_goal_is_hatched_and_the_goal_a_tick() -> None:
    assert "chart-gap" in charts.compliance(0.8, 0.9, "Kept")
    assert "chart-gap" not in charts.compliance(0.95, 0.9, "Kept")
    assert "chart-tick" not in charts.compliance(0.8, None, "Kept")


def test_names_are_escaped() -> None:
    assert "<img" not in charts.compliance(1, None, "<img src=x>")
    assert "<img" not in charts.months(["<img>"], Line("<img>", [1], ["1"]), [], "t")


@given(st.floats(0, 1e7, allow_nan=False))
def test_the_grid_reaches_the_largest_value_with_round_steps(most: float) -> None:
    grid = charts.ticks(most)
    assert grid[0] == 0
    assert grid[-1] >= most
    assert 2 <= len(grid) <= 6
    assert all(value == int(value) for value in grid)
