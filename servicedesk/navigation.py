"""What each person finds in the top bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from servicedesk.errors import NotAllowed
from servicedesk.people.permissions import Act, HasRoles, Reach, may, reaches
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
        for label, endpoint, root in _places(current_user)
        if endpoint in current_app.view_functions
    ]


def _places(person: HasRoles) -> list[tuple[str, str, str]]:
    seen = reaches(person, Act.SEE_INCIDENT)
    places = (
        (Reach.ALL in seen, _("Workbench"), "incidents.workbench", "incidents."),
        (may(person, Act.LOG_INCIDENT), _("Home"), "portal.home", "portal."),
        (Reach.HANDED in seen, _("Inbox"), "escalation.inbox", "escalation."),
        (may(person, Act.SEE_REPORTS), _("Reports"), "reports.index", "reports."),
    )
    return [(label, endpoint, root) for is_theirs, label, endpoint, root in places if is_theirs]


def first_page() -> str:
    """Give the page that a person sees first."""
    places = entries()
    if not places:
        raise NotAllowed(_("You have no role on this desk yet: please ask its administrator."))
    return places[0].url
