"""Marks in a text what was searched for, and cuts out the piece that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup, escape

from servicedesk.incidents.terms import CJK, pairs, plain, runs

Span = tuple[int, int]
AHEAD, LENGTH = 50, 170  # characters before the first mark, and in all
_CLUSTER = re.compile(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*", re.DOTALL)
_LETTER = f"[^\\W_{CJK}]"


@dataclass(frozen=True)
class Marker:
    """Finds in texts what somebody searched for."""

    text: str

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], list[re.Pattern[str]]]]:
        """For each stretch: how it looks, and what is left of it where it is not there whole."""
        return [_patterns(run, japanese) for run, japanese in runs(plain(self.text))]

    def mark(self, text: str) -> Markup:
        """Give a text with its marks, everything else escaped."""
        return _marked(text, self._spans(text), 0, len(text))

    def score(self, text: str) -> int:
        """Count how many of the stretches stand in a text."""
        said = plain(text)
        return sum(bool(whole.search(said)) for whole, _parts in self._patterns)

    def excerpt(self, texts: Iterable[str]) -> Markup:
        """Cut a piece out of a text, around its first mark."""
        text = " ".join(" ".join(texts).split())
        spans = self._spans(text)
        start = max(0, spans[0][0] - AHEAD) if spans and len(text) > LENGTH else 0
        end = min(len(text), start + LENGTH)
        cut = _marked(text, spans, start, end)
        return Markup("{}{}{}").format("…" if start else "", cut, "…" if end < len(text) else "")

    def _spans(self, text: str) -> list[Span]:
        said, places = _mapped(text)
        found: list[Span] = []
        for whole, parts in self._patterns:
            hits = list(_hits(said, [whole])) or list(_hits(said, parts))
            found += [(places[start][0], places[end - 1][1]) for start, end in hits]
        return _merged(found)


def _patterns(run: str, japanese: bool) -> tuple[re.Pattern[str], list[re.Pattern[str]]]:
    word = re.escape(run)
    if japanese:
        return re.compile(f"{word}\u30fc?"), [re.compile(pair) for pair in pairs(run)]
    alone = f"(?!{_LETTER})" if len(run) == 1 or run.isdecimal() else ""
    zeros = "0*" if run.isdecimal() else ""
    return re.compile(f"(?<!{_LETTER}){zeros}{word}{alone}"), []


def _hits(text: str, patterns: Sequence[re.Pattern[str]]) -> Iterator[Span]:
    for pattern in patterns:
        yield from (match.span() for match in pattern.finditer(text))


def _mapped(text: str) -> tuple[str, Sequence[Span]]:
    """Write a text as it is compared, with the place in the text for each of its characters."""
    if text.isascii():
        return text.lower(), [(n, n + 1) for n in range(len(text))]
    said: list[str] = []
    places: list[Span] = []
    for cluster in _CLUSTER.finditer(text):
        written = plain(cluster[0])
        said.append(written)
        places.extend([cluster.span()] * len(written))
    return "".join(said), places


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _marked(text: str, spans: Iterable[Span], start: int, end: int) -> Markup:
    """Escape a piece of a text and put its marks in."""
    parts: list[Markup] = []
    at = start
    for first, last in spans:
        first, last = max(first, at), min(last, end)
        if first < last:
            parts += [escape(text[at:first]), Markup("<mark>{}</mark>").format(text[first:last])]
            at = last
    return Markup().join([*parts, escape(text[at:end])])
