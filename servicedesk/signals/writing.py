"""Writes a signal out as a call, as of when it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session

from servicedesk.incidents.models import Incident, label
from servicedesk.incidents.story import REQUESTER
from servicedesk.outbox import Notification
from servicedesk.setup.directory import Directory
from servicedesk.setup.models import Hook
from servicedesk.setup.signals import DESK, SLACK, TEAMS
from servicedesk.setup.snapshot import directory
from servicedesk.setup.steps import WAITS
from servicedesk.signals import payload, shapes, signing
from servicedesk.signals.models import Receiver
from servicedesk.signals.payload import TEST, Holder, Named, Rule, Signal
from servicedesk.times import iso

SHAPES: Mapping[str, Callable[[Signal], dict[str, Any]]] = {
    DESK: payload.plain,
    SLACK: shapes.slack,
    TEAMS: shapes.teams,
}
AGENT = "service-desk"


class NotToBeCalled(Exception):
    """A call is not to be made any more; the message is a short reason."""


@dataclass(frozen=True)
class Call:
    """A call as it goes out."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        """Say nothing of the address."""
        return "<Call>"


def write(session: Session, note: Notification, now: datetime) -> Call:
    """Step: write a message out; raises NotToBeCalled."""
    hook, receiver = session.get(Hook, note.hook_id), session.get(Receiver, note.hook_id)
    if hook is None or not hook.active:
        raise NotToBeCalled("not in use")
    if receiver is None:
        raise NotToBeCalled("no address")
    if not receiver.is_ready:
        raise NotToBeCalled("off")
    setup = directory(session)
    signal = _signal(session, note, hook, setup)
    with force_locale(setup.language):
        body = payload.body(SHAPES[hook.format](signal))
    headers = {"Content-Type": "application/json", "User-Agent": AGENT}
    headers |= signing.headers(signal.id, now, body, receiver.secrets(now))
    return Call(receiver.url, headers, body)


def _signal(session: Session, note: Notification, hook: Hook, setup: Directory) -> Signal:
    id = f"msg_{note.message_id}"
    if note.incident_id is None:
        happened = iso(note.made_at) or ""
        return Signal(id=id, kind=TEST, happened_at=happened, desk=setup.name, link=_page("home"))
    incident, said = session.get_one(Incident, note.incident_id), note.data
    if incident.confidential:  # it has become so
        raise NotToBeCalled("confidential")
    service = setup.services[said["service"]]
    return Signal(
        id=id,
        kind=said["event"],
        happened_at=said["at"],
        desk=setup.name,
        number=label(incident.number),
        sequence=said["seq"],
        type=said["type"],
        priority=said["priority"],
        state=said["state"],
        service=Named(key=service.key, name=service.name),
        holder=_holder(setup, said.get("holder")),
        rule=_rule(said),
        title=incident.title if hook.titles else None,
        link=_page("incidents.page", number=incident.number),
    )


def _holder(setup: Directory, ref: str | None) -> Holder | None:
    if ref is None or ref == REQUESTER:
        return Holder(kind="requester") if ref else None
    party = setup.party(ref)
    kind = "partner" if party.is_partner else "group"
    return Holder.model_validate({"kind": kind, "key": party.key, "name": party.name})


def _rule(said: Mapping[str, Any]) -> Rule | None:
    if not said.get("step"):
        return None
    when, amount = said.get("clock"), said.get("amount")
    waits = when in WAITS
    return Rule(
        policy=said["policy"],
        step=said["step"],
        due=said.get("due"),
        when=when,
        percent=None if waits else amount,
        seconds=amount if waits else None,
    )


def _page(endpoint: str, **values: Any) -> str:
    """Give the whole address of a page."""
    place = urlsplit(current_app.config["DESK_URL"])
    pages = current_app.url_map.bind(place.netloc, url_scheme=place.scheme)
    return pages.build(endpoint, values, force_external=True)
