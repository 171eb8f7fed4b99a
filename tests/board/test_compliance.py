"""F1: the board's compliance is the report's, though it is read from rows."""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.board import flow, queries, wishes
from servicedesk.board.compliance import FIRST, compliance
from servicedesk.board.queries import Held
from servicedesk.board.tally import tally
from servicedesk.escalation.commands import accept, hand_off, send_back
from servicedesk.incidents.acts import Due
from servicedesk.incidents.queries import Reader
from servicedesk.people.models import Person
from servicedesk.reports import tables
from servicedesk.reports.cases import Case, Frame, Result
from servicedesk.reports.facts import Fact
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.periods import month_of
from servicedesk.reports.queries import facts, latest_knowledge
from servicedesk.reports.scopes import Scope
from servicedesk.setup.snapshot import directory
from tests.board.played import Play
from tests.cast import Desk, at
from tests.support.torture import enough

ZONE = "Asia/Tokyo"
SHARE, AHEAD = "requested_due.share", "requested_due.ahead"


def wishes_ahead(session: Session, now: datetime) -> int:
    """Count them as the board does."""
    person = session.scalars(sa.select(Person).where(Person.key == "ueda")).one()
    held = queries.held(session, Reader(person, directory(session), now))
    return sum(held.values(), Held()).ahead


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(enough(2, 6)))
@pytest.mark.parametrize("when", ["2026-10-31 23:59", "2026-11-12 14:05"])
def test_the_board_and_the_report_say_the_same(desk: Desk, seed: int, when: str) -> None:
    """F1, F2: by service and by partner too, and of the flow between tiers."""
    now = at(when)
    play = Play(desk, Random(seed), at("2026-10-12 09:00"))
    play.go_on(now)
    month = month_of(now, ZONE)
    frame = Frame(month, now)
    with desk.session() as session:
        known, setup = latest_knowledge(session), directory(session)
        told: list[Fact] = facts(
            session, setup, known, at=now, since=month.before.start, scope=Scope()
        )
        said = tally(session, setup, now, wishes_ahead(session, now))
        whole = compliance(session, setup, now)
        between = flow.between_tiers(setup, flow.ways(session, month, now))
    assert {FIRST: said.result, SHARE: said.wished, AHEAD: said.ahead} == {
        FIRST: BY_ID[FIRST].result(told, frame),
        SHARE: BY_ID[SHARE].result(told, frame),
        AHEAD: BY_ID[AHEAD].result(told, frame).value,
    }, "\n".join(play.done)
    assert whole.result == said.result
    assert said.by_service == tables.split(BY_ID[FIRST], told, frame, tables.by_service, 1000)
    partners = tables.split(BY_ID[FIRST], told, frame, tables.by_party("partner"), 1000)
    assert said.by_partner == whole.by_partner == partners
    every = sorted(BY_ID[FIRST].of(told, frame), key=lambda case: case.number)
    assert sorted(whole.every, key=lambda case: case.number) == every
    assert sorted(pages(desk, now), key=lambda case: case.number) == every
    for party in {case.party or "" for case in every}:
        theirs = [case for case in pages(desk, now, party=party) if not case.value]
        assert pages(desk, now, party=party, show="late") == theirs
        assert len(theirs) == sum(case.party == party and not case.value for case in every)
    assert between == tables.flow(told, frame)
    assert (said.result.denominator or 0) > 3


def pages(desk: Desk, now: datetime, **asked: str) -> list[Case]:
    """F7: turn all pages of a list of wishes, two to a page."""
    found: list[Case] = []
    with desk.session() as session:
        setup, wanted = directory(session), wishes.Asked(**asked)
        after: str | None = ""
        while after is not None:
            page = wishes.page(session, setup, now, wanted, after, size=2)
            found, after = [*found, *page.cases], page.next
    assert len(found) == page.counts[wanted.show]
    return found


def test_what_a_partner_sent_back_unaccepted_is_not_its(desk: Desk) -> None:
    """F2: the time of a hand-off that was sent back unaccepted is the sender's."""
    for n in (1, 2):
        desk.log(when="09:00", wish=Due(at=at("12:00")))
        desk.do(hand_off, n, "netone", note="Please look", by="ito", when="10:00")
    desk.do(accept, 2, 1, by="kim", when="10:30")
    for n in (1, 2):
        desk.do(send_back, n, 1, "Not ours", by="kim", when="13:00")
    with desk.session() as session:
        said = tally(session, directory(session), at("14:05"), 0)
        asked = wishes.Asked(party=desk.ref("netone"), show="late")
        theirs = wishes.page(session, directory(session), at("14:05"), asked)
    assert [(row.key, row.result) for row in said.by_partner] == [
        (desk.ref("netone"), Result(None, 0, 1))
    ]
    assert [case.number for case in theirs.cases] == [2]
    assert theirs.counts == {"all": 1, "kept": 0, "late": 1}


def test_a_goal_is_the_desk_s(desk: Desk) -> None:
    """§8: goal, actual, ○ △ ×."""
    with desk.session() as session:
        said = tally(session, directory(session), at("2026-11-12 14:05"), 0)
    assert (said.goal, said.verdict, said.result.denominator) == (None, None, 0)
