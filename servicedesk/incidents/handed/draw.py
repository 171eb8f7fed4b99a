"""The picture of the hand-offs as one inline SVG, on the life line's scale and in its frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from markupsafe import Markup, escape

from servicedesk.incidents.handed.parts import Errand, Hands, Passing, Sign, SignKind, Stay, Way
from servicedesk.incidents.lifeline.draw import (
    ALONE_TOP,
    WIDTHS,
    edge_line,
    edge_pill,
    svg_of,
    tick_group,
)
from servicedesk.incidents.lifeline.frame import HOLDERS, INK, INK_2, PAPER, Frame, item, percent
from servicedesk.incidents.lifeline.lanes import arrow_between, grounds
from servicedesk.incidents.lifeline.parts import LaneKind, Span, TickLabel
from servicedesk.incidents.lifeline.scale import merge, scale_of
from servicedesk.incidents.lifeline.ticks import ticks

PREFIX = "ho"
JOINED = 2  # px: thinner closed hours between two stretches of work are not drawn
AT_LEAST = 3  # px
ERRAND = 4  # px
RADIUS = 6.5
# Told apart by their strokes, in black and white too.
DASHES: Mapping[Way, str] = {"down": "5 3", "across": "1.5 2.5", "partner": "8 2 1.5 2"}
LETTERS: Mapping[SignKind, str] = {"asked": "?", "sent_back": "↩", "refused": "×", "nudged": "!"}


def draw(hands: Hands, tick_label: TickLabel) -> Markup:
    """Draw lanes, bars, arrows and signs in order of time, so that the keyboard follows it."""
    line, scale = hands.line, scale_of(hands.line)
    frame = Frame(scale, tuple(hands.lanes), PREFIX, top=ALONE_TOP)
    chosen = dict(zip(WIDTHS, ticks(scale, line.zone, tuple(WIDTHS.values())), strict=True))
    return svg_of(
        frame,
        f'class="ll-svg ho-svg" role="group" aria-label="{escape(line.title)}"',
        (
            *grounds(frame),
            *(tick_group(frame, line, name, chosen[name], tick_label) for name in WIDTHS),
            edge_pill(frame, line),
            *_in_order(frame, hands),
            edge_line(frame, line, ALONE_TOP - 4),
        ),
    )


def _in_order(frame: Frame, hands: Hands) -> Iterator[str]:
    """Bars first, or they would hide what lies on them; within each kind by time."""
    rows = frame.rows()
    for stay in sorted(hands.stays, key=lambda each: each.start):
        yield _stay(frame, stay, rows[stay.lane])
    for errand in sorted(hands.errands, key=lambda each: each.start):
        yield _errand(frame, errand, rows[errand.lane])
    for passing in sorted(hands.passings, key=lambda each: each.at):
        yield _passing(frame, passing, rows[passing.from_lane], rows[passing.to_lane])
    for sign, beside in _apart(frame, hands.signs):
        yield _sign(frame, sign, rows[sign.lane], beside)


def _end(frame: Frame, start: datetime, end: datetime | None) -> datetime:
    edge = frame.scale.edge
    return min(max(end or edge, start), max(edge, start))


def _kind(frame: Frame, row: int) -> LaneKind:
    return frame.lanes[row].kind


def _stay(frame: Frame, stay: Stay, row: int) -> str:
    """Solid within the holder's working hours, an outline outside them."""
    start, end = stay.start, _end(frame, stay.start, stay.end)
    y, kind = frame.bar_top(row), _kind(frame, row)
    if frame.px(start, end) < AT_LEAST:
        shape = f'x="{percent(frame.scale.x(start))}" width="{AT_LEAST}"'
        body = f'<rect class="ll-body" {shape} y="{y}" height="{frame.bar}" fill="currentColor"/>'
    else:
        body = (
            f'<rect class="ll-body ll-paper" {frame.across(start, end)} y="{y + 0.5}" '
            f'height="{frame.bar - 1}" rx="2" fill="{PAPER}" stroke="currentColor"/>'
        ) + "".join(
            f'<rect {frame.across(*span)} y="{y}" height="{frame.bar}" fill="currentColor"/>'
            for span in _joined(frame, merge(stay.inside, start, end))
        )
    middle = frame.scale.x(start + (end - start) / 2)
    return item(f"ll-{kind}", stay.sentence, middle, frame, body, f'color="{HOLDERS[kind]}"')


def _joined(frame: Frame, spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and not frame.reaches(joined[-1][1], span[0], JOINED):
            joined[-1] = (joined[-1][0], span[1])
        else:
            joined.append(span)
    return joined


def _errand(frame: Frame, errand: Errand, row: int) -> str:
    """H6: a thin bar at the lane's foot, so that one who held it too has room for both."""
    start, end = errand.start, _end(frame, errand.start, errand.end)
    y, kind = frame.bar_top(row) + frame.bar + 1, _kind(frame, row)
    shape = frame.across(start, end)
    if frame.px(start, end) < AT_LEAST:
        shape = f'x="{percent(frame.scale.x(start))}" width="{AT_LEAST}"'
    body = f'<rect class="ll-body" {shape} y="{y}" height="{ERRAND}" fill="currentColor"/>'
    middle = frame.scale.x(start + (end - start) / 2)
    return item(
        f"ho-errand ll-{kind}", errand.sentence, middle, frame, body, f'color="{HOLDERS[kind]}"'
    )


def _passing(frame: Frame, passing: Passing, source: int, target: int) -> str:
    """An arrow; one that gives it back is thin and pale, as nobody decided where it goes."""
    place = frame.scale.x(passing.at)
    dash = DASHES.get(passing.way)
    stroke = f' stroke-dasharray="{dash}"' if dash else ""
    body = (
        f'<svg x="{percent(place)}" overflow="visible"><g{stroke}>'
        f"{arrow_between(frame, source, target)}</g></svg>"
    )
    name = f"ll-arrow ho-{passing.way}"
    return item(name, passing.sentence, place, frame, body, f'color="{INK_2}"')


def _apart(frame: Frame, signs: Iterable[Sign]) -> Iterator[tuple[Sign, float]]:
    """Signs of one lane that would cover each other step aside, in px."""
    last: dict[str, float] = {}
    for sign in sorted(signs, key=lambda each: each.at):
        x = frame.scale.x(sign.at) * frame.width / 100
        place = max(x, last.get(sign.lane, -RADIUS) + 2 * RADIUS + 1)
        last[sign.lane] = place
        yield sign, round(place - x, 1)


def _sign(frame: Frame, sign: Sign, row: int, beside: float) -> str:
    """A letter in a ring on the lane of whom it concerns."""
    place, middle = frame.scale.x(sign.at), frame.middle(row)
    body = (
        f'<svg x="{percent(place)}" overflow="visible">'
        f'<circle class="ll-head ll-paper" cx="{beside:g}" cy="{middle}" r="{RADIUS}" '
        f'fill="{PAPER}" stroke="currentColor" stroke-width="1.5"/>'
        f'<text class="ho-letter" x="{beside:g}" y="{middle + 4}" text-anchor="middle" '
        f'font-size="11" font-weight="700" fill="currentColor">{LETTERS[sign.kind]}</text></svg>'
    )
    return item(f"ho-sign ho-{sign.kind}", sign.sentence, place, frame, body, f'color="{INK}"')
