"""Reads one row of a history: each cell, or a sentence that names the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from servicedesk import times
from servicedesk.incidents.acts import Due
from servicedesk.incidents.lifecycle import HOLD_REASONS, STATES
from servicedesk.setup.directory import Directory, Party, Service

T = TypeVar("T")
EMPTIED = "-"
TYPES = ("incident", "request")
CHANNELS = ("portal", "phone", "desk", "mail", "api", "import")


@dataclass(frozen=True, slots=True)
class DateCell:
    """A wish or promise; `due` is None where the cell empties it."""

    due: Due | None


@dataclass(frozen=True, slots=True)
class Change:
    """One row, read; None: unchanged."""

    at: datetime
    state: str | None
    hold: str | None
    group: Party | None
    assignee: str | None  # "" : nobody
    impact: int | None
    urgency: int | None
    service: Service | None
    title: str | None
    requester: str | None  # "": unknown
    requested_due: DateCell | None
    promised_due: DateCell | None
    replied: bool
    type: str | None
    category: str | None
    channel: str | None
    department: str | None
    description: str | None
    resolution: str | None


def read_change(cells: Mapping[str, str], setup: Directory) -> Change:
    """Read a row; raises ValueError with the field and what is wrong with it."""

    def cell(name: str, read: Callable[[str], T]) -> T | None:
        text = cells.get(name, "")
        if not text:
            return None
        try:
            return read(text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    at = cell("at", _instant)
    if at is None:
        raise ValueError("at: is empty")
    return Change(
        at=at,
        state=cell("state", _one_of(STATES)),
        hold=cell("hold", _emptied(_one_of(HOLD_REASONS))) or None,
        group=cell("group", lambda key: _known(setup.by_key, key)),
        assignee=cell("assignee", _emptied(_key)),
        impact=cell("impact", _level),
        urgency=cell("urgency", _level),
        service=cell("service", lambda key: _known(setup.services_by_key, key)),
        title=cell("title", _emptied(lambda text: text[:300])),
        requester=cell("requester", _emptied(_key)),
        requested_due=cell("requested_due", lambda text: _date(text, setup.zone)),
        promised_due=cell("promised_due", lambda text: _date(text, setup.zone)),
        replied=bool(cell("replied", _flag)),
        type=cell("type", _type),
        category=cell("category", _emptied(lambda text: text[:120])),
        channel=cell("channel", _one_of(CHANNELS)),
        department=cell("department", _emptied(lambda text: text[:200])),
        description=cell("description", _emptied(str)),
        resolution=cell("resolution", _emptied(str)),
    )


def _instant(text: str) -> datetime:
    try:
        return times.parse(text)
    except ValueError:
        raise ValueError(f"“{text}” is no instant such as 2026-06-05T17:30:00+09:00") from None


def _date(text: str, zone: str) -> DateCell:
    if text == EMPTIED:
        return DateCell(None)
    try:
        if len(text) == 10:
            return DateCell(Due(day=times.day(text)))
        return DateCell(Due(at=times.parse(text)))
    except ValueError:
        said = "neither a day such as 2026-06-05 nor an instant with offset"
        raise ValueError(f"“{text}” is {said}") from None


def _one_of(values: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in values:
            raise ValueError(f"“{text}” is none of {', '.join(values)}")
        return text

    return read


def _emptied(read: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "" if text == EMPTIED else read(text)


def _type(text: str) -> str:
    return _one_of(TYPES)("request" if text in ("service request", "service_request") else text)


def _key(text: str) -> str:
    if len(text) > 64:
        raise ValueError(f"“{text[:20]}…” is longer than 64 characters")
    return text


def _level(text: str) -> int:
    if text not in ("1", "2", "3"):
        raise ValueError(f"“{text}” is none of 1, 2, 3")
    return int(text)


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"“{text}” is neither 0 nor 1")
    return text == "1"


def _known(there: Mapping[str, T], key: str) -> T:
    if key not in there:
        raise ValueError(f"there is no “{key}” in the set-up")
    return there[key]
