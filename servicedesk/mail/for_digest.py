"""The summary: several messages in one mail, by incident, each as its reader may know it now."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
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
class Sheet:
    """What a mail says of several messages so far."""

    lines: dict[str, dict[Line, None]] = field(default_factory=dict)  # by title
    count: int = 0  # lines
    more: int = 0  # messages that stand in the list alone

    def add(self, title: str, line: Line) -> None:
        """Add a line; what says the same twice is said once."""
        lines = self.lines.setdefault(title, {})
        self.count += line not in lines
        lines[line] = None

    def sections(self) -> tuple[Section, ...]:
        """Give what stands in it, by incident."""
        return tuple(Section(title, tuple(lines)) for title, lines in self.lines.items())


def summary(it: Matter, compose: Compose) -> Letter:
    """Write the summary; what was overtaken is left out. Raises NotToBeSent if nothing is left."""
    sheet = filled(it, _notes(it), compose, MOST)
    found = list(sheet.sections())
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


def filled(
    it: Matter,
    notes: Sequence[Notification],
    compose: Compose,
    most: int,
    *,
    priorities: bool = False,
) -> Sheet:
    """Write several messages on a sheet; raises NotToBeSent if nothing is left of them."""
    sheet = Sheet()
    for note in notes:
        if sheet.count == most:
            sheet.more += 1
        else:
            _add(sheet, it, note, compose, priorities)
    if not sheet.count + sheet.more:
        raise NotToBeSent("overtaken")
    return sheet


def _notes(it: Matter) -> list[Notification]:
    query = sa.select(Notification).where(
        Notification.digest_id == it.note.id, Notification.person_id == it.note.person_id
    )
    return list(it.session.scalars(query.order_by(Notification.id)))


def _add(sheet: Sheet, it: Matter, note: Notification, compose: Compose, priorities: bool) -> None:
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
        priority = one.incident.priority if priorities else ""
        title = " · ".join(filter(None, (one.incident.label, priority, one.title)))
    sheet.add(title, Line(letter.what, letter.why, letter.button))
