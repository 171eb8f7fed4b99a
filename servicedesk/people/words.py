"""What people's roles are called."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _


def roles(names: Iterable[str]) -> str:
    """Name roles, in the order in which they stand in the table of rights."""
    words = {
        "employee": _("Employee"),
        "agent": _("Agent"),
        "lead": _("Lead of a group"),
        "manager": _("Manager"),
        "partner": _("Partner company"),
        "admin": _("Administrator"),
    }
    held = set(names)
    return ", ".join(word for role, word in words.items() if role in held)
