"""What is wrong with a set-up file: one clear line for each problem, with file, line and field."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from servicedesk.errors import BadInput

MOST = 20
SHOWN = 40

# The way to a value: keys as text, places in a list from 0.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at one place of the file."""

    path: Path
    text: str
    line: int | None = None  # where the path alone does not tell
    word: str = ""  # what may be misspelt, and what it may have meant
    known: Collection[str] = ()


@dataclass(frozen=True)
class Document:
    """A file as plain values, which know the lines on which they stand."""

    name: str
    data: dict[str, Any]
    lines: Mapping[Path, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()  # what could be read, and is wrong all the same

    def line(self, path: Path) -> int:
        """Give the line on which a field stands, or else what it would stand in."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def line_of(self, problem: Problem) -> int:
        """Give the line on which a problem stands."""
        return problem.line or self.line(problem.path)


class BadFile(BadInput):
    """The file cannot be used; nothing was changed."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


def bad_file(document: Document, problems: Iterable[Problem]) -> BadFile:
    """List the problems in the order of the file, 20 at most."""
    unlike = {(document.line_of(it), place(it.path), it.text): it for it in problems}
    placed = sorted(unlike)
    # Suggestions take time, so only what is shown gets one.
    lines = [_line(document.name, *one, unlike[one]) for one in placed[:MOST]]
    if len(placed) > MOST:
        lines.append(f"{document.name}: and {len(placed) - MOST} more")
    return BadFile(lines)


def _line(name: str, line: int, where: str, text: str, problem: Problem) -> str:
    words = [f"{name}:{line}", *([where] if where else []), text]
    return ": ".join(words) + did_you_mean(problem.word, problem.known)


def place(path: Path) -> str:
    """Write a path as people read it: `services.internet.path[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_shown(part)}" for part in path)
    return text.removeprefix(".")


def _shown(part: str) -> str:
    return part if part.isprintable() and part and " " not in part else repr(part[:SHOWN])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest what may have been meant: ` (did you mean "office"?)`, or nothing."""
    near = difflib.get_close_matches(word[:SHOWN], list(known), 1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def describe(value: Any) -> str:
    """Say what stands where something else should."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {str(value)[:SHOWN]}"
        case str():
            text = value if len(value) <= SHOWN else f"{value[:SHOWN]}…"
            return f"the text {text!r}"
        case list():
            return "a list"
        case _:
            return "a mapping"
