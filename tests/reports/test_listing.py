"""The cases behind a figure on screen: sorted by number, date or value, page by page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from servicedesk.reports import listing
from servicedesk.reports.cases import Case
from servicedesk.reports.figures import BY_ID
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
    assert [case.number for case in listing.cases(PAGE, FIGURE, "all", 0, sort).cases] == order
    assert listing.cases(PAGE, FIGURE, "no", 0, sort).counts == {"all": 4, "yes": 3, "no": 1}
