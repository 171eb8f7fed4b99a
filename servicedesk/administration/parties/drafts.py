"""What pages change of groups and companies in the set-up's document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Data = dict[str, Any]
SECTIONS = ("groups", "partners")


@dataclass(frozen=True)
class NewPerson:
    """Somebody of a company who is not there yet."""

    key: str
    name: str
    mail: str


@dataclass(frozen=True)
class Draft:
    """A changed document, and how it is told."""

    data: Data
    name: str
    sentences: list[str] = field(default_factory=list)  # nothing: it is as it was
    done: str = ""  # what is said once it is published
    after: str = ""  # where that leads


def entry(data: Mapping[str, Any], section: str, key: str) -> Data:
    """Give what a document says of a group or company."""
    return dict((data.get(section) or {}).get(key) or {})


def with_entry(
    data: Mapping[str, Any], section: str, key: str, said: Data, people: Iterable[NewPerson] = ()
) -> Data:
    """Give the document with another entry of a group or company, and people it has besides."""
    found = _keeping_partners(data, section, key, said)
    added = {one.key: {"name": one.name, "mail": one.mail} for one in people}
    return {
        **found,
        section: {**(data.get(section) or {}), key: said},
        "people": {**(found.get("people") or {}), **added},
    }


def without(data: Mapping[str, Any], section: str, key: str) -> Data:
    """Give the document without a group or company."""
    found = _keeping_partners(data, section, key, {})
    kept = {name: it for name, it in data[section].items() if name != key}
    return {**found, section: kept}


def _keeping_partners(data: Mapping[str, Any], section: str, key: str, said: Data) -> Data:
    """Let who leaves a company stay what they are: left to themselves they would be employees."""
    people = dict(data.get("people") or {})
    if section == "partners":
        before = entry(data, section, key).get("members") or []
        for one in set(before) - set(said.get("members") or ()):
            people[one] = {"roles": ["partner"], **(people.get(one) or {})}
    return {**data, "people": people}


def no_longer_agents(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Give the keys of those who are agents by a group alone, and would be in none any more."""
    people = before.get("people") or {}
    leave = set(_in_groups(before)) - set(_in_groups(after))
    return sorted(key for key in leave if not (people.get(key) or {}).get("roles"))


def _in_groups(data: Mapping[str, Any]) -> Iterator[str]:
    for group in (data.get("groups") or {}).values():
        yield from group.get("members") or ()
        if group.get("lead"):
            yield group["lead"]
