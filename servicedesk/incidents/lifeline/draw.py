"""The life line as one inline SVG: x in per cent, y in px, no view box, nothing distorts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from markupsafe import Markup, escape

from servicedesk.incidents.lifeline.dates import dates
from servicedesk.incidents.lifeline.extent import WIDE
from servicedesk.incidents.lifeline.frame import (
    BARE,
    GROUND,
    HAIRLINE,
    INK,
    INK_3,
    LATE_FILL,
    MIDDLE,
    MINI_WIDTH,
    NARROW,
    PAPER,
    RAIL_FLOOR,
    RAIL_TOP,
    Frame,
    mini_frame,
    percent,
)
from servicedesk.incidents.lifeline.lanes import arrows, bars, dots, futures, grounds, hatches
from servicedesk.incidents.lifeline.parts import LifeLine, Mark, Stretch, TickLabel
from servicedesk.incidents.lifeline.placing import place
from servicedesk.incidents.lifeline.scale import Scale, scale_of
from servicedesk.incidents.lifeline.spots import Spot, spots
from servicedesk.incidents.lifeline.text import text_width
from servicedesk.incidents.lifeline.ticks import Tick, ticks
from servicedesk.incidents.lifeline.track import track, track_hatches

WIDTHS = {"wide": WIDE, "middle": MIDDLE, "narrow": NARROW, "bare": BARE}
RAIL_GAP = 4  # px: smaller gaps of the clock close
PILL = 16
ALONE_TOP = 12
TICK_BELOW = 5
BESIDE_TICK = 4


def draw(line: LifeLine, tick_label: TickLabel, prefix: str = "ll") -> Markup:
    """Draw the whole picture; `prefix` keeps its ids apart from those of other pictures."""
    scale = scale_of(line)
    frame = _frame(line, scale, prefix)
    chosen = dict(zip(WIDTHS, ticks(scale, line.zone, tuple(WIDTHS.values())), strict=True))
    found = spots(line, scale)
    return svg_of(
        frame,
        f'class="ll-svg" role="group" aria-label="{escape(line.title)}"',
        (
            f"<defs>{''.join(hatches(frame, line))}{track_hatches(frame, line.track)}</defs>",
            *grounds(frame),
            *(tick_group(frame, line, name, chosen[name], tick_label) for name in WIDTHS),
            *(_rail(frame, line.rail) if line.has_rail else []),
            *([] if line.ended else futures(frame)),
            edge_pill(frame, line) if line.edge_label else "",
            *bars(frame, line),
            *arrows(frame, line.hand_offs),
            *dots(frame, line),
            *track(frame, line.track),
            edge_line(frame, line, min(RAIL_TOP, frame.top) - 4),
            *(_date_group(frame, name, found) for name in WIDTHS),
        ),
    )


def _frame(line: LifeLine, scale: Scale, prefix: str) -> Frame:
    """Leave room for rail and dates, but not above a clock that is drawn alone."""
    frame = Frame(scale, line.ordered_lanes(), prefix, tracks=int(line.track is not None))
    return frame if line.has_rail or line.marks else replace(frame, top=ALONE_TOP)


def draw_mini(line: LifeLine, prefix: str = "ll-mini") -> Markup:
    """Draw the small picture: lanes, bars, now and the open dates, without any text."""
    scale = scale_of(line)
    frame = mini_frame(scale, line.ordered_lanes(), prefix)
    found = [spot for spot in spots(line, scale) if _in_mini(spot.mark)]
    return svg_of(
        frame,
        f'class="ll-svg ll-mini" role="img" aria-label="{escape(line.title)}"',
        (
            f"<defs>{''.join(hatches(frame, line))}</defs>",
            *grounds(frame),
            *([] if line.ended else futures(frame)),
            *bars(frame, line, focusable=False),
            edge_line(frame, line, frame.top - 5),
            *dates(frame, place(found, MINI_WIDTH, labels=False, rows=1), mini=True),
        ),
    )


def _in_mini(mark: Mark) -> bool:
    return mark.state == "breached" or (mark.state == "open" and mark.kind != "response")


def svg_of(frame: Frame, attributes: str, drawn: Iterable[str]) -> Markup:
    """Wrap a picture's parts, each of which is escaped already."""
    return Markup(  # noqa: S704 - every text in it went through escape()
        f'<svg xmlns="http://www.w3.org/2000/svg" {attributes} width="100%" '
        f'height="{frame.height}" overflow="visible" font-size="12">{"".join(drawn)}</svg>'
    )


def _at_width(name: str) -> str:
    """Only the widest is shown where no style sheet chooses."""
    return f'class="ll-at-{name}"' + ("" if name == "wide" else ' display="none"')


def _date_group(frame: Frame, name: str, found: Sequence[Spot]) -> str:
    placed = place(found, WIDTHS[name], labels=name != "bare")
    return f"<g {_at_width(name)}>{''.join(dates(frame, placed))}</g>"


def tick_group(
    frame: Frame, line: LifeLine, name: str, chosen: Sequence[Tick], tick_label: TickLabel
) -> str:
    """Draw the ticks that were chosen for one of the widths."""
    lines = "".join(_tick_line(frame, tick) for tick in chosen if tick.line)
    labels = (
        ""
        if name == "bare"
        else "".join(_tick_labels(frame, line, WIDTHS[name], chosen, tick_label))
    )
    return f'<g {_at_width(name)} aria-hidden="true">{lines}{labels}</g>'


def _tick_line(frame: Frame, tick: Tick) -> str:
    x = percent(frame.scale.x(tick.at))
    return (
        f'<line class="ll-tick" x1="{x}" x2="{x}" y1="{frame.top}" '
        f'y2="{frame.floor + TICK_BELOW}" stroke="{HAIRLINE}"/>'
    )


def _tick_labels(
    frame: Frame, line: LifeLine, width: int, chosen: Sequence[Tick], tick_label: TickLabel
) -> Iterator[str]:
    """Leave out what would touch the label before it, the pill or the right end."""
    edge = frame.scale.x(frame.scale.edge) * width / 100
    pill = [edge + end for end in _pill_place(frame, line)]
    free_from = 0.0
    for tick in chosen:
        x, text = frame.scale.x(tick.at), tick_label(tick.at, tick.unit)
        left = x * width / 100 + BESIDE_TICK
        right = left + text_width(text)
        if left < free_from or right > width or (left < pill[1] + 4 and pill[0] < right + 4):
            continue
        free_from = right + 8
        yield (
            f'<svg x="{percent(x)}" overflow="visible"><text class="ll-tick-label" '
            f'x="{BESIDE_TICK}" y="{frame.floor + 16}" fill="{INK_3}">'
            f"{escape(text)}</text></svg>"
        )


def _rail(frame: Frame, stretches: Sequence[Stretch]) -> Iterator[str]:
    """The resolution clock: thin where it counted, thick and red over the target."""
    yield (
        f'<rect class="ll-lane" y="{RAIL_TOP}" width="100%" height="{RAIL_FLOOR - RAIL_TOP}" '
        f'rx="2" fill="{GROUND}"/>'
    )
    for each in _closed_up(frame, stretches):
        across = frame.across(each.start, each.end)
        if each.state == "over":
            yield f'<rect class="ll-over" {across} y="{RAIL_TOP}" height="6" fill="{LATE_FILL}"/>'
        else:
            top = RAIL_TOP + 1
            yield f'<rect class="ll-counted" {across} y="{top}" height="4" fill="{INK_3}"/>'


def _closed_up(frame: Frame, stretches: Sequence[Stretch]) -> list[Stretch]:
    closed: list[Stretch] = []
    for each in sorted(stretches, key=lambda each: each.start):
        last = closed[-1] if closed else None
        if last and last.state == each.state and not frame.reaches(last.end, each.start, RAIL_GAP):
            closed[-1] = Stretch(last.start, max(last.end, each.end), each.state)
        elif each.start < each.end:
            closed.append(each)
    return closed


def _pill_place(frame: Frame, line: LifeLine) -> tuple[float, float]:
    """The pill's two ends in px beside its line: around it, but inside the narrowest picture."""
    size = text_width(line.edge_label) * 1.06 + 10
    x = frame.scale.x(frame.scale.edge) * BARE / 100
    left = min(max(x - size / 2, 0), BARE - size) - x
    return left, left + size


def edge_pill(frame: Frame, line: LifeLine) -> str:
    """The time now, or in outline the time of the end."""
    left, right = _pill_place(frame, line)
    return (
        f'<svg class="ll-pill{_ended(line)}" x="{percent(frame.scale.x(frame.scale.edge))}" '
        f'overflow="visible"><rect x="{left:.1f}" y="{frame.floor + 4}" '
        f'width="{right - left:.1f}" height="{PILL}" rx="3" '
        f'fill="{PAPER if line.ended else INK}" stroke="{INK}"/>'
        f'<text x="{(left + right) / 2:.1f}" y="{frame.floor + 16}" text-anchor="middle" '
        f'font-weight="600" fill="{INK if line.ended else PAPER}">{escape(line.edge_label)}'
        "</text></svg>"
    )


def edge_line(frame: Frame, line: LifeLine, top: int) -> str:
    """Draw where the past ends."""
    x, below = percent(frame.scale.x(frame.scale.edge)), 0 if frame.foot < PILL else 5
    return (
        f'<line class="ll-edge{_ended(line)}" x1="{x}" x2="{x}" y1="{top}" '
        f'y2="{frame.floor + below}" stroke="{INK}" stroke-width="1.25"/>'
    )


def _ended(line: LifeLine) -> str:
    return " ll-ended" if line.ended else ""
