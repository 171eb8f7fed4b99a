"""The composer of an incident's page: in which threads a person may write, and who reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from servicedesk.incidents.detail import Detail
from servicedesk.incidents.forms import CommentForm
from servicedesk.incidents.models import Incident
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, reach


@dataclass(frozen=True)
class Tab:
    """One way to write: its thread, its form, and the words that say who will see it."""

    key: str  # reply, note, partner
    label: str
    audience: str
    action: str
    form: CommentForm
    send: str
    placeholder: str = ""
    also: tuple[dict[str, str], ...] = ()


def can(person: Person, act: Act, incident: Incident) -> bool:
    """Say whether a person's reach in an act comes to an incident that they see."""
    reached = reach(person, act)
    own = incident.requester_id == person.id
    return reached == Reach.ALL or (reached == Reach.OWN and own)


def tabs(it: Detail, refused: CommentForm | None = None, kind: str = "") -> list[Tab]:
    """Give the composer's tabs; a refused form keeps what was typed in its tab."""

    def form(key: str) -> CommentForm:
        if refused is not None and key == kind:
            return refused
        return CommentForm(formdata=None, version=it.incident.version)

    return list(_tabs(it, form))


def _tabs(it: Detail, form: Any) -> Iterator[Tab]:
    person: Person = current_user._get_current_object()
    incident = it.incident
    if can(person, Act.WRITE_REPLY, incident):
        yield _reply(it, form("reply"), own=incident.requester_id == person.id)
    if can(person, Act.WRITE_NOTE, incident):
        action = url_for("incidents.comment", number=incident.number, kind="note")
        yield Tab("note", _("Note"), _("Desk only"), action, form("note"), _("Keep the note"))
    handoff = it.open_handoff
    if handoff and it.given_to.is_partner and can(person, Act.WRITE_TO_PARTNER, incident):
        name = it.given_to.name
        action = url_for("escalation.write", number=incident.number, n=handoff.n)
        audience = _("%(name)s and the desk will see this", name=name)
        yield Tab("partner", name, audience, action, form("partner"), _("Send to %(n)s", n=name))


def _reply(it: Detail, form: CommentForm, *, own: bool) -> Tab:
    incident = it.incident
    action = url_for("incidents.comment", number=incident.number, kind="reply")
    if own:
        asked = incident.hold_reason == "requester"
        place = _("Your answer…") if asked else _("Write to the desk…")
        send = _("Send the answer") if asked else _("Send")
        return Tab("reply", _("Reply"), _("The desk will see this"), action, form, send, place)
    name, watching = incident.requester.name, len(it.watchers)
    audience = _("%(name)s will see this", name=name)
    if watching:
        said = ngettext("%(num)s watcher", "%(num)s watchers", watching)
        audience = _("%(name)s and %(watchers)s will see this", name=name, watchers=said)
    wait = {"label": _("Send and wait for requester"), "name": "wait", "value": "1"}
    can_wait = incident.holder and incident.hold_reason != "requester"
    also = (wait,) if can_wait and incident.approval != "asked" else ()
    place = _("Write a reply…")
    return Tab("reply", _("Reply"), audience, action, form, _("Send reply"), place, also)
