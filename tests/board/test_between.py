"""Between hands: what waits for whom, each number with its list."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from servicedesk.board import between, queries
from servicedesk.board.between import Row, Waiting
from servicedesk.escalation import commands as escalation
from servicedesk.escalation import returns
from servicedesk.escalation.commands import hand_off
from servicedesk.escalation.work import commands as work_requests
from servicedesk.incidents import commands
from servicedesk.incidents.models import ReturnProposal
from servicedesk.incidents.queries import Reader
from servicedesk.people.models import Partner, Person
from servicedesk.setup.models import Desk as DeskRow
from servicedesk.setup.snapshot import directory
from tests.board.pages import numbered, rows
from tests.cast import Desk, at, marks
from tests.incidents.test_queries import numbers
from tests.support.clock import Clock

sqlite = pytest.mark.backends("sqlite")


def table(desk: Desk, when: str = "14:05") -> dict[str, Row]:
    """Read the table of the board, by what an address names a row."""
    with desk.session() as session:
        person = session.scalars(sa.select(Person).where(Person.key == "ueda")).one()
        reader = Reader(person, directory(session), at(when))
        held, waits = queries.held(session, reader), between.waiting(session, reader)
        return {row.key: row for row in between.rows(reader, held, waits)}


def waiting(desk: Desk, when: str = "14:05") -> dict[str, Waiting]:
    """Say what waits for groups and partners."""
    found = {key: row.waiting for key, row in table(desk, when).items() if row.kind != "tier"}
    return {key: one for key, one in found.items() if one}


def handed(desk: Desk, to: str, when: str = "10:00", **how: object) -> int:
    n = desk.log(when="09:00", impact=2, urgency=2)
    desk.do(hand_off, n, to, note="Please look", by="ito", when=when, **how)
    return n


def test_what_is_not_accepted_waits_for_its_receiver(desk: Desk) -> None:
    """H2: handed off and not accepted, as long as nobody accepts or gives it back."""
    for to in ("network", "network", "netone"):
        handed(desk, to)
    desk.do(escalation.accept, 2, 1, by="abe", when="10:20")
    assert waiting(desk, "10:30") == {"network": Waiting(1), "netone": Waiting(1)}
    assert numbers(desk, "sent", only="group:network", when="10:30") == [1]
    assert numbers(desk, "sent", only="given-tier:2", when="10:30") == [1]
    desk.do(escalation.send_back, 1, 1, "Not ours", by="abe", when="10:40")
    assert waiting(desk, "10:45") == {"netone": Waiting(1)}


def test_an_answer_is_overdue_by_the_wish_or_by_the_target(desk: Desk) -> None:
    """H2, C10: whichever passes first; what rests for a question is overdue all the same."""
    wished = handed(desk, "printco", answer_by=at("11:00"))  # its contract knows no answer
    agreed = handed(desk, "netone")
    for n, who in ((wished, "park"), (agreed, "kim")):
        desk.do(escalation.accept, n, 1, by=who, when="10:10")
    due = desk.clock(agreed, "answer", "netone").due_at
    assert due
    late = due.astimezone(at("10:00").tzinfo).strftime("%Y-%m-%d %H:%M")
    assert numbers(desk, "unanswered", when="11:00") == []
    assert numbers(desk, "unanswered", when="11:01") == [wished]
    assert waiting(desk, "11:01") == {"printco": Waiting(unanswered=1)}
    assert set(numbers(desk, "unanswered", when=f"{late}:01")) == {wished, agreed}
    desk.do(escalation.answer, wished, 1, "Changed the cable", by="park", when="11:30")
    assert numbers(desk, "unanswered", when="11:31") == []


def test_a_question_waits_for_who_sent_it(desk: Desk) -> None:
    """H2: the sender holds it meanwhile, and finds it in a list of its own."""
    n = handed(desk, "netone")
    desk.do(escalation.accept, n, 1, by="kim", when="10:10")
    desk.do(escalation.ask, n, 1, "Which cable?", by="kim", when="10:20")
    assert waiting(desk, "10:30") == {"desk": Waiting(asked=1)}
    assert table(desk, "10:30")["desk"].held.count == 1
    for only in ("asked:desk", "asked-tier:1", ""):
        assert numbers(desk, "asked", only=only, when="10:30") == [n]
    assert numbers(desk, "asked", only="asked:network", when="10:30") == []
    desk.do(escalation.reply, n, 1, "The blue one", by="ito", when="10:40")
    assert waiting(desk, "10:45") == {}
    assert table(desk, "10:45")["netone"].held.count == 1


def test_a_return_waits_for_the_sender_s_lead(desk: Desk) -> None:
    """H5: it is counted with who wants to hand it back, until it is decided."""
    n = handed(desk, "network", "09:10")
    for to, by, when in (("desk", "abe", "09:20"), ("network", "ito", "09:30")):
        desk.do(hand_off, n, to, note="Please look", by=by, when=when)
    desk.do(escalation.accept, n, 2, by="sato", when="09:35")
    assert waiting(desk, "09:45") == {"desk": Waiting(to_decide=1)}
    row = table(desk, "09:45")["desk"]
    assert (row.held.back, row.held.twice) == (1, 0)
    for only in ("decides:desk", "decides-tier:1", ""):
        assert numbers(desk, "to-decide", only=only, when="09:45") == [n]
    proposal = desk.rows(ReturnProposal, n)[0].n
    address = f"/incidents/INC-00000001/returns/{proposal}"
    told = {who: address in desk.visit(who).get("/group/desk").text for who in ("sato", "ueda")}
    assert told == {"sato": True, "ueda": False}  # who looks on decides nothing
    desk.do(returns.allow, n, proposal, by="sato", when="09:50")
    assert numbers(desk, "to-decide", when="09:55") == []
    assert numbers(desk, "back-twice", when="09:55") == [n]
    assert table(desk, "09:55")["2"].held.twice == 1


def test_work_requests_wait_for_their_receivers(desk: Desk, clock: Clock) -> None:
    """H6: side by side; those past their date apart, and each with its list."""
    n = desk.log(when="09:00", impact=3, urgency=3)
    for to, due in (("network", at("11:00")), ("network", at("Fri 11:00")), ("netone", None)):
        desk.do(work_requests.request, n, to, "zqwork", by="ito", when="09:30", due=due)
    clock.now = at("14:05")
    assert waiting(desk) == {
        "network": Waiting(requests=2, requests_late=1),
        "netone": Waiting(requests=1),
    }
    visitor = desk.visit("ueda")
    said = {a: n for a, n in numbered(visitor.get("/board").text).items() if "/work-" in a}
    assert said == {
        "/board/work-requests?to=tier:2": 2, "/board/work-requests?to=tier:2&late=1": 1,
        "/board/work-requests?to=network": 2, "/board/work-requests?to=network&late=1": 1,
        "/board/work-requests?to=netone": 1,
    }  # fmt: skip
    assert {address: rows(visitor, address) for address in said} == said
    assert "zqwork" in desk.visit("abe").get("/group/network").text
    desk.do(work_requests.finish, n, 1, "Done", by="abe", when="14:10")
    assert waiting(desk, "14:15") == {
        "network": Waiting(requests=1),
        "netone": Waiting(requests=1),
    }


@sqlite
def test_work_asked_for_a_confidential_one_is_counted_and_not_told(
    desk: Desk, clock: Clock
) -> None:
    """§9: number and figures, never title or text."""
    n = desk.log(service="payroll", title="zqsalary", when="09:00")
    desk.do(work_requests.request, n, "netone", "zqwork", by="ito", when="09:30")
    manager = desk.visit("ueda")
    for page in ("/board", "/board/work-requests", "/group/desk"):
        assert not marks(manager.get(page).text)
    assert "INC-00000001" in manager.get("/board/work-requests").text
    assert "zqwork" in desk.visit("ito").get("/board/work-requests").text


@sqlite
def test_a_holder_s_longest_is_told_in_its_own_working_time(desk: Desk) -> None:
    """H1: a night is no time in hand for who does not work in it."""
    n = desk.log(when="09:00")
    desk.do(hand_off, n, "network", note="Please look", by="ito", when="17:30")
    desk.log(when="17:45")
    desk.do(commands.hold, 2, "requester", by="ito", when="17:50", question="Which room?")
    found = table(desk, "Fri 09:30")
    assert found["network"].longest == found["2"].longest == "1 h 00"
    assert found["requester"].longest == "15 h"
    assert found["desk"].longest == "" if "desk" in found else True


@sqlite
def test_who_takes_no_hand_offs_any_more_keeps_its_row_and_its_lists(
    desk: Desk, clock: Clock
) -> None:
    """H1: it still holds what it holds, though no key leads to it."""
    n = handed(desk, "netone")
    ref = desk.ref("netone")
    with desk.session() as session:
        session.execute(sa.update(Partner).where(Partner.key == "netone").values(active=False))
        session.execute(sa.update(DeskRow).values(revision=DeskRow.revision + 1))
        session.commit()
    visitor = desk.visit("ueda")
    said = {a: n for a, n in numbered(visitor.get("/board").text).items() if ref in a}
    assert said[f"/incidents?view=all&holder={ref}"] == 1
    assert said[f"/incidents?view=sent&only=group:{ref}"] == 1
    assert {address: rows(visitor, address) for address in said} == said
    assert desk.incident(n).holder == ref
