"""What people wrote, made fit for print: its language marked, nothing in it that upsets a line."""

from __future__ import annotations

import re

LONGEST = 160  # letters of a title

_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_UNDRAWN = re.compile(  # pictures, private letters and variations of them: few fonts have any
    "[\ue000-\uf8ff\U00010000-\U0001ffff\U000e0100-\U0010ffff]"
)
_VARIATIONS = re.compile("[\ufe00-\ufe0f]")
_DIRECTIONS = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f]")),
    ("ko", re.compile("[\u1100-\u11ff\uac00-\ud7af]")),
    ("ar", re.compile("[\u0600-\u06ff\u0750-\u077f]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("en", re.compile("[A-Za-z][a-z]{2}")),
)
_TAG = re.compile("(<[^>]*>)")
_SILENT = {"head", "svg", "style"}  # whose texts are no part of the page's


def printable(title: str) -> str:
    """Give a title in one line of bounded length that reads one way only."""
    said = " ".join(_DIRECTIONS.sub("", _CONTROLS.sub(" ", title)).split())
    return said if len(said) <= LONGEST else said[: LONGEST - 1].rstrip() + "…"


def drawable(text: str) -> str:
    """Set a geta where a letter could not be drawn: PDF/A allows no letter without a shape."""
    return _UNDRAWN.sub("〓", _VARIATIONS.sub("", _CONTROLS.sub(" ", text)))


def language(text: str, usual: str) -> str:
    """Name the language that a text is in by its letters: the usual one unless they differ."""
    found = next((key for key, letters in _SCRIPTS if letters.search(text)), usual)
    return usual if found == "en" and usual != "ja" else found


def marked(html: str, usual: str) -> str:
    """Mark what a page says in another language than its own, so that it is read out as such."""
    silent = ""
    parts = _TAG.split(drawable(html))
    for n, part in enumerate(parts):
        if n % 2:
            name = part.strip("</>").partition(" ")[0]
            if name in _SILENT:
                silent = "" if part.startswith("</") else silent or name
        elif not silent and (found := language(part, usual)) != usual and part.strip():
            parts[n] = f'<span lang="{found}">{part}</span>'
    return "".join(parts)
