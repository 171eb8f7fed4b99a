"""How wide a text will be, estimated: the server does not know the reader's typeface."""

from __future__ import annotations

from unicodedata import east_asian_width

LATIN, CJK = 6.3, 12.0  # px of a letter at 12 px


def text_width(text: str) -> float:
    """Estimate a text's width in px at 12 px."""
    if text.isascii():
        return LATIN * len(text)
    return sum(CJK if east_asian_width(letter) in "WF" else LATIN for letter in text)
