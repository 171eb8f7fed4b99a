"""C15: one clock's own lane: where it counted, paused, stood, and where its target lay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from servicedesk.incidents.lifeline.frame import (
    GROUND,
    INK_2,
    INK_3,
    LATE_FILL,
    PAPER,
    SHADE,
    Frame,
    item,
    percent,
)
from servicedesk.incidents.lifeline.parts import Goal, Section, Track, Tract, TractKind
from servicedesk.incidents.lifeline.scale import gaps, merge

GAP = 4  # px: smaller gaps between stretches of one kind close
SHADED_FROM = 4  # px
AT_LEAST = 2  # px
# Height of each kind in px: told apart by shape, not by colour alone.
HEIGHTS: dict[TractKind, int] = {
    "counted": 6,
    "over": 12,
    "paused": 14,
    "excluded": 14,
    "ahead": 2,
}


def track(frame: Frame, chosen: Track | None) -> Iterator[str]:
    """Draw the lane of the clock that was chosen, if one was."""
    if chosen is None:
        return
    row = len(frame.lanes)
    y = frame.top + frame.pitch * row + 1
    yield (
        f'<rect class="ll-lane" y="{y}" width="100%" height="{frame.pitch - 2}" rx="2" '
        f'fill="{GROUND}"/>'
    )
    yield from _shades(frame, chosen, y)
    for section in chosen.sections:
        yield _section(frame, section, row)
    if chosen.goal:
        yield _goal(frame, chosen.goal, row)


def track_hatches(frame: Frame, chosen: Track | None) -> str:
    """Give the hatching of what is paused, and the crossed one of what is excluded."""
    if chosen is None:
        return ""
    strokes = {"paused": "M1.25 0V5", "excluded": "M0 1.25H5M1.25 0V5"}
    return "".join(
        f'<pattern id="{frame.prefix}-track-{kind}" class="ll-clock" color="{INK_2}" width="5" '
        'height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect class="ll-paper" width="5" height="5" fill="{PAPER}"/>'
        f'<path d="{stroke}" stroke="currentColor" stroke-width="1.5"/></pattern>'
        for kind, stroke in strokes.items()
    )


def _shades(frame: Frame, chosen: Track, y: int) -> Iterator[str]:
    if chosen.windows is None:
        return
    begin, end = frame.scale.begin, frame.scale.end
    for span in gaps(merge(chosen.windows(begin, end), begin, end), begin, end):
        if frame.reaches(*span, SHADED_FROM):
            yield (
                f'<rect class="ll-shade" {frame.across(*span)} y="{y}" '
                f'height="{frame.pitch - 2}" fill="{SHADE}"/>'
            )


def _section(frame: Frame, section: Section, row: int) -> str:
    drawn = "".join(_tract(frame, tract, row) for tract in _closed_up(frame, section.tracts))
    middle = frame.scale.x(section.start + (section.end - section.start) / 2)
    attributes = f'color="{INK_2}"'
    return item("ll-clock", section.sentence, middle, frame, drawn, attributes)


def _closed_up(frame: Frame, tracts: Sequence[Tract]) -> list[Tract]:
    """Join stretches of one kind that only time outside working hours parts, where it is thin."""
    closed: list[Tract] = []
    for each in tracts:
        if each.kind == "outside":
            continue
        last = closed[-1] if closed else None
        if last and last.kind == each.kind and not frame.reaches(last.end, each.start, GAP):
            closed[-1] = Tract(last.start, each.end, each.kind)
        else:
            closed.append(each)
    return closed


def _tract(frame: Frame, tract: Tract, row: int) -> str:
    middle, across = frame.middle(row), frame.across(tract.start, tract.end)
    if tract.kind == "stopped":
        x1, x2 = percent(frame.scale.x(tract.start)), percent(frame.scale.x(tract.end))
        return (
            f'<line class="ll-body ll-stopped" x1="{x1}" x2="{x2}" y1="{middle}" y2="{middle}" '
            f'stroke="{INK_3}" stroke-width="1.5" stroke-dasharray="2 4"/>'
        )
    height = HEIGHTS[tract.kind]
    place = f'{_least(frame, tract) or across} y="{middle - height // 2}" height="{height}"'
    if tract.kind in ("paused", "excluded"):
        return (
            f'<rect class="ll-body" {place} rx="1.5" '
            f'fill="url(#{frame.prefix}-track-{tract.kind})" stroke="currentColor"/>'
        )
    name, fill = ("ll-over", LATE_FILL) if tract.kind == "over" else ("ll-counted", INK_3)
    return f'<rect class="ll-body {name}" {place} rx="1" fill="{fill}"/>'


def _least(frame: Frame, tract: Tract) -> str:
    """Give what is too thin to see a width that can be seen."""
    if frame.px(tract.start, tract.end) >= AT_LEAST:
        return ""
    return f'x="{percent(frame.scale.x(tract.start))}" width="{AT_LEAST}"'


def _goal(frame: Frame, goal: Goal, row: int) -> str:
    """A ring where the target is used up, filled where it was passed; an arrow if it is beyond."""
    place, middle = frame.scale.x(goal.at), frame.middle(row)
    colour, state = (LATE_FILL, "breached") if goal.breached else (INK_2, "open")
    if not frame.scale.shows(goal.at):
        drawn = f'<path d="M-14 {middle}h9M-8 {middle - 3}L-5 {middle}L-8 {middle + 3}" '
        drawn += 'fill="none" stroke="currentColor" stroke-width="1.25"/>'
    else:
        fill = "currentColor" if goal.breached else PAPER
        paper = "" if goal.breached else " ll-paper"
        drawn = (
            f'<path d="M0 {middle - 12}V{middle + 12}" stroke="currentColor" stroke-width="1.5"/>'
            f'<circle class="ll-head{paper}" r="5" cy="{middle}" fill="{fill}" '
            'stroke="currentColor" stroke-width="1.5"/>'
        )
    body = f'<svg x="{percent(place)}" overflow="visible">{drawn}</svg>'
    name = f"ll-mark ll-goal ll-{state}"
    return item(name, goal.sentence, place, frame, body, f'color="{colour}"')
