"""What the desk's people and receivers are told of hand-offs, returns and work requests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from servicedesk.escalation import commands, returns
from servicedesk.escalation.sweep import sweep
from servicedesk.escalation.work import commands as work
from servicedesk.incidents.models import ReturnProposal
from servicedesk.mail.for_hands import LETTERS
from servicedesk.mail.letter import NotToBeSent
from tests.cast import Desk, at
from tests.mail.mailbox import Mailroom, Received

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

Written = Callable[[Mailroom], Received]


def handed(room: Mailroom, to: str = "netone", when: str = "10:00", by: str = "ito") -> None:
    room.desk.do(commands.hand_off, 1, to, note="Please look", by=by, when=when)


def last(room: Mailroom, kind: str, to: str = "ito") -> Received:
    """Write the last message of a kind, to a person or to the company's address."""
    if not to.startswith("partner"):
        room.change(to, mail=f"{to}@kita.example")
    rows = room.queued(kind)
    reader = None if to.startswith("partner") else room.desk.id(to)
    return room.write([row.id for row in rows if row.person_id == reader][-1])


def asked(room: Mailroom) -> Received:
    handed(room)
    room.desk.do(commands.ask, 1, 1, "Which building?", by="kim", when="10:30")
    return last(room, "handoff_asked")


def answered(room: Mailroom) -> Received:
    handed(room)
    room.desk.do(commands.answer, 1, 1, "A new cable", by="kim", when="10:30")
    return last(room, "handoff_answered")


def sent_back(room: Mailroom) -> Received:
    handed(room)
    room.desk.do(commands.send_back, 1, 1, "Not ours", by="kim", when="10:30")
    return last(room, "handoff_sent_back")


def nudged(room: Mailroom) -> Received:
    handed(room)
    room.desk.do(commands.nudge, 1, 1, by="ito", when="10:30")
    return last(room, "nudged", "partner:netone")


def nudged_group(room: Mailroom) -> Received:
    handed(room, "network")
    room.desk.do(commands.nudge, 1, 1, by="ito", when="10:30")
    return last(room, "nudged", "abe")


def bounce(room: Mailroom) -> int:
    handed(room, "network")
    handed(room, "desk", "10:10", "mori")
    handed(room, "network", "10:20")
    return room.desk.rows(ReturnProposal, 1)[0].n


def return_asked(room: Mailroom) -> Received:
    bounce(room)
    return last(room, "return_asked", "sato")


def return_told(room: Mailroom) -> Received:
    bounce(room)
    return last(room, "return_told", "abe")


def return_refused(room: Mailroom) -> Received:
    n = bounce(room)
    room.desk.do(returns.refuse, 1, n, "We can do it", by="sato", when="10:30")
    return last(room, "return_refused")


def return_lapsed(room: Mailroom) -> Received:
    bounce(room)
    with room.desk.session():
        sweep(at("11:30"))
    return last(room, "return_lapsed", "ueda")


def requested(room: Mailroom) -> Received:
    room.desk.do(work.request, 1, "netone", "A cable", "Five metres", by="ito", when="10:00")
    return last(room, "work_requested", "partner:netone")


def done(room: Mailroom) -> Received:
    requested(room)
    room.desk.do(work.finish, 1, 1, "It is there", by="kim", when="10:30")
    return last(room, "work_done")


def work_sent_back(room: Mailroom) -> Received:
    requested(room)
    room.desk.do(work.send_back, 1, 1, "None left", by="kim", when="10:30")
    return last(room, "work_sent_back")


def withdrawn(room: Mailroom) -> Received:
    requested(room)
    room.desk.do(work.withdraw, 1, 1, by="ito", when="10:30")
    return last(room, "work_withdrawn", "partner:netone")


CASES: dict[Written, tuple[str, str]] = {
    asked: ("NetOne Inc. asks something", "hand-offs/1/reply"),
    answered: ("A new cable", "/incidents/INC-00000001"),
    sent_back: ("Not ours", "/incidents/INC-00000001"),
    nudged: ("waits for an answer", "/handed/"),
    nudged_group: ("You get this because you lead Network team", "/incidents/INC-00000001"),
    return_asked: ("60 working minutes", "/incidents/INC-00000001/returns/"),
    return_told: ("one of the groups between which it goes", "/incidents/INC-00000001"),
    return_refused: ("We can do it", "/incidents/INC-00000001"),
    return_lapsed: ("Nobody decided in time", "/incidents/INC-00000001"),
    requested: ("Five metres", "/handed/"),
    done: ("It is there", "/incidents/INC-00000001"),
    work_sent_back: ("None left", "/incidents/INC-00000001"),
    withdrawn: ("does not want this work any more", "/"),
}


@pytest.mark.parametrize("written", CASES, ids=lambda case: case.__name__)
def test_it_says_what_and_leads_where_something_can_be_done(
    desk: Desk, mailroom: Mailroom, written: Written
) -> None:
    """E6, H2, H5, H6: in both forms, with one button."""
    desk.log(description="zqtext")
    mail = written(mailroom)
    said, leads = CASES[written]
    assert said in mail.text
    assert said in mail.shown
    assert leads in mail.link


def test_every_kind_is_among_them() -> None:
    names = {written.__name__ for written in CASES}
    assert {KINDS.get(name, name) for name in names} == set(LETTERS)


KINDS = {
    "asked": "handoff_asked",
    "answered": "handoff_answered",
    "sent_back": "handoff_sent_back",
    "nudged_group": "nudged",
    "requested": "work_requested",
    "done": "work_done",
    "withdrawn": "work_withdrawn",
}


@pytest.mark.parametrize("written", [requested, nudged, withdrawn])
def test_a_partner_reads_nothing_that_was_not_for_it(
    desk: Desk, mailroom: Mailroom, written: Written
) -> None:
    """H8: of a work request's incident the number alone, of a hand-off no requester."""
    desk.log(title="zqtitle", description="zqtext")
    mail = written(mailroom)
    assert "Endo Emi" not in mail.text
    if written is not nudged:
        assert "zqtitle" not in f"{mail.subject}{mail.text}{mail.html}"


def test_what_was_decided_meanwhile_is_not_asked(desk: Desk, mailroom: Mailroom) -> None:
    """E6: nothing to decide, nothing to say."""
    desk.log()
    n = bounce(mailroom)
    desk.do(returns.allow, 1, n, by="sato", when="10:30")
    with pytest.raises(NotToBeSent):
        last(mailroom, "return_asked", "sato")


def test_what_became_confidential_says_no_texts(desk: Desk, mailroom: Mailroom) -> None:
    """§9: asked again when it is sent: a manager gets the figures alone."""
    desk.log(title="zqtitle")
    return_lapsed(mailroom)
    with mailroom.desk.session() as session:
        session.execute(sa.text("UPDATE incident SET confidential = TRUE"))
        session.commit()
    desk.tampered = True
    mail = last(mailroom, "return_lapsed", "ueda")
    assert "zqtitle" not in f"{mail.subject}{mail.text}"
