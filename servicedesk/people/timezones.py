"""Time zones that people can have."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

_NOT_PLACES = ("Etc/", "SystemV/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/")


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """Give every name that a time zone has."""
    return frozenset(available_timezones()) - {"Factory", "localtime"}


@lru_cache(maxsize=1)
def offered() -> tuple[str, ...]:
    """Give the names worth choosing from: places, and UTC; no older names of the same."""
    places = (name for name in known() if "/" in name and not name.startswith(_NOT_PLACES))
    return (*sorted(places), "UTC")
