"""A partner company without a login is worked with by mail alone, from hand-off to answer."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from flask.testing import FlaskCliRunner

from servicedesk import times
from servicedesk.escalation import commands as escalation
from servicedesk.incidents.models import Attachment
from servicedesk.mail.deliver import deliver
from tests.bridge.letterbox import NETONE, Letterbox
from tests.cast import Desk, at
from tests.mail.mailbox import Received
from tests.mail.post_office import PostOffice, opened
from tests.support.clock import Clock


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """The mail server that the desk hands its mail to."""
    with opened() as office:
        yield office


class Company:
    """A partner company: a mailbox, a mail program, and nothing else."""

    def __init__(
        self, letterbox: Letterbox, office: PostOffice, runner: FlaskCliRunner, clock: Clock
    ) -> None:
        self.desk: Desk = letterbox.desk
        self.office, self.runner, self.clock = office, runner, clock
        self.desk.app.config["MAIL_SERVER"] = office.said()

    def gets(self, when: str) -> Received:
        """Let the desk send what waits, and read what came last."""
        self.clock.now = at(when)
        with self.desk.app.app_context():
            deliver(times.now())
        return [mail for mail in self.office.mails if mail.to == NETONE][-1]

    def answers(self, mail: Received, text: str, when: str, **files: bytes) -> None:
        """Answer as a Japanese mail program does: ISO-2022-JP, the mail quoted below."""
        self.clock.now = at(when)
        said = EmailMessage(SMTP)
        said["From"], said["To"] = NETONE, str(mail.message["Reply-To"])
        said["Subject"] = f"Re: {mail.subject}"
        said["Message-ID"] = f"<{when.replace(':', '')}@netone.example>"
        said["In-Reply-To"] = mail.id
        known = mail.text.encode("iso-2022-jp", "replace").decode("iso-2022-jp")
        quoted = "\n".join(f"> {line}" for line in known.splitlines())
        said.set_content(f"{text}\n\n{quoted}\n", charset="iso-2022-jp", cte="7bit")
        for name, content in files.items():
            said.add_attachment(
                content, maintype="application", subtype="pdf", filename=f"{name}.pdf"
            )
        done = self.runner.invoke(args=["desk", "mail-in"], input=said.as_bytes())
        assert done.exit_code == 0, done.output


def test_a_partner_without_a_login_is_worked_with_by_mail_alone(
    letterbox: Letterbox, office: PostOffice, runner: FlaskCliRunner, clock: Clock
) -> None:
    """H2, H4, H7, C4: hand-off, reply, question, what it is told, answer; and the clocks."""
    desk, company = letterbox.desk, Company(letterbox, office, runner, clock)
    number = desk.log(when="14:00", description="拠点間の回線が切れる")

    def do(act: Any, *said: Any, when: str, **more: Any) -> None:
        desk.do(act, number, *said, by="ito", when=when, **more)

    do(escalation.hand_off, "netone", when="14:10", note="回線を調べてください")
    mail = company.gets("14:11")
    assert "回線を調べてください" in mail.text
    assert "拠点間の回線が切れる" in mail.text

    company.answers(mail, "承知しました。調査します。", "14:20", 調査=b"%PDF-1.4 x")
    assert letterbox.lines(number) == ["承知しました。調査します。"]
    assert [file.name for file in desk.rows(Attachment, number)] == ["調査.pdf"]
    assert desk.handoff(number).state == "accepted"

    company.answers(mail, "#質問\n何階ですか", "14:30")
    assert desk.incident(number).holder == desk.ref("desk")
    do(escalation.reply, 1, "三階です", when="15:00")
    mail = company.gets("15:01")
    assert "三階です" in mail.text
    assert desk.incident(number).holder == desk.ref("netone")

    company.answers(mail, "＃番号　ＮＯ５５\n#回答 ルーターを交換しました", "15:30")
    handoff = desk.handoff(number)
    assert (handoff.state, handoff.outcome_text) == ("answered", "ルーターを交換しました")
    assert handoff.partner_ticket == "NO55"
    assert desk.holders(number) == ["desk", "netone", "desk", "netone", "desk"]
    acceptance, answer = (desk.clock(number, kind, "netone") for kind in ("acceptance", "answer"))
    assert (acceptance.state, acceptance.counted_seconds) == ("met", 600)
    assert (answer.state, answer.counted_seconds) == ("met", 3000)  # the question's half hour rests
    assert not letterbox.rows()[-1].reason
    sent = {mail.to for mail in office.mails}
    assert sent == {NETONE, "emi@kita.example"}
