"""A call as it is taken: the number first, the rest while talking."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from servicedesk.errors import BadInput, NotAllowed, Refused, Stale
from servicedesk.incidents import commands, intake
from servicedesk.incidents.acts import Due
from servicedesk.incidents.intake import Said
from tests.cast import Desk, at

SAID = Said(title="No sound", description="Since noon", service="printing", impact=2, urgency=1)


def begin(desk: Desk, caller: str = "emi", by: str = "ito", when: str = "09:00", **how: str) -> int:
    return desk.call(intake.begin, by=by, when=when, caller=desk.id(caller), **how)


def fill(desk: Desk, n: int, said: Said, by: str = "ito", when: str = "09:05", **how: Any) -> None:
    desk.do(intake.fill_in, n, said, by=by, when=when, **how)


def test_a_call_has_its_number_before_anything_is_known(desk: Desk) -> None:
    """C13: logging a call while talking is a response; clocks start at the call."""
    n = begin(desk)
    incident = desk.incident(n)
    assert (incident.title, incident.channel, incident.requester.key) == (
        "(call under way)",
        "phone",
        "emi",
    )
    assert incident.logged_at == incident.first_response_at == at("09:00")
    assert incident.department == "Sales"


def test_a_mail_noted_by_the_desk_is_no_response(desk: Desk) -> None:
    """C13: only talking is."""
    assert desk.incident(begin(desk, channel="mail")).first_response_at is None


def test_until_it_is_known_a_call_is_of_a_service_of_ones_own_group(desk: Desk) -> None:
    n = begin(desk)
    assert desk.setup().services[desk.incident(n).service_id].key == "internet"
    assert desk.incident(n).given_to == desk.ref("desk")
    assert not desk.incident(n).confidential


def test_filling_in_says_everything_at_once(desk: Desk) -> None:
    n = begin(desk)
    fill(desk, n, SAID)
    incident = desk.incident(n)
    assert (incident.title, incident.description) == ("No sound", "Since noon")
    assert (incident.priority, incident.impact, incident.urgency) == ("P2", 2, 1)
    assert desk.setup().services[incident.service_id].key == "printing"
    assert desk.kinds(n) == [
        "incident.logged",
        "incident.described",
        "incident.prioritised",
        "incident.reclassified",
    ]
    assert desk.clock(n, "resolution").started_at == at("09:00")  # C9: from the call on


def test_a_call_is_kept_as_far_as_it_goes(desk: Desk) -> None:
    n = begin(desk)
    fill(desk, n, Said(description="Something with the sound"), in_full=False)
    assert desk.incident(n).title == "(call under way)"
    fill(desk, n, SAID, when="09:10")
    assert desk.incident(n).title == "No sound"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said(service="printing"), "in a few words"),
        (Said(title="No sound"), "choose a service"),
        (Said(title="No sound", service="coffee"), "choose a service"),
    ],
)
def test_at_the_end_nothing_that_is_needed_is_missing(desk: Desk, said: Said, why: str) -> None:
    n = begin(desk)
    with pytest.raises(BadInput, match=why):
        fill(desk, n, said)
    assert desk.kinds(n) == ["incident.logged"]


def test_nothing_new_is_no_event(desk: Desk) -> None:
    n = begin(desk)
    fill(desk, n, SAID)
    before = desk.kinds(n)
    fill(desk, n, SAID, when="09:10")
    assert desk.kinds(n) == before


def test_the_caller_s_wish_is_the_first_wish(desk: Desk) -> None:
    """D3: a first wish needs no confirmation; a later one by the desk does."""
    n = begin(desk)
    fill(desk, n, Said(**{**SAID.__dict__, "wish": Due(day=date(2026, 11, 27))}))
    assert desk.incident(n).requested_day == date(2026, 11, 27)
    fill(desk, n, Said(**{**SAID.__dict__, "wish": Due(day=date(2026, 11, 30))}), when="09:10")
    assert desk.incident(n).requested_day == date(2026, 11, 27)


def test_taking_it_at_once(desk: Desk) -> None:
    n = begin(desk)
    fill(desk, n, SAID, take=True)
    assert (desk.assignee(n), desk.incident(n).state) == ("ito", "in_progress")


def test_a_confidential_matter_is_for_named_people(desk: Desk) -> None:
    """§9: marked one by one: named people and the holder alone see title and texts."""
    n = begin(desk)
    fill(desk, n, Said(**{**SAID.__dict__, "confidential": True}))
    assert desk.incident(n).confidential
    assert desk.visit("mori").get(f"/incidents/INC-{n:08d}").status_code == 404
    assert desk.visit("ito").get(f"/incidents/INC-{n:08d}").status_code == 200
    fill(desk, n, SAID, when="09:10")
    assert not desk.incident(n).confidential


def test_a_confidential_service_makes_a_call_confidential(desk: Desk) -> None:
    """§9: or by service, also where it becomes one of it later."""
    n = begin(desk)
    fill(desk, n, Said(**{**SAID.__dict__, "service": "payroll"}))
    assert desk.incident(n).confidential
    other = desk.log()
    desk.do(commands.reclassify, other, "payroll", "request", by="ito", when="09:10")
    assert desk.incident(other).confidential


def test_a_call_is_filled_in_by_who_may_work_and_as_it_was_read(desk: Desk) -> None:
    n = begin(desk)
    version = desk.incident(n).version
    with pytest.raises(NotAllowed):
        fill(desk, n, SAID, by="ueda")
    fill(desk, n, SAID, version=version)
    with pytest.raises(Stale):
        fill(desk, n, Said(title="Other", service="printing"), version=version)


def test_what_is_closed_is_not_filled_in(desk: Desk) -> None:
    n = begin(desk)
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when="09:10")
    with pytest.raises(Refused):
        fill(desk, n, SAID, when="09:20")


@pytest.mark.parametrize("who", ["emi", "ueda", "kim", "root"])
def test_only_the_desk_takes_calls(desk: Desk, who: str) -> None:
    with pytest.raises(NotAllowed):
        begin(desk, caller="taro", by=who)


def test_a_caller_who_has_left_is_nobody(desk: Desk) -> None:
    with pytest.raises(BadInput):
        desk.call(intake.begin, by="ito", when="09:00", caller=4711)
    with pytest.raises(BadInput):
        begin(desk, channel="pigeon")
