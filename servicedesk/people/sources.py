"""Whose word on a person counts: the person's own, the set-up's, the list of people's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

USUAL_ROLES = ["employee"]
LIST, SET_UP, OWN = "list", "set-up", "own"  # the later wins
_RANK = {source: rank for rank, source in enumerate((LIST, SET_UP, OWN))}
# What may be said of a person, as the files call it.
FIELDS = (
    "name",
    "mail",
    "phone",
    "roles",
    "language",
    "zone",
    "department",
    "manager",
    "deputy",
)

Sources = Mapping[str, str]  # by field: who last said it; not in it: nobody
Values = dict[str, Any]


class Known(Protocol):
    """Somebody of whom it is noted who said what."""

    @property
    def listed(self) -> bool: ...

    @property
    def sources(self) -> dict[str, Any] | None: ...


def sources_of(person: Known) -> Sources:
    """Give who said what of a person; where it was never noted the set-up said all of it."""
    if person.sources is not None:
        return person.sources
    return dict.fromkeys(FIELDS, SET_UP) if person.listed else {}


def settle(
    before: Sources, source: str, said: Mapping[str, Any], without: Mapping[str, Any]
) -> tuple[Values, dict[str, str]]:
    """Give the fields that a source sets, and who has said what then.

    None is nothing said: what the source itself said before is taken back, to its value in
    `without`; what another said stays.
    """
    values: Values = {}
    after = dict(before)
    for field, value in said.items():
        holder = before.get(field)
        if value is None:
            if holder == source:
                values[field] = without.get(field)
                del after[field]
        elif holder is None or _RANK[source] >= _RANK[holder]:
            values[field], after[field] = value, source
    return values, after


def released(before: Sources, source: str) -> dict[str, str]:
    """Give who said what when a source no longer names the person."""
    return {field: holder for field, holder in before.items() if holder != source}
