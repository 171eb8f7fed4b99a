"""What an administrator does with a calendar: each publishes the set-up as it is then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from servicedesk.administration.calendars.queries import users
from servicedesk.administration.calendars.said import Said
from servicedesk.db import db
from servicedesk.errors import BadInput, NotFound, Refused, Stale
from servicedesk.setup import editing
from servicedesk.setup.snapshot import directory


def publish(key: str, said: Said, revision: int, now: datetime) -> None:
    """C7: publish what a calendar says from now on.

    Raises Stale where the set-up is another by now than the one that was looked at.
    """
    data = editing.document(db.session())
    try:
        editing.publish(with_calendar(data, key, said), now, revision)
    except Stale as error:
        raise Stale(stale(), error.since) from None


def stale() -> str:
    """Say that somebody was quicker."""
    return _("Somebody changed the set-up meanwhile. What you chose is kept: please look again.")


def with_calendar(data: dict[str, Any], key: str, said: Said) -> dict[str, Any]:
    """Give the set-up with another version of a calendar."""
    return data | {"calendars": {**data.get("calendars", {}), key: said.definition()}}


def create(key: str, said: Said, now: datetime) -> None:
    """Publish a calendar that is not there yet; its first version holds from the beginning."""
    revision = directory(db.session()).revision
    data = editing.document(db.session())
    if key in data.get("calendars", {}):
        raise BadInput(_("There is a calendar of this name already."))
    editing.publish(with_calendar(data, key, said), now, revision)


def retire(key: str, now: datetime) -> None:
    """Take a calendar out of use; raises Refused while anybody counts by it."""
    revision = directory(db.session()).revision
    data = editing.document(db.session())
    calendars = dict(data.get("calendars", {}))
    if calendars.pop(key, None) is None:
        raise NotFound(_("There is no such calendar."))
    if found := users(db.session()).get(key):
        names = ", ".join(user.name for user in found)
        raise Refused(_("This calendar is in use: %(names)s.", names=names))
    editing.publish(data | {"calendars": calendars}, now, revision)
