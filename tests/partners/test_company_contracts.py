"""Partners outside of their contract's days, and their own tickets."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from servicedesk.errors import Refused
from servicedesk.escalation import commands
from servicedesk.escalation.path import next_step
from servicedesk.incidents import search
from servicedesk.incidents.models import Incident
from servicedesk.people.models import Person
from servicedesk.setup import contracts
from servicedesk.setup.load import load_text
from tests.administration.filling import words
from tests.cast import DESK, Desk, at, page_of
from tests.escalation import ruled
from tests.support.clock import Clock

VALID = "members: [kim], valid: {%s},"
CLIMB = "{key: climb, when: {clock: resolution, at: 50}, tell: [assignee], hand_off: %s}"


def hold_for(desk: Desk, days: str) -> None:
    """Let NetOne's contract hold on these days alone."""
    with desk.session():
        text = DESK.replace("members: [kim],", VALID % days)
        load_text(text, "desk.yaml", now=at("2026-04-01 10:00"))


# The days of a contract


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("days", "when", "takes"),
    [
        ("from: 2026-11-26", "09:30", True),
        ("from: 2026-11-27", "23:59", False),
        ("from: 2026-11-27", "Fri 00:00", True),
        ("to: 2026-11-26", "23:59", True),
        ("to: 2026-11-26", "Fri 00:00", False),
        ("from: 2026-11-26, to: 2026-11-26", "12:00", True),
    ],
)
def test_a_contract_holds_on_both_of_its_days_in_the_desk_s_zone(
    desk: Desk, days: str, when: str, takes: bool
) -> None:
    """H2: outside of them nothing is handed to the company."""
    hold_for(desk, days)
    setup = desk.setup()
    assert setup.receives(desk.ref("netone"), at(when)) is takes


@pytest.mark.backends("sqlite")
def test_a_hand_off_outside_of_the_contract_is_refused(desk: Desk) -> None:
    hold_for(desk, "to: 2026-11-25")
    n = desk.log()
    with pytest.raises(Refused, match="does not hold today"):
        desk.do(commands.hand_off, n, "netone", note="Please look", by="ito", when="10:00")
    assert desk.holders(n) == ["desk"]


@pytest.mark.backends("sqlite")
def test_what_a_partner_has_when_its_contract_ends_stays_with_it(desk: Desk) -> None:
    n = desk.log()
    desk.do(commands.hand_off, n, "netone", note="Please look", by="ito", when="10:00")
    hold_for(desk, "to: 2026-11-25")
    desk.do(commands.answer, n, 1, "Done", by="kim", when="11:00")
    assert desk.kinds(n)[-1] != "handoff.sent"
    assert desk.handoff(n).state == "answered"


@pytest.mark.backends("sqlite")
def test_the_dialog_does_not_offer_it_and_says_why(desk: Desk, clock: Clock) -> None:
    hold_for(desk, "from: 2026-11-27")
    n = desk.log(when="14:00")
    desk.do(commands.hand_off, n, "network", note="Please look", by="ito", when="14:01")
    page = desk.visit("abe").get(page_of(n, "hand-off"))
    assert 'value="netone"' not in page.text
    assert "the contract does not hold today: NetOne Inc." in words(page)
    hold_for(desk, "from: 2026-11-26")
    assert 'value="netone"' in desk.visit("abe").get(page_of(n, "hand-off")).text


@pytest.mark.parametrize(
    ("holder", "closed", "following"),
    [
        ("desk", (), "network"),
        ("desk", ("network",), "netone"),
        ("desk", ("network", "netone"), None),
        ("netone", (), None),
        ("elsewhere", ("desk",), "network"),
    ],
)
def test_the_next_step_of_the_path_passes_over_who_takes_nothing(
    holder: str, closed: tuple[str, ...], following: str | None
) -> None:
    """H3: the next that can take it is offered."""
    path = ("desk", "network", "netone")
    assert next_step(path, holder, lambda ref: ref not in closed) == following


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("to", ["next", "netone"])
def test_a_rule_that_would_hand_off_to_it_tells_the_holder_s_lead_and_notes_it(
    desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    """E1: as at the end of the path; the incident stays, and its page says why."""
    ended = ruled.MEN.replace("members: [kim],", VALID % "to: 2026-11-25")
    monkeypatch.setattr(ruled, "MEN", ended)
    ruled.give_policy(desk, CLIMB % to)
    n = desk.log(when="09:00", impact=1, urgency=1)
    desk.do(commands.hand_off, n, "network", note="Please look", by="ito", when="09:10")
    ruled.sweep(desk, "12:00")
    assert [step for step, _due in ruled.fired(desk, n)] == ["climb"]
    assert desk.holders(n) == ["desk", "network"]
    assert "abe" in ruled.told(desk, n)
    event = next(event for event in desk.events(n) if event.kind == "step.fired")
    assert event.data["closed"] == [desk.ref("netone")]
    page = desk.visit("sato").get(page_of(n) + "?show=all").text
    assert "outside of the contract: NetOne Inc." in page


@pytest.mark.backends("sqlite")
def test_contracts_that_end_are_listed_from_60_days_ahead(desk: Desk) -> None:
    hold_for(desk, "to: 2027-01-25")
    parties = desk.setup().parties.values()
    assert [it.days for it in contracts.ending(parties, date(2026, 11, 26))] == [60]
    assert contracts.ending(parties, date(2026, 11, 25)) == []
    assert [it.days for it in contracts.ending(parties, date(2027, 1, 27))] == [-2]


@pytest.mark.backends("sqlite")
def test_managers_and_administrators_are_told_of_it(desk: Desk, clock: Clock) -> None:
    hold_for(desk, "to: 2026-12-01")
    assert "The contract with NetOne Inc. ends in 5 days." in words(
        desk.visit("ueda").get("/board")
    )
    assert "1 contract ends" in words(desk.visit("root").get("/admin/"))
    assert "contract with" not in words(desk.visit("ito").get("/board"))


# H7: own tickets


def found(desk: Desk, text: str, who: str) -> list[int]:
    with desk.session() as session:
        person = session.scalars(sa.select(Person).where(Person.key == who)).one()
        query = sa.select(Incident.number).where(search.found(text, person))
        return list(session.scalars(query))


@pytest.fixture
def ticketed(desk: Desk, clock: Clock) -> list[int]:
    """Three that NetOne has, with tickets of its own; one that PrintCo has."""
    numbers = [desk.log(when=f"09:0{n}", title=f"Case {n}") for n in range(3)]
    for n, ticket in zip(numbers, ("NET-4711/2", "10023456", "チケット77"), strict=True):
        desk.do(commands.hand_off, n, "netone", note="Please look", by="ito", when="10:00")
        desk.do(commands.note_ticket, n, 1, ticket, by="kim", when="10:10")
    other = desk.log(when="09:30", service="printing", title="Case other")
    desk.do(commands.hand_off, other, "printco", note="Please look", by="ito", when="10:00")
    desk.do(commands.note_ticket, other, 1, "NET-4711/2", by="park", when="10:10")
    return [*numbers, other]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("NET-4711/2", [0, 3]),
        ("net-4711", [0, 3]),
        ("10023456", [1]),
        ("チケット77", [2]),
        ("NET-4712", []),
    ],
)
def test_the_desk_finds_an_incident_by_a_partner_s_ticket(
    desk: Desk, ticketed: list[int], text: str, places: list[int]
) -> None:
    """H7: the partner's own ticket number is searchable, though it looks like a number of ours."""
    assert found(desk, text, "ito") == [ticketed[place] for place in places]
    assert found(desk, text, "emi") == []


@pytest.mark.parametrize(
    ("text", "place"), [("NET-4711/2", 0), ("4711", 0), ("10023456", 1), ("77", 2), ("case", 2)]
)
def test_a_partner_finds_its_own_hand_offs_in_its_inbox(
    desk: Desk, ticketed: list[int], text: str, place: int
) -> None:
    """H7, H8: by number, title and own ticket, and nothing that another company has."""
    page = desk.visit("kim").get("/inbox", query_string={"q": text})
    assert f"Case {place}" in page.text
    assert "Case other" not in page.text


@pytest.mark.backends("sqlite")
def test_what_was_found_stands_in_its_box(desk: Desk, ticketed: list[int]) -> None:
    desk.do(commands.accept, ticketed[0], 1, by="kim", when="10:20")
    said = words(desk.visit("kim").get("/inbox?q=4711"))
    assert "To accept 0 In work 1 Answered and ended 0" in said
    assert "Case 0" in said
    assert "Nothing has these words" in words(desk.visit("park").get("/inbox?q=10023456"))


def test_a_number_finds_what_was_handed_to_us_alone(desk: Desk, ticketed: list[int]) -> None:
    kim = desk.visit("kim")
    assert "Case 1" in kim.get(f"/inbox?q=INC-{ticketed[1]}").text
    assert "Case other" not in kim.get(f"/inbox?q=INC-{ticketed[3]}").text


@pytest.mark.backends("sqlite")
def test_the_ticket_is_kept_without_a_script(desk: Desk, ticketed: list[int]) -> None:
    """H7: a plain form on the sheet; it shows there and in the inbox."""
    kim, n = desk.visit("kim"), ticketed[0]
    place = f"/hand-offs/INC-{n:08d}/1"
    assert f'action="{place}/ticket"' in kim.get(place).text
    assert kim.post(f"{place}/ticket", ticket="NEW-1").status_code == 303
    assert "NEW-1" in kim.get(place).text
    assert "NEW-1" in words(kim.get("/inbox"))
    assert found(desk, "NEW-1", "ito") == [n]
    assert found(desk, "NET-4711/2", "ito") == [ticketed[3]]
