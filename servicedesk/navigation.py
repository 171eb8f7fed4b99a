"""What each person finds in the top bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.people.queries import desk_name


@dataclass(frozen=True)
class Entry:
    """A place in the top bar."""

    label: str
    url: str
    current: bool


def context() -> dict[str, Any]:
    """Give every template what the frame needs."""
    return {"navigation": entries(), "desk_name": desk_name()}


def entries() -> list[Entry]:
    """List the places of the person who is signed in."""
    if not (current_user and current_user.is_authenticated):
        return []
    return [
        Entry(label, url_for(endpoint), (request.endpoint or "").startswith(root))
        for label, endpoint, root in _places(set(current_user.roles))
        if endpoint in current_app.view_functions
    ]


def _places(roles: set[str]) -> list[tuple[str, str, str]]:
    if roles == {"partner"}:
        return [(_("Inbox"), "escalation.inbox", "escalation.")]
    desk = [(_("Workbench"), "incidents.workbench", "incidents.")]
    home = [(_("Home"), "portal.home", "portal.")]
    reports = [(_("Reports"), "reports.index", "reports.")]
    places = desk if roles & {"agent", "lead", "manager"} else []
    return [*places, *home, *(reports if roles & {"manager", "admin"} else [])]


def first_page() -> str:
    """Give the page that a person sees first."""
    return entries()[0].url
