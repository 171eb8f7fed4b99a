"""Who is told what of an act: a table."""

from __future__ import annotations

from typing import Any

import pytest

from servicedesk.event import Event
from servicedesk.incidents.story import HandOff, Story
from servicedesk.mail.policy import told
from tests.support.clock import NOW

EMI, ITO, BOSS = 1, 2, 3
DUE = "2026-11-30T03:00:00Z"
SAID = {"response": True, "id": 9}


def event(kind: str, actor: int | None = ITO, /, **data: Any) -> Event:
    return Event(5, kind, NOW, actor, data)


def handed(to: str) -> Story:
    story = Story(requester=EMI)
    story.handoffs = [HandOff(n, "group:1", to, "partner", False, NOW) for n in (1, 2, 3)]
    return story


REPLY = event("comment.added", kind="reply", **SAID)
RESOLVED = event("incident.resolved", code="solved")
UNANSWERED = event("incident.resolved", None, code="no_answer")
ASKED = event("incident.held", reason="requester")
REFUSED = event("approval.refused", BOSS, comment=9)
ENDED = event("incident.cancelled", BOSS, refused=True)


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ([event("incident.logged", EMI)], "received requester"),
        ([event("incident.logged", ITO)], "received requester"),
        ([REPLY], "reply requester, reply watchers"),
        ([event("comment.added", EMI, kind="reply", id=9)], ""),  # the requester's own
        ([event("comment.added", kind="note", id=9)], ""),
        ([REPLY, event("incident.started")], "reply requester, reply watchers"),
        ([REPLY, ASKED], "reply watchers, question requester"),
        ([ASKED], "question requester"),
        ([event("incident.held", reason="change")], ""),
        ([event("promise.set", due=DUE)], "promised requester, promised watchers"),
        ([event("promise.set")], ""),  # taken back
        ([event("wish.set", EMI, due=DUE)], ""),
        ([event("wish.set", due=DUE)], ""),  # noted while logging
        ([event("wish.set", due=DUE, proposed=True)], "wish requester"),
        ([event("promise.accepted", EMI, n=4)], ""),
        ([event("promise.declined", EMI, n=4)], "promise_declined desk"),
        ([event("wish.confirmed", EMI, n=4)], ""),
        ([event("wish.declined", EMI, n=4)], "wish_declined desk"),
        ([RESOLVED], "solved requester, solved watchers"),
        ([UNANSWERED], "no_answer requester, no_answer watchers"),
        ([event("incident.cancelled")], "cancelled requester, cancelled watchers"),
        ([event("incident.reopened", EMI)], ""),
        ([event("incident.closed", None)], ""),
        ([event("incident.assigned", assignee=ITO)], ""),
        ([event("approval.granted", BOSS), event("incident.started", BOSS)], "approved requester"),
        ([REFUSED], "not_approved requester"),
        ([REFUSED, ENDED], "not_approved requester, cancelled watchers"),
        ([event("exclusion.asked", reason="digest")], "exclusion_asked decider"),
        ([event("exclusion.approved", BOSS, n=4)], "exclusion_decided asker"),
        ([event("exclusion.refused", BOSS, n=4)], "exclusion_decided asker"),
        ([event("exclusion.withdrawn", n=4)], ""),
    ],
)
def test_of_an_act_is_told(events: list[Event], wanted: str) -> None:
    found = told(events, Story(requester=EMI))
    assert ", ".join(f"{news.kind} {news.to}" for news in found) == wanted


@pytest.mark.parametrize(
    "kind", ["incident.logged", "incident.resolved", "incident.cancelled", "approval.granted"]
)
def test_a_history_tells_nobody_anything(kind: str) -> None:
    assert told([event(kind, imported=True)], Story(requester=EMI)) == []


def test_a_question_carries_the_text_that_asks_it() -> None:
    """§4: the hold *requester* needs a visible question: one message says both."""
    found = told([REPLY, event("incident.held", reason="requester")], Story(requester=EMI))
    assert [dict(news.data) for news in found if news.kind == "question"] == [{"comment": 9}]


def test_a_partner_is_told_of_a_line_in_its_thread_but_not_of_its_own_by_mail() -> None:
    """H7: mail alone has to do."""
    for more, wanted in (({}, [("partner_wrote", "partner:7")]), ({"company": "partner:7"}, [])):
        line = event("comment.added", kind="partner", id=9, handoff=2, **more)
        assert [(n.kind, n.to) for n in told([line], handed("partner:7"))] == wanted


def test_each_hand_off_to_a_partner_is_told_to_that_partner_by_its_number() -> None:
    sent = [event("handoff.sent", to="group:2"), event("handoff.sent", None, to="partner:7")]
    found = told(sent, handed("partner:7"))
    assert [(n.kind, n.to, n.by, dict(n.data)) for n in found] == [
        ("handed_off", "partner:7", None, {"n": 3})
    ]


def test_what_was_said_names_who_did_it_but_the_receipt_is_for_everybody() -> None:
    """The person who acted is not mailed about their own act, the requester gets the number."""
    assert [n.by for n in told([RESOLVED], Story(requester=EMI))] == [ITO, ITO]
    assert [n.by for n in told([event("incident.logged", EMI)], Story(requester=EMI))] == [None]
