"""A major incident is resolved, and with it what belongs to it: each an act of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any

from flask_babel import gettext as _

from servicedesk import journal
from servicedesk.errors import Refused
from servicedesk.incidents import acts, words
from servicedesk.incidents.doing import TEXT_LENGTH, doing
from servicedesk.incidents.models import OPEN, Incident
from servicedesk.people.models import Person
from servicedesk.selection.commands import go_on, note_with
from servicedesk.selection.deeds import RESOLVE, Wanted

AT_ONCE = 8.0  # seconds that whoever resolves it waits; what is left goes on by itself


def resolve_with_linked(
    number: int, code: str, text: str, *, actor: Person, now: datetime, **more: Any
) -> None:
    """Resolve a major incident, and of what belongs to it what is done in a few seconds."""
    selection = resolve_all(number, code, text, actor=actor, now=now, **more)
    go_on(selection, now, _soon())


def _soon() -> Callable[[], bool]:
    end = monotonic() + AT_ONCE
    return lambda: monotonic() > end


def resolve_all(
    number: int,
    code: str,
    text: str,
    *,
    actor: Person,
    now: datetime,
    workaround: str = "",
    root_cause: str = "",
    version: int | None = None,
) -> int:
    """Resolve a major incident and note that all that belong to it are to be resolved as well.

    Both are kept in one transaction, so that whatever happens to this process the others follow
    (`selection.commands.go_on`, or by themselves). §9: of a confidential one they get no word.
    Gives the selection's id.
    """
    said = words.text(text, TEXT_LENGTH, _("Please say how it was resolved."))
    with doing(number, actor=actor, now=now, version=version) as it:
        if not it.act.story.majors:
            raise Refused(_("This is not a major incident, or no longer."))
        acts.resolve(it.act, code, journal.digest(said))
        it.incident.resolution_text = said
        it.incident.workaround = words.text(workaround, TEXT_LENGTH) or None
        it.incident.root_cause = words.text(root_cause, TEXT_LENGTH) or None
        told = "" if it.incident.confidential else said
        wanted = Wanted(RESOLVE, code=code, text=told, major=it.incident.id)
        still = (Incident.major_id == it.incident.id) & Incident.state.in_(OPEN)
        row = note_with(it.session, wanted, still, it.actor, now)
        return row.id
