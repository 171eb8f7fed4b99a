"""The rules' own board: what fired, what comes next, what could not be sent, health."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk import outbox, pulse
from servicedesk.db import transaction
from servicedesk.escalation.acknowledging import acknowledge
from servicedesk.incidents import commands
from servicedesk.incidents.models import Firing, NextStep
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from servicedesk.rulebook import today
from tests.administration.filling import words
from tests.cast import Desk, Visitor, at
from tests.escalation.ruled import give_policy, sweep
from tests.escalation.test_repeats import CLIMB, FIRST, urgent
from tests.support.clock import Clock
from tests.support.statements import counted

BOXES = tuple(f"/rules/today?show={box}" for box in ("fired", "next", "unsent", "held"))
NIGHT = "{key: night, when: {untouched: 30}, tell: [manager]}"


def climbing(desk: Desk, clock: Clock, *others: str) -> int:
    """Have the rule climb come twice, and Ueda take responsibility; it is 13:40."""
    give_policy(desk, CLIMB, *others)
    n = urgent(desk)
    sweep(desk, "12:00")
    sweep(desk, "13:30")
    desk.do(acknowledge, n, FIRST, by="ueda", when="13:35")
    clock.now = at("13:40")
    return n


def fail(desk: Desk, number: int, error: str = "mailbox full", times: int = 1) -> list[int]:
    """Note that messages about an incident could not be sent."""
    with desk.session(), transaction() as session:
        whom = {"person": desk.id("sato"), "incident": desk.incident(number).id}
        why: dict[str, Any] = {
            "policy": "usual",
            "step": "climb",
            "kind_of_clock": "resolution",
            "amount": 75,
        }
        rows = [
            outbox.queue(
                session, "rule", now=at("13:00"), due="2026-11-26T03:00:00Z", **whom, **why
            )
            for _n in range(times)
        ]
        session.flush()
        for row in rows:
            row.error, row.tries, row.waits_until = error, 2, at("13:50")
            row.bundle_at = row.held_for = None
        return [row.id for row in rows]


def test_the_board_says_what_fired_whom_it_told_and_who_has_it(desk: Desk, clock: Clock) -> None:
    """E1, E6: each round, with who was told; who took responsibility stands at all of them."""
    climbing(desk, clock)
    said = words(desk.visit("ito").get("/rules/today"))
    assert "Fired today 2" in said
    assert "climb usual 2 1 1" in said  # fired, incidents, taken
    second = "Today 13:30 INC-00000001 No network climb usual time 2 Sato Yui Ueda Rin, Today 13:35"
    assert second in said.replace("Rin ,", "Rin,")
    first = "Today 12:00 INC-00000001 No network climb usual Ito Ren Ueda Rin, Today 13:35"
    assert first in said.replace("Rin ,", "Rin,")


@pytest.mark.backends("sqlite")
def test_what_fired_yesterday_is_not_today(desk: Desk, clock: Clock) -> None:
    """The day is the desk's: it ends at midnight there."""
    climbing(desk, clock)
    clock.now = at("23:59")
    assert "Fired today 2" in words(desk.visit("ueda").get("/rules/today"))
    clock.now = at("Fri 00:00")
    assert "No rule has fired today" in words(desk.visit("ueda").get("/rules/today"))


def test_the_list_can_be_of_one_rule(desk: Desk, clock: Clock) -> None:
    """Every figure leads to what is behind it."""
    climbing(desk, clock, NIGHT)
    desk.log(when="11:00")
    sweep(desk, "13:31")
    with desk.session() as session:
        person = session.get_one(Person, desk.id("ueda"))
        zone, now = "Asia/Tokyo", at("13:40")
        rows, _more = today.fired(session, person, zone, now, ("usual", "night"), None)
        counts = today.overview(session, zone, now).counts
        assert {row.step for row in rows} == {"night"}
        assert len(rows) == next(it.fired for it in counts if it.step == "night")
    page = desk.visit("ueda").get("/rules/today?policy=usual&step=night")
    assert "Fired today by night" in words(page)


def test_what_is_next_due_is_said_as_a_rule_or_in_words(desk: Desk, clock: Clock) -> None:
    """E2: `next_step` with its policy and step, or with what comes without a rule."""
    climbing(desk, clock)
    n = desk.log(when="13:00", service="printing")
    desk.do(commands.take, n, by="ito", when="13:05")
    desk.do(commands.hold, n, "change", by="ito", when="13:10", until=at("15:00"))
    desk.log(when="13:00", impact=1, urgency=1)
    said = words(desk.visit("ueda").get("/rules/today?show=next"))
    assert "Today 15:00 INC-00000002 No network The hold ends" in said
    assert "Today 16:00 INC-00000003 No network climb usual" in said


def test_what_fails_says_so(desk: Desk, clock: Clock) -> None:
    """E2: what is overdue, and what failed, is counted, and says when it is tried again."""
    n = climbing(desk, clock)
    desk.log(when="09:00", impact=1, urgency=1)
    with desk.session(), transaction() as session:
        row = session.scalars(sa.select(NextStep)).one()
        row.failures, row.not_before = 3, at("13:45")
    said = words(desk.visit("ueda").get("/rules/today?show=next"))
    assert "Due, and not done yet 1 1 failed" in said
    assert "failed 3 times tried again Today 13:45" in said
    assert n == 1


def test_what_could_not_be_sent_is_sent_again(desk: Desk, clock: Clock) -> None:
    """E5: with the reason and the next try; a manager has it sent at once."""
    n = climbing(desk, clock)
    one, two = fail(desk, n, times=2)
    with desk.session(), transaction() as session:
        session.get_one(Notification, two).failed_at = at("13:20")
    ueda = desk.visit("ueda")
    said = words(ueda.get("/rules/today?show=unsent"))
    assert "Could not be sent 2 1 given up" in said
    assert "Warning by a rule Sato Yui INC-00000001 No network mailbox full 2 tries" in said
    assert "Given up Send again" in said
    assert ueda.post("/rules/messages/again", message=str(one)).status_code == 303
    with desk.session() as session:
        rows = [session.get_one(Notification, id) for id in (one, two)]
        assert [row.waits_until for row in rows] == [at("13:40"), at("13:50")]
    assert ueda.post("/rules/messages/again").status_code == 303
    with desk.session() as session:
        assert session.get_one(Notification, two).failed_at is None


@pytest.mark.backends("sqlite")
def test_agents_look_and_managers_send(desk: Desk, clock: Clock) -> None:
    """§9: who keeps the rules sends again; partners and employees see nothing of it."""
    fail(desk, climbing(desk, clock))
    ito = desk.visit("ito")
    assert "Send again" not in words(ito.get(BOXES[2]))
    assert ito.post("/rules/messages/again").status_code == 404
    for who in ("emi", "kim"):
        assert {desk.visit(who).get(box).status_code for box in BOXES} == {404}


@pytest.mark.backends("sqlite")
def test_of_what_one_may_not_see_the_number_stands_alone(desk: Desk, clock: Clock) -> None:
    """§9: the same rule of sight as everywhere: no title, no link."""
    give_policy(desk, CLIMB, service="internet")
    n = desk.log(when="09:00", impact=1, urgency=1, confidential=True, title="Salary of Emi")
    sweep(desk, "12:00")
    clock.now = at("12:10")
    fail(desk, n)
    for who, sees in (("sato", True), ("ueda", False), ("root", False)):
        page = desk.visit(who)
        for box in BOXES[:3]:
            text = page.get(box).text.partition("<main")[2]
            assert "INC-00000001" in text
            assert ("Salary" in text) == sees
            assert ("/incidents/INC-00000001" in text) == sees


@pytest.mark.backends("sqlite")
def test_a_desk_that_does_nothing_by_itself_says_so(desk: Desk, clock: Clock) -> None:
    """E2: without sweeps nothing fires; the board warns after five minutes."""
    with desk.session():
        ueda = desk.visit("ueda")
        assert "Rules were looked at: Never." in words(ueda.get("/rules/today"))
        pulse.beat("sweep", clock.now)
        pulse.beat("mail", clock.now)
        assert "start flask desk serve" not in words(ueda.get("/rules/today"))
        clock.advance(minutes=6)
        assert words(ueda.get("/rules/today")).count("start flask desk serve") == 2


def test_lists_go_by_cursor_and_cost_the_same(desk: Desk, clock: Clock) -> None:
    """The number of queries does not depend on rows; no row is shown twice or left out."""
    n = climbing(desk, clock)
    fail(desk, n)
    desk.log(when="09:00", impact=1, urgency=1)
    ueda = desk.visit("ueda")
    few = [queries_of(desk, ueda, box) for box in BOXES]
    fail(desk, n, times=2 * today.SIZE)
    fire(desk, n, 2 * today.SIZE)
    assert [queries_of(desk, ueda, box) for box in BOXES] == few
    with desk.session() as session:
        person = session.get_one(Person, desk.id("ueda"))
        seen, after = [], None
        while True:
            rows, after = today.fired(session, person, "Asia/Tokyo", at("13:40"), None, after)
            seen += [(row.at, row.step) for row in rows]
            if after is None:
                break
    assert len(seen) == len(set(seen)) == 2 * today.SIZE + 2
    assert seen == sorted(seen, key=lambda row: row[0], reverse=True)


def queries_of(desk: Desk, visitor: Visitor, page: str) -> int:
    visitor.get(page)
    with counted(desk) as statements:
        assert visitor.get(page).status_code == 200
    return len(statements)


def fire(desk: Desk, number: int, times: int) -> None:
    """Write firings as if many rules had come today."""
    desk.tampered = True  # no journal says so
    with desk.session(), transaction() as session:
        session.add_all(
            Firing(
                incident_id=desk.incident(number).id,
                policy="usual",
                step=f"step-{n}",
                cycle="0",
                due_at=at("09:00"),
                fired_at=at("09:00") + timedelta(minutes=n // 3),
                told=[desk.id("sato")],
            )
            for n in range(times)
        )
