"""Several messages that go together: each as its reader may know it now, what presses first."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from servicedesk.incidents.models import Incident
from servicedesk.mail import addresses
from servicedesk.mail.calm import HIGH, LIMIT, QUIET
from servicedesk.mail.for_digest import Compose, Sheet, filled
from servicedesk.mail.letter import Button, Letter, Section
from servicedesk.mail.matter import Matter
from servicedesk.outbox import Notification

MOST = 25  # lines; the others stand in the list


def bundle(it: Matter, compose: Compose) -> Letter:
    """Write it; what was overtaken is left out. Raises NotToBeSent if nothing is left."""
    notes = _notes(it)
    sheet = filled(it, [note for note, _priority in notes], compose, MOST, priorities=True)
    count = sheet.count + sheet.more
    subject = ngettext("%(num)s message", "%(num)s messages at once", count)
    top = min((priority for _note, priority in notes if priority), default="")
    return Letter(
        f"{subject} ({top})" if top in HIGH else subject,
        _together(it),
        _("You get these in one mail because they came together; each says why it is yours."),
        Button(_("See all of them"), _list(it)),
        sections=_sections(sheet),
    )


def _notes(it: Matter) -> list[tuple[Notification, str | None]]:
    query = (
        sa.select(Notification, Incident.priority)
        .outerjoin(Incident, Incident.id == Notification.incident_id)
        .where(Notification.digest_id == it.note.id, Notification.person_id == it.note.person_id)
        .order_by(Incident.priority.is_(None), Incident.priority, Notification.id)
    )
    return [(note, priority) for note, priority in it.session.execute(query)]


def _together(it: Matter) -> str:
    whys = it.data.get("whys", ())
    if QUIET in whys:
        return str(_("What came for you in your quiet hours"))
    if LIMIT in whys:
        return str(_("What came for you after many mails within an hour"))
    return str(_("What came for you at nearly the same time"))


def _sections(sheet: Sheet) -> tuple[Section, ...]:
    """Give what stands in it; the last leads to the button below."""
    if not sheet.more:
        return sheet.sections()
    more = ngettext("And %(num)s more message", "And %(num)s more messages", sheet.more)
    return (*sheet.sections(), Section(more))


def _list(it: Matter) -> str:
    return addresses.page("profile.messages", mail=it.note.id)
