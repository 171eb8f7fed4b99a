"""Schedules of reports as DESK.yaml writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from servicedesk.setup.entry import Entry
from servicedesk.setup.problems import describe
from servicedesk.setup.values import Key, Language, OneOrMore, Text, Time, one_of

MONTH, QUARTER, YEAR = EVERY = ("month", "quarter", "year")
FILE, LINK = WAYS = ("file", "link")
ITSELF, APPROVED = SEALS = ("itself", "approved")
LAST = "last"
MOST_DAYS = 23  # working days that a month of a usual week can have
ALL = "all"
_SCOPE = re.compile(r"(group|partner|service|department):(\S.{0,199})")


def _scope(value: Any) -> str:
    if value == ALL or (isinstance(value, str) and _SCOPE.fullmatch(value)):
        return str(value)
    known = "all, group:KEY, partner:KEY, service:KEY or department:NAME"
    raise ValueError(f"must be {known}, not {describe(value)}")


def _day(value: Any) -> int | str:
    if value == LAST or (type(value) is int and 1 <= value <= MOST_DAYS):
        return LAST if value == LAST else int(value)
    raise ValueError(f"must be a number from 1 to {MOST_DAYS} or {LAST}, not {describe(value)}")


Scope = Annotated[str, PlainValidator(_scope), WithJsonSchema({"type": "string"})]
WorkingDay = Annotated[
    int | str,
    PlainValidator(_day),
    WithJsonSchema(
        {"oneOf": [{"type": "integer", "minimum": 1, "maximum": MOST_DAYS}, {"enum": [LAST]}]}
    ),
]


class Schedule(Entry):
    """F9: a report that is made by itself, of the period that has just ended, and mailed."""

    name: Text | None = None
    """Its key, when left out."""
    scope: Scope = ALL
    """all, group:KEY, partner:KEY, service:KEY or department:NAME."""
    every: Annotated[str, one_of(*EVERY)] = MONTH
    """month, quarter or year, which is the fiscal year."""
    day: WorkingDay = 3
    """Working day of the month after the period, by the desk's calendar; or last."""
    at: Time = "08:00"
    """When on that day, in the desk's zone."""
    languages: OneOrMore[Language] = Field(default_factory=list)
    """Left out: the desk's."""
    send: Annotated[str, one_of(*WAYS)] = FILE
    """file: with the PDF, if that is not too large; link: with its address."""
    seal: Annotated[str, one_of(*SEALS)] = ITSELF
    """itself: sent as soon as the desk has sealed it; approved: once it was approved, or, where
    nobody is asked to, once it is sealed by hand."""
    people: OneOrMore[Key] = Field(default_factory=list)
    """Who gets it without having subscribed."""
    owner: Key | None = None
    """Who is told, beside the administrators, when it fails."""


class Reports(Entry):
    """Who approves reports, and what the desk reports by itself."""

    approver: Key | None = None
    """Who is asked to approve what is sealed; left out: nobody."""
    schedules: dict[Key, Schedule] = Field(default_factory=dict)


def parts(scope: str) -> tuple[str, str]:
    """Give kind and key of a scope; the key of all is empty."""
    kind, _colon, key = scope.partition(":")
    return kind, key


def columns(key: str, said: Schedule, ids: Mapping[str, int], language: str) -> dict[str, Any]:
    """Give what is kept of a schedule, its people by id."""
    return {
        "name": said.name or key,
        "scope": said.scope,
        "every": said.every,
        "day": 0 if said.day == LAST else said.day,
        "at": said.at,
        "languages": list(dict.fromkeys(said.languages)) or [language],
        "send": said.send,
        "seal": said.seal,
        "people": [ids[one] for one in dict.fromkeys(said.people)],
        "owner_id": ids[said.owner] if said.owner else None,
    }
