"""What pages change of the set-up's document; a draft is only looked at until it is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from servicedesk.administration.agreements.said import SECTIONS, Said

Data = dict[str, Any]


@dataclass(frozen=True)
class Draft:
    """A changed document, and how it is told."""

    data: Data
    services: list[str]  # keys of those whose feasibility it may change
    sentences: list[str]  # what it changes; nothing: it is as it was
    name: str  # of what is changed
    hint: str  # whom it is for
    done: str  # what is said once it is published
    after: str  # where that leads


def with_terms(data: Mapping[str, Any], kind: str, key: str, said: Said) -> Data:
    """Give the document with other terms of an agreement that is there."""
    section = SECTIONS[kind]
    entries = data[section]
    return {**data, section: {**entries, key: {**entries[key], **said.definition(kind)}}}


def with_new(data: Mapping[str, Any], key: str, said: Said, services: Iterable[str]) -> Data:
    """Give the document with a customer agreement more, used by some services from then on."""
    entries = {**(data.get("agreements") or {}), key: said.definition("sla")}
    found: Data = {**data, "agreements": entries}
    for service in services:
        found = with_choice(found, service, key)
    return found


def with_choice(data: Mapping[str, Any], service: str, agreement: str) -> Data:
    """Give the document with another agreement of a service."""
    entries = data["services"]
    return {**data, "services": {**entries, service: {**entries[service], "agreement": agreement}}}


def without(data: Mapping[str, Any], key: str) -> Data:
    """Give the document without a customer agreement."""
    kept = {name: said for name, said in data["agreements"].items() if name != key}
    return {**data, "agreements": kept}
