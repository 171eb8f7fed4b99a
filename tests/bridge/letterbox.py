"""Mails to the desk and from it, as people would write and read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import sqlalchemy as sa

from servicedesk import outbox
from servicedesk.bridge import addresses
from servicedesk.bridge.models import ReceivedMail, ReplyAddress
from servicedesk.bridge.taking import Taken, take
from servicedesk.db import transaction
from servicedesk.incidents.models import Comment
from servicedesk.outbox import Notification
from servicedesk.people.models import Partner, Person
from tests.cast import Desk, at
from tests.mail.mailbox import Received, read
from tests.support.clock import Clock

NETONE = "support@netone.example"


def mail(
    sender: str = "emi@kita.example",
    to: str = "desk@kita.example",
    text: str = "It does not work.",
    subject: str = "No network",
    *,
    id: str = "1@sender.example",
    vouched: str | None = "pass",
    files: dict[str, bytes] | None = None,
    charset: str = "utf-8",
    **headers: str,
) -> bytes:
    """Write a mail as a mail program does, and our server's finding on top of it."""
    message = EmailMessage(SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{id}>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text, charset=charset)
    for name, content in (files or {}).items():
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    domain = sender.rpartition("@")[2].rstrip(">")
    found = f"mx.kita.example; dmarc={vouched} header.from={domain}\r\n" if vouched else ""
    return (f"Authentication-Results: {found}" if found else "").encode() + message.as_bytes()


@dataclass
class Letterbox:
    """Takes mails in at instants, and looks at what became of them."""

    desk: Desk
    clock: Clock
    count: int = field(default=0)

    def take(self, raw: bytes, when: str = "10:00", **more: Any) -> Taken:
        with self.desk.app.app_context():
            return take(raw, now=at(when), **more)

    def write(self, sender: str, to: str, text: str, when: str = "10:00", **more: Any) -> Taken:
        """Take in a mail that nobody has sent before."""
        self.count += 1
        return self.take(mail(sender, to, text, id=f"{self.count}@sender.example", **more), when)

    def rows(self) -> list[ReceivedMail]:
        with self.desk.session() as session:
            return list(session.scalars(sa.select(ReceivedMail).order_by(ReceivedMail.id)))

    def lines(self, number: int, kind: str = "partner") -> list[str]:
        return [row.body for row in self.desk.rows(Comment, number) if row.kind == kind]

    def comment(self, number: int) -> Comment:
        """Read what was written last."""
        return self.desk.rows(Comment, number)[-1]

    def address(self, number: int, reader: str, n: int = 1) -> str:
        """Give the reply address that a reader has got: `netone` for its hand-off, or a person."""
        with self.desk.session() as session:
            self._prepare_all()
            ref = self._ref(reader)
            query = sa.select(ReplyAddress).where(
                ReplyAddress.incident_id == self.desk.incident(number).id,
                ReplyAddress.reader == ref,
            )
            if ref.startswith("partner:"):
                query = query.where(ReplyAddress.n == n)
            return addresses.address(addresses.token(session.scalars(query).one()))

    def _ref(self, reader: str) -> str:
        with self.desk.session() as session:
            person = session.scalar(sa.select(Person.id).where(Person.key == reader))
        return f"person:{person}" if person else self.desk.ref(reader)

    def _prepare_all(self) -> None:
        with self.desk.session() as session:
            ids = list(session.scalars(sa.select(Notification.id)))
        with self.desk.app.app_context():
            for id in ids:
                addresses.prepare(id, at("09:00"))

    def sent(self, kind: str, to: str) -> Received:
        """Read the last mail of a kind to a person or company."""
        from servicedesk.mail.letters import write

        self._prepare_all()
        ref = self._ref(to)
        column = Notification.partner_id if ref.startswith("partner") else Notification.person_id
        with self.desk.session() as session:
            query = sa.select(Notification).where(
                Notification.kind == kind, column == int(ref.partition(":")[2])
            )
            note = session.scalars(query.order_by(Notification.id.desc())).first()
            assert note is not None, kind
            return read(write(session, note).content)

    def queue(self, kind: str, partner: str, number: int, **data: Any) -> None:
        """Queue a message to a company."""
        id = int(self.desk.ref(partner).partition(":")[2])
        incident = self.desk.incident(number).id
        with self.desk.app.app_context(), transaction() as session:
            outbox.queue(session, kind, now=at("09:30"), partner=id, incident=incident, **data)

    def company(self, key: str, **values: Any) -> None:
        """Change a partner company."""
        with self.desk.app.app_context(), transaction() as session:
            session.execute(sa.update(Partner).where(Partner.key == key).values(**values))
            session.execute(sa.text("UPDATE desk SET revision = revision + 1"))

    def change(self, key: str, **values: Any) -> None:
        """Change a person."""
        with self.desk.app.app_context(), transaction() as session:
            session.execute(sa.update(Person).where(Person.key == key).values(**values))
