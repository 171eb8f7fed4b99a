"""Working hours as people type them."""

from __future__ import annotations

import re
import unicodedata

from servicedesk.administration.calendars.said import Windows
from servicedesk.sla.hours import parse_window

LONGEST = 200
_DASHES = re.compile(r"\s*(?:[-‐-―~∼〜−]|\bto\b)\s*")
_BETWEEN = re.compile(r"[,;、\s]+")
_WINDOW = re.compile(r"(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?")
_NONE = ("", "-")


def read_windows(text: str) -> Windows:
    """Read `09:00-12:00, 13:00-18:00`, `9-12 13-18` or, as typed in Japan, `９：００〜１２：００`.

    Nothing, or a dash alone, means closed. Raises ValueError.
    """
    if len(text) > LONGEST:
        raise ValueError("too long")
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text).strip())
    if plain in _NONE:
        return ()
    found = {_window(part) for part in _BETWEEN.split(plain) if part}
    if not found:
        raise ValueError("no hours")
    return tuple(sorted(found))


def _window(text: str) -> tuple[int, int]:
    found = _WINDOW.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a working window")
    hour, minute, end_hour, end_minute = (part or "00" for part in found.groups())
    window = parse_window(f"{hour}:{minute}-{end_hour}:{end_minute}")
    if window[0] == window[1]:
        raise ValueError(f"{text!r} has no length")
    return window
