"""What is told of major incidents: in both languages, with one button to act."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from servicedesk.incidents import commands
from servicedesk.mail.for_majors import LETTERS
from servicedesk.major import commands as major
from tests.cast import Desk
from tests.escalation.ruled import sweep
from tests.mail.mailbox import Mailroom, Received
from tests.major.played import HEADLINE, REASON, confirm, link, propose, running

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

WORDS = "A switch is replaced"


def last(room: Mailroom, kind: str, to: str) -> Received:
    """Write the last message of a kind to a person."""
    rows = [row for row in room.queued(kind) if row.person_id == room.desk.id(to)]
    return room.write(rows[-1].id)


def proposed(room: Mailroom) -> Received:
    propose(room.desk)
    return last(room, "major_proposed", "ueda")


def refused(room: Mailroom) -> Received:
    number, n = propose(room.desk)
    room.desk.do(major.refuse, number, n, WORDS, by="sato", when="09:15")
    return last(room, "major_refused", "ito")


def coordinates(room: Mailroom) -> Received:
    running(room.desk)
    return last(room, "major_coordinates", "ito")


def missed(room: Mailroom) -> Received:
    running(room.desk)
    sweep(room.desk, "09:50")
    return last(room, "major_missed", "ito")


def confirmed(room: Mailroom) -> Received:
    number, n = propose(room.desk)
    confirm(room.desk, number, n)
    return last(room, "major_confirmed", "emi")


def update(room: Mailroom) -> Received:
    number = running(room.desk)
    link(room.desk, number)
    room.desk.do(major.update, number, WORDS, by="ito", when="09:40")
    return last(room, "major_update", "taro")


def over(room: Mailroom) -> Received:
    number = running(room.desk)
    link(room.desk, number)
    room.desk.do(major.stand_down, number, WORDS, by="sato", when="09:40")
    return last(room, "major_over", "taro")


def ended(room: Mailroom) -> Received:
    number = running(room.desk)
    link(room.desk, number)
    room.desk.do(commands.resolve, number, "solved", WORDS, by="ito", when="09:50")
    return last(room, "major_ended", "taro")


# What each says in English, in Japanese, and where its button leads
CASES: dict[Callable[[Mailroom], Received], tuple[str, str, str]] = {
    proposed: (REASON, REASON, "/incidents/INC-00000001"),
    refused: (WORDS, WORDS, "/incidents/INC-00000001"),
    coordinates: (HEADLINE, HEADLINE, "/major/INC-00000001"),
    missed: ("No update was written in time.", HEADLINE, "/major/INC-00000001"),
    confirmed: ("no need to report it again", HEADLINE, "/incidents/INC-00000001"),
    update: (WORDS, WORDS, "/incidents/INC-00000002"),
    over: ("is over", WORDS, "/incidents/INC-00000002"),
    ended: ("If it still troubles you", HEADLINE, "/incidents/INC-00000002"),
}


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("written", CASES, ids=lambda case: case.__name__)
def test_it_says_what_and_leads_where_something_can_be_done(
    desk: Desk, mailroom: Mailroom, written: Callable[[Mailroom], Received], language: str
) -> None:
    """E6: what, why, and one button to act; the same as text and as HTML."""
    for key in ("emi", "taro", "ito", "sato", "ueda"):
        mailroom.change(key, language=language, mail=f"{key}@kita.example")
    mail = written(mailroom)
    english, japanese, leads = CASES[written]
    said = japanese if language == "ja" else english
    assert said in mail.text
    assert said in mail.shown
    assert mail.link.endswith(leads)
    assert mail.message["Content-Language"] == language
    assert "None" not in mail.text + mail.shown
    assert ("You get this" in mail.text) == (language == "en")


def test_every_kind_is_among_them() -> None:
    assert {f"major_{written.__name__}" for written in CASES} == set(LETTERS)
