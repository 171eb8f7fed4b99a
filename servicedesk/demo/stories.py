"""What the demo's incidents are about, and what people write: read from the YAML files beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, cast

import yaml

HERE = Path(__file__).parent
LANGUAGES = ("en", "ja")
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the quick one, where there is one


@dataclass(frozen=True)
class Story:
    """One kind of incident or request; `{words}` in its texts stand for one of `vars`."""

    key: str
    service: str
    language: str
    category: str
    title: str
    text: str
    reply: str  # the desk's first answer
    ask: str  # what the requester is asked
    answer: str  # and says
    note: str  # what is found out at the desk
    done: str  # how it was resolved
    thanks: str
    up: str | None = None  # why the second tier is needed; None: the desk does it alone
    deeper: str | None = None  # why the third tier is
    partner: str | None = None  # what the partner company is asked
    found: str | None = None  # and answers
    cause: str | None = None
    code: str = "solved"
    type: str = "incident"
    impact: int = 2
    urgency: int = 2
    departments: Sequence[str] = ()  # of who reports it; empty: any
    file: str | None = None  # one of files.FILES, that its requester may attach
    vars: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def told(self, rng: Random, chosen: Mapping[str, str] | None = None) -> Story:
        """Choose its words, but for those that are chosen already."""
        words = {name: rng.choice(list(some)) for name, some in self.vars.items()}
        words |= chosen or {}
        texts = {
            each.name: value.strip().format_map(words)
            for each in fields(self)
            if isinstance(value := getattr(self, each.name), str)
        }
        return replace(self, **cast("dict[str, Any]", texts))


def read_yaml(path: Path) -> Any:
    """Read one of the files beside."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 - a safe one


@cache
def stories() -> Mapping[str, Story]:
    """Read all stories, by key."""
    entries = [
        entry for path in sorted(HERE.glob("stories/*.yaml")) for entry in read_yaml(path)
    ]  # fmt: skip
    found = {}
    for entry in entries:
        entry["departments"] = entry.pop("from", ())
        found[entry["key"]] = Story(**entry)
    if len(found) < len(entries):
        raise ValueError("two stories have the same key")
    return found


@cache
def phrases(language: str) -> Mapping[str, str | Sequence[str]]:
    """Read what people write whatever it is about."""
    found: Mapping[str, str | Sequence[str]] = read_yaml(HERE / "phrases.yaml")[language]
    return found


def phrase(rng: Random, language: str, name: str) -> str:
    """Choose a phrase."""
    said = phrases(language)[name]
    return said if isinstance(said, str) else rng.choice(list(said))
