"""Plain data written shortly and read fast: fields by their place, instants as seconds from one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from servicedesk.sla.zones import DAY, epoch, utc

FIRST = date(1970, 1, 1)
Reader = Callable[[Any, int], Any]  # of what JSON gives, and the origin in seconds since 1970


def pack(said: Any, origin: int) -> Any:
    """Give what JSON can hold; defaults at the end of a dataclass are left out."""
    if isinstance(said, datetime):
        return epoch(said) - origin
    if isinstance(said, date):
        return (said - FIRST).days - origin // DAY
    if isinstance(said, frozenset):
        return sorted(said)
    if isinstance(said, tuple):
        return [pack(each, origin) for each in said]
    return _places(said, origin) if is_dataclass(said) else said


def _places(said: Any, origin: int) -> list[Any]:
    left = list(fields(said))
    while left and getattr(said, left[-1].name) == left[-1].default:
        left.pop()
    return [pack(getattr(said, field.name), origin) for field in left]


def reader(kind: Any) -> Reader | None:
    """Make what reads a type's data back; None: it is as JSON gives it."""
    if kind is datetime:
        return lambda said, origin: utc(origin + said)
    if kind is date:
        return lambda said, origin: FIRST + timedelta(days=origin // DAY + said)
    if is_dataclass(kind):
        return dataclass_reader(kind)
    parts = [part for part in get_args(kind) if part is not NoneType]
    if get_origin(kind) is frozenset:
        return lambda said, origin: frozenset(said)
    if get_origin(kind) is tuple:
        return _all(reader(parts[0])) if parts[-1] is Ellipsis else _each(parts, _tuple)
    return reader(parts[0]) if parts else None


def _tuple(*said: Any) -> tuple[Any, ...]:
    return said


def _all(read: Reader | None) -> Reader:
    if read is None:
        return lambda said, origin: tuple(said)
    return lambda said, origin: tuple(
        [None if each is None else read(each, origin) for each in said]
    )


def dataclass_reader(kind: Any) -> Reader:
    """Make what reads a dataclass back."""
    hints = get_type_hints(kind)
    return _each([hints[field.name] for field in fields(kind)], kind)


def _each(kinds: list[Any], make: Callable[..., Any]) -> Reader:
    """Read values by their place; those at the end may be left out."""
    odd = [(place, read) for place, kind in enumerate(kinds) if (read := reader(kind))]

    def read_all(said: list[Any], origin: int) -> Any:
        count = len(said)
        for place, read in odd:
            if place >= count:
                break
            if said[place] is not None:
                said[place] = read(said[place], origin)
        return make(*said)

    return read_all
