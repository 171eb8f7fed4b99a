"""What leaves the desk, and who stands in for somebody: no word that is not for its reader."""

from __future__ import annotations

import logging
from datetime import date
from itertools import zip_longest
from typing import Any

import pytest
from flask import Flask

from servicedesk import logs
from servicedesk.incidents import approvals
from servicedesk.incidents.approvals import Answer
from servicedesk.incidents.models import (
    Comment,
    DateChange,
    Exclusion,
    HandOff,
    MajorUpdate,
    WorkRequest,
)
from servicedesk.mail.letter import NotToBeSent
from servicedesk.mail.letters import LETTERS
from servicedesk.mail.matter import HANDED, REQUESTED
from tests.cast import Desk, marks
from tests.incidents.approving import send_away, tokens, want_approval
from tests.incidents.marked import (
    OF_NETONE,
    OF_PRINTCO,
    READ_BY_REQUESTER,
    SHARED,
    WORDS,
    Walk,
    both,
    file,
    read,
    tell,
)
from tests.incidents.touring import said
from tests.mail.mailbox import Mailroom, Received
from tests.support.clock import Clock

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

PEOPLE = ("emi", "taro", "mori", "ueda", "kim", "park")
COMPANIES = ("partner:netone", "partner:printco")
NAMED = {"emi": READ_BY_REQUESTER}
OF_PARTNERS = {
    "kim": SHARED | OF_NETONE,
    "park": SHARED | OF_PRINTCO,
    "partner:netone": SHARED | OF_NETONE,
    "partner:printco": SHARED | OF_PRINTCO,
}
RULE: dict[str, Any] = {
    "kind_of_clock": "resolution",
    "amount": 75,
    "policy": "usual",
    "step": "half",
    "due": "2026-11-26T03:00:00Z",
}
WITH_LINKS = {
    "solved": "solved", "no_answer": "solved", "promised": "promise", "wish": "promise",
    "approval_asked": "approval",
    "approval_reminder": "approval", "invitation": "invitation", "reset": "reset",
}  # fmt: skip


# Mail: every kind to everybody, whether or not they would ever get it


def written(
    room: Mailroom, kind: str, to: str, number: int, data: dict[str, Any]
) -> Received | None:
    try:
        return room.letter(kind, to, number, link=WITH_LINKS.get(kind), **data)
    except NotToBeSent:
        return None


def found_in(mail: Received | None) -> set[str]:
    text = mail.subject + mail.text + mail.html + str(mail.message) if mail else ""
    return {word for word in WORDS if word in text}


def every_data(desk: Desk, number: int) -> list[dict[str, Any]]:
    """Give what a message can be about: rules' words, each comment, all that has a number."""
    comments = [row.id for row in desk.rows(Comment, number)]
    numbered: tuple[Any, ...] = (HandOff, WorkRequest, DateChange, Exclusion, MajorUpdate)
    numbers = sorted({row.n for table in numbered for row in desk.rows(table, number)})
    usual = {**RULE, "by": desk.id("ito"), "cycle": 0}
    return [{**usual, "comment": c, "n": n} for c, n in zip_longest(comments, [*numbers, 999])]


def leaks_of(room: Mailroom, kind: str, may: dict[str, set[str]], number: int) -> set[Any]:
    """Write one kind to everybody about everything; gives the words that are not for them.

    Not to those who may read everything, and to companies what is about their hand-offs and work.
    Whoever may read nothing of the incident is not told what it is about: some of it is enough.
    """
    readers = (*PEOPLE, *COMPANIES) if kind in (*HANDED, *REQUESTED) else PEOPLE
    leaked: set[Any] = set()
    every = every_data(room.desk, number)
    told = [(to, data) for to in readers for data in every[:: 1 if to in may else 5]]
    for to, data in told:
        mail = written(room, kind, to, number, data)
        leaked |= {(kind, to, word) for word in found_in(mail) - may.get(to, set())}
        if mail and "zq" in mail.subject:
            leaked.add((kind, to, mail.subject))
    return leaked


@pytest.fixture
def room(desk: Desk) -> Mailroom:
    found = Mailroom(desk)
    for key in (*PEOPLE, "ito", "sato"):
        found.change(key, mail=f"{key}@kita.example")
    return found


PARTS = 4  # so many processes can share the kinds


@pytest.mark.parametrize("part", range(PARTS))
def test_no_kind_of_mail_says_what_its_reader_may_not_read(room: Mailroom, part: int) -> None:
    """§9: notifications ask where everything does, whoever they are sent to by mistake.

    No subject says anything of what is confidential: subjects pass many hands.
    """
    n = tell(room.desk, confidential=True)
    may = NAMED | OF_PARTNERS
    assert set().union(*(leaks_of(room, kind, may, n) for kind in [*LETTERS][part::PARTS])) == set()


def test_a_mail_about_a_note_is_none(room: Mailroom) -> None:
    """§3: though it was queued with a note or a partner's line, its requester reads no word."""
    n = tell(room.desk)
    kinds = {row.id: row.kind for row in room.desk.rows(Comment, n)}
    assert set(kinds.values()) == {"reply", "note", "partner"}
    for id, kind in kinds.items():
        words = found_in(written(room, "reply", "emi", n, {"comment": id}))
        assert words == ({"zqtitle", "zqreply"} if kind == "reply" else {"zqtitle"})


# The log and the numbers


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.formatter("text"))
        self.said = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.said += self.format(record) + "\n"


def test_neither_the_log_nor_the_numbers_say_what_was_opened(app: Flask, room: Mailroom) -> None:
    """Not by an address, a search, a token, a file's name or a mail."""
    root, lines = logging.getLogger(), Lines()
    before = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    try:
        walk = Walk(room.desk, both(room.desk)[:1])  # of the other one as much would be kept
        read(walk, "ito")
        room.deliver()
    finally:
        root.removeHandler(lines)
        root.setLevel(before)
    numbers = said(app.test_client().get("/metrics"))
    assert "route=/search" in lines.said
    assert "desk_requests_total" in numbers
    forms = {token for token in walk.tokens() if token != "forged"}
    assert forms
    for text in (lines.said, numbers):
        assert [word for word in (*WORDS, *forms, "Endo", "@kita") if word in text] == []


# Who is asked in somebody's place


def secret(desk: Desk) -> int:
    """Report what Emi's manager Ueda is to approve; Taro is Ueda's deputy."""
    want_approval(desk)
    files = (file("zqfile", "zqcontent"),)
    return desk.log(service="secret", title="zqtitle", description="zqdescription", uploads=files)


def words_of(desk: Desk, who: str | None, number: int) -> set[str]:
    return set(read(Walk(desk, [number]), who))


def words_on_pages(desk: Desk, who: str | None, number: int) -> set[str]:
    """Go round without searches, as somebody for whom `test_secrets` has done them."""
    return set(read(Walk(desk, [number], curious=False), who))


def test_who_approves_reads_what_is_asked_and_no_more(desk: Desk) -> None:
    """§4: enough to decide, until it is decided; §9: of a confidential one nothing else."""
    n = secret(desk)
    assert words_of(desk, "ueda", n) == SHARED
    assert words_of(desk, "taro", n) == set()
    assert words_on_pages(desk, "abe", n) == set()  # owns the service, but the manager is asked
    desk.call(approvals.decide, n, Answer(True), by="ueda", when="09:30")
    assert words_on_pages(desk, "ueda", n) == set()


def test_a_deputy_reads_what_is_asked_as_long_as_they_stand_in(desk: Desk) -> None:
    """§3: wherever an approver is asked, the deputy is asked while they are absent."""
    n = secret(desk)
    send_away(desk, "ueda")
    assert words_of(desk, "taro", n) == SHARED
    send_away(desk, "ueda", absent_from=None)
    assert words_of(desk, "taro", n) == set()
    send_away(desk, "ueda", absent_from=date(2026, 11, 26))
    desk.call(approvals.decide, n, Answer(True), by="taro", when="09:30")
    assert words_of(desk, "taro", n) == set()


def test_a_leads_deputy_gets_number_and_figures_of_what_is_confidential(room: Mailroom) -> None:
    """§9: standing in for the lead names nobody: figures yes, titles no."""
    send_away(room.desk, "sato", absent_from=date(2026, 11, 26), deputy_id=room.desk.id("mori"))
    n = tell(room.desk, confidential=True)
    assert words_on_pages(room.desk, "mori", n) == set()
    assert found_in(written(room, "rule", "mori", n, RULE)) == set()


def test_the_approvers_link_shows_it_to_who_has_it_until_it_is_decided(desk: Desk) -> None:
    """§4: the page behind a mail's link says what its reader may know, and then nothing."""
    n = secret(desk)
    (token,) = tokens(desk, n)
    page = desk.visit().get(f"/approve/{token}")
    assert {word for word in WORDS if word in said(page)} == SHARED
    desk.call(approvals.decide, n, Answer(True), by="ueda", when="09:30")
    assert not marks(said(desk.visit().get(f"/approve/{token}")).replace(token, ""))


def test_the_requesters_link_shows_it_until_the_state_changes(desk: Desk, clock: Clock) -> None:
    """§4: *Is it solved?* says title and solution; answered or opened again it says neither."""
    solved, _still = both(desk)
    (token,) = tokens(desk, solved, "solved")
    page = desk.visit().get(f"/solved/{token}")
    assert {word for word in WORDS if word in said(page)} == {"zqtitle", "zqsolved"}
    clock.advance(days=40)
    assert not marks(said(desk.visit().get(f"/solved/{token}")).replace(token, ""))


def test_the_link_about_a_date_shows_it_until_it_is_answered(desk: Desk) -> None:
    """§5: title, date and why; answered it says none of it; whoever else has it learns no more."""
    n = tell(desk)
    promise, wish = tokens(desk, n, "promise")
    found = {
        token: {word for word in WORDS if word in said(desk.visit().get(f"/date/{token}"))}
        for token in (promise, wish)
    }
    assert found == {promise: {"zqtitle", "zqpromise"}, wish: {"zqtitle", "zqwish"}}
    for token in (wish, promise):
        assert desk.visit().post(f"/date/{token}", answer="decline").status_code == 303
        assert not marks(said(desk.visit().get(f"/date/{token}")).replace(token, ""))
