"""Where things go: round steps, how wide a text is, and labels that keep off each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from unicodedata import category, east_asian_width

ELLIPSIS = "…"
_PIECE = re.compile(
    "[⺀-鿿豈-﫿＀-￯가-힣][、。，．）」』】・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ]*"
    "|[^\\s⺀-鿿豈-﫿＀-￯가-힣]+\\s*|\\s+"
)


def ticks(most: float, count: int = 4) -> list[float]:
    """Choose round values from 0 to at least the most."""
    if most <= 0:
        return [0, 1]
    rough = most / count
    power = 10.0 ** (len(str(int(rough))) - 1) if rough >= 1 else 1
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough)
    step = max(1, step if step % 1 == 0 else step * 2)
    top = -(-most // step)
    return [step * n for n in range(int(top) + 1)]


@lru_cache(maxsize=4096)
def wide(text: str, size: float) -> float:
    """Say how wide a text is at most, in pixels, in any of the faces that it may be set in."""
    return sum(map(_em, text)) * size


def _em(letter: str) -> float:
    """Say how wide a letter is, in its size: as wide as the widest of our faces has it."""
    if letter.isascii():
        return next((em for em, letters in _WIDTHS if letter in letters), _latin(letter))
    if category(letter) in ("Mn", "Me", "Cf"):
        return 0.0
    return 1.05 if east_asian_width(letter) in "WFA" else 0.85


_WIDTHS = ((0.34, " .,:;'il"), (0.45, "jtfr|!()[]"), (1.0, "MWmw@%#&"))


def _latin(letter: str) -> float:
    return (
        0.9
        if letter.isupper()
        else 0.77
        if letter.isdigit() or letter == "-"
        else 0.72
        if letter.islower()
        else 0.85
    )


def fit(text: str, room: float, size: float) -> str:
    """Cut a text to what has room, with an ellipsis where something is left out."""
    if len(text) < 200 and wide(text, size) <= room:
        return text
    kept: list[str] = []
    left = room / size - _em(ELLIPSIS)
    for letter in text:
        left -= _em(letter)
        if left < 0:
            return "".join(kept).rstrip() + ELLIPSIS
        kept.append(letter)
    return text


def wrap(text: str, room: float, size: float, most: int = 2) -> list[str]:
    """Break a text into so many lines: Latin between words, Japanese between letters."""
    if len(text) < 200 and wide(text, size) <= room:
        return [text]
    lines: list[str] = []
    rest = _PIECE.findall(text[:200])
    while rest and len(lines) < most - 1:
        taken, used = 0, ""
        while taken < len(rest) and wide((used + rest[taken]).rstrip(), size) <= room:
            used += rest[taken]
            taken += 1
        if not taken:
            break
        lines.append(used.rstrip())
        rest = rest[taken:]
    left = "".join(rest) + text[200:300]
    return [*lines, fit(left, room, size)] if left else lines


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Move positions apart, no further than needed, within bounds as long as there is room."""
    order = sorted(range(len(wanted)), key=lambda n: (wanted[n], n))
    placed, last = [0.0] * len(wanted), low - apart
    for n in order:
        last = placed[n] = max(wanted[n], last + apart)
    ceiling = high
    for n in reversed(order):
        placed[n] = min(placed[n], ceiling)
        ceiling = placed[n] - apart
    return placed


def shown(labels: Sequence[str], step: float, size: float, gap: float = 4) -> set[int]:
    """Choose which labels of an axis have room: the last one, then long ones, then each n-th.

    The long ones are those that name a year.
    """
    widths, last = [wide(label, size) for label in labels], len(labels) - 1
    common = sorted(widths)[len(widths) // 2] if widths else 0
    each = max(1, ceil((common + gap) / step)) if step > 0 else 1
    kept: dict[int, float] = {}
    for k in sorted(range(len(labels)), key=lambda k: (k != last, -len(labels[k]), -k)):
        half = widths[k] / 2
        wanted = widths[k] > common or not (last - k) % each
        if wanted and all(abs(k - n) * step >= half + other + gap for n, other in kept.items()):
            kept[k] = half
    return set(kept)


class Boxes:
    """The places that labels have taken."""

    def __init__(self) -> None:
        self.taken: list[tuple[float, float, float, float]] = []

    def take(self, x: float, y: float, width: float, height: float) -> bool:
        """Take a place unless some of it is taken."""
        for left, top, right, below in self.taken:
            if x < right and left < x + width and y < below and top < y + height:
                return False
        self.taken.append((x, y, x + width, y + height))
        return True
