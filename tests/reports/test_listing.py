"""The cases behind a figure on screen: sorted by number, date or value, page by page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from servicedesk.reports import listing
from servicedesk.reports.cases import Case
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.listing import Narrowed
from tests.cast import at

FIGURE = BY_ID["requested_due.first"]
CASES = [
    Case(3, 1, at=at("Mon 09:00")),
    Case(1, 0, at=at("Fri 09:00")),
    Case(4, 1),
    Case(2, 1, at=at("Fri 09:00")),
]
PAGE: Any = SimpleNamespace(
    doc=SimpleNamespace(contents=SimpleNamespace(cases={FIGURE.column: CASES}))
)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("number", [1, 2, 3, 4]),
        ("-number", [4, 3, 2, 1]),
        ("when", [1, 2, 3, 4]),
        ("-when", [3, 2, 1, 4]),
        ("value", [1, 2, 3, 4]),
        ("-value", [4, 3, 2, 1]),
    ],
)
def test_cases_are_sorted_both_ways_and_those_without_a_date_come_last(
    sort: str, order: list[int]
) -> None:
    """F7: exactly the incidents behind a figure, in any order."""
    asked = Narrowed("all", sort)
    assert [case.number for case in listing.cases(PAGE, FIGURE, asked).cases] == order
    assert listing.cases(PAGE, FIGURE, asked).counts == {"all": 4, "yes": 3, "no": 1}


@pytest.mark.parametrize("sort", listing.SORTS)
def test_pages_by_cursor_give_each_case_once(monkeypatch: pytest.MonkeyPatch, sort: str) -> None:
    """F7: forwards and back again."""
    monkeypatch.setattr(listing, "AT_ONCE", 1)
    found: list[Case] = []
    places: list[tuple[str, str | None]] = []
    after = ""
    while True:
        rows = listing.cases(PAGE, FIGURE, Narrowed("all", sort, after))
        found += rows.cases
        places.append((after, rows.before))
        if rows.after is None:
            break
        after = rows.after
    assert sorted(case.number for case in found) == [1, 2, 3, 4]
    assert [before for _after, before in places] == [None, *(after for after, _b in places[:-1])]


def test_what_may_not_be_seen_is_counted_in_what_is_listed() -> None:
    """F7, §9: the length of the list and the figure stay the same."""
    rows = listing.cases(PAGE, FIGURE, Narrowed("yes"), {2, 1})
    assert (len(rows.cases), rows.withheld) == (3, 1)
