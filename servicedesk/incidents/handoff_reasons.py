"""The names of the reasons for which something is handed off."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import get_locale
from flask_babel import gettext as _

from servicedesk.setup import reasons
from servicedesk.setup.directory import Directory
from servicedesk.setup.reasons import Reason


def built_in(key: str) -> str:
    """Name a reason that every desk knows; of any other give the key."""
    names: dict[str, str] = {
        "skill": _("Needs special knowledge"),
        "rights": _("Needs rights we lack"),
        "capacity": _("We have no capacity"),
        "on_site": _("Needs somebody on site"),
        "vendor": _("The maker has to look"),
        "wrong_group": _("Belongs elsewhere"),
        "other": _("Another reason"),
    }
    return names.get(key, key)


def named(reason: Reason) -> str:
    """Name a reason in the reader's language."""
    locale = get_locale()
    return reason.name(locale.language if locale else "en") or built_in(reason.key)


def name_of(setup: Directory, key: str | None) -> str:
    """Name the reason of a hand-off, offered no longer too; "" for one without, as of a history."""
    if not key:
        return ""
    found = (reason for reason in reasons.listed(setup.more) if reason.key == key)
    return named(next(found, Reason(key, {})))


def choices(setup: Directory) -> Sequence[tuple[str, str]]:
    """Offer the reasons in their order, as (key, name)."""
    return [(reason.key, named(reason)) for reason in reasons.offered(setup.more)]


def is_offered(setup: Directory, key: str) -> bool:
    """Say whether a reason can be chosen now."""
    return any(reason.key == key for reason in reasons.offered(setup.more))
