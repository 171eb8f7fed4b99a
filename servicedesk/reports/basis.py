"""What facts follow from but the journal: the set-up's terms, and the program that reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from servicedesk.setup.directory import Directory
from servicedesk.sla.calendar import Calendar

HERE = Path(__file__).parent
PROGRAM = (
    (HERE, "*.py"),
    (HERE.parent / "incidents", "**/*.py"),
    (HERE.parent / "escalation", "*.py"),
    (HERE.parent / "setup", "directory.py"),
    (HERE.parent / "sla", "*.py"),
)
# Of the set-up what no fact follows from, so that a new name costs nothing.
UNUSED = frozenset({"name", "language", "revision", "policies", "hooks"})
UNUSED_OF_PARTS = frozenset({"name", "mail", "lead", "rota", "owner", "policy", "policy_since"})

_last: dict[str, tuple[Directory, str]] = {}


def basis(setup: Directory) -> str:
    """Sum it up; kept for the set-up that was asked for last."""
    there = _last.get("")
    if there is None or there[0] is not setup:
        said = {f.name: getattr(setup, f.name) for f in fields(setup) if f.name not in UNUSED}
        said["more"] = {name: value for name, value in setup.more.items() if name != "goals"}
        text = f"{_program()}\n{_plain(said)}"
        there = _last[""] = setup, hashlib.sha256(text.encode()).hexdigest()
    return there[1]


@cache
def _program() -> str:
    found = hashlib.sha256()
    for path in _files():
        found.update(f"{path.name}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def _files() -> Iterator[Path]:
    for folder, pattern in PROGRAM:
        yield from sorted(folder.glob(pattern))


def _plain(said: Any) -> str:
    """Write a value so that the same always reads the same, also in another process."""
    if isinstance(said, Calendar):
        return _plain(said.versions)
    if is_dataclass(said):
        return _plain(
            {f.name: getattr(said, f.name) for f in fields(said) if f.name not in UNUSED_OF_PARTS}
        )
    if isinstance(said, Mapping):
        pairs = sorted((_plain(key), _plain(value)) for key, value in said.items())
        return f"{{{','.join(f'{key}:{value}' for key, value in pairs)}}}"
    if isinstance(said, AbstractSet):
        return f"{{{','.join(sorted(map(_plain, said)))}}}"
    if isinstance(said, (list, tuple)):
        return f"[{','.join(map(_plain, said))}]"
    return repr(said)
