"""An alternative set-up: the same ids, other terms, and events as they read under it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from servicedesk.event import Event
from servicedesk.incidents.priority import USUAL
from servicedesk.setup.directory import Directory
from servicedesk.sla.agreement import Agreement
from servicedesk.sla.calendar import Calendar
from servicedesk.whatif.alternative import Alternative, Changes, alternative
from tests.cast import at
from tests.incidents.told import ALWAYS, GROUP, OFFICE, ROUND, STANDARD
from tests.whatif.judged import terms, whole

INTERNET, PRINTING = 1, 2  # ids of services
STANDARD_ID, ROUND_ID = 1, 2


def event(kind: str = "incident.logged", **data: Any) -> Event:
    usual = {"service": INTERNET, "agreement": STANDARD_ID, "impact": 2, "urgency": 2,
             "priority": "P3"}  # fmt: skip
    return Event(1, kind, at("09:00"), data={**usual, **data})


def other(changes: Changes, setup: Directory | None = None) -> Alternative:
    return alternative(setup or whole(), changes)


def test_what_is_not_named_stays_as_it_is_history_included() -> None:
    """C7, C8: versions of what the alternative does not name hold as they did."""
    setup = whole()
    office = Calendar([OFFICE, replace(ALWAYS, valid_from=at("Mon 00:00"))])
    setup = replace(setup, calendars={**setup.calendars, "office": office})
    found = other(Changes(agreements={"standard": terms(pauses=[])}), setup).setup
    assert found.calendars["office"] is office
    assert found.parties == setup.parties
    assert found.agreements[ROUND_ID] is setup.agreements[ROUND_ID]
    assert found.services[PRINTING] == setup.services[PRINTING]


def test_what_is_named_has_one_version_from_the_beginning_of_time() -> None:
    """C7, C8: calendars and agreements of an alternative have no history."""
    setup = whole()
    later = replace(terms(ROUND), valid_from=at("Mon 00:00"), number=2)
    versions = (terms(), later)
    setup = replace(
        setup, agreements={**setup.agreements, STANDARD_ID: Agreement(1, "standard", versions)}
    )
    found = other(Changes(agreements={"standard": terms(ROUND)}, calendars={"office": ALWAYS}),
                  setup).setup  # fmt: skip
    assert found.agreements[STANDARD_ID].versions == (terms(ROUND),)
    assert found.services[INTERNET].agreement is found.agreements[STANDARD_ID]
    assert found.calendars["office"].versions == (ALWAYS,)


def test_ids_stay_and_a_new_agreement_gets_one_of_its_own() -> None:
    setup = whole()
    found = other(Changes(agreements={"gold": terms()}, services={"internet": "gold"}), setup)
    new = set(found.setup.agreements) - set(setup.agreements)
    assert len(new) == 1
    assert found.services == {INTERNET: next(iter(new))}
    assert found.setup.services[INTERNET].agreement.key == "gold"
    assert found.setup.services.keys() == setup.services.keys()
    assert found.setup.parties.keys() == setup.parties.keys()


def test_an_agreement_with_users_is_not_taken_for_a_groups_of_the_same_key() -> None:
    found = other(Changes(agreements={"desk": terms()}, groups={"network": terms(GROUP)}))
    desk = found.setup.party("group:1").agreement
    assert desk is found.present.party("group:1").agreement
    assert [one.key for one in found.setup.agreements.values()].count("desk") == 2


def test_keys_that_the_desk_does_not_know_are_unused() -> None:
    setup = whole()
    changes = Changes(groups={"moon": terms(GROUP)}, partners={"desk": terms(GROUP)},
                      services={"internet": "nowhere", "moon": "standard"})  # fmt: skip
    found = other(changes, setup)
    assert found.setup == setup
    assert found.services == {}


def test_the_same_said_again_is_the_same_object() -> None:
    """C6: so that nothing is judged twice that is the same both ways."""
    setup = whole()
    changes = Changes(
        calendars={"office": replace(OFFICE)}, agreements={"standard": terms()},
        groups={"desk": terms(GROUP)}, services={"internet": "standard"},
    )  # fmt: skip
    found = other(changes, setup)
    assert found.setup.calendars["office"] is setup.calendars["office"]
    assert found.leaves_alone([event()], ["group:1", "group:2", "partner:1"])


@pytest.mark.parametrize(
    ("changes", "parties"),
    [
        (Changes(agreements={"standard": terms(pauses=[])}), ()),
        (Changes(calendars={"office": ALWAYS}), ()),
        (Changes(groups={"desk": terms(ROUND)}), ("group:1",)),
    ],
)
def test_whatever_an_incident_is_judged_by_is_looked_at(
    changes: Changes, parties: tuple[str, ...]
) -> None:
    assert not other(changes).leaves_alone([event()], parties)


def test_a_party_that_never_had_it_does_not_matter() -> None:
    found = other(Changes(groups={"desk": terms(ROUND)}))
    assert found.leaves_alone([event()], ["group:2"])


@pytest.mark.parametrize("kind", ["incident.logged", "incident.reclassified"])
def test_events_name_the_agreement_that_the_service_has_in_the_alternative(kind: str) -> None:
    """C8: whatever agreement it was logged under."""
    found = other(Changes(agreements={"round": terms(ROUND)}, services={"internet": "round"}))
    assert found.told(event(kind)).data["agreement"] == ROUND_ID
    assert found.told(event(kind, service=PRINTING, agreement=9)).data["agreement"] == 9


@pytest.mark.parametrize("kind", ["incident.logged", "incident.prioritised"])
def test_events_name_the_priority_of_the_alternatives_matrix(kind: str) -> None:
    """C9: by impact and urgency; without a matrix it is what it was, by whatever matrix."""
    found = other(Changes(priorities={**USUAL, "2,2": "P1"}))
    assert found.told(event(kind)).data["priority"] == "P1"
    assert found.told(event(kind, impact=3, priority="P1")).data["priority"] == "P4"
    assert other(Changes()).told(event(kind, priority="P5")).data["priority"] == "P5"


def test_an_event_that_says_nothing_of_it_is_the_same_object() -> None:
    found = other(Changes(priorities=USUAL, agreements={"standard": terms(STANDARD)}))
    for one in (event(), event("comment.added"), Event(2, "incident.closed", at("10:00"))):
        assert found.told(one) is one
