"""Guesses from the words of a title which service it is about: the desk's earlier ones tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

# Latin words from three letters on; Japanese has no spaces: pairs of its characters.
LATIN = re.compile(r"[a-z][a-z0-9-]{2,}")
JAPANESE = re.compile(r"(?=([\u30a0-\u30ff\u3400-\u9fff]{2}))")
NAME = 3  # how much more a word of the service's own name says


def words(text: str) -> set[str]:
    """Give the words by which titles are compared."""
    said = text.casefold()
    return {*LATIN.findall(said), *JAPANESE.findall(said)}


def guess(
    title: str, names: Iterable[tuple[int, str]], earlier: Iterable[tuple[int, str]]
) -> int | None:
    """Choose the service whose name, or whose earlier titles, share most with a title."""
    wanted = words(title)
    scores: Counter[int] = Counter()
    for service, name in names:
        scores[service] += NAME * len(wanted & words(name)) ** 2
    for service, said in earlier:
        scores[service] += len(wanted & words(said)) ** 2
    best = scores.most_common(1)
    return best[0][0] if best and best[0][1] else None
