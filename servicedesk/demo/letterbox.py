"""Mails to the demo's desk and from it: its addresses, and what people write to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.bridge import addresses
from servicedesk.bridge.taking import Taken, take
from servicedesk.demo.files import FILES
from servicedesk.demo.stage import Stage
from servicedesk.outbox import Notification, Outcome

INBOX = "desk@asagiri.example"
A_MINUTE = timedelta(minutes=1)
A_MOMENT = 10 * A_MINUTE  # ago: the mails of that go out after the start


def open_inbox() -> None:
    """Let the demo's desk have an address for answers, unless it was given one."""
    current_app.config["MAIL_INBOX"] = current_app.config["MAIL_INBOX"] or INBOX


@contextmanager
def telling(stage: Stage, at: datetime, *, mailed: bool = False) -> Iterator[None]:
    """Tell nobody of what is past, but for what is to be answered by mail: that counts as sent."""
    if mailed or at >= stage.now - A_MOMENT:
        yield
    else:
        with outbox.quiet(stage.session):
            yield
    if at < stage.now - A_MOMENT:
        _send_what_waits(stage.session, at)


def _send_what_waits(session: Session, at: datetime) -> None:
    """Give what an act has told a partner an address for its answer, and note that it is out."""
    query = sa.select(Notification.id).where(Notification.made_at == at)
    waits = Notification.sent_at.is_(None), Notification.partner_id.is_not(None)
    ids = list(session.scalars(query.where(*waits)))
    for id in ids:
        addresses.prepare(id, at)
    if ids:
        outbox.settle([Outcome(id) for id in ids], at)


def reply_address(
    session: Session, incident: int, kind: str = "handed_off", n: int | None = None
) -> str:
    """Give the address to which the last message of a kind about an incident is answered."""
    query = sa.select(Notification).where(
        Notification.incident_id == incident,
        Notification.kind == kind,
        Notification.partner_id.is_not(None),
    )
    notes = session.scalars(query.order_by(Notification.id.desc())).all()
    note = next(note for note in notes if n in (None, note.data.get("n")))
    return addresses.reply_to(session, note) or addresses.inbox()


def write(
    stage: Stage, at: datetime, sender: tuple[str, str], to: str, subject: str, text: str,
    *files: str, **headers: str,
) -> Taken:  # fmt: skip
    """Bring a mail to the desk, as its mail server would."""
    message = EmailMessage(SMTP)
    message["From"], message["To"], message["Subject"] = formataddr(sender), to, subject
    message["Date"] = format_datetime(at)
    domain = sender[1].rpartition("@")[2]
    message["Message-ID"] = f"<{at:%Y%m%d%H%M%S}.{len(text)}@{domain}>"
    message.set_content(text)
    for name in files:
        given = FILES[name]
        content = given.upload().stream.read()
        message.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=given.name
        )
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    with telling(stage, at):
        return take(message.as_bytes(), now=at, recipient=to)
