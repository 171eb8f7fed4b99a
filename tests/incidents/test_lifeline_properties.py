"""Whatever happened to an incident, its life line keeps to these rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.incidents.lifeline import Bar, Dot, HandOff, LifeLine, Mark, Stretch
from servicedesk.incidents.lifeline.placing import Placed, place
from servicedesk.incidents.lifeline.spots import spots
from tests.incidents.lifelines import (
    AROUND_THE_CLOCK,
    DESK,
    HOSHINO,
    NETWORK,
    NOW,
    OFFICE_HOURS,
    REQUESTER,
    Drawing,
    drawing,
    life_line,
    mini_drawing,
    never,
    percents,
    scale,
)
from tests.support.torture import enough

MINUTE = timedelta(minutes=1)
LANES = (DESK, NETWORK, HOSHINO, REQUESTER)
KEYS = st.sampled_from([lane.key for lane in LANES])
# From one instant to two years: short histories are as likely as long ones.
LENGTHS = st.sampled_from([0, 1, 90, 600, 4_000, 60_000, 1_000_000])
fast = settings(max_examples=enough(40, 2000))


class Story:
    """A random history: who held it, the dates, the clock."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.minutes = draw(LENGTHS)
        self.start = NOW - self.minutes * MINUTE

    def instant(self, before: float = 0, after: float = 0) -> datetime:
        """An instant of the history, or so many times its length before or after it."""
        least = -int(before * self.minutes) - (10 if before else 0)
        most = int((1 + after) * self.minutes) + (3_000 if after else 0)
        return self.start + self.draw(st.integers(least, most)) * MINUTE

    def bars(self) -> Iterator[Bar]:
        cuts = sorted(self.instant() for _ in range(self.draw(st.integers(0, 8))))
        starts, ends = [self.start, *cuts], [*cuts, None]
        for start, end in zip(starts, ends, strict=True):
            pause = sorted([self.instant(), self.instant()])
            yield Bar(self.draw(KEYS), start, end, "<held & 'told'>", [(pause[0], pause[1])])

    def mark(self) -> Mark:
        words = self.draw(st.sampled_from(["Fri 27, 12:00", "27日(金) 12:00", "", "x" * 60]))
        return Mark(
            kind=self.draw(st.sampled_from(["requested", "promised", "target", "response"])),
            at=self.instant(1, 3),
            state=self.draw(st.sampled_from(["open", "met", "superseded", "breached"])),
            label=f"Requested {words}",
            short_label=words,
            sentence='"A" & <B>',
            day=self.draw(st.booleans()),
        )

    def line(self) -> LifeLine:
        bars = list(self.bars())
        working = self.draw(st.sampled_from([OFFICE_HOURS, AROUND_THE_CLOCK, never]))
        return life_line(
            self.start,
            ended=self.draw(st.sampled_from([None, NOW, NOW - 5 * MINUTE])),
            working=working,
            lanes=LANES[: self.draw(st.integers(0, 4))],
            bars=bars,
            marks=[self.mark() for _ in range(self.draw(st.integers(0, 6)))],
            hand_offs=[HandOff(b.start, a.lane, b.lane, "&") for a, b in pairwise(bars)],
            dots=[Dot(self.instant(0.1, 0.1), self.draw(KEYS), "<") for _ in range(3)],
            rail=[Stretch(a, b, "over") for a, b in working(self.start, NOW)],
        )


@st.composite
def life_lines(draw: st.DrawFn) -> LifeLine:
    return Story(draw).line()


@fast
@given(life_lines())
def test_nothing_is_drawn_outside_the_picture(line: LifeLine) -> None:
    for shown in (drawing(line), mini_drawing(line)):
        for element in shown.every():
            assert all(0 <= value <= 100 for value in percents(element, "x", "x1", "x2", "width"))
            assert sum(percents(element, "x", "width")) <= 100.001


@fast
@given(life_lines())
def test_a_picture_has_neither_style_nor_script_and_its_ids_are_its_own(line: LifeLine) -> None:
    for shown, prefix in ((drawing(line), "one-"), (mini_drawing(line), "small-")):
        ids = [each.get("id", prefix) for each in shown.every() if each.get("id") is not None]
        assert all(name.startswith(prefix) for name in ids)
        assert len(ids) == len(set(ids))
        assert not [each for each in shown.every() if each.get("style") or each.tag == "script"]
        assert set(_references(shown)) <= set(ids)


def _references(shown: Drawing) -> Iterator[str]:
    for element in shown.every():
        for value in element.attrib.values():
            if value.startswith(("url(#", "#small-", "#one-")):
                yield value.removeprefix("url(").removesuffix(")").removeprefix("#")


@fast
@given(life_lines(), st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_a_later_instant_never_stands_further_left(line: LifeLine, shares: list[float]) -> None:
    drawn = scale(line)
    instants = [drawn.begin + share * (drawn.end - drawn.begin) for share in sorted(shares)]
    places = [drawn.x(instant) for instant in instants]
    assert places == sorted(places)
    assert drawn.x(drawn.begin) == 0
    assert abs(drawn.x(drawn.end) - 100) < 0.001


@fast
@given(life_lines())
def test_the_past_is_drawn_whole_and_an_hour_at_least(line: LifeLine) -> None:
    drawn = scale(line)
    assert drawn.begin <= line.start
    assert drawn.edge <= drawn.end
    assert drawn.end - drawn.begin >= timedelta(hours=1)


@fast
@given(life_lines())
def test_the_bars_of_a_lane_follow_one_another(line: LifeLine) -> None:
    ends: dict[str, float] = {}
    for bar in drawing(line).named("ll-item"):
        held = [percents(rect, "x", "width") for rect in bar.iter("rect")]
        wide = [each for each in held if len(each) == 2]
        if not wide:
            continue
        left, right = min(x for x, _ in wide), max(sum(each) for each in wide)
        row = next(bar.iter("rect")).get("y", "")
        lane = str(int(float(row)))
        assert left >= ends.get(lane, 0) - 0.011
        ends[lane] = right


@fast
@given(life_lines(), st.sampled_from([(940, 940), (460, 460), (460, 659), (660, 939), (940, 1600)]))
def test_labels_do_not_cover_one_another(line: LifeLine, widths: tuple[int, int]) -> None:
    """Placed for one width, shown at that or a greater one."""
    made_for, shown_at = widths
    boxes = [_box(each, made_for, shown_at) for each in place(spots(line, scale(line)), made_for)]
    labelled = [box for box in boxes if box["label"]]
    for a, b in combinations(labelled, 2):
        if a["row"] == b["row"]:
            assert a["label"][1] < b["label"][0] or b["label"][1] < a["label"][0]
    for lower in labelled:
        assert lower["label"][0] >= 0
        assert lower["label"][1] <= shown_at
        crossing = [upper for upper in boxes if upper["row"] < lower["row"]]
        assert not [u for u in crossing if lower["label"][0] < u["line"] < lower["label"][1]]


def _box(placed: Placed, made_for: int, shown_at: int) -> dict[str, Any]:
    moved = placed.spot.x * (shown_at - made_for) / 100
    label = placed.label and (placed.label[0] + moved, placed.label[1] + moved)
    return {"row": placed.row, "line": placed.line + moved, "label": label}


@fast
@given(life_lines())
def test_every_date_is_in_every_choice_of_labels(line: LifeLine) -> None:
    shown = drawing(line)
    for name in ("wide", "middle", "narrow", "bare"):
        assert len(shown.at_width(name)[1].named("ll-mark")) == len(line.marks)
    assert shown.at_width("bare")[1].texts("ll-label") == []
