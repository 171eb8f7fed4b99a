"""Whatever the numbers and names: marks in their frame, lengths in proportion, labels apart."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.reports import charts
from servicedesk.reports.charts import PAGE, PRINT, Bar, Line, Part, Ranked, Stack
from servicedesk.reports.charts.scales import fit, spread, wide, wrap

FEW = settings(max_examples=12, deadline=None)
SVG = "{http://www.w3.org/2000/svg}"
names = st.text(max_size=20) | st.sampled_from(
    ["Service desk", "業務システムサポートセンター（第二運用グループ・夜間担当）", "W" * 80, ""]
)
counts = st.integers(0, 10) | st.integers(0, 10**7)
some = st.lists(counts, min_size=1, max_size=24)
sheets = st.sampled_from([PRINT, PAGE])
HALF = 0.5  # pixels
TONES = ["tier-1", "tier-2", "tier-3", "partner", "person"]

Box = tuple[float, float, float, float]


def boxes(svg: str, name: str) -> list[Box]:
    """Give the rectangles of a class: left, top, right, below."""
    found = [e for e in ET.fromstring(svg).iter(f"{SVG}rect") if name in e.get("class", "").split()]
    return [_box(*(float(e.get(k, "0")) for k in ("x", "y", "width", "height"))) for e in found]


def _box(x: float, y: float, width: float, height: float) -> Box:
    return x, y, x + width, y + height


def labels(svg: str) -> list[Box]:
    """Give the room that each text takes at the most."""
    found = []
    for e in ET.fromstring(svg).iter(f"{SVG}text"):
        size, x, y = (float(e.get(k, "0")) for k in ("font-size", "x", "y"))
        width = wide(e.text or "", size)
        left = {"start": x, "middle": x - width / 2, "end": x - width}[e.get("text-anchor", "")]
        found.append((left, y - size * 0.8, left + width, y + size * 0.2))
    return [box for box in found if box[2] > box[0]]


def assert_in_frame(svg: str) -> None:
    """Every number of every mark lies in the frame; a text of size and anchor does too."""
    root = ET.fromstring(svg)
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    for e in root.iter():
        for keys, end in ((("x", "x1", "x2", "cx"), width), (("y", "y1", "y2", "cy"), height)):
            assert all(-0.01 <= float(e.get(k, "0")) <= end + 0.01 for k in keys)
        if e.tag == f"{SVG}rect":
            assert float(e.get("x", "0")) + float(e.get("width", "0")) <= width + 0.02
            assert float(e.get("y", "0")) + float(e.get("height", "0")) <= height + 0.02
        for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", e.get("points", "") + e.get("d", "")):
            assert -0.01 <= float(x) <= width + 0.01
            assert -0.01 <= float(y) <= height + 0.01


def assert_apart(svg: str) -> None:
    for one, other in combinations(labels(svg), 2):
        across = min(one[2], other[2]) - max(one[0], other[0])
        down = min(one[3], other[3]) - max(one[1], other[1])
        assert across <= 0.02 or down <= 0.02, (one, other)


@given(some, st.lists(names, min_size=24, max_size=24), sheets)
@FEW
def test_a_ranking_adds_up_on_one_scale(
    values: list[int], called: list[str], sheet: charts.Sheet
) -> None:
    ranked = sorted(values, reverse=True)
    bars = [Bar(name, v, f"{v:,}") for name, v in zip(called, ranked, strict=False)]
    sums = Ranked(["100.0 %"] * len(bars), ("Counted time", "Running sum"))
    svg = charts.pareto(bars, sums, "t", sheet=sheet)
    assert_in_frame(svg)
    assert_apart(svg)
    drawn = boxes(svg, "chart-area")
    if drawn and len(drawn) < 20:
        runs = re.search(r'<polyline[^>]*points="([^"]*)"', svg)
        end = float(runs[1].split()[-1].split(",")[0]) if runs else 0
        whole = sum(right - left for left, _t, right, _b in drawn)
        assert abs(whole - (end - drawn[0][0])) <= HALF * len(drawn) + 0.1


@given(st.lists(st.tuples(names, st.lists(counts, max_size=5)), min_size=1, max_size=6), sheets)
@FEW
def test_the_parts_of_stacks_come_to_their_totals(
    said: list[tuple[str, list[int]]], sheet: charts.Sheet
) -> None:
    stacks = [
        Stack(name, [Part(t, v, t, f"{v:,}") for t, v in zip(TONES, values, strict=False)],
              f"{sum(values):,}")
        for name, values in said
    ]  # fmt: skip
    for svg in (
        charts.stacks(stacks, "t", sheet=sheet),
        charts.histogram(stacks, "t", sheet=sheet),
    ):
        assert_in_frame(svg)
    svg = charts.stacks(stacks, "t", sheet=sheet)
    assert_apart(svg)
    bars: dict[float, float] = {}
    for left, top, right, below in boxes(svg, "chart-area") + boxes(svg, "tone-partner"):
        if below - top > 9.1:  # not a sign of the key
            bars[round((top + below) / 2, 0)] = (
                bars.get(round((top + below) / 2, 0), 0) + right - left
            )
    sums = [sum(values) for _name, values in said if sum(values)]
    solid = [sum(values) for _name, values in said if sum(values) and len(values) < 4]
    if bars and len(solid) == len(sums) == len(bars):
        most = max(zip(sums, bars.values(), strict=True))
        for total, length in zip(sums, bars.values(), strict=True):
            assert abs(length - most[1] * total / most[0]) <= HALF


@given(st.lists(st.none() | counts, min_size=1, max_size=40), names, sheets)
@FEW
def test_months_lie_in_their_frame_with_labels_apart(
    values: list[int | None], name: str, sheet: charts.Sheet
) -> None:
    labels_ = [f"Month {n}" for n in range(len(values))]
    said = ["–" if v is None else f"{v:,}" for v in values]
    columns, line = Line(name, values, said), Line("Logged", values[::-1], said[::-1], dashed=True)
    svg = charts.months(labels_, columns, [line], "t", sheet=sheet)
    assert_in_frame(svg)
    assert_apart(svg)


@given(st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=40), st.floats(0, 1), sheets)
@FEW
def test_shares_lie_in_their_frame_with_labels_apart(
    values: list[float | None], goal: float, sheet: charts.Sheet
) -> None:
    said = ["–" if v is None else f"{v:.1%}" for v in values]
    labels_ = [f"Month {n}" for n in range(len(values))]
    svg = charts.shares(labels_, Line("Kept", values, said), goal, "goal 90 %", "t", sheet=sheet)
    assert_in_frame(svg)
    assert_apart(svg)


@given(st.floats(0, 1), st.none() | st.floats(0, 1))
@FEW
def test_a_share_its_gap_and_its_goal_lie_on_one_scale(share: float, goal: float | None) -> None:
    svg = charts.compliance(share, goal, "t", width=200)
    assert_in_frame(svg)
    [value] = boxes(svg, "chart-value")
    assert abs(value[2] - share * 200) <= 0.01
    for gap in boxes(svg, "chart-paper"):
        assert abs(gap[0] - value[2]) <= 0.02
        assert abs(gap[2] - (goal or 0) * 200) <= 0.02
    assert bool(boxes(svg, "chart-paper")) == (goal is not None and goal > share)


@given(st.floats(0, 1e7, allow_nan=False))
@FEW
def test_the_grid_reaches_the_largest_value_with_round_steps(most: float) -> None:
    grid = charts.ticks(most)
    assert grid[0] == 0
    assert grid[-1] >= most
    assert 2 <= len(grid) <= 6
    assert all(value == int(value) for value in grid)


@given(st.text(max_size=300), st.floats(20, 300))
@FEW
def test_a_name_has_room_in_its_lines_and_what_is_left_out_is_marked(
    said: str, room: float
) -> None:
    assert wide(fit(said, room, 10), 10) <= max(room, wide("…", 10)) + 0.01
    lines = wrap(said, room, 10)
    assert len(lines) <= 2
    assert all(wide(line, 10) <= max(room, wide("…", 10)) + 0.01 for line in lines)
    if len(said) < 200 and not any("…" in line for line in lines):
        assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", said)


@given(st.lists(st.floats(0, 200), min_size=1, max_size=6))
@FEW
def test_labels_beside_each_other_are_moved_apart(wanted: list[float]) -> None:
    placed = sorted(spread(wanted, 13, 0, 200))
    assert all(b - a >= 13 - 0.001 for a, b in pairwise(placed))
    assert placed[0] >= -0.001
    assert placed[-1] <= 200.001
