"""What public holidays and countries are called in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import get_locale

from servicedesk.setup import public_holidays


def of_holidays(country: str, year: int) -> Mapping[date, str]:
    """Name a year's public holidays; what the library does not know is left out."""
    return public_holidays.names(country, year, _language())


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
