"""Flow: hand-offs of a period against the same counted in plain Python, and where things stay."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.board import flow, stays
from servicedesk.board.flow import Asked, Counts
from servicedesk.escalation import commands as escalation
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents.models import HandOff, Holding
from servicedesk.reports.periods import month_of, read_period
from tests.board.pages import numbered, rows
from tests.board.played import MOVING, Play
from tests.cast import Desk, at
from tests.sla import naive
from tests.support.clock import Clock
from tests.support.torture import enough

sqlite = pytest.mark.backends("sqlite")
ZONE = "Asia/Tokyo"
MONTH = read_period("2026-11", ZONE)


def played(desk: Desk, seed: int) -> Play:
    play = Play(desk, Random(seed), at("2026-10-19 09:00"), acts=MOVING)
    play.go_on(at("2026-11-26 14:05"), timedelta(hours=4))
    return play


def all_rows(desk: Desk, model: type[Any]) -> list[Any]:
    with desk.session() as session:
        return list(session.scalars(sa.select(model)))


def as_it_stood(rows: list[HandOff], then: Any) -> Counts:
    ended = [row for row in rows if row.ended_at and row.ended_at <= then]
    states = Counter(row.state for row in ended)
    again = sum(row.is_return for row in rows)
    return Counts(len(rows), states["answered"], states["sent_back"], again, len(rows) - len(ended))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(enough(1, 4)))
def test_a_month_s_flow_is_what_its_hand_offs_say(desk: Desk, seed: int) -> None:
    """H2, H5: by pair and whole, and as it stood on the same day of the month before."""
    play = played(desk, seed)
    sent = [row for row in all_rows(desk, HandOff) if MONTH.holds(row.sent_at)]
    with desk.session() as session:
        found = flow.ways(session, MONTH, play.now)
        earlier = flow.before(session, MONTH, play.now)
        bounced = flow.bounced(session, MONTH)
        bouncing = flow.bouncing(session, MONTH, 1000)
    assert {(way.sender, way.receiver): way.counts for way in found} == {
        pair: as_it_stood([r for r in sent if (r.sender, r.receiver) == pair], play.now)
        for pair in {(row.sender, row.receiver) for row in sent}
    }
    assert flow.whole(found) == as_it_stood(sent, play.now)
    then = play.now - timedelta(days=31)
    before = [
        r for r in all_rows(desk, HandOff) if MONTH.before.holds(r.sent_at) and r.sent_at < then
    ]
    assert earlier == as_it_stood(before, then)
    again = Counter(row.incident_id for row in sent if row.is_return)
    assert {one.incident.id: one.again for one in bouncing} == again
    assert bounced == len(again) > 0


def test_pairs_that_play_ping_pong_come_first(desk: Desk) -> None:
    """H5: what went between two, either way, to who had had it before."""
    play = played(desk, 3)
    sent = [row for row in all_rows(desk, HandOff) if MONTH.holds(row.sent_at)]
    with desk.session() as session:
        pairs = flow.ping_pong(flow.ways(session, MONTH, play.now), 1000)
    again = Counter(frozenset((r.sender, r.receiver)) for r in sent if r.is_return)
    assert {frozenset((pair.one, pair.other)): pair.again for pair in pairs} == again
    assert [pair.again for pair in pairs] == sorted(again.values(), reverse=True)
    for pair in pairs:
        ends = [(pair.one, pair.other, pair.there), (pair.other, pair.one, pair.back)]
        for sender, receiver, number in ends:
            assert number == sum((r.sender, r.receiver) == (sender, receiver) for r in sent)


def test_a_list_of_hand_offs_holds_what_is_asked_for(desk: Desk) -> None:
    """F7: by whom, to whom, either way, what became of it, and what came back."""
    played(desk, 4)
    sent = [row for row in all_rows(desk, HandOff) if MONTH.holds(row.sent_at)]
    desks, net = desk.ref("desk"), desk.ref("network")
    partners = {desk.ref("netone"), desk.ref("printco")}
    asked = {
        Asked(MONTH): sent,
        Asked(MONTH, sender="tier:1"): [r for r in sent if r.sender == desks],
        Asked(MONTH, receiver="partners"): [r for r in sent if r.receiver in partners],
        Asked(MONTH, sender="desk", receiver="network", either=True): [
            r for r in sent if {r.sender, r.receiver} == {desks, net}
        ],
        Asked(MONTH, sender=desks, direction="up"): [
            r for r in sent if r.sender == desks and r.direction == "up"
        ],
        Asked(MONTH, became="out"): [r for r in sent if r.ended_at is None],
        Asked(MONTH, became="sent_back", again=True): [
            r for r in sent if r.state == "sent_back" and r.is_return
        ],
        Asked(MONTH, sender="nobody"): [],
    }
    with desk.session() as session:
        for said, wanted in asked.items():
            page = flow.handoffs(session, desk.setup(), said, None)
            assert page.total == len(wanted), said
            assert {row.id for row in page.rows} <= {row.id for row in wanted}, said
    assert sum(bool(wanted) for wanted in asked.values()) > 5


@sqlite
def test_a_list_goes_on_from_its_last_row(desk: Desk, clock: Clock) -> None:
    """By cursor: what is handed off meanwhile shifts nothing."""
    n = desk.log(when="2026-11-02 09:00", impact=1, urgency=1)
    for turn in range(60):
        to, by = (("network", "ito"), ("desk", "abe"))[turn % 2]
        when = at("2026-11-02 09:01") + timedelta(minutes=turn // 2)
        desk.do(hand_off, n, to, note="Please look", by=by, when=when)
    visitor = desk.visit("ueda")
    assert rows(visitor, "/board/hand-offs") == 60
    assert rows(visitor, "/board/hand-offs?again=1&number=1") == 59
    assert rows(visitor, "/board/hand-offs?sender=1&receiver=2") == 30
    assert rows(visitor, "/board/hand-offs?period=2026-10") == 0
    said = numbered(visitor.get("/board/flow").text)
    assert said["/board/hand-offs?period=2026-11&again=1"] == 59


@sqlite
def test_stays_are_measured_in_the_holder_s_working_time(desk: Desk) -> None:
    """H1: visits that ended in the period or lasted at its end, each with its whole length."""
    play = Play(desk, Random(1), at("2026-10-29 09:00"))
    play.go_on(at("2026-11-04 14:05"))
    setup = desk.setup()
    for period in (MONTH, MONTH.before):
        until = min(period.end, play.now)
        with desk.session() as session:
            found = stays.stays(session, setup, period, play.now, 1000)
        lengths: dict[str, list[int]] = {}
        lasting: Counter[str] = Counter()
        for row in all_rows(desk, Holding):
            if row.holder == "requester" or row.start >= until or row.start == row.end:
                continue
            if row.end and row.end < period.start:
                continue
            versions = setup.calendar_of(row.holder, row.start).versions
            last = min(row.end or until, until)
            lengths.setdefault(row.holder, []).append(naive.counted(versions, row.start, last))
            lasting[row.holder] += row.end is None or row.end > until
        assert {stay.party.ref: (stay.visits, stay.whole, stay.longest) for stay in found} == {
            ref: (len(mine), sum(mine), max(mine)) for ref, mine in lengths.items()
        }
        assert {stay.party.ref: stay.lasting for stay in found} == dict(lasting)
        for stay in found:
            mine = sorted(lengths[stay.party.ref])
            assert stay.median == mine[-(-len(mine) // 2) - 1]


@sqlite
def test_an_odd_address_is_taken_for_what_makes_sense(desk: Desk, clock: Clock) -> None:
    """Errors say what to do: here there is none to make."""
    visitor = desk.visit("ueda")
    for address in (
        "/board/flow?period=nonsense", "/board/flow?period=2026-13", "/board/flow?period=1970-01",
        "/board/hand-offs?period=9&became=x&direction=x&number=x&after=x&sender=%00",
        "/board/stays?holder=nobody", "/board/stays", "/board/work-requests?to=nobody&after=x",
    ):  # fmt: skip
        assert visitor.get(address).status_code == 200, address
    assert "November 2026" in visitor.get("/board/flow?period=nonsense").text


@sqlite
def test_a_period_without_hand_offs_leads_to_the_last_ones(desk: Desk, clock: Clock) -> None:
    """Screens: an empty state says what to do."""
    visitor = desk.visit("ueda")
    assert "What is handed to a group or a partner" in visitor.get("/board/flow").text
    n = desk.log(when="2026-09-01 09:00")
    desk.do(hand_off, n, "network", note="Please look", by="ito", when="2026-09-01 10:00")
    page = visitor.get("/board/flow").text
    assert "The last hand-offs were sent in September 2026." in page
    assert 'href="/board/flow?period=2026-09"' in page


@sqlite
def test_the_month_before_is_told_as_it_stood_then(desk: Desk) -> None:
    """Against the same days of last month: what was answered since was out on that day."""
    n = desk.log(when="2026-10-20 09:00")
    desk.do(hand_off, n, "network", note="Please look", by="ito", when="2026-10-20 10:00")
    desk.do(escalation.answer, n, 1, "Done", by="abe", when="2026-11-10 10:00")
    with desk.session() as session:
        assert flow.before(session, MONTH, at("14:05")) == Counts(sent=1, out=1)
        assert flow.before(session, MONTH, at("2026-12-02 09:00")) == Counts(sent=1, answered=1)


@sqlite
def test_a_refused_answer_is_still_out(desk: Desk) -> None:
    """H2: an answer can be refused; the same hand-off goes on."""
    n = desk.log(when="09:00")
    desk.do(hand_off, n, "network", note="Please look", by="ito", when="09:10")
    desk.do(escalation.answer, n, 1, "Changed the cable", by="abe", when="09:20")

    def counts(when: str) -> Counts:
        with desk.session() as session:
            return flow.whole(flow.ways(session, month_of(at(when), ZONE), at(when)))

    assert counts("09:25") == Counts(sent=1, answered=1)
    desk.do(escalation.refuse_answer, n, 1, "It is still down", by="ito", when="09:30")
    assert counts("09:35") == Counts(sent=1, out=1)
