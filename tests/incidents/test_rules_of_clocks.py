"""What the rules say of an incident's clocks and no other test asks: clause by clause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date
from typing import Any

import pytest

from servicedesk.escalation import handoffs
from servicedesk.incidents import acts
from servicedesk.setup.directory import Directory
from servicedesk.sla.agreement import Agreement, Terms, read_terms
from tests.cast import at
from tests.incidents.told import (
    ABE,
    DESK,
    EMI,
    GROUP,
    ITO,
    KIM,
    NETONE,
    NETWORK,
    OFFICE,
    ROUND,
    SATO,
    STANDARD,
    Told,
    day,
    directory,
    moment,
)

MINUTE, HOUR = 60, 3600
STRICT = {**STANDARD, "targets": {**STANDARD["targets"], "P3": {"response": 30, "resolution": 120}}}
LAX = {**STANDARD, "targets": {**STANDARD["targets"], "P3": {"response": 240, "resolution": 9600}}}


def since(definition: Mapping[str, Any], when: str, number: int = 2) -> Terms:
    """A version from an instant on."""
    return read_terms(definition, at(when).astimezone(UTC), number)


def versions(*later: tuple[Mapping[str, Any], str]) -> Directory:
    """The desk with later versions of the standard agreement."""
    new = (since(said, when, n) for n, (said, when) in enumerate(later, start=2))
    return directory(standard=(read_terms(STANDARD, None), *new))


def network_targets(*later: tuple[Mapping[str, Any], str]) -> Directory:
    """The desk with later versions of what the network team promises."""
    setup = directory()
    terms = (read_terms(GROUP, None), *(since(said, when) for said, when in later))
    network = replace(NETWORK, agreement=Agreement(4, "network", terms))
    return replace(setup, parties={**setup.parties, NETWORK.ref: network})


def apply(it: Told, when: str, agreement: int = 1, version: int = 2) -> None:
    """Apply an agreement's version."""
    it.at(when, by=SATO).record("agreement.applied", agreement=agreement, version=version)


def exclude(it: Told, start: str, end: str, *clocks: str, decided: str = "approved") -> None:
    """Ask for an exclusion, and decide."""
    said = {"start": at(start).isoformat(), "end": at(end).isoformat(), "clocks": list(clocks)}
    asked = it.at("Wed 17:00").record("exclusion.asked", **said)
    it.act.record(f"exclusion.{decided}", n=asked.seq)


# C1, C7: working days at each re-targeting


def test_days_are_turned_into_seconds_again_at_a_re_targeting() -> None:
    """C1, C9: from the original start, by what the calendar says by then."""
    friday_off = replace(
        OFFICE,
        days_off=OFFICE.days_off | {date(2026, 11, 27)},
        valid_from=at("Thu 12:00").astimezone(UTC),
    )
    it = Told("Thu 09:00", setup=directory(OFFICE, friday_off), impact=1, urgency=1)
    acts.prioritise(it.at("Thu 13:30"), 2, 2, reason="digest", lead=True)
    clock = it.clock("resolution", now="Thu 13:30")
    assert (clock.target, clock.due_at) == (24 * HOUR, at("Tue 18:00"))


# C4: what pauses what


@pytest.mark.parametrize("reason", ["requester", "change", "delivery", "approval", "other"])
@pytest.mark.parametrize("kind", ["response", "resolution", "acceptance", "answer", "holding"])
def test_what_a_hold_does_to_each_clock(kind: str, reason: str) -> None:
    """C4: the resolution pauses as agreed; an answer rests while the requester holds."""
    it = Told("Thu 09:00")  # its agreement names the requester
    it.hand(NETWORK, "Thu 09:10")
    acts.hold(it.at("Thu 09:20"), reason, at("2027-01-01 09:00"))
    asks = reason == "requester"
    paused = {"resolution": "paused", "answer": "paused", "holding": "met"}
    party = None if kind in ("response", "resolution") else NETWORK
    n = 1 if kind in ("acceptance", "answer") else None
    expected = paused.get(kind, "running") if asks else "running"
    assert it.clock(kind, party, n, now="Thu 09:25").state == expected


def test_an_answer_goes_on_with_what_is_left() -> None:
    """C4, C5: 240 minutes, 40 of them before the requester was asked."""
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 09:00")
    acts.hold(it.at("Thu 09:40"), "requester")
    assert it.clock("answer", NETWORK, 1, now="Thu 11:00").due_at is None
    acts.start(it.at("Thu 15:00"))
    assert it.clock("answer", NETWORK, 1, now="Thu 15:00").due_at == at("Fri 09:20")


def test_each_end_of_a_holding_stops_its_clock_there() -> None:
    """C4: met or breached, `stopped_at` is that end; the next holding resumes it."""
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 10:00")
    first = it.clock("holding", DESK, now="Thu 11:00")
    assert (first.state, first.stopped_at) == ("met", at("Thu 10:00"))
    handoffs.send_back(it.at("Thu 11:00", by=ABE), 1, "digest")
    again = it.clock("holding", DESK, now="Thu 11:30")
    assert (again.state, again.stopped_at, again.counted) == ("running", None, 90 * MINUTE)
    acts.resolve(it.at("Fri 18:00", by=ITO), "solved")
    last = it.clock("holding", DESK)
    assert (last.state, last.stopped_at) == ("breached", at("Fri 18:00"))
    assert last.breached_at == at("Fri 10:00")


@pytest.mark.parametrize("level", [1, 2])
def test_a_holding_of_no_length_leaves_its_clock_as_it_was(level: int) -> None:
    """C4, C9, H1: opened again and put on hold at once, the desk has not had it at all."""
    it = Told("Thu 09:00", imported=True)
    acts.resolve(it.at("Thu 10:00"), "solved")
    before = it.clock("holding", DESK)
    acts.prioritise(it.at("Mon 09:00"), level, level)
    acts.reopen(it.at("Mon 10:00"))
    acts.hold(it.act, "requester")
    assert it.clock("holding", DESK) == before
    acts.start(it.at("Mon 11:00"))
    assert it.clock("holding", DESK, now="Mon 12:00").counted == 2 * HOUR


# C7: nothing published later


def test_nothing_published_later_moves_what_has_stopped() -> None:
    """C7: resolved on Thursday, it would have been due on Friday, and stays so."""
    friday_off = replace(
        OFFICE,
        days_off=OFFICE.days_off | {date(2026, 11, 27)},
        valid_from=at("Thu 17:30").astimezone(UTC),
    )
    it = Told("Thu 16:00", setup=directory(OFFICE, friday_off), impact=1, urgency=1)
    acts.resolve(it.at("Thu 17:00"), "solved")
    assert it.clock("resolution").due_at == at("Fri 11:00")


# C8: versions of agreements


def test_a_party_clock_keeps_the_version_that_it_started_with() -> None:
    """C8: the next hand-off has the new one, the clock of all visits the old one."""
    setup = network_targets(({**GROUP, "targets": {"acceptance": 5, "holding": 60}}, "Thu 12:00"))
    it = Told("Thu 09:00", setup=setup)
    it.hand(NETWORK, "Thu 10:00")
    handoffs.answer(it.at("Thu 13:30", by=ABE), 1, "digest")
    it.hand(NETWORK, "Thu 14:00")
    assert it.clock("acceptance", NETWORK, 1).target == 30 * MINUTE
    assert it.clock("acceptance", NETWORK, 2).target == 5 * MINUTE
    assert it.clock("holding", NETWORK).target == 8 * HOUR


def test_a_version_that_is_applied_re_targets_from_the_original_start() -> None:
    """C8, C9: with all time already counted and all pauses kept."""
    it = Told("Thu 09:00", setup=versions((STRICT, "Thu 10:00")))
    acts.hold(it.at("Thu 10:00"), "requester")
    acts.start(it.at("Thu 11:00"))
    assert it.clock("resolution", now="Thu 11:00").target == 24 * HOUR
    apply(it, "Thu 11:30")
    clock = it.clock("resolution", now="Thu 11:30")
    assert (clock.target, clock.counted) == (2 * HOUR, 90 * MINUTE)
    assert (clock.started_at, clock.due_at) == (at("Thu 09:00"), at("Thu 12:00"))


def test_a_version_that_is_applied_brings_its_pauses() -> None:
    """C4, C8: from then on; what was counted before stays counted."""
    later = {**STANDARD, "pauses": ["change"]}
    it = Told("Thu 09:00", setup=versions((later, "Thu 09:30")))
    acts.hold(it.at("Thu 10:00"), "change", at("2027-01-01 09:00"))
    assert it.clock("resolution", now="Thu 11:00").state == "running"
    apply(it, "Thu 11:00")
    clock = it.clock("resolution", now="Thu 17:00")
    assert (clock.state, clock.counted) == ("paused", 2 * HOUR)


def test_no_breach_is_unmade_by_a_version_that_is_applied() -> None:
    """C8, C11: late since 10:00 under the first one."""
    it = Told("Thu 09:00", setup=versions((LAX, "Thu 10:30")))
    apply(it, "Thu 11:00")
    clock = it.clock("response", now="Thu 11:00")
    assert (clock.state, clock.target, clock.breached_at) == ("breached", 4 * HOUR, at("Thu 10:00"))


def test_what_has_stopped_keeps_its_version() -> None:
    """C8: applying re-targets as C9, so the clocks that have not stopped."""
    it = Told("Thu 09:00", setup=versions((STRICT, "Thu 09:10")))
    acts.comment(it.at("Thu 09:40"), 1, "reply", "digest", desk=True)
    apply(it, "Thu 10:00")
    assert it.clock("response").target == 60 * MINUTE
    assert it.clock("resolution", now="Thu 10:00").target == 2 * HOUR


def test_another_service_comes_with_the_version_in_force_at_logging() -> None:
    """C9: not with the one in force when it is changed."""
    later = since({**ROUND, "targets": {"response": 5, "resolution": 5}}, "Thu 10:00")
    setup = directory(round=(read_terms(ROUND, None), later))
    it = Told("Thu 09:00", setup=setup)
    acts.reclassify(it.at("Thu 11:00"), setup.services_by_key["printing"])
    assert it.clock("resolution", now="Thu 11:00").target == 600 * MINUTE


# C9, C10: priorities and breaches


def test_a_priority_changed_while_it_is_resolved_counts_from_the_reopening() -> None:
    """C9: what has stopped is not re-targeted, until it goes on."""
    it = Told("Thu 09:00", imported=True)
    acts.resolve(it.at("Thu 17:00"), "solved")
    acts.prioritise(it.at("Thu 17:30"), 1, 1)
    assert it.clock("resolution").state == "met"
    acts.reopen(it.at("Fri 09:00"))
    clock = it.clock("resolution", now="Fri 09:00")
    assert (clock.target, clock.breached_at) == (4 * HOUR, at("Fri 09:00"))  # seven counted


def test_a_target_used_up_before_it_was_set_carries_when_it_was_used_up() -> None:
    """C3, C10: four hours at closing time; P1 at night makes nothing late, the morning does."""
    it = Told("Thu 14:00")
    acts.prioritise(it.at("Thu 20:00"), 1, 1)
    assert it.clock("resolution", now="Fri 09:00").state == "running"
    clock = it.clock("resolution", now="Fri 09:00:01")
    assert (clock.state, clock.breached_at, clock.due_at) == (
        "breached",
        at("Thu 18:00"),
        at("Thu 18:00"),
    )


def test_the_breach_carries_its_due_though_a_pause_followed() -> None:
    """C10: used up to the second when it pauses; late when it goes on."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.hold(it.at("Thu 14:00"), "requester")
    assert it.clock("resolution", now="Fri 18:00").state == "paused"
    acts.start(it.at("Mon 10:00"))
    acts.resolve(it.at("Mon 10:00:01"), "solved")
    clock = it.clock("resolution")
    assert (clock.state, clock.breached_at) == ("breached", at("Thu 14:00"))


# Exclusions


@pytest.mark.parametrize("decided", ["approved", "refused", "withdrawn"])
def test_only_an_approved_exclusion_makes_a_difference(decided: str) -> None:
    """C11: asked for by one person and approved by another."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.resolve(it.at("Thu 15:00"), "solved")
    exclude(it, "Thu 10:00", "Thu 12:00", "resolution", decided=decided)
    clock = it.clock("resolution")
    assert clock.state == "breached"
    assert clock.net_state == ("met" if decided == "approved" else "breached")


def test_an_exclusion_touches_only_the_clocks_that_it_names() -> None:
    """C11: a customer's by its kind, a party's all by its name; never the wish or the promise."""
    it = Told("Thu 09:00")
    acts.wish(it.at("Thu 09:00", by=EMI), moment("Thu 09:30"))
    acts.promise(it.at("Thu 09:00"), moment("Thu 09:30"))
    it.hand(NETONE, "Thu 09:10")
    acts.resolve(it.at("Fri 18:00"), "solved")
    exclude(it, "Thu 09:00", "Fri 18:00", NETONE.ref, "response", "requested", "promised")
    net = {state.name: state.net for state in it.act.work.states(at("Wed 18:00"))}
    touched = {(kind, party) for (kind, party, _n), seen in net.items() if seen}
    of_netone = {(kind, NETONE.ref) for kind in ("acceptance", "answer", "holding")}
    assert touched == of_netone | {("response", None)}
    assert it.clock("requested").net_state == it.clock("promised").net_state == "breached"


# Reopened, and at a partner


def test_reopening_resumes_the_clock_of_who_has_it_again() -> None:
    """C12: the time between resolved and reopened counts for nobody."""
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 10:00")
    acts.resolve(it.at("Thu 11:00", by=ABE), "solved")
    acts.reopen(it.at("Fri 09:00", by=EMI))
    clock = it.clock("holding", NETWORK, now="Fri 10:00")
    assert (clock.state, clock.counted) == ("running", 2 * HOUR)
    assert it.clock("holding", DESK, now="Fri 10:00").counted == HOUR


@pytest.mark.parametrize("reason", ["requester", "change"])
def test_at_a_partner_too_only_the_holds_that_the_agreement_names_pause(reason: str) -> None:
    """C14: the customer's clock keeps running while a partner holds it."""
    it = Told("Thu 09:00")
    it.hand(NETONE, "Thu 10:00")
    handoffs.accept(it.at("Thu 10:30", by=KIM), 1)
    assert it.clock("resolution", now="Thu 11:00").counted == 2 * HOUR
    acts.hold(it.at("Thu 11:00"), reason, at("2027-01-01 09:00"))
    counted = it.clock("resolution", now="Thu 12:00").counted
    assert counted == (2 * HOUR if reason == "requester" else 3 * HOUR)


# C15: every turn of a clock names its event


def test_every_turn_of_a_clock_names_the_event_behind_it() -> None:
    """C15: started, paused, re-targeted, gone on, stopped."""
    it = Told("Thu 09:00")
    acts.hold(it.at("Thu 10:00"), "requester")
    acts.prioritise(it.at("Thu 10:30"), 1, 2)
    acts.start(it.at("Thu 11:00"))
    acts.resolve(it.at("Thu 12:00"), "solved")
    kinds = {event.seq: event.kind for event in it.act.events}
    marks = it.act.work.entries["resolution", None, None].clock.marks
    assert [(kinds[mark.cause], mark.phase.value) for mark in marks] == [
        ("incident.logged", "run"),
        ("incident.held", "pause"),
        ("incident.prioritised", "pause"),
        ("incident.started", "run"),
        ("incident.resolved", "stop"),
    ]


# D1 to D3: wishes


@pytest.mark.parametrize(
    ("zone", "on", "end"),
    [
        ("Asia/Tokyo", "2026-11-27", "2026-11-27T15:00+00:00"),
        ("America/New_York", "2026-11-27", "2026-11-28T05:00+00:00"),
        ("Europe/Berlin", "2027-03-28", "2027-03-28T22:00+00:00"),  # the clocks go forward
    ],
)
def test_a_day_is_that_of_the_desks_zone(zone: str, on: str, end: str) -> None:
    """D1: any time on that day in the desk's time zone is in time."""
    it = Told("Thu 09:00", setup=replace(directory(), zone=zone))
    acts.wish(it.at("Thu 09:00", by=EMI), day(on))
    due = it.clock("requested").due_at
    assert due
    assert due.isoformat() == end.replace("+00:00", ":00+00:00")


def test_what_the_desk_noted_is_judged_only_once_it_is_confirmed() -> None:
    """D2, D3: until then the old date counts."""
    it = Told("Thu 09:00")
    acts.wish(it.at("Thu 09:00", by=EMI), moment("Fri 12:00"))
    noted = acts.wish(it.at("Thu 10:00"), moment("Mon 12:00"), by_requester=False)
    assert it.clock("requested", now="Thu 10:00").due_at == at("Fri 12:00")
    assert noted
    acts.confirm_wish(it.at("Thu 11:00", by=EMI), noted.seq, accept=True)
    assert it.clock("requested", now="Thu 11:00").due_at == at("Mon 12:00")
