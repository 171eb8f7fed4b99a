"""The summary: several messages in one mail, by incident, each as its reader may know it now."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import InterfaceError, OperationalError

from servicedesk.mail import addresses
from servicedesk.mail.letter import Button, Letter, Line, NotToBeSent, Section
from servicedesk.mail.matter import Matter, gather
from servicedesk.outbox import Notification

log = logging.getLogger(__name__)
MOST = 100  # lines

Compose = Callable[[Matter], Letter]


@dataclass
class _Sheet:
    """What a summary says so far."""

    sections: dict[str, dict[Line, None]] = field(default_factory=dict)
    count: int = 0  # lines
    more: int = 0  # messages that stand in the list alone

    def add(self, title: str, line: Line) -> None:
        lines = self.sections.setdefault(title, {})
        self.count += line not in lines
        lines[line] = None


def summary(it: Matter, compose: Compose) -> Letter:
    """Write the summary; what was overtaken is left out. Raises NotToBeSent if nothing is left."""
    sheet = _Sheet()
    for note in _notes(it):
        if sheet.count == MOST:
            sheet.more += 1
        else:
            _add(sheet, it, note, compose)
    if not sheet.count + sheet.more:
        raise NotToBeSent("overtaken")
    return _letter(sheet)


def _notes(it: Matter) -> list[Notification]:
    query = sa.select(Notification).where(
        Notification.digest_id == it.note.id, Notification.person_id == it.note.person_id
    )
    return list(it.session.scalars(query.order_by(Notification.id)))


def _add(sheet: _Sheet, it: Matter, note: Notification, compose: Compose) -> None:
    """§9: write one message as if it were sent now; nothing where it has nothing to say."""
    try:
        one = gather(it.session, note)
        letter = compose(one)
    except NotToBeSent:
        return
    except (OperationalError, InterfaceError):
        raise  # the database, not a letter
    except Exception as error:  # noqa: BLE001 - one bad letter must not stop the others
        log.error("mail: a line could not be written: %s", type(error).__name__)
        sheet.more += 1
        return
    title = letter.subject
    if one.incident is not None:
        title = " · ".join(filter(None, (one.incident.label, one.title)))
    sheet.add(title, Line(letter.what, letter.why, letter.button))


def _letter(sheet: _Sheet) -> Letter:
    found = [Section(title, tuple(lines)) for title, lines in sheet.sections.items()]
    if more := sheet.more:
        found.append(
            Section(ngettext("And %(num)s more message", "And %(num)s more messages", more))
        )
    count = sheet.count + sheet.more
    return Letter(
        ngettext("Summary: %(num)s message", "Summary: %(num)s messages", count),
        _("What there is since the last summary"),
        _("You get this once a working day, because you chose the summary for such messages."),
        Button(_("All my messages"), addresses.page("profile.messages")),
        sections=tuple(found),
    )
