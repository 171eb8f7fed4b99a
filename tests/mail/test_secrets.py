"""A word that somebody may not read is in none of the mails that they get."""

from __future__ import annotations

from typing import Any

import pytest

from servicedesk.db import transaction
from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.models import watcher
from tests.cast import at
from tests.mail.mailbox import Mailroom

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

OF_THE_REQUESTER = {"zqtitle", "zqreply", "zqquestion", "zqpromise", "zqwish", "zqsolved"}
OF_THE_PARTNER = {"zqtitle", "zqdescription", "zqhanded"}
OF_THE_DESK = {"zqnote", "zqasked", "zqcause", "zqthread"}
EVERYTHING = OF_THE_REQUESTER | OF_THE_PARTNER | OF_THE_DESK
RULE: dict[str, Any] = {
    "kind_of_clock": "resolution",
    "amount": 75,
    "policy": "usual",
    "step": "half",
}
EVERYBODY = ("emi", "taro", "sato", "ito", "abe", "mori", "ueda", "kim", "park", "root")


@pytest.fixture
def addressed(mailroom: Mailroom) -> Mailroom:
    """Each message in a mail of its own, so that all of it is read."""
    mailroom.desk.app.config["MAIL_SETTLE"] = 0
    for key in EVERYBODY:
        mailroom.change(key, mail=f"{key}@kita.example")
    return mailroom


def tell(room: Mailroom, *, confidential: bool) -> int:
    """Play a story in which every text carries a word of its own; rules tell everybody of it."""
    desk = room.desk
    how = {"title": "zqtitle", "description": "zqdescription", "wish": Due(at=at("Mon 12:00"))}
    n = desk.log(confidential=confidential, **how)  # type: ignore[arg-type]

    def do(when: str, act: object, *what: object, by: str = "ito", **more: object) -> None:
        desk.do(act, n, *what, by=by, when=when, **more)  # type: ignore[arg-type]

    do("09:05", commands.watch, desk.id("taro"))
    do("09:10", commands.comment, "reply", "zqreply")
    do("09:15", commands.hold, "requester", question="zqquestion")
    do("09:20", commands.comment, "note", "zqnote")
    do("09:25", commands.promise, Due(at=at("Tue 12:00")), reason="zqpromise")
    do("09:30", commands.wish, Due(at=at("Tue 12:00")), reason="zqwish")
    do("09:35", escalation.hand_off, "network", note="zqasked")
    do("09:40", escalation.answer, 1, "zqasked", by="abe")
    do("09:45", escalation.hand_off, "netone", note="zqhanded")
    do("09:50", escalation.write, 2, "zqthread", by="kim")
    for key in EVERYBODY:
        room.queue("rule", key, n, due="2026-11-26T03:00:00Z", **RULE)
    return n


def solve(room: Mailroom, n: int) -> None:
    room.desk.do(escalation.recall, n, 2, by="ito", when="10:00")
    how = {"by": "ito", "when": "10:10", "root_cause": "zqcause"}
    room.desk.do(commands.resolve, n, "solved", "zqsolved", **how)


def words(room: Mailroom) -> dict[str, set[str]]:
    """Give the words that each reader finds in their mails; none may be sent to nobody."""
    assert room.deliver().failed == 0
    found: dict[str, set[str]] = {}
    for mail in room.files():
        reader = mail.to.partition("@")[0]
        text = mail.text + mail.html + str(mail.message)
        found.setdefault(reader, set()).update(word for word in EVERYTHING if word in text)
    return found


def test_everybody_reads_what_is_for_them(addressed: Mailroom) -> None:
    """§9, §1: nobody sees what they must never see; H8: a partner only its own hand-off."""
    n = tell(addressed, confidential=False)
    found = words(addressed)
    solve(addressed, n)
    assert words(addressed)["emi"] == OF_THE_REQUESTER
    assert found == {
        "emi": OF_THE_REQUESTER - {"zqsolved"},
        "taro": {"zqtitle", "zqreply", "zqquestion", "zqpromise"},
        "support": OF_THE_PARTNER,  # at netone
        "ito": {"zqtitle", "zqasked"},  # sent the hand-off and reads what comes back
        **{key: {"zqtitle"} for key in ("sato", "abe", "mori", "ueda")},
        **{key: set() for key in ("kim", "park", "root")},
    }


def test_what_is_confidential_is_for_named_people_and_the_holder(addressed: Mailroom) -> None:
    """§9: others, managers too, see number and figures, never title or text."""
    tell(addressed, confidential=True)
    assert words(addressed) == {
        "emi": OF_THE_REQUESTER - {"zqsolved"},
        "taro": {"zqtitle", "zqreply", "zqquestion", "zqpromise"},  # a watcher is named
        "support": OF_THE_PARTNER,
        "sato": {"zqtitle"},  # of the group that stays answerable
        "ito": {"zqtitle", "zqasked"},  # sent the hand-off and reads what comes back
        **{key: set() for key in ("abe", "mori", "ueda", "kim", "park", "root")},
    }


def test_no_subject_of_what_is_confidential_says_anything(addressed: Mailroom) -> None:
    n = tell(addressed, confidential=True)
    solve(addressed, n)
    addressed.deliver()
    subjects = [mail.subject for mail in addressed.files()]
    assert len(subjects) > 15
    assert [s for s in subjects if "zq" in s] == []
    assert all(s.startswith(f"[INC-{n:08d}] ") for s in subjects)


def test_who_may_not_see_it_gets_number_and_figures(addressed: Mailroom) -> None:
    """§9, E6: a manager is told all the same: which, why, how late."""
    n = tell(addressed, confidential=True)
    mail = addressed.letter("rule", "ueda", n, due="2026-11-26T03:00:00Z", **RULE)
    assert f"INC-{n:08d}" in mail.text
    assert "75 % of the time for “Resolution” is used." in mail.text
    assert "Priority: P3" in mail.text
    assert "“half” of “usual”" in mail.text
    assert not {"Endo", "Internet", "NetOne"} & set(mail.text.split())
    assert mail.link == "http://127.0.0.1:8000/"


def test_it_is_asked_again_when_the_mail_goes_out(addressed: Mailroom) -> None:
    """The mail was queued while it was open to all: what counts is what is so at sending."""
    n = addressed.desk.log(title="zqtitle")
    addressed.desk.do(commands.watch, n, addressed.desk.id("taro"), by="ito", when="09:05")
    addressed.desk.do(commands.comment, n, "reply", "zqreply", by="ito", when="09:10")
    with addressed.desk.app.app_context(), transaction() as session:
        session.execute(watcher.delete())
    assert words(addressed) == {"emi": {"zqtitle", "zqreply"}, "taro": set()}


def test_a_hand_off_that_was_taken_back_is_nobodys_business_any_more(addressed: Mailroom) -> None:
    """H8: what a company's mailbox gets, it gets while the company has it."""
    n = tell(addressed, confidential=False)
    addressed.desk.do(escalation.recall, n, 2, by="ito", when="10:00")
    assert words(addressed)["support"] == set()


def test_the_log_says_nothing_of_people_and_texts(
    addressed: Mailroom, caplog: pytest.LogCaptureFixture
) -> None:
    tell(addressed, confidential=False)
    caplog.set_level("DEBUG")
    addressed.deliver()
    assert not [w for w in (*EVERYTHING, "Endo", "@kita") if w in caplog.text]
