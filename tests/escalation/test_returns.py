"""The guard against ping-pong."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.errors import BadInput, NotAllowed, Refused
from servicedesk.escalation import commands, returns
from servicedesk.escalation.sweep import sweep
from servicedesk.incidents import commands as incidents
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Attachment, Comment, HandOff, NextStep, ReturnProposal
from servicedesk.outbox import Notification
from tests.cast import Desk, at

P1: dict[str, Any] = {"impact": 1, "urgency": 1}


def hand(desk: Desk, to: str, when: str, by: str, **more: object) -> int | None:
    return desk.do(commands.hand_off, 1, to, note="Not ours", by=by, when=when, **more)


@pytest.fixture
def bounced(desk: Desk) -> Desk:
    """At the desk since Thursday 10:10, back from the network team: the first return."""
    desk.log(when="09:00")
    assert hand(desk, "network", "10:00", "ito") == 1
    assert hand(desk, "desk", "10:10", "mori") == 2
    return desk


@pytest.fixture
def asked(bounced: Desk) -> Desk:
    """Ito wants to hand it to the network team again, at 10:20: the lead, Sato, is asked."""
    assert hand(bounced, "network", "10:20", "ito") is None
    return bounced


def proposal(desk: Desk) -> ReturnProposal:
    with desk.session() as session:
        return session.query(ReturnProposal).one()


def told(desk: Desk, kind: str) -> set[str]:
    with desk.session() as session:
        rows = session.query(Notification).filter_by(kind=kind).all()
        return {key for key in ("sato", "abe", "ito", "ueda", "mori")
                if desk.id(key) in {row.person_id for row in rows}}  # fmt: skip


def test_the_second_return_asks_the_senders_lead_who_has_it_meanwhile(asked: Desk) -> None:
    """H5: nothing has gone anywhere yet; both leads are told."""
    assert proposal(asked).state == "asked"
    assert asked.incident(1).holder == asked.ref("desk")
    assert asked.story(1).returns == 1
    assert told(asked, "return_asked") == {"sato"}
    assert told(asked, "return_told") == {"abe"}


def test_once_allowed_it_goes_as_it_was_wanted(asked: Desk) -> None:
    """H5: from who wanted it, with what was said."""
    asked.do(returns.allow, 1, proposal(asked).n, by="sato", when="10:30")
    sent = asked.handoff(1, 3)
    assert (sent.receiver, sent.note, sent.sent_at) == (
        asked.ref("network"),
        "Not ours",
        at("10:30"),
    )
    assert (sent.sent_by_id, sent.is_return) == (asked.id("ito"), True)
    assert proposal(asked).state == "allowed"
    assert asked.story(1).returns == 2


def test_keeping_it_here_needs_a_reason_that_who_wanted_it_reads(asked: Desk) -> None:
    """H5: the lead decides."""
    with pytest.raises(BadInput):
        asked.do(returns.refuse, 1, proposal(asked).n, " ", by="sato", when="10:30")
    asked.do(returns.refuse, 1, proposal(asked).n, "We can do it", by="sato", when="10:30")
    assert (proposal(asked).state, proposal(asked).decision) == ("refused", "We can do it")
    assert asked.incident(1).holder == asked.ref("desk")
    assert told(asked, "return_refused") == {"ito"}


@pytest.mark.parametrize("who", ["ito", "abe", "mori"])
def test_nobody_but_the_lead_who_is_asked_decides(asked: Desk, who: str) -> None:
    """H5, §9: not who wants it, nor the other lead."""
    with pytest.raises(NotAllowed):
        asked.do(returns.allow, 1, proposal(asked).n, by=who, when="10:30")


def test_what_was_decided_is_decided(asked: Desk) -> None:
    """H5: once."""
    n = proposal(asked).n
    asked.do(returns.allow, 1, n, by="sato", when="10:30")
    with pytest.raises(Refused):
        asked.do(returns.refuse, 1, n, "Late", by="sato", when="10:31")


def test_after_60_working_minutes_it_goes_through_by_itself(asked: Desk) -> None:
    """H5: at its own instant, once, and the manager is told."""
    with asked.session() as session:
        assert session.scalar(sa.select(NextStep.at)) == at("11:20")
        sweep(at("11:19"))
    assert proposal(asked).state == "asked"
    for when in ("11:50", "11:51"):
        with asked.session():
            sweep(at(when))
    assert [(row.sent_at, row.receiver) for row in asked.rows(HandOff, 1)][2:] == [
        (at("11:20"), asked.ref("network"))
    ]
    assert proposal(asked).state == "lapsed"
    assert told(asked, "return_lapsed") == {"ueda"}


def test_the_hour_is_counted_in_the_senders_working_time(bounced: Desk) -> None:
    """H5: over lunch and night nobody can decide."""
    hand(bounced, "network", "17:30", "ito")
    with bounced.session() as session:
        assert session.scalar(sa.select(NextStep.at)) == at("Fri 09:30")


def test_the_lead_asks_nobody(bounced: Desk) -> None:
    """H5: who would be asked decides by doing it; the other lead is told."""
    assert hand(bounced, "network", "10:20", "sato") == 3
    assert told(bounced, "return_told") == {"abe"}


def test_a_p1_never_waits(desk: Desk) -> None:
    """H5: it goes at once, and both leads are told."""
    desk.log(when="09:00", **P1)
    hand(desk, "network", "10:00", "ito")
    hand(desk, "desk", "10:10", "mori")
    assert hand(desk, "network", "10:20", "ito") == 3
    assert told(desk, "return_told") == {"sato", "abe"}


def test_what_becomes_a_p1_waits_no_longer(asked: Desk) -> None:
    """H5: the next sweep lets it go."""
    asked.do(incidents.prioritise, 1, 1, 1, by="sato", when="10:25")
    with asked.session():
        sweep(at("10:26"))
    assert asked.handoff(1, 3).receiver == asked.ref("network")


@pytest.mark.parametrize("act", ["elsewhere", "resolved", "withdrawn"])
def test_what_goes_another_way_leaves_nothing_to_decide(asked: Desk, act: str) -> None:
    """H5: and nothing goes by itself any more."""
    ways: dict[str, Callable[[], object]] = {
        "elsewhere": lambda: hand(asked, "netone", "10:30", "ito"),
        "resolved": lambda: asked.do(
            incidents.resolve, 1, "solved", "Cable", by="ito", when="10:30"
        ),
        "withdrawn": lambda: asked.do(
            returns.withdraw, 1, proposal(asked).n, by="ito", when="10:30"
        ),
    }
    ways[act]()
    assert proposal(asked).state == "withdrawn"
    with asked.session():
        sweep(at("Fri 17:00"))
    assert asked.incident(1).holder != asked.ref("network")


def test_files_wait_with_it_and_go_with_it(bounced: Desk) -> None:
    """H8: in a note of the desk until it goes, then where it goes."""
    hand(bounced, "network", "10:20", "ito", uploads=(Upload("plan.txt", BytesIO(b"Rack 7")),))
    bounced.do(returns.allow, 1, proposal(bounced).n, by="sato", when="10:30")
    with bounced.session() as session:
        files = session.query(Attachment).order_by(Attachment.id).all()
        comments = {row.id: row.kind for row in session.query(Comment)}
    assert [(file.name, comments[file.comment_id or 0]) for file in files] == [
        ("plan.txt", "note"),
        ("plan.txt", "note"),
    ]


@pytest.mark.usefixtures("clock")
def test_the_page_is_for_the_lead_to_decide_and_for_others_to_read(asked: Desk) -> None:
    """H5: who asked can withdraw, others of the desk read who decides, a partner finds nothing."""
    page = f"/incidents/INC-00000001/returns/{proposal(asked).n}"
    decide, withdraw = 'value="allow"', 'value="withdraw"'
    lead, asker, other = (asked.visit(key).get(page).text for key in ("sato", "ito", "mori"))
    assert (decide in lead, withdraw in lead) == (True, False)
    assert (decide in asker, withdraw in asker) == (False, True)
    assert (decide in other, withdraw in other) == (False, False)
    assert "Sato" in other
    assert asked.visit("kim").get(page).status_code in (403, 404)
    assert asked.visit("sato").post(page, answer="refuse", body="").status_code == 422
    said = {"answer": "refuse", "body": "We can do it"}
    assert asked.visit("sato").post(page, **said).status_code == 303
    assert "We can do it" in asked.visit("ito").get(page).text
