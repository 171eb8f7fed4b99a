"""Reads YAML into plain values that know their lines.

Smaller than YAML 1.1 on purpose: keys are text, as are dates, times, yes, no, on and off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import yaml
from yaml import events

from servicedesk.setup.problems import BadFile, Document, Path, Problem, describe, place

LARGEST = 5_000_000  # bytes
DEEPEST = 20
MOST_VALUES = 500_000  # counted with all that aliases repeat
LONGEST_NUMBER = 30

# libyaml's parser where there is one: ten times faster, with the same events.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# What YAML does not allow, not even in quotes.
_STRANGE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FRACTION = re.compile(r"[-+]?[0-9]+\.[0-9]*([eE][-+][0-9]+)?|\.[0-9]+([eE][-+][0-9]+)?")
_WORDS = {
    word: value
    for value, words in {None: ("", "~", "null"), True: ("true",), False: ("false",)}.items()
    for lower in words
    for word in (lower, lower.capitalize(), lower.upper())
}
_STANDARD = "tag:yaml.org,2002:"


def read_file(path: FilePath | str) -> str:
    """Read a text file as UTF-8; raises BadFile."""
    try:
        with FilePath(path).open("rb") as file:
            found = file.read(LARGEST + 1)
    except IsADirectoryError:
        raise BadFile([f"{path}: this is a folder, not a file"]) from None
    except (OSError, ValueError) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else None
        reason = reason or getattr(error, "strerror", None) or str(error)
        raise BadFile([f"{path}: {reason}"]) from None
    if len(found) > LARGEST:
        raise BadFile([f"{path}: the file is larger than {LARGEST // 1_000_000} MB"])
    return _decode(found, str(path))


def _decode(found: bytes, name: str) -> str:
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = found.count(b"\n", 0, error.start) + 1
        raise BadFile([f"{name}:{line}: the file is not UTF-8 text"]) from None


def read(text: str, name: str) -> Document:
    """Read one YAML document that is a mapping; raises BadFile."""
    reader = _Reader(name)
    if strange := _STRANGE.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        raise reader.bad(line, f"the character {strange[0]!r} does not belong in a text file")
    try:
        data = reader.document(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or "cannot be read"
        raise reader.bad(mark.line + 1 if mark else 1, f"this is not YAML: {said}") from None
    if not isinstance(data, dict):
        found = "the file is empty" if data is None else f"the file is {describe(data)}"
        raise reader.bad(1, f"{found}; it must be a mapping that has `desk: {{name: …}}`")
    return Document(name, data, reader.lines, tuple(reader.problems))


@dataclass(frozen=True, slots=True)
class _Anchored:
    value: Any
    weight: int


class _Reader:
    """Builds values from the parser's events."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._anchors: dict[str, _Anchored | None] = {}  # None: not complete yet
        self._weight = 0

    def bad(self, line: int, text: str) -> BadFile:
        return BadFile([f"{self.name}:{line}: {text}"])

    def document(self, stream: Iterator[events.Event]) -> Any:
        """Read the only document of a stream; nothing of an empty one."""
        value, seen = None, False
        for event in stream:
            if isinstance(event, events.DocumentStartEvent):
                if seen:
                    raise self.bad(_line(event), "a second document begins; there must be only one")
                value, seen = self._value(next(stream), stream, ()), True
        return value

    def _value(self, event: Any, stream: Iterator[Any], path: Path) -> Any:
        if len(path) > DEEPEST:
            raise self.bad(_line(event), f"{place(path[:3])} …: nested too deeply")
        if isinstance(event, events.AliasEvent):
            return self._alias(event)
        self._weigh(event, 1)
        before = self._weight
        if event.anchor:
            self._anchors[event.anchor] = None
        value = self._fresh(event, stream, path)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value, self._weight - before + 1)
        return value

    def _fresh(self, event: Any, stream: Iterator[Any], path: Path) -> Any:
        self._refuse_tag(event)
        if isinstance(event, events.ScalarEvent):
            return _plain(event.value) if event.implicit[0] else event.value
        if isinstance(event, events.SequenceStartEvent):
            return self._list(stream, path)
        return self._mapping(stream, path)

    def _alias(self, event: Any) -> Any:
        anchored = self._anchors.get(event.anchor)
        if anchored is None:
            raise self.bad(_line(event), f"*{event.anchor} stands for nothing complete before it")
        self._weigh(event, anchored.weight)
        return anchored.value

    def _weigh(self, event: Any, weight: int) -> None:
        self._weight += weight
        if self._weight > MOST_VALUES:
            raise self.bad(_line(event), f"more than {MOST_VALUES} values, aliases counted")

    def _refuse_tag(self, event: Any) -> None:
        if event.tag and event.tag not in (f"{_STANDARD}str", f"{_STANDARD}map", f"{_STANDARD}seq"):
            raise self.bad(_line(event), f"tags such as {event.tag} are not used here")

    def _list(self, stream: Iterator[Any], path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(stream), events.SequenceEndEvent):
            here = (*path, len(found))
            self.lines[here] = _line(event)
            found.append(self._value(event, stream, here))
        return found

    def _mapping(self, stream: Iterator[Any], path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(stream), events.MappingEndEvent):
            key = self._key(event, path)
            here = (*path, key)
            if key in found:
                self._twice(event, stream, here)
            else:
                self.lines[here] = _line(event)
                found[key] = self._value(next(stream), stream, here)
        return found

    def _twice(self, event: Any, stream: Iterator[Any], path: Path) -> None:
        """Read past what stands there again: the first one counts."""
        text = f"this key stands here twice, first in line {self.lines[path]}"
        self.problems.append(Problem(path, text, _line(event)))
        kept, self.lines = self.lines, {}
        self._value(next(stream), stream, path)
        self.lines = kept

    def _key(self, event: Any, path: Path) -> str:
        """Read a key as the text that it is, whatever YAML makes of `on` or `2026-11-23`."""
        if not isinstance(event, events.ScalarEvent):
            where = f"{place(path)}: " if path else ""
            raise self.bad(_line(event), f"{where}a key must be a word")
        self._refuse_tag(event)
        self._weigh(event, 1)
        text: str = event.value
        return text


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


def _plain(text: str) -> Any:
    """Read a value that is not in quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FRACTION.fullmatch(text):
            return float(text)
    return text
