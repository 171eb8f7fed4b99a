"""What a page tries out, as it stands in its address."""

from __future__ import annotations

import pytest

from servicedesk.sla.agreement import Target
from servicedesk.whatif import choices
from servicedesk.whatif.alternative import alternative
from servicedesk.whatif.choices import Choice
from tests.whatif.judged import whole

SETUP = whole()


def read(**said: str) -> Choice:
    return choices.read({name.replace("_", "-"): text for name, text in said.items()}, SETUP)


def test_another_agreement_for_a_service_leaves_its_other_services_alone() -> None:
    choice = read(**{"try": "service"}, service="internet", of="sla:round", compare="1")
    assert choice.ready
    found = alternative(SETUP, choice.changes())
    internet, printing = (found.setup.services_by_key[key] for key in ("internet", "printing"))
    assert internet.agreement.versions[0].calendar == "always"
    assert internet.agreement.id not in SETUP.agreements
    assert printing == SETUP.services_by_key["printing"]


@pytest.mark.parametrize("of", ["sla:standard", "group:desk", "partner:netone"])
def test_another_calendar_is_for_agreements_of_every_kind(of: str) -> None:
    choice = read(**{"try": "calendar"}, of=of, calendar="always", compare="1")
    assert choice.ready
    changes = choice.changes()
    said = {**changes.agreements, **changes.groups, **changes.partners}
    assert [terms.calendar for terms in said.values()] == ["always"]


def test_targets_are_todays_but_for_what_is_typed() -> None:
    """C1: minutes or working days, in full width too; `-`, or nothing, is no target."""
    choice = read(
        **{"try": "targets"}, of="sla:standard", compare="1",
        P1_response="２０", P3_resolution="3D", P5_response="-", P2_response="",
    )  # fmt: skip
    assert choice.ready
    targets = choice.changes().agreements["standard"].targets
    assert targets["P1"] == {"response": Target(minutes=20), "resolution": Target(minutes=240)}
    assert targets["P3"]["resolution"] == Target(days=3)
    assert targets["P2"] == {"resolution": Target(minutes=480)}
    assert targets["P5"] == targets["P4"] == {}
    assert ("P3", "resolution") in [cell for cell, _now, _then in choice.changed]
    assert len(choice.changed) == 4


@pytest.mark.parametrize("text", ["x", "0", "2.5", "-3", "2d3", "9999999", "1h", "99999d"])
def test_what_is_no_target_is_told_beside_its_field(text: str) -> None:
    choice = read(**{"try": "targets"}, of="sla:standard", compare="1", P1_response=text)
    assert list(choice.errors) == [("P1", "response")]
    assert not choice.ready
    assert choice.cell(("P1", "response")) == text


def test_an_address_says_all_of_it_again() -> None:
    first = read(**{"try": "targets"}, of="group:desk", compare="1", P1_answer="-", P2_holding="1d")
    again = choices.read(first.address(), SETUP)
    assert again.address() == first.address()
    assert again.changes() == first.changes()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"try": "moon"},
        {"try": "service", "service": "moon", "of": "sla:standard"},
        {"try": "service", "service": "internet", "of": "group:desk"},
        {"try": "calendar", "of": "sla:moon", "calendar": "always"},
        {"try": "calendar", "of": "sla:standard", "calendar": "moon"},
    ],
)
def test_what_the_desk_does_not_know_is_not_chosen(said: dict[str, str]) -> None:
    choice = choices.read({**said, "compare": "1"}, SETUP)
    assert not choice.ready
    assert choice.asked
