"""A desk with something in every corner, for who keeps or moves it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO

import sqlalchemy as sa

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.escalation.commands import answer, hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.files import Upload
from servicedesk.people import links
from servicedesk.people.models import Partner, Person, SignInAttempt
from servicedesk.pulse import beat
from servicedesk.reports.commands import folder
from servicedesk.reports.models import Report
from tests.cast import Desk, at

CONTENT = b"%PDF-1.7 not really"
TEXTS = ("日本語の件名 😀", "Quotes \" ' \\ and\ttabs\nand lines\r\n", "\\N \\. %s {}", "a" * 300)


def play(desk: Desk) -> list[int]:
    """Let things happen, with texts that are hard to copy; gives the incidents' numbers."""
    numbers = [desk.log(title=text, description=text * 3) for text in TEXTS]
    first = numbers[0]
    file = Upload("写真.txt", BytesIO("赤く点滅".encode()))
    desk.do(commands.comment, first, "reply", TEXTS[1], uploads=(file,), by="ito", when="09:10")
    desk.do(commands.promise, first, Due(at=at("Fri 12:00")), by="ito", when="09:20")
    desk.do(hand_off, first, "netone", note=TEXTS[2], by="ito", when="09:30")
    desk.do(answer, first, 1, TEXTS[0], by="kim", when="10:30")
    desk.do(commands.resolve, numbers[1], "solved", "Done", by="ito", when="11:00")
    _furnish(desk)
    return numbers


def _furnish(desk: Desk) -> None:
    """Put rows where the acts above leave none: references ahead and back, JSON of all kinds."""
    now = at("10:00")
    with desk.session(), transaction() as session:
        emi, ueda = (session.get_one(Person, desk.id(key)) for key in ("emi", "ueda"))
        emi.manager_id, ueda.deputy_id, emi.absent_from = ueda.id, emi.id, now.date()
        partner = session.scalars(sa.select(Partner).filter_by(key="netone")).one()
        partner.valid = {"from": "2026-01-01"}
        link = links.make(session, "reset", now=now, lasts=timedelta(days=1), person=emi.id)
        outbox.queue(session, "reset", now=now, person=emi.id, link=link.id, share=0.1)
        session.add(SignInAttempt(key="emi", address="2001:db8::", at=at("10:00:59")))
        session.add(_report())
    with desk.session():
        beat("sweep", at("10:00"))


def _report() -> Report:
    """Seal a report whose file is not one."""
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    (folder() / f"{sha256[:60]}.pdf").write_bytes(CONTENT)
    return Report(
        period="2026-10", scope="all", zone="Asia/Tokyo", language="ja", revision=1,
        definitions="1", digest="0" * 64, cutoff_event=1, cutoff_at=at("10:00"),
        sealed_at=at("10:00"), figures={"a": {"value": 0.1 + 0.2, "b": None}},
        sha256=sha256, stored=f"{sha256[:60]}.pdf",
    )  # fmt: skip
