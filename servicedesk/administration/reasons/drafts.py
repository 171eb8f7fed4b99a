"""The list of reasons as it is typed into a page, and what it makes of the set-up's document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from servicedesk.setup import reasons
from servicedesk.setup.reasons import BUILT_IN, LANGUAGES, OTHER, WORD, Reason

NEW = "new"  # stands in the form for the key of one to be added
LENGTH = 200
_KEY = re.compile(r"[a-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class Line:
    """A reason in the form."""

    key: str
    en: str = ""
    ja: str = ""
    is_offered: bool = True

    @property
    def is_built_in(self) -> bool:
        """Say whether it may be left without a name."""
        return self.key in BUILT_IN

    @property
    def names(self) -> dict[str, str]:
        """Give its own names by language."""
        return {one: said for one, said in zip(LANGUAGES, (self.en, self.ja), strict=True) if said}


@dataclass(frozen=True, slots=True)
class Change:
    """What publishing would change: added, named, offered, retired, moved."""

    kind: str
    line: Line


def current(more: Mapping[str, Any]) -> list[Line]:
    """Give the list as it is, retired ones last."""
    offered = reasons.offered(more)
    retired = [one for one in reasons.listed(more) if one.retired]
    return [_line(one, True) for one in offered] + [_line(one, False) for one in retired]


def _line(reason: Reason, is_offered: bool) -> Line:
    return Line(reason.key, reason.names.get("en", ""), reason.names.get("ja", ""), is_offered)


def typed(form: Mapping[str, str], before: Sequence[Line], added: Iterable[str]) -> list[Line]:
    """Read the form: each reason with its names, sorted by its place, and one to be added.

    `added` are the keys of those that were added in an earlier preview of the same form.
    """
    known = dict.fromkeys([line.key for line in before])
    more = [key for key in added if key not in known and _KEY.fullmatch(key) and key != NEW]
    lines = [_typed(form, key) for key in (*known, *dict.fromkeys(more))]
    places = {line.key: _place(form, line.key, n) for n, line in enumerate(lines, start=1)}
    lines.sort(key=lambda line: (not line.is_offered, places[line.key]))
    last = _typed(form, NEW)
    if not (last.en or last.ja):
        return lines
    new = replace(last, key=_key(last.en, {line.key for line in lines}), is_offered=True)
    offered = [line for line in lines if line.is_offered]
    at = len(offered) - (bool(offered) and offered[-1].key == OTHER)  # that one stays the last
    offered.insert(at, new)
    return [*offered, *(line for line in lines if not line.is_offered)]


def _typed(form: Mapping[str, str], key: str) -> Line:
    en, ja = (" ".join(form.get(f"{one}-{key}", "").split())[:LENGTH] for one in LANGUAGES)
    return Line(key, en, ja, key == OTHER or f"offered-{key}" in form)


def _place(form: Mapping[str, str], key: str, usual: int) -> int:
    said = form.get(f"place-{key}", "")
    return int(said) if said.isdecimal() and len(said) < 5 else usual


def _key(name: str, taken: Iterable[str]) -> str:
    """Make a key of an English name; one that is taken, or has no letters, gets a number."""
    word = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:32] or "reason"
    return next(
        key
        for key in (word, *(f"{word}_{n}" for n in range(2, 1000)))
        if key not in {*taken, NEW, *BUILT_IN}
    )


def differences(before: Sequence[Line], after: Sequence[Line]) -> list[Change]:
    """Say what differs, reason by reason, and at last whether the order does."""
    known = {line.key: line for line in before}
    found = []
    for line in after:
        was = known.get(line.key)
        if was is None:
            found.append(Change("added", line))
        elif was.names != line.names:
            found.append(Change("named", line))
        if was and was.is_offered != line.is_offered:
            found.append(Change("offered" if line.is_offered else "retired", line))
    both = _offered(before) & _offered(after)
    if after and _order(before, both) != _order(after, both):
        found.append(Change("moved", after[0]))
    return found


def _offered(lines: Sequence[Line]) -> set[str]:
    return {line.key for line in lines if line.is_offered}


def _order(lines: Sequence[Line], among: set[str]) -> list[str]:
    return [line.key for line in lines if line.key in among]


def document_with(data: Mapping[str, Any], lines: Sequence[Line]) -> dict[str, Any]:
    """Put the list into the set-up's document; what is as it would be anyway is left out."""
    desk = {word: said for word, said in data["desk"].items() if word != WORD}
    if lines != [Line(key) for key in BUILT_IN]:
        desk[WORD] = {line.key: _said(line) for line in lines}
    return {**data, "desk": desk}


def _said(line: Line) -> dict[str, Any]:
    return line.names | ({} if line.is_offered else {"retired": True})
