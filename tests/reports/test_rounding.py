"""F5: shares towards the worse, never 100 % when not exact."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.reports.cases import Result
from servicedesk.reports.figures import BY_ID, LESS, MORE
from servicedesk.reports.rounding import (
    MET,
    MISSED,
    NEARLY,
    change,
    decimal,
    direction,
    few,
    tenths,
    verdict,
)

KEPT, REOPENED, BACKLOG = BY_ID["requested_due.first"], BY_ID["reopened"], BY_ID["backlog"]


@pytest.mark.parametrize(
    ("hits", "cases", "better", "said"),
    [
        (19999, 20000, MORE, "99.9"),  # 99.995 % never prints as 100 %
        (20000, 20000, MORE, "100.0"),
        (2, 3, MORE, "66.6"),
        (2, 3, LESS, "66.7"),
        (1, 20000, LESS, "0.1"),  # some is never none
        (0, 20000, LESS, "0.0"),
        (19999, 20000, LESS, "99.9"),
        (1, 1000, MORE, "0.1"),
    ],
)
def test_a_share_is_rounded_towards_the_worse(
    hits: int, cases: int, better: str, said: str
) -> None:
    """F5."""
    assert decimal(tenths(hits, cases, better)) == said


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_rounding_never_flatters_and_is_never_a_tenth_off(case: tuple[int, int]) -> None:
    """F5."""
    hits, cases = case
    exact = Fraction(1000 * hits, cases)
    assert 0 <= exact - tenths(hits, cases, MORE) < 1
    above = tenths(hits, cases, LESS) - exact
    assert 0 <= above < 1 or tenths(hits, cases, LESS) == 999
    assert (tenths(hits, cases, MORE) == 1000) == (hits == cases)


def test_below_twenty_cases_the_count_leads() -> None:
    """F5."""
    assert few(Result(None, 3, 4))
    assert few(Result(None, 19, 19))
    assert not few(Result(None, 20, 20))
    assert not few(Result(None, 0, 0))


@pytest.mark.parametrize(
    ("result", "goal", "said"),
    [
        (Result(None, 95, 100), 0.95, MET),  # exactly
        (Result(None, 9499, 10000), 0.95, NEARLY),
        (Result(None, 90, 100), 0.95, NEARLY),  # by five points, exactly
        (Result(None, 8999, 10000), 0.95, MISSED),
        (Result(None, 0, 0), 0.95, None),
        (Result(None, 1, 2), None, None),
    ],
)
def test_a_goal_is_met_nearly_or_missed(
    result: Result, goal: float | None, said: str | None
) -> None:
    assert verdict(KEPT, result, goal) == said


def test_where_less_is_better_more_misses_the_goal() -> None:
    assert verdict(REOPENED, Result(None, 5, 100), 0.05) == MET
    assert verdict(REOPENED, Result(None, 6, 100), 0.05) == NEARLY
    assert verdict(BACKLOG, Result(44), 40) == NEARLY
    assert verdict(BACKLOG, Result(45), 40) == MISSED


def test_a_change_is_the_difference_of_what_is_printed() -> None:
    assert change(KEPT, Result(None, 2, 3), Result(None, 1, 3)) == 666 - 333
    assert change(BACKLOG, Result(10), Result(12)) == -2
    assert change(KEPT, Result(None, 2, 3), Result(None, 0, 0)) is None


def test_a_change_is_for_the_better_or_the_worse() -> None:
    assert direction(KEPT, 1) == "better"
    assert direction(REOPENED, 1) == "worse"
    assert direction(BY_ID["intake"], 1) == ""
    assert direction(KEPT, 0) == "same"
    assert direction(KEPT, None) == ""
