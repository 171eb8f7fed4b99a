"""What public holidays and countries are called in the reader's language."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from flask_babel import get_locale

_CODE = re.compile(r"([A-Z]{2})(?:-(.{1,40}))?")
# How the library calls a language.
_LANGUAGES = {"en": "en_US", "ja": "ja"}


def of_holidays(country: str, year: int) -> Mapping[date, str]:
    """Name a year's public holidays; a date that the library does not know is not among them."""
    return _named(country, year, _LANGUAGES.get(_language(), "en_US"))


@lru_cache(maxsize=256)
def _named(country: str, year: int, language: str) -> Mapping[date, str]:
    import holidays

    found = _CODE.fullmatch(country)
    if found is None:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the library knows fewer years of a country
        try:
            days = holidays.country_holidays(
                found[1], subdiv=found[2], years=year, language=language
            )
        except NotImplementedError:
            return {}
    return {day: name.replace("; ", ", ") for day, name in days.items()}


def of_country(code: str) -> str:
    """Name a country: `Japan (JP)`; a code with a subdivision keeps it."""
    locale = get_locale()
    name = locale.territories.get(code[:2]) if locale else None
    return f"{name} ({code})" if name else code


def of_countries() -> list[tuple[str, str]]:
    """List the countries that the library knows, by name."""
    import holidays

    locale = get_locale()
    known = holidays.list_supported_countries()
    named = [(code, locale.territories.get(code, code) if locale else code) for code in known]
    places = [(code, name) for code, name in named if len(code) == 2]
    return sorted(places, key=lambda item: item[1])


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else "en"
