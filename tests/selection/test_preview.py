"""What would happen to each of many, by the same rules that doing it goes by."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.errors import BadInput
from servicedesk.escalation import commands as escalation
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents.commands import hold, prioritise, resolve, take
from servicedesk.incidents.models import Incident
from servicedesk.people.models import Person
from servicedesk.selection.deeds import Wanted, meant
from servicedesk.selection.preview import Preview, chosen, preview
from servicedesk.setup.snapshot import directory
from tests.cast import Desk, at
from tests.support.statements import counted

TO_NETWORK = Wanted("hand_off", to="network", note="Please look", reason="skill")


def tried(
    desk: Desk, wanted: Wanted, *numbers: int, by: str = "ito", when: str = "15:00"
) -> Preview:
    with desk.session() as session, desk.app.test_request_context():
        setup = directory(session)
        person = session.scalars(sa.select(Person).where(Person.key == by)).one()
        found = chosen(session, person, numbers)
        return preview(session, person, found, meant(session, setup, wanted), setup, at(when))


def outcomes(found: Preview) -> list[str]:
    return [line.outcome.kind for line in found.lines]


def bounced(desk: Desk, **how: Any) -> int:
    """An incident that came back to the network team once: the next return would be guarded."""
    n = desk.log(**how)
    desk.do(hand_off, n, "network", note="Please", by="ito", when="09:10")
    desk.do(hand_off, n, "desk", note="Not ours", by="abe", when="09:20")
    return n


def test_each_says_whether_it_goes_and_if_not_why(desk: Desk) -> None:
    """H2: an ended one, one that is there already, and one that can go."""
    goes, there, ended = desk.log(), desk.log(), desk.log()
    desk.do(hand_off, there, "network", note="Please look", by="ito", when="10:00")
    desk.do(resolve, ended, "solved", "It is", by="ito", when="10:00")
    found = tried(desk, TO_NETWORK, goes, there, ended)
    assert outcomes(found) == ["goes", "already", "refused"]
    assert "Resolved" in found.lines[2].outcome.why
    assert found.counts == {"goes": 1, "already": 1, "refused": 1}
    assert [line.incident.number for line in found.to_do] == [goes]


def test_a_preview_changes_nothing(desk: Desk) -> None:
    numbers = [desk.log() for _ in range(3)]
    before = [(desk.incident(n).version, desk.kinds(n)) for n in numbers]
    tried(desk, TO_NETWORK, *numbers)
    tried(desk, Wanted("take"), *numbers)
    assert [(desk.incident(n).version, desk.kinds(n)) for n in numbers] == before


def test_what_would_come_back_again_asks_the_lead_but_a_p1_never(desk: Desk) -> None:
    """H5: from the second return on the lead decides; a P1 is never blocked."""
    first, urgent, fresh = bounced(desk), bounced(desk), desk.log()
    desk.do(prioritise, urgent, 1, 1, reason="All of it", by="sato", when="09:30")
    found = tried(desk, TO_NETWORK, first, urgent, fresh)
    assert outcomes(found) == ["asks", "goes", "goes"]
    assert outcomes(tried(desk, TO_NETWORK, first, by="sato")) == ["goes"]  # the lead decides


def test_what_one_may_not_see_is_not_there(desk: Desk) -> None:
    """§9: of a confidential one not even that it was chosen is said."""
    secret, plain = desk.log(service="payroll"), desk.log()
    assert outcomes(tried(desk, Wanted("take"), secret, plain, 999, by="mori")) == ["goes"]
    assert outcomes(tried(desk, Wanted("take"), secret, plain, by="ueda")) == []


def test_a_contract_that_does_not_hold_that_day_refuses_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H2: a partner takes nothing outside its contract's days."""
    numbers = [desk.log(), desk.log()]
    monkeypatch.setattr("servicedesk.setup.directory.Party.takes", lambda self, day: False)
    found = tried(desk, Wanted("hand_off", to="netone", note="Please"), *numbers)
    assert outcomes(found) == ["refused", "refused"]
    assert "contract" in found.lines[0].outcome.why


def test_taking_says_what_is_ones_own_already(desk: Desk) -> None:
    mine, free = desk.log(), desk.log()
    desk.do(take, mine, by="ito", when="09:10")
    assert outcomes(tried(desk, Wanted("take"), mine, free)) == ["already", "goes"]


def test_what_a_partner_has_cannot_be_taken(desk: Desk) -> None:
    """H4: it is recalled first; the page of one incident offers no taking either."""
    n = desk.log()
    desk.do(hand_off, n, "netone", note="Please look", by="ito", when="10:00")
    found = tried(desk, Wanted("take"), n)
    assert outcomes(found) == ["refused"]
    assert found.lines[0].outcome.why == "NetOne Inc. has this incident: recall it first."


def test_only_who_is_in_the_group_that_has_it_can_be_assigned(desk: Desk) -> None:
    here, there = desk.log(), desk.log()
    desk.do(hand_off, there, "network", note="Please look", by="ito", when="10:00")
    found = tried(desk, Wanted("assign", person=desk.id("sato")), here, there)
    assert outcomes(found) == ["goes", "refused"]
    assert "Network team" in found.lines[1].outcome.why
    assert outcomes(tried(desk, Wanted("assign"), here, there)) == ["already", "already"]


def test_nudging_needs_somebody_who_is_asked_and_is_for_once_a_day(desk: Desk) -> None:
    """H2, 催促: once in a working day of the receiver's."""
    idle, asked, pressed = desk.log(), desk.log(), desk.log()
    for n in (asked, pressed):
        desk.do(hand_off, n, "network", note="Please look", by="ito", when="10:00")
    desk.do(escalation.nudge, pressed, 1, by="ito", when="14:00")
    assert outcomes(tried(desk, Wanted("nudge"), idle, asked, pressed)) == [
        "refused", "goes", "refused",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (Wanted("hand_off", to="nowhere", note="x"), "choose a group"),
        (Wanted("hand_off", to="network", note=" "), "what you tried"),
        (Wanted("hand_off", to="network", note="x", reason="boredom"), "choose a reason"),
        (Wanted("assign", person=999), "somebody of the desk"),
    ],
)
def test_what_says_too_little_is_refused_before_any_of_them(
    desk: Desk, wanted: Wanted, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        tried(desk, wanted, desk.log())


def test_a_hold_for_the_requester_does_not_keep_it_here(desk: Desk) -> None:
    """H1: the group that it is given to holds it from the hold's end on."""
    n = desk.log()
    desk.do(hold, n, "requester", question="Which room?", by="ito", when="10:00")
    assert outcomes(tried(desk, TO_NETWORK, n)) == ["goes"]


@pytest.mark.backends("sqlite")
def test_the_number_of_queries_does_not_depend_on_how_many_are_chosen(desk: Desk) -> None:
    numbers = [bounced(desk) for _ in range(6)]
    counts = []
    for some in (numbers[:1], numbers):
        with counted(desk) as statements:
            tried(desk, TO_NETWORK, *some)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_versions_are_those_that_were_looked_at(desk: Desk) -> None:
    n = desk.log()
    found = tried(desk, TO_NETWORK, n)
    assert [line.version for line in found.lines] == [desk.incident(n).version]
    with desk.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Incident)) == 1
