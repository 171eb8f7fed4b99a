"""Who held it: lanes shaded by their holders' calendars, bars, hand-offs and replies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from markupsafe import escape

from servicedesk.incidents.lifeline.frame import (
    BARE,
    DOTTED,
    GROUND,
    HOLDERS,
    INK_2,
    PAPER,
    SHADE,
    Frame,
    item,
    percent,
    tip,
)
from servicedesk.incidents.lifeline.parts import Bar, Dot, HandOff, LifeLine, Span, Windows
from servicedesk.incidents.lifeline.scale import gaps, merge

SHADED_FROM = 4  # px
BAR_AT_LEAST = 3  # px
DOT = 2.5
DOT_INSIDE = 5  # px from a bar's ends


def grounds(frame: Frame) -> Iterator[str]:
    """The lanes and their closed hours; lanes of the same calendar share one drawing."""
    drawn: dict[Windows, str] = {}
    for row, lane in enumerate(frame.lanes):
        y = frame.top + frame.pitch * row
        yield (
            f'<rect class="ll-lane" y="{y + 1}" width="100%" height="{frame.pitch - 2}" rx="2" '
            f'fill="{GROUND}"/>'
        )
        if lane.windows is None:
            continue
        if lane.windows not in drawn:
            shades = _shades(frame, lane.windows)
            drawn[lane.windows] = f"{frame.prefix}-closed-{len(drawn)}" if shades else ""
            yield f'<defs><g id="{drawn[lane.windows]}">{shades}</g></defs>' if shades else ""
        if name := drawn[lane.windows]:
            yield f'<use class="ll-shade" href="#{name}" y="{y + 1}" fill="{SHADE}"/>'


def _shades(frame: Frame, windows: Windows) -> str:
    begin, end = frame.scale.begin, frame.scale.end
    return "".join(
        f'<rect {frame.across(*span)} height="{frame.pitch - 2}"/>'
        for span in gaps(merge(windows(begin, end), begin, end), begin, end)
        if frame.reaches(*span, SHADED_FROM)
    )


def hatches(frame: Frame, line: LifeLine) -> Iterator[str]:
    """One hatching for each kind of holder that has a pause."""
    paused = {bar.lane for bar in line.bars if bar.paused}
    for kind in dict.fromkeys(lane.kind for lane in frame.lanes if lane.key in paused):
        yield (
            f'<pattern id="{frame.prefix}-{kind}" class="ll-{kind}" color="{HOLDERS[kind]}" '
            'width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            f'<rect class="ll-paper" width="5" height="5" fill="{PAPER}"/>'
            '<path d="M1.25 0V5" stroke="currentColor" stroke-width="2.5"/></pattern>'
        )


def futures(frame: Frame) -> Iterator[str]:
    """Dotted centre lines for the time after now."""
    left = percent(frame.scale.x(frame.scale.edge))
    for row in range(len(frame.lanes)):
        y = frame.middle(row)
        yield (
            f'<line class="ll-future" x1="{left}" x2="100%" y1="{y}" y2="{y}" stroke="{DOTTED}" '
            'stroke-width="1.5" stroke-dasharray="1.5 4"/>'
        )


def bars(frame: Frame, line: LifeLine, *, focusable: bool = True) -> Iterator[str]:
    """The holdings in order of time, so that the keyboard follows the story."""
    rows = frame.rows()
    for bar in sorted(line.bars, key=lambda bar: bar.start):
        if (row := rows.get(bar.lane)) is None:
            continue
        kind = frame.lanes[row].kind
        drawn = _bar(frame, bar, row, kind)
        colour = f'color="{HOLDERS[kind]}"'
        if focusable:
            middle = frame.scale.x(bar.start + (_end(frame, bar) - bar.start) / 2)
            yield item(f"ll-{kind}", bar.sentence, middle, frame, drawn, colour)
        else:
            yield f'<g class="ll-{kind}" {colour}>{drawn}</g>'


def _end(frame: Frame, bar: Bar) -> datetime:
    edge = frame.scale.edge
    return min(max(bar.end or edge, bar.start), max(edge, bar.start))


def _bar(frame: Frame, bar: Bar, row: int, kind: str) -> str:
    start, end = bar.start, _end(frame, bar)
    paused = merge(bar.paused, start, end)
    y, across = frame.bar_top(row), frame.across(start, end)
    wholly = paused == ((start, end),)
    return "".join(
        (
            _least(frame, start, end, y),
            ""
            if wholly
            else f'<rect class="ll-body" {across} y="{y}" height="{frame.bar}" rx="2" '
            'fill="currentColor"/>',
            *(_paused(frame, span, y, kind) for span in paused),
        )
    )


def _least(frame: Frame, start: datetime, end: datetime, y: int) -> str:
    """A bar too thin to see on a phone gets 3 px below it."""
    if frame.px(start, end) * BARE / frame.width >= BAR_AT_LEAST:
        return ""
    return (
        f'<rect class="ll-body" x="{percent(frame.scale.x(start))}" y="{y}" '
        f'width="{BAR_AT_LEAST}" height="{frame.bar}" rx="1" fill="currentColor"/>'
    )


def _paused(frame: Frame, span: Span, y: int, kind: str) -> str:
    return (
        f'<rect class="ll-body" {frame.across(*span)} y="{y + 0.5}" height="{frame.bar - 1}" '
        f'rx="1.5" fill="url(#{frame.prefix}-{kind})" stroke="currentColor"/>'
    )


def arrows(frame: Frame, hand_offs: Iterable[HandOff]) -> Iterator[str]:
    """A line with a head from the lane that gave it away to the one that got it."""
    rows = frame.rows()
    for each in hand_offs:
        source, target = rows.get(each.from_lane), rows.get(each.to_lane)
        if source is None or target is None or source == target or not frame.scale.shows(each.at):
            continue
        place = frame.scale.x(each.at)
        yield (
            f'<g class="ll-hint ll-arrow" color="{INK_2}">'
            f'<svg x="{percent(place)}" overflow="visible">'
            f"{arrow_between(frame, source, target)}</svg>"
            f"{tip(escape(each.sentence), place, frame)}</g>"
        )


def arrow_between(frame: Frame, source: int, target: int) -> str:
    """Draw an arrow from the edge of one lane's bars to that of another's."""
    down = target > source
    start = frame.bar_top(source) + (frame.bar if down else 0)
    tip_y = frame.bar_top(target) + (0 if down else frame.bar)
    neck = tip_y - 5.5 if down else tip_y + 5.5
    return (
        f'<path d="M0 {start}V{tip_y}" fill="none" stroke="none" stroke-width="9" '
        'pointer-events="stroke"/>'
        f'<path d="M0 {start}V{neck}" fill="none" stroke="currentColor" stroke-width="1.25"/>'
        f'<path d="M0 {tip_y}L-3.5 {neck}H3.5Z" fill="currentColor"/>'
    )


def dots(frame: Frame, line: LifeLine) -> Iterator[str]:
    """The replies, kept inside the bar they were sent from."""
    rows = frame.rows()
    held = _bars_by_lane(line.bars)
    for dot in line.dots:
        if (row := rows.get(dot.lane)) is None or not frame.scale.shows(dot.at):
            continue
        place, kind = frame.scale.x(dot.at), frame.lanes[row].kind
        yield (
            f'<g class="ll-hint ll-{kind}" color="{HOLDERS[kind]}">'
            f'<svg x="{percent(place)}" overflow="visible"><circle class="ll-dot" '
            f'cx="{_inward(frame, dot, held.get(dot.lane, ())):g}" cy="{frame.middle(row)}" '
            f'r="{DOT}" fill="{PAPER}" stroke="currentColor"/></svg>'
            f"{tip(escape(dot.sentence), place, frame)}</g>"
        )


def _bars_by_lane(bars: Iterable[Bar]) -> dict[str, list[Bar]]:
    held: dict[str, list[Bar]] = {}
    for bar in bars:
        held.setdefault(bar.lane, []).append(bar)
    return held


def _inward(frame: Frame, dot: Dot, held: Sequence[Bar]) -> float:
    """By how many px a dot steps aside so as not to hang over the end of its bar."""
    for bar in held:
        end = _end(frame, bar)
        if bar.start <= dot.at <= end:
            before, after = frame.px(bar.start, dot.at), frame.px(dot.at, end)
            if before + after < 2 * DOT_INSIDE:
                return round((after - before) / 2, 1)
            return round(max(DOT_INSIDE - before, 0) - max(DOT_INSIDE - after, 0), 1)
    return 0
