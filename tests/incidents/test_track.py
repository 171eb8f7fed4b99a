"""C15: the lane of a chosen clock on the life line."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from servicedesk.incidents.lifeline import Goal, LifeLine, Section, Track, Tract, TractKind, picture
from servicedesk.incidents.lifeline.page import Picture
from tests.incidents.lifelines import NOW, OFFICE_HOURS, life_line, november

START = november("24 09:00")
SVG = "{http://www.w3.org/2000/svg}"


def section(start: str, end: str, kind: TractKind) -> Section:
    tract = Tract(november(start), november(end), kind)
    return Section(tract.start, tract.end, f"{kind} <so long>", [tract])


SECTIONS = (
    section("24 09:00", "24 12:00", "counted"),
    section("24 12:00", "24 13:00", "outside"),
    section("24 13:00", "24 18:00", "paused"),
    section("25 09:00", "25 12:00", "stopped"),
    section("25 13:00", "25 18:00", "excluded"),
    section("26 09:00", "26 12:00", "over"),
)
TRACK = Track("Resolution", "3 h over", SECTIONS, windows=OFFICE_HOURS)


def drawn(track: Track | None, line: LifeLine | None = None) -> Picture:
    line = replace(line or life_line(START), track=track)
    return picture(line, lambda at, unit: f"{at:%H:%M}", lambda at: f"{at:%d %H:%M}")


def items(shown: Picture, name: str) -> list[ET.Element]:
    root = ET.fromstring(str(shown.svg))
    return [g for g in root.iter(f"{SVG}g") if name in (g.get("class") or "").split()]


def test_each_kind_has_a_shape_of_its_own() -> None:
    """Never colour alone: heights, hatchings, a dotted line, and nothing outside hours."""
    bodies = [
        [
            (each.tag.removeprefix(SVG), each.get("height"), (each.get("fill") or "")[:9])
            for each in item
            if "ll-body" in (each.get("class") or "")
        ]
        for item in items(drawn(TRACK), "ll-clock")
    ]
    counted, outside, paused, stopped, excluded, over = bodies
    assert [outside, [one[0] for one in stopped]] == [[], ["line"]]
    assert [counted[0][1], over[0][1]] == ["6", "12"]
    assert paused[0][2] == excluded[0][2] == "url(#ll-t"
    assert "ll-track-paused" in drawn(TRACK).svg
    assert "ll-track-excluded" in drawn(TRACK).svg


def test_the_picture_is_one_lane_higher_and_the_legend_says_its_signs() -> None:
    """C15: below the lanes of those who held it."""
    plain, shown = drawn(None), drawn(TRACK)
    heights = [int(ET.fromstring(str(each.svg)).get("height") or 0) for each in (plain, shown)]
    assert heights[1] - heights[0] == 26
    assert {"paused", "counted", "stopped", "excluded", "over"} <= set(shown.legend)
    assert not {"counted", "stopped", "excluded"} & set(plain.legend)


def test_what_it_did_can_be_read_as_a_list_and_with_the_keyboard() -> None:
    """What is drawn is said: escaped, in order of time."""
    shown = drawn(TRACK)
    said = [row.sentence for row in shown.rows if row.kind == "clock"]
    assert said == [each.sentence for each in SECTIONS]
    assert all(item.get("tabindex") == "0" for item in items(shown, "ll-clock"))
    assert [item.get("aria-label") for item in items(shown, "ll-clock")] == said


def test_the_target_is_a_ring_filled_where_it_was_passed_and_an_arrow_beyond_the_end() -> None:
    """C3, C10: where it was used up, or will be."""
    passed = Goal(november("26 09:00"), True, "late")
    ahead = Goal(november("26 14:30"), False, "due")
    beyond = Goal(november("29 09:00"), False, "due later")
    shapes = []
    for goal in (passed, ahead, beyond):
        [item] = items(drawn(replace(TRACK, goal=goal)), "ll-goal")
        ring = item.find(f".//{SVG}circle")
        shapes.append(ring.get("fill") if ring is not None else "arrow")
    assert shapes == ["currentColor", "#ffffff", "arrow"]


def test_a_clock_alone_has_no_rail_and_no_room_for_dates() -> None:
    """H8: for who may read of nothing else."""
    alone = life_line(START, now=NOW, lanes=(), bars=(), marks=(), rail=())
    shown = drawn(TRACK, alone)
    assert not shown.rail
    assert ET.fromstring(str(shown.svg)).get("height") == str(12 + 26 + 22)
    assert shown.lanes == ()


def test_a_stretch_too_short_to_see_is_drawn_all_the_same() -> None:
    """Nothing that counted is lost in a long picture."""
    short = Section(
        START,
        START,
        "ten seconds",
        [Tract(START, START.replace(second=10), "counted")],
    )
    [item] = items(drawn(Track("Resolution", "", (short,))), "ll-clock")
    assert item[0].get("width") == "2"
