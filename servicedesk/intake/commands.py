"""Templates as the desk keeps them: each command is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.errors import BadInput, NotAllowed, NotFound, Stale
from servicedesk.incidents import words
from servicedesk.incidents.doing import TEXT_LENGTH, TITLE_LENGTH
from servicedesk.intake.models import Template
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may
from servicedesk.setup.snapshot import directory

NAME_LENGTH = 120


@dataclass(frozen=True)
class Draft:
    """What a template says; the service by its key."""

    name: str
    service: str
    title: str = ""
    description: str = ""
    type: str = "request"
    impact: int = 3
    urgency: int = 2
    desk_only: bool = False
    place: int = 0


def add_template(draft: Draft, *, actor: Person, now: datetime) -> int:
    """Keep a new template; gives its id."""
    actor_id = actor.id
    with transaction() as session:
        row = Template(active=True, version=0)
        _write(session, row, draft, session.get_one(Person, actor_id), now)
        session.add(row)
        session.flush()
        return row.id


def change_template(
    id: int, draft: Draft, *, actor: Person, now: datetime, version: int | None = None
) -> None:
    """Change a template; raises NotFound or Stale."""
    actor_id = actor.id
    with transaction() as session:
        row = _lock(session, id)
        if version is not None and version != row.version:
            raise Stale(_("Somebody changed this template meanwhile."), version)
        _write(session, row, draft, session.get_one(Person, actor_id), now)


def use_template(id: int, active: bool, *, actor: Person, now: datetime) -> None:
    """Take a template out of use, or back."""
    actor_id = actor.id
    with transaction() as session:
        row = _lock(session, id)
        row.active = active
        _sign(row, session.get_one(Person, actor_id), now)


def _lock(session: Session, id: int) -> Template:
    row = session.get(Template, id, with_for_update=True)
    if row is None:
        raise NotFound(_("There is no such template."))
    return row


def _write(session: Session, row: Template, draft: Draft, actor: Person, now: datetime) -> None:
    service = directory(session).services_by_key.get(draft.service)
    if service is None:
        raise BadInput(_("Please choose a service."))
    row.name = words.line(draft.name, NAME_LENGTH, _("Please give it a name."))
    row.title = draft.title.strip() and words.line(draft.title, TITLE_LENGTH, "")
    row.description = words.text(draft.description, TEXT_LENGTH)
    row.service_id, row.type = service.id, draft.type
    row.impact, row.urgency = draft.impact, draft.urgency
    row.desk_only, row.place = draft.desk_only, draft.place
    _sign(row, actor, now)


def _sign(row: Template, actor: Person, now: datetime) -> None:
    if not may(actor, Act.KEEP_TEMPLATES):
        raise NotAllowed(_("You may not do this."))
    row.version += 1
    row.changed_by_id, row.changed_at = actor.id, now
