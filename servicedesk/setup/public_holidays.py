"""Public holidays (祝日) of a country, from the `holidays` library."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

# The span that a calendar's version keeps; the library knows no dates after it for sure.
FIRST_YEAR, LAST_YEAR = 1990, 2059

_CODE = re.compile(r"([A-Z]{2})(?:-(.{1,40}))?")


# How the library calls the languages of the desk.
_LANGUAGES = {"en": "en_US", "ja": "ja"}


@lru_cache(maxsize=64)
def dates(code: str) -> tuple[str, ...]:
    """Give the days (ISO dates, in order) of `JP` or, with a subdivision, of `US-NY`.

    C7: a calendar's version keeps them as it was published. Raises ValueError.
    """
    days = _ask(code, range(FIRST_YEAR, LAST_YEAR + 1))
    return tuple(sorted(day.isoformat() for day in days))


@lru_cache(maxsize=256)
def names(code: str, year: int, language: str) -> Mapping[date, str]:
    """Name a year's public holidays in `en` or `ja`; what the library does not know is left out."""
    try:
        days = _ask(code, [year], _LANGUAGES.get(language, "en_US"))
    except ValueError:
        return {}
    return {day: name.replace("; ", ", ") for day, name in days.items()}


def _ask(code: str, years: Iterable[int], language: str | None = None) -> Mapping[date, str]:
    """Ask the library for the holidays of some years; raises ValueError."""
    import holidays

    found = _CODE.fullmatch(code)
    if found is None:
        raise ValueError(f'"{code}" is not a country such as JP, or US-NY with its subdivision')
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the library knows fewer years of a country
        try:
            return holidays.country_holidays(
                found[1], subdiv=found[2], years=years, language=language
            )
        except NotImplementedError:
            raise ValueError(f'the public holidays of "{code}" are not known') from None
