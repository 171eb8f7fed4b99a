"""F5: how figures are rounded, compared and held against their goals."""

from __future__ import annotations

from fractions import Fraction

from servicedesk.reports.cases import Result
from servicedesk.reports.figures import LESS, MORE, SHARE, Figure

FEW = 20  # below so many cases the count leads
NEAR = Fraction(1, 20)  # △: a share that misses its goal by no more; other figures by a tenth of it
MET, NEARLY, MISSED = "met", "nearly", "missed"


def tenths(numerator: int, denominator: int, better: str = MORE) -> int:
    """Give tenths of a per cent, rounded towards the worse; 1000 only where all are, exactly."""
    exact = Fraction(1000 * numerator, denominator)
    rounded = -(-exact.numerator // exact.denominator) if better == LESS else int(exact)
    return min(rounded, 999) if numerator < denominator else rounded


def decimal(tenths: int) -> str:
    """Write tenths with one decimal."""
    return f"{tenths // 10}.{tenths % 10}"


def few(result: Result) -> bool:
    """Say whether the count has to lead."""
    return result.denominator is not None and 0 < result.denominator < FEW


def change(figure: Figure, now: Result, before: Result) -> int | None:
    """Give the difference as printed: tenths of a point for shares; None where one is empty."""
    if now.number is None or before.number is None:
        return None
    if figure.unit != SHARE:
        return (now.value or 0) - (before.value or 0)
    return _tenths(figure, now) - _tenths(figure, before)


def _tenths(figure: Figure, result: Result) -> int:
    return tenths(result.numerator or 0, result.denominator or 1, figure.better)


def direction(figure: Figure, difference: int | None) -> str:
    """Say whether a change is `better`, `worse` or the `same`; "" where neither is better."""
    if not difference:
        return "same" if difference == 0 else ""
    if not figure.better:
        return ""
    return "better" if (difference > 0) == (figure.better == MORE) else "worse"


def verdict(figure: Figure, result: Result, goal: float | None) -> str | None:
    """Hold a figure against its goal: met ○, nearly △, missed ×; None without goal or cases."""
    if goal is None or result.number is None:
        return None
    wanted, actual = Fraction(str(goal)), exact(result)
    missing = actual - wanted if figure.better == LESS else wanted - actual
    if missing <= 0:
        return MET
    return NEARLY if missing <= (NEAR if figure.unit == SHARE else wanted / 10) else MISSED


def exact(result: Result) -> Fraction:
    """Give a figure as an exact number."""
    if result.value is not None:
        return Fraction(result.value)
    return Fraction(result.numerator or 0, result.denominator or 1)
