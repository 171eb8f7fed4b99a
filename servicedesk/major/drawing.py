"""The life line of a major incident for print: who had it, how long it was major, who was told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

INK, INK_2, LINE, TRACK = "#1c202a", "#494f59", "#dee1e5", "#eceff2"
FILLS = {"holder": "#2c4e9e", "partner": "#828890", "requester": "#c9d3e6", "major": INK}
FACE = "BIZ UDPGothic, Noto Sans CJK JP, sans-serif"
WIDTH, NAMES, ROW, BAR = 493.0, 118.0, 18.0, 9.0
LETTERS = 20  # of a name, half-width ones
MINUTES = (1, 5, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 20160, 43200)
TICKS = 6
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the picture: bars, or signs at instants."""

    name: str
    kind: str  # holder, partner, requester, major
    spans: Sequence[Span] = ()
    points: Sequence[datetime] = ()  # discs
    holes: Sequence[datetime] = ()  # what was missing then: squares


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn, from when to when."""

    title: str
    start: datetime
    end: datetime
    zone: str
    rows: Sequence[Row]


def draw(picture: Picture, tick: Callable[[datetime], str]) -> str:
    """Draw it as SVG with literal attributes; the same picture has the same letters."""
    height = ROW * len(picture.rows) + 22
    size = f'width="{_n(WIDTH)}" height="{_n(height)}" viewBox="0 0 {_n(WIDTH)} {_n(height)}"'
    body = "".join((*_ticks(picture, tick), *_rows(picture)))
    title = escape(picture.title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" {size} role="img" '
        f'aria-label="{title}"><title>{title}</title>{body}</svg>'
    )


def _x(picture: Picture, at: datetime) -> float:
    whole = max((picture.end - picture.start).total_seconds(), 1)
    share = (at - picture.start).total_seconds() / whole
    return NAMES + min(max(share, 0), 1) * (WIDTH - NAMES - 6)


def _rows(picture: Picture) -> Iterator[str]:
    for n, row in enumerate(picture.rows):
        middle = n * ROW + ROW / 2
        yield _text(0, middle + 3, _short(row.name), INK)
        yield _rect(NAMES, middle - BAR / 2, WIDTH - NAMES - 6, BAR, TRACK)
        for start, end in row.spans:
            left, right = _x(picture, start), _x(picture, end)
            yield _rect(left, middle - BAR / 2, max(right - left, 1), BAR, FILLS[row.kind])
        for at in row.points:
            yield f'<circle cx="{_n(_x(picture, at))}" cy="{_n(middle)}" r="3.4" fill="{INK}"/>'
        for at in row.holes:
            square = f'x="{_n(_x(picture, at) - 3)}" y="{_n(middle - 3)}" width="6" height="6"'
            yield f'<rect {square} fill="#ffffff" stroke="{INK}" stroke-width="1.2"/>'


def _ticks(picture: Picture, tick: Callable[[datetime], str]) -> Iterator[str]:
    bottom = ROW * len(picture.rows)
    for at in marks(picture.start, picture.end, picture.zone):
        x = _x(picture, at)
        yield (
            f'<line x1="{_n(x)}" y1="0" x2="{_n(x)}" y2="{_n(bottom + 4)}" '
            f'stroke="{LINE}" stroke-width="0.75"/>'
        )
        anchor = "middle" if x < WIDTH - 30 else "end"
        yield _text(x, bottom + 15, tick(at), INK_2, anchor)


def marks(start: datetime, end: datetime, zone: str) -> list[datetime]:
    """Choose at most TICKS instants that read well on the clock of a zone."""
    minutes = int((end - start).total_seconds()) // 60
    step = timedelta(minutes=next((m for m in MINUTES if minutes // m < TICKS), minutes // TICKS))
    local = start.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + step * (-((midnight - local) // step))
    found = (first + step * n for n in range(TICKS + 1))
    return [at for at in found if start <= at <= end]


def _short(name: str) -> str:
    """Cut a name to what fits beside the picture; full-width letters take two places."""
    taken = 0
    for n, letter in enumerate(name):
        taken += 1 if ord(letter) < 0x1100 else 2
        if taken > LETTERS:
            return name[: n - 1].rstrip() + "…"
    return name


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    size = f'width="{_n(width)}" height="{_n(height)}"'
    return f'<rect x="{_n(x)}" y="{_n(y)}" {size} fill="{fill}"/>'


def _text(x: float, y: float, said: str, fill: str, anchor: str = "start") -> str:
    place = f'x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"'
    return f'<text {place} font-family="{FACE}" font-size="9" fill="{fill}">{escape(said)}</text>'


def _n(value: float) -> str:
    """Write a coordinate so that the same always has the same digits."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
