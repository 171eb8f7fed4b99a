"""What a major incident shows to those whom it concerns, and to those whom it does not."""

from __future__ import annotations

from typing import Any

import pytest

from servicedesk.incidents import commands
from servicedesk.incidents.models import MajorUpdate
from servicedesk.mail.for_majors import CONCERNED
from servicedesk.mail.letter import NotToBeSent
from servicedesk.major import commands as major
from tests.cast import Desk, marks, page_of
from tests.incidents.marked import KNOWN, WORDS, Walk, read
from tests.incidents.touring import said
from tests.mail.mailbox import Mailroom
from tests.major.played import confirm, link, propose, running

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

MARKED = {"title": "zqtitle", "description": "zqdescription"}


def marked(desk: Desk, **how: Any) -> tuple[int, int]:
    """Play a major incident of marked words, and what Taro reported of it."""
    number, n = propose(desk, **MARKED, **how)
    confirm(desk, number, n, headline="zqheadline")
    desk.do(commands.comment, number, "note", "zqnote", by="ito", when="09:21")
    own = link(desk, number, title="Nothing works")
    desk.do(major.update, number, "zqupdate", by="ito", when="09:30")
    return number, own


def reads(desk: Desk, who: str, *numbers: int) -> set[str]:
    """Give the marked words that somebody finds on all pages of some incidents."""
    return set(read(Walk(desk, numbers, curious=False), who))


@pytest.mark.parametrize("confidential", [False, True])
def test_a_linked_requester_reads_headline_and_updates_alone(
    desk: Desk, confidential: bool
) -> None:
    """§9: titles, texts and files stay with who may see it; of a confidential one these too."""
    numbers = marked(desk, confidential=confidential)
    assert reads(desk, "taro", *numbers) == (set() if confidential else KNOWN)


def test_a_confidential_one_that_belongs_to_it_stays_so(desk: Desk) -> None:
    """§9: others see number and figures: in the room, among what is similar, in the review."""
    number = running(desk)
    own = link(desk, number, confidential=True, **MARKED)
    desk.log(by="taro", confidential=True, **MARKED)
    path = f"/major/INC-{number:08d}"
    mori = desk.visit("mori")
    assert "1 confidential one is not shown." in mori.get(path).text
    assert "zqtitle" not in mori.get(f"{path}/link").text
    assert "Nothing found" in mori.get(f"{path}/link?q=zqtitle").text
    desk.do(major.stand_down, number, "Over", by="sato", when="10:00")
    for address in ("/major", path, f"{path}/review.pdf", page_of(number), page_of(own)):
        assert not marks(said(mori.get(address))), address


@pytest.mark.parametrize("confidential", [False, True])
def test_no_mail_to_those_concerned_says_more(desk: Desk, confidential: bool) -> None:
    """§9: access is asked again, whoever a message was queued for."""
    room = Mailroom(desk)
    for key in ("taro", "mori", "kim"):
        room.change(key, mail=f"{key}@kita.example")
    number, _own = marked(desk, confidential=confidential)
    (update,) = desk.rows(MajorUpdate, number)
    found: dict[str, set[str]] = {"taro": set(), "mori": set(), "kim": set()}
    for who, words in found.items():
        for kind in CONCERNED:
            try:
                mail = room.letter(kind, who, number, n=update.n)
            except NotToBeSent:
                continue
            words |= {word for word in WORDS if word in mail.subject + mail.text + mail.html}
    assert found == {"taro": set() if confidential else KNOWN, "mori": set(), "kim": set()}
