"""Compares what is printed on the pages of two readings of a report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from servicedesk.reports.reading import Block, Reading

FLOWING = ("TH", "Margin", "Link")  # repeated from page to page, wherever pages end
TOO_MANY = 2000  # blocks; of more only pairs are compared
COUNTER = re.compile(r"\d+ / \d+")


def compare(printed: Reading, made: Reading) -> Iterator[str]:
    """Name every difference: page, section, table, row and column, printed and recomputed.

    What the same installation drew has to be drawn the same; of another one the text alone counts.
    """
    if printed.drawn == made.drawn:
        differences = list(_texts(printed.blocks, made.blocks))
        yield from differences
        pages = {int(found[1]) for found in map(_PAGE.match, differences) if found}
        yield from _drawings(printed.pages, made.pages, pages)
    else:
        yield from _loosely(printed.blocks, made.blocks)
    yield from printed.strange


_PAGE = re.compile(r"page (\d+)")


def _drawings(printed: Sequence[str], made: Sequence[str], told: set[int]) -> Iterator[str]:
    """Name pages that say the same but are drawn otherwise."""
    if len(printed) != len(made):
        yield f"pages: printed {len(printed)}, recomputed {len(made)}"
    for n, (one, other) in enumerate(zip(printed, made, strict=False), 1):
        if one != other and n not in told:
            yield f"page {n}: is drawn otherwise than its data says"


def _loosely(printed: Sequence[Block], made: Sequence[Block]) -> Iterator[str]:
    """Compare what was drawn with other fonts, so that lines and pages end elsewhere."""
    one, other = ([b for b in blocks if not _flows(b)] for blocks in (printed, made))
    if "".join(map(_letters, one)) != "".join(map(_letters, other)):
        yield from _texts(one, other)
    known = {_letters(block) for block in made if _flows(block) or block.kind == "H1"}
    for block in printed:
        if _flows(block) and _letters(block) not in known and not COUNTER.fullmatch(block.text):
            yield f"{_where(block)}: printed “{block.text}”, not recomputed"


def _flows(block: Block) -> bool:
    return block.kind in FLOWING or _of_contents(block)


def _of_contents(block: Block) -> bool:
    """Say whether it is a line of the table of contents, which ends with a page's number."""
    return block.kind == "LI" and not block.place


def _letters(block: Block) -> str:
    text = re.sub(r"\d+$", "", block.text) if _of_contents(block) else block.text
    return re.sub(r"\s+", "", text)


def _texts(printed: Sequence[Block], made: Sequence[Block]) -> Iterator[str]:
    """Compare block by block."""
    one, other = (
        [(b.kind, _letters_of(b)) for b in printed],
        [(b.kind, _letters_of(b)) for b in made],
    )
    start = _alike(one, other)
    end = _alike(one[start:][::-1], other[start:][::-1])
    a, b = printed[start : len(one) - end], made[start : len(other) - end]
    if len(a) == len(b) or max(len(a), len(b)) > TOO_MANY:
        yield from _pairs(a, b)
        return
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right).get_opcodes():
        if tag != "equal":
            yield from _pairs(a[i1:i2], b[j1:j2])


def _letters_of(block: Block) -> str:
    return re.sub(r"\s+", "", block.text)


def _alike(one: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]]) -> int:
    """Count how many begin alike."""
    n = 0
    while n < len(one) and n < len(other) and one[n] == other[n]:
        n += 1
    return n


def _pairs(printed: Sequence[Block], made: Sequence[Block]) -> Iterator[str]:
    for n in range(max(len(printed), len(made))):
        a = printed[n] if n < len(printed) else None
        b = made[n] if n < len(made) else None
        if a and b and _letters_of(a) != _letters_of(b):
            yield f"{_where(a)}: printed “{a.text}”, recomputed “{b.text}”"
        elif a and not b:
            yield f"{_where(a)}: printed “{a.text}”, not recomputed"
        elif b and not a:
            yield f"{_where(b)}: not printed, recomputed “{b.text}”"


def _where(block: Block) -> str:
    page = f"page {block.page}" if block.page else "document"
    return f"{page}, {block.place}" if block.place else page


# What another edition of the program laid out

NUMBERS = re.compile(r"\d+")
WORDS = 8  # letters: so many make a sentence


def numbers(printed: Reading, made: Reading) -> tuple[list[str], tuple[int, int]]:
    """Compare the numbers that both print in the same place, in cells and sentences.

    Gives the differences, and how many texts with numbers were compared, of how many.
    """
    one, other = _numbered(printed.blocks), _numbered(made.blocks)
    common = [place for place in one if len(one[place]) == len(other.get(place, ()))]
    pairs = [pair for place in common for pair in zip(one[place], other[place], strict=True)]
    differences = [line for a, b in pairs for line in _pairs([a], [b])]
    return differences + list(printed.strange), (len(pairs), sum(map(len, one.values())))


def _numbered(blocks: Sequence[Block]) -> dict[tuple[str, ...], list[Block]]:
    """List what has numbers, by its place and what it says besides them."""
    found: dict[tuple[str, ...], list[Block]] = {}
    for block in blocks:
        if block.kind in _COUNTED or _of_contents(block) or not NUMBERS.search(block.text):
            continue
        section, *inside = block.place.split(" › ")
        said = NUMBERS.sub("#", _letters_of(block))
        if block.kind == "TD" or sum(map(str.isalpha, said)) >= WORDS:
            place = inside[-2:] if block.kind == "TD" else ()  # row and column
            found.setdefault((block.kind, _named(section), *place, said), []).append(block)
    return found


# Numbered as they come, or drawn: a chart's numbers stand in a table as well.
_COUNTED = ("H1", "H2", "H3", "TH", "Caption", "Figure", *FLOWING)


def _named(section: str) -> str:
    return re.sub(r"^\d+\s+", "", section)
