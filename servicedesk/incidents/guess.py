"""Guesses from the words of a title which service it is about: the desk's earlier ones tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

# Latin words from three letters on; Japanese has no spaces: pairs of its characters.
LATIN = re.compile(r"[a-z][a-z0-9-]{2,}")
JAPANESE = re.compile(r"(?=([\u30a0-\u30ff\u3400-\u9fff]{2}))")
NAME = 3  # how much more a word of the service's own name says
SEVERAL = 3  # people whose titles have a word before it tells anything to others


def words(text: str) -> set[str]:
    """Give the words by which titles are compared."""
    said = text.casefold()
    return {*LATIN.findall(said), *JAPANESE.findall(said)}


def told(earlier: Sequence[tuple[int, str, int]], reader: int) -> list[tuple[int, str]]:
    """§9: keep of titles (service, title, requester) what tells a reader nothing of others' ones.

    That is their own titles, and the words that several people used: else trying out words would
    tell whether anybody wrote them.
    """
    people: dict[str, set[int]] = {}
    for _service, title, requester in earlier:
        for word in words(title):
            people.setdefault(word, set()).add(requester)
    usual = {word for word, those in people.items() if len(those) >= SEVERAL}
    return [
        (service, title if requester == reader else " ".join(words(title) & usual))
        for service, title, requester in earlier
    ]


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
