"""The words by which texts are found: Latin words whole, Japanese by pairs of its characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Kana, kanji and hangul: what is written without spaces.
CJK = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(f"[{CJK}]+|[^\\W_{CJK}]+")
_IS_CJK = re.compile(f"[{CJK}]")
# The long vowel at the end of a loanword is written or not: プリンター, プリンタ.
LONG_VOWEL = re.compile(r"(?<=[\u30a1-\u30fa\u30fc]{3})\u30fc(?![\u30a1-\u30fa\u30fc])")
_NUMBER = re.compile(r"(inc[-\s]?)?(\d{1,12})")
LONGEST = 40  # characters of a word
SIZE = 400_000  # bytes of the words of one column: a tsvector takes 1 MiB
DIGITS = 8  # of a number written in full


@dataclass(frozen=True, slots=True)
class Term:
    """One word that is looked for: as it is, or as the beginning of words."""

    word: str
    begins: bool = False


@dataclass(frozen=True)
class Sought:
    """What somebody typed into a search."""

    terms: tuple[Term, ...]
    number: int | None = None  # that it could be of an incident
    in_full: bool = False  # it is a number and nothing else: INC-00000012


def plain(text: str) -> str:
    """Write a text as it is compared: full width as half, capitals as small letters."""
    return unicodedata.normalize("NFKC", text).casefold()


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """Give the stretches of a plain text that are words, and whether they are Japanese."""
    for run in _RUN.findall(LONG_VOWEL.sub("", text)):
        yield run, is_cjk(run)


def is_cjk(run: str) -> bool:
    """Say whether a stretch is written without spaces."""
    return bool(_IS_CJK.match(run))


def pairs(run: str) -> list[str]:
    """Give the pairs of neighbouring characters."""
    return [run[n : n + 2] for n in range(len(run) - 1)]


def words(texts: Iterable[str | None]) -> dict[str, None]:
    """Give the words of some texts, each once and in order, so many as can be kept."""
    text = "\n".join(text for text in texts if text)
    found = dict.fromkeys(_words(plain(text)))
    return found if len(text) < SIZE // 20 else dict.fromkeys(_so_many(found))


def _so_many(words: Iterable[str]) -> Iterator[str]:
    left = SIZE
    for word in words:
        left -= len(word.encode()) + 8
        if left < 0:
            return
        yield word


def _words(text: str) -> Iterator[str]:
    for run, japanese in runs(text):
        if japanese:
            yield from pairs(run)
            yield run[-1]  # with the pairs, every character begins a word
        else:
            yield run[:LONGEST]


def sought(text: str) -> Sought:
    """Read what somebody typed: all of its words are looked for."""
    said = plain(text).strip()
    terms = dict.fromkeys(term for run, japanese in runs(said) for term in _terms(run, japanese))
    number = _NUMBER.fullmatch(said)
    if number is None or int(number[2]) >= 2**31:
        return Sought(tuple(terms))
    in_full = bool(number[1]) or len(number[2]) == DIGITS
    return Sought(tuple(terms), int(number[2]), in_full)


def _terms(run: str, japanese: bool) -> Iterator[Term]:
    if japanese and len(run) > 1:
        yield from (Term(pair) for pair in pairs(run))
    else:
        begins = japanese or (len(run) > 1 and not run.isdecimal())
        yield Term(run[:LONGEST], begins)
