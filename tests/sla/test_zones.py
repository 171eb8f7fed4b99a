"""Time zones as stretches of constant offset."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from servicedesk.sla.zones import DAY, stretches, year_start


@pytest.mark.parametrize(
    ("zone", "first", "last", "changes"),
    [
        ("Asia/Tokyo", 1970, 2030, 0),
        ("Europe/Berlin", 2020, 2029, 20),
        ("America/Boa_Vista", 2000, 2000, 3),
        ("Africa/Casablanca", 2026, 2026, 2),
        ("Africa/Cairo", 2014, 2014, 4),
        ("Pacific/Apia", 2011, 2011, 3),
    ],
)
def test_every_change_of_the_clocks_is_found(
    zone: str, first: int, last: int, changes: int
) -> None:
    """C2: even where the clocks go back after a week."""
    offsets = [offset for *_, offset in stretches(zone, year_start(first), year_start(last + 1))]
    assert sum(a != b for a, b in pairwise(offsets)) == changes


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_every_stretch_has_its_offset_from_end_to_end(zone: str) -> None:
    info, expected_start = ZoneInfo(zone), year_start(2024)
    for start, end, offset in stretches(zone, year_start(2024), year_start(2030)):
        assert start == expected_start
        for at in (*range(start, end, DAY), end - 1):
            ahead = datetime.fromtimestamp(at, UTC).astimezone(info).utcoffset()
            assert ahead is not None
            assert ahead.total_seconds() == offset
        expected_start = end
    assert expected_start == year_start(2030)


def test_stretches_are_cut_to_what_is_asked() -> None:
    start, end = year_start(2026) + 5, year_start(2026) + 10
    assert list(stretches("Asia/Tokyo", start, end)) == [(start, end, 9 * 3600)]
    assert list(stretches("Asia/Tokyo", end, start)) == []
