"""What is queued, and mails as their readers get them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from servicedesk import outbox, times
from servicedesk.db import transaction
from servicedesk.incidents.models import Incident
from servicedesk.mail.deliver import Delivered, deliver
from servicedesk.mail.letters import write
from servicedesk.outbox import Notification
from servicedesk.people import links
from servicedesk.people.models import Partner, Person
from servicedesk.setup.models import Desk as DeskRow
from tests.cast import Desk, at


@dataclass(frozen=True)
class Received:
    """A mail as it arrives."""

    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def to(self) -> str:
        return str(self.message["To"].addresses[0].addr_spec)

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])

    def part(self, kind: str) -> str:
        found = self.message.get_body((kind,))
        assert found is not None
        return str(found.get_content())

    @property
    def text(self) -> str:
        return self.part("plain")

    @property
    def html(self) -> str:
        return self.part("html")

    @property
    def shown(self) -> str:
        """What the HTML says, without its tags."""
        return unescape(re.sub(r"<[^>]+>", " ", self.html.partition("</head>")[2]))

    @property
    def link(self) -> str:
        """Where the one button leads."""
        (found,) = re.findall(r'class="button"[^>]*href="([^"]+)"', self.html)
        assert unescape(found) in self.text.splitlines()
        return unescape(found)


def read(raw: bytes) -> Received:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return Received(message)


WHY = "You get th"  # is, or these
CHANGED = ("/profile#messages", "It always comes by mail.", "It goes to the address that the desk")


def assert_says_why(mail: Received) -> None:
    """Each mail says at its foot why its reader gets it, and what of that can be changed."""
    foot = mail.text.rpartition("\n--\n")[2]
    assert foot.splitlines()[0], "no reason"
    if mail.message["Content-Language"] == "en":
        for form, said in (("text", foot), ("HTML", mail.html)):
            assert WHY in said, f"no reason in {form}"
            assert any(each in said for each in CHANGED), f"nothing about a change in {form}"


def set_desk(desk: Desk, **more: Any) -> None:
    """Change what the desk's row keeps, as its DESK.yaml would: `quiet`, `most_mails`."""
    with desk.app.app_context(), transaction() as session:
        row = session.scalars(sa.select(DeskRow)).one()
        row.more, row.revision = {**row.more, **more}, row.revision + 1


def without_limit(desk: Desk) -> None:
    """Let one person get any number of mails within an hour."""
    set_desk(desk, most_mails=1_000_000)


@dataclass
class Mailroom:
    """Looks into the outbox of a desk."""

    desk: Desk

    def queued(self, kind: str | None = None) -> list[Notification]:
        with self.desk.session() as session:
            query = sa.select(Notification).order_by(Notification.id)
            return [row for row in session.scalars(query) if kind in (None, row.kind)]

    def told(self) -> list[tuple[str, str]]:
        """Who was told what: `("reply", "emi")`, in order."""
        with self.desk.session() as session:
            people: dict[Any, str] = dict(session.execute(sa.select(Person.id, Person.key)).all())
            names = session.execute(sa.select(Partner.id, Partner.key))
            partners: dict[Any, str] = dict(names.all())
        return [
            (row.kind, people[row.person_id] if row.person_id else partners[row.partner_id])
            for row in self.queued()
        ]

    def change(self, key: str, **values: Any) -> None:
        """Change a person."""
        with self.desk.app.app_context(), transaction() as session:
            session.execute(sa.update(Person).where(Person.key == key).values(**values))

    def queue(
        self,
        kind: str,
        to: str,
        number: int | None = None,
        *,
        link: str | None = None,
        when: str = "12:00",
        **data: Any,
    ) -> int:
        """Queue a message to a person, or to a partner company as `partner:netone`."""
        company = to.removeprefix("partner:") if to.startswith("partner:") else None
        with self.desk.app.app_context(), transaction() as session:
            incident = None
            if number is not None:
                query = sa.select(Incident.id).where(Incident.number == number)
                incident = session.scalars(query).one()
            if company:
                ids = {
                    "partner": session.scalars(sa.select(Partner.id).filter_by(key=company)).one()
                }
            else:
                ids = {"person": session.scalars(sa.select(Person.id).filter_by(key=to)).one()}
            if link:
                lasts = at("2026-12-10 12:00") - at(when)
                made = links.make(
                    session, link, now=at(when), lasts=lasts, incident=incident, **ids
                )
                ids["link"] = made.id
            row = outbox.queue(session, kind, now=at(when), incident=incident, **ids, **data)
            session.flush()
            return row.id

    def write(self, id: int) -> Received:
        """Write a message out as of now."""
        with self.desk.session() as session:
            found = read(write(session, session.get_one(Notification, id)).content)
        assert_says_why(found)
        return found

    def letter(self, kind: str, to: str, number: int | None = None, **more: Any) -> Received:
        """Queue a message and write it out."""
        return self.write(self.queue(kind, to, number, **more))

    def deliver(self) -> Delivered:
        with self.desk.app.app_context():
            return deliver(times.now())

    def files(self) -> list[Received]:
        folder = Path(self.desk.app.config["DESK_VAR"]) / "mail"
        return [read(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]
