"""Clocks on explicit examples: an office in Tokyo, 09:00-12:00 and 13:00-18:00, Thursday on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date

import pytest

from servicedesk.errors import BadInput, Refused
from servicedesk.escalation import handoffs
from servicedesk.incidents import acts, derived
from servicedesk.incidents.acts import Due
from servicedesk.incidents.clocks import follow
from servicedesk.sla.agreement import read_terms
from tests.cast import at
from tests.incidents.told import (
    ABE,
    CORE,
    DESK,
    EMI,
    ITO,
    KIM,
    NETONE,
    NETWORK,
    OFFICE,
    STANDARD,
    Told,
    day,
    directory,
    moment,
)

MINUTE, HOUR = 60, 3600

# How long a target is


@pytest.mark.parametrize(
    ("logged", "due"),
    [
        ("Thu 09:00", "Mon 18:00"),  # the days after Thursday: Friday, Monday
        ("Thu 17:59", "Mon 18:00"),  # however late on its day
        ("Thu 22:00", "Mon 18:00"),
        ("Sat 10:00", "Tue 18:00"),
        ("2026-11-20 10:00", "2026-11-25 18:00"),  # the 23rd is a holiday
    ],
)
def test_working_days_run_to_the_end_of_the_nth_working_day_after_the_start(
    logged: str, due: str
) -> None:
    """C1: n working days end with the working hours of the n-th working day after the start's."""
    assert Told(logged).clock("resolution").due_at == at(due)


def test_working_days_are_turned_into_seconds() -> None:
    """C1: from Thursday 09:00 to Monday evening are three days of eight hours."""
    assert Told("Thu 09:00").clock("resolution").target == 24 * HOUR


def test_minutes_are_working_minutes() -> None:
    """C1: over night and over lunch nothing counts."""
    clock = Told("Thu 17:30", impact=1, urgency=1).clock("resolution")
    assert clock.target == 4 * HOUR
    assert clock.due_at == at("Fri 13:30")  # half an hour, three hours, half an hour


def test_instants_are_utc_with_whole_seconds() -> None:
    """C1: instants are stored in UTC."""
    due = Told("Thu 09:00").clock("response").due_at
    assert due is not None
    assert (due.tzinfo, due.microsecond) == (UTC, 0)


def test_outside_working_hours_nothing_counts() -> None:
    """C2: an instant counts if its wall clock in the calendar's zone lies in a window."""
    it = Told("Thu 12:00")
    assert it.clock("response", now="Thu 13:00").counted == 0
    assert it.clock("response", now="Thu 13:10").counted == 10 * MINUTE


def test_a_target_reached_at_closing_time_is_due_at_closing_time() -> None:
    """C3: not at the next opening."""
    it = Told("Thu 14:00", impact=1, urgency=1)
    assert it.clock("resolution").due_at == at("Thu 18:00")


def test_without_working_time_ahead_nothing_is_due() -> None:
    """C3: never a loop."""
    closed = replace(OFFICE, weekly=((),) * 7)
    it = Told(setup=directory(closed), impact=1, urgency=1)
    clock = it.clock("resolution")
    assert (clock.state, clock.due_at, clock.counted) == ("running", None, 0)


def test_without_working_time_ahead_working_days_are_no_target() -> None:
    """C3: an incident is logged all the same; its clock counts without a verdict."""
    closed = replace(OFFICE, weekly=((),) * 7)
    it = Told(setup=directory(closed))
    assert it.kinds() == {"response", "holding"}


# Pauses


def test_a_hold_that_the_agreement_names_pauses_the_resolution() -> None:
    """C4, C5: paused, a clock has no due instant and shows what is left; then it goes on."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.hold(it.at("Thu 10:00"), "requester")
    paused = it.clock("resolution", now="Fri 10:00")
    assert (paused.state, paused.due_at, paused.left) == ("paused", None, 3 * HOUR)
    acts.start(it.at("Fri 10:00"))
    clock = it.clock("resolution", now="Fri 10:00")
    assert (clock.state, clock.due_at) == ("running", at("Fri 14:00"))


def test_other_holds_pause_nothing() -> None:
    """C4, C14: only the reasons that the agreement names."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.hold(it.at("Thu 10:00"), "change", at("Mon 10:00"))
    assert it.clock("resolution").due_at == at("Thu 14:00")


def test_an_agreement_may_name_other_reasons() -> None:
    """C4: those reasons that its agreement names."""
    it = Told("Thu 09:00", service="printing")
    acts.hold(it.at("Thu 10:00"), "change", at("Mon 10:00"))
    assert it.clock("resolution", now="Fri 10:00").counted == HOUR
    acts.hold(it.at("Fri 10:00"), "delivery", at("Mon 10:00"))
    assert it.clock("resolution", now="Fri 11:00").counted == 2 * HOUR


def test_the_response_never_pauses() -> None:
    """C4: `response` never pauses."""
    it = Told("Thu 09:00")
    acts.hold(it.at("Thu 09:10"), "requester")
    assert it.clock("response", now="Thu 10:00").counted == HOUR


def test_a_pause_outside_working_hours_changes_nothing() -> None:
    """C4: due is the same as without it."""
    it = Told("Thu 17:00", impact=1, urgency=1)
    due = it.clock("resolution").due_at
    acts.hold(it.at("Thu 18:00"), "requester")
    acts.start(it.at("Fri 09:00"))
    assert it.clock("resolution").due_at == due


def test_a_hold_after_a_hold_is_one_pause() -> None:
    """C4: paused time counts once."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.hold(it.at("Thu 10:00"), "requester")
    acts.hold(it.at("Thu 11:00"), "requester")
    acts.start(it.at("Thu 12:00"))
    assert it.clock("resolution", now="Thu 13:30").counted == HOUR + HOUR // 2


def test_a_paused_clock_at_its_target_has_nothing_left_and_is_not_late() -> None:
    """C5, C10: due at nothing while it is paused; a second after it goes on it is late."""
    it = Told("Thu 14:00", impact=1, urgency=1)
    acts.hold(it.at("Thu 18:00"), "requester")
    paused = it.clock("resolution", now="Mon 18:00")
    assert (paused.state, paused.due_at, paused.left) == ("paused", None, 0)
    acts.start(it.at("Fri 10:00"))
    assert it.clock("resolution", now="Fri 10:00").state == "running"
    late = it.clock("resolution", now="Fri 10:00:01")
    assert (late.state, late.breached_at) == ("breached", at("Thu 18:00"))


def test_a_breached_clock_shows_when_it_was_due_though_it_is_paused() -> None:
    """C10: breached from then on, running, paused or stopped."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.hold(it.at("Thu 15:00"), "requester")
    clock = it.clock("resolution")
    assert (clock.state, clock.due_at) == ("breached", at("Thu 14:00"))


# The verdict


def test_used_up_exactly_is_met() -> None:
    """C10: met if counted time ≤ target; at the next opening no more has counted."""
    for when in ("Thu 18:00", "Fri 09:00"):
        it = Told("Thu 14:00", impact=1, urgency=1)
        acts.resolve(it.at(when), "solved")
        clock = it.clock("resolution")
        assert (clock.state, clock.stopped_at, clock.left) == ("met", at(when), 0)


def test_a_second_more_is_a_breach_at_the_instant_that_was_due() -> None:
    """C10: the breach carries C3's due, even if closing time followed."""
    it = Told("Thu 14:00", impact=1, urgency=1)
    acts.resolve(it.at("Fri 09:00:01"), "solved")
    clock = it.clock("resolution")
    assert (clock.state, clock.breached_at, clock.left) == ("breached", at("Thu 18:00"), -1)


def test_time_alone_breaches_a_running_clock() -> None:
    """C10: from the instant at which counted time exceeds the target."""
    it = Told("Thu 14:00", impact=1, urgency=1)
    assert it.clock("resolution", now="Fri 09:00").state == "running"
    late = it.clock("resolution", now="Fri 09:00:01")
    assert (late.state, late.breached_at) == ("breached", at("Thu 18:00"))


def test_a_breach_stays_when_it_is_resolved_later() -> None:
    """C10: breached from then on."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.resolve(it.at("Fri 10:00"), "solved")
    clock = it.clock("resolution")
    assert (clock.state, clock.breached_at) == ("breached", at("Thu 14:00"))


def test_cancelling_ends_what_still_runs() -> None:
    """§4: clocks that still run end as cancelled; what was met or breached before stays so."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.comment(it.at("Thu 09:10"), 1, "reply", "digest", desk=True)
    acts.cancel(it.at("Thu 10:00", by=EMI))
    verdicts = {kind: it.clock(kind).state for kind in ("response", "resolution")}
    assert verdicts == {"response": "met", "resolution": "cancelled"}
    assert it.clock("holding", DESK).state == "cancelled"


def test_cancelling_keeps_a_breach() -> None:
    """§4: what was breached before stays so."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.cancel(it.at("Thu 09:16", by=EMI))
    verdicts = {kind: it.clock(kind).state for kind in ("response", "resolution")}
    assert verdicts == {"response": "breached", "resolution": "cancelled"}


# A function of events, agreement and calendar


def test_a_clock_is_a_function() -> None:
    """C6: the same events on the same set-up give the same clocks, however they are followed."""
    it = Told("Thu 09:00")
    acts.hold(it.at("Thu 10:00"), "requester")
    it.hand(NETWORK, "Thu 11:00")
    acts.start(it.at("Thu 13:30"))
    acts.prioritise(it.at("Thu 14:00"), 1, 1)
    acts.resolve(it.at("Fri 11:00", by=ABE), "solved")
    again = follow(it.act.events, it.setup)
    assert again.states(at("Wed 18:00")) == it.act.work.states(at("Wed 18:00"))


def closing_friday(when: str) -> Told:
    """An incident of Thursday 16:00 on a calendar that closes Friday from an instant on."""
    later = replace(
        OFFICE, days_off=OFFICE.days_off | {date(2026, 11, 27)}, valid_from=at(when).astimezone(UTC)
    )
    return Told("Thu 16:00", setup=directory(OFFICE, later), impact=1, urgency=1)


def test_a_closing_day_announced_ahead_moves_open_deadlines() -> None:
    """C7: whether an instant is working time is decided by the version in force at that instant."""
    assert closing_friday("Thu 17:00").clock("resolution").due_at == at("Mon 11:00")


def test_nothing_published_later_changes_time_that_has_passed() -> None:
    """C7: the hours of Friday before noon counted, and stay."""
    it = closing_friday("Fri 12:00")
    assert it.clock("resolution", now="Mon 09:00").counted == 5 * HOUR
    assert it.clock("resolution").due_at == at("Fri 11:00")


def test_an_incident_keeps_the_agreement_of_its_logging() -> None:
    """C8: a new version applies to incidents logged after it."""
    stricter = read_terms({**STANDARD, "targets": {"response": 5}}, at("Thu 10:00").astimezone(UTC))
    setup = directory(standard=(read_terms(STANDARD, None), stricter))
    assert Told("Thu 09:59", setup=setup).clock("response").target == 60 * MINUTE
    assert Told("Thu 10:00", setup=setup).clock("response").target == 5 * MINUTE


def test_the_first_version_holds_from_the_beginning_of_time() -> None:
    """C7: of a calendar or agreement."""
    since = at("Fri 09:00").astimezone(UTC)
    setup = directory(replace(OFFICE, valid_from=since), standard=(read_terms(STANDARD, since),))
    assert Told("Thu 09:00", setup=setup).clock("response").due_at == at("Thu 10:00")


# Other targets


def test_a_change_of_priority_re_targets_from_the_original_start() -> None:
    """C9: with all time already counted."""
    it = Told("Thu 09:00")
    acts.prioritise(it.at("Thu 11:00"), 1, 1)
    clock = it.clock("resolution", now="Thu 11:00")
    assert (clock.priority, clock.target, clock.counted) == ("P1", 4 * HOUR, 2 * HOUR)
    assert (clock.started_at, clock.due_at) == (at("Thu 09:00"), at("Thu 14:00"))


def test_a_change_of_priority_keeps_the_pauses() -> None:
    """C9: with all pauses kept."""
    it = Told("Thu 09:00")
    acts.hold(it.at("Thu 10:00"), "requester")
    acts.prioritise(it.at("Thu 14:00"), 1, 1)
    clock = it.clock("resolution", now="Thu 14:00")
    assert (clock.state, clock.left) == ("paused", 3 * HOUR)


def test_a_re_targeting_that_makes_it_late_at_once_is_the_breach() -> None:
    """C10: or the re-targeting, if that made it late at once."""
    it = Told("Thu 09:00")
    acts.prioritise(it.at("Thu 09:40"), 1, 1)
    clock = it.clock("response", now="Thu 09:40")
    assert (clock.state, clock.breached_at) == ("breached", at("Thu 09:40"))


def test_what_has_stopped_is_not_re_targeted() -> None:
    """C9: the clocks that have not stopped."""
    it = Told("Thu 09:00")
    acts.comment(it.at("Thu 09:40"), 1, "reply", "digest", desk=True)
    acts.prioritise(it.at("Thu 09:50"), 1, 1)
    clock = it.clock("response")
    assert (clock.state, clock.priority, clock.target) == ("met", "P3", 60 * MINUTE)


def test_a_breach_is_not_un_made_by_another_priority() -> None:
    """C11: nor by another service."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.prioritise(it.at("Thu 09:30"), 2, 2, reason="digest", lead=True)
    clock = it.clock("response")
    assert (clock.state, clock.target, clock.breached_at) == ("breached", 3600, at("Thu 09:15"))


def test_while_a_priority_has_no_target_the_clock_counts_on_without_verdict() -> None:
    """C9: and has one again when the priority has."""
    it = Told("Thu 09:00")
    acts.prioritise(it.at("Thu 09:10"), 3, 3)  # P5: response, but no resolution
    clock = it.clock("resolution", now="Fri 09:00")
    assert (clock.target, clock.due_at, clock.counted) == (None, None, 8 * HOUR)
    acts.prioritise(it.at("Fri 09:00"), 1, 1)
    late = it.clock("resolution", now="Fri 09:00")
    assert (late.state, late.counted, late.breached_at) == ("breached", 8 * HOUR, at("Fri 09:00"))


def test_what_never_had_a_target_has_no_clock() -> None:
    """§5: a party without a target of a kind has no clock of it."""
    assert Told("Thu 09:00", impact=2, urgency=3).kinds() == {"holding"}  # P4: nothing promised
    it = Told("Thu 09:00", given_to=CORE)
    assert it.kinds() == {"response", "resolution"}


def test_another_service_brings_its_agreement() -> None:
    """C9: under its agreement's version in force at logging, all time already counted kept."""
    newer = read_terms(
        {"calendar": "always", "targets": {"resolution": 60}}, at("Thu 10:00").astimezone(UTC)
    )
    older = read_terms({"calendar": "always", "targets": {"resolution": 600}}, None)
    it = Told("Thu 09:00", setup=directory(round=(older, newer)))
    acts.reclassify(it.at("Thu 11:00"), it.setup.services_by_key["printing"])
    clock = it.clock("resolution", now="Thu 11:00")
    assert (clock.target, clock.counted, clock.calendar) == (600 * MINUTE, 2 * HOUR, "always")
    assert clock.due_at == at("Thu 19:00")


def test_lowering_early_needs_nothing() -> None:
    """C9: up to half of the target."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.comment(it.at("Thu 09:00"), 1, "reply", "digest", desk=True)
    acts.prioritise(it.at("Thu 11:00"), 2, 2)
    assert (it.story.priority, it.story.lowered) == ("P3", 0)


def test_lowering_late_needs_a_reason_and_the_lead_and_is_counted() -> None:
    """C9: lowering a priority after half the target is used."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.comment(it.at("Thu 09:00"), 1, "reply", "digest", desk=True)
    with pytest.raises(Refused, match="only the lead"):
        acts.prioritise(it.at("Thu 11:00:01"), 2, 2, reason="digest")
    with pytest.raises(BadInput, match="why the priority is lowered"):
        acts.prioritise(it.at("Thu 11:00:01"), 2, 2, lead=True)
    acts.prioritise(it.at("Thu 11:00:01"), 2, 2, reason="digest", lead=True)
    assert (it.story.priority, it.story.lowered) == ("P3", 1)


def test_raising_late_needs_nothing() -> None:
    it = Told("Thu 09:00")
    acts.prioritise(it.at("Tue 11:00"), 1, 1)
    assert (it.story.priority, it.story.lowered) == ("P1", 0)


# Reopening


def test_the_time_between_resolved_and_reopened_does_not_count() -> None:
    """C12: reopening resumes the clocks."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.resolve(it.at("Thu 11:00"), "solved")
    acts.reopen(it.at("Fri 11:00", by=EMI))
    clock = it.clock("resolution", now="Fri 11:00")
    assert (clock.state, clock.counted, clock.due_at) == ("running", 2 * HOUR, at("Fri 14:00"))


def test_the_verdict_is_that_of_the_last_stop() -> None:
    """C12: met at first, late in the end."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.resolve(it.at("Thu 11:00"), "solved")
    acts.reopen(it.at("Fri 11:00", by=EMI))
    acts.resolve(it.at("Fri 15:00"), "solved")
    clock = it.clock("resolution")
    assert (clock.state, clock.breached_at) == ("breached", at("Fri 14:00"))


def test_a_breach_stays_over_a_reopening() -> None:
    """C11, C12: once late, late."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    acts.resolve(it.at("Thu 16:00"), "solved")
    acts.reopen(it.at("Fri 11:00", by=EMI))
    assert it.clock("resolution", now="Fri 11:00").breached_at == at("Thu 14:00")


def test_reopening_asks_for_no_second_first_answer() -> None:
    """C13: there is one first response."""
    it = Told("Thu 09:00")
    acts.resolve(it.at("Thu 09:30"), "solved")
    acts.reopen(it.at("Fri 11:00", by=EMI))
    clock = it.clock("response")
    assert (clock.state, clock.stopped_at) == ("met", at("Thu 09:30"))


# The first answer


def test_the_first_reply_of_the_desk_is_the_first_response() -> None:
    """C13: the first reply by desk side that the requester can see; not a note, not her own."""
    it = Told("Thu 09:00")
    acts.comment(it.at("Thu 09:10"), 1, "note", "digest", desk=True)
    acts.comment(it.at("Thu 09:20", by=EMI), 2, "reply", "digest", desk=False)
    assert it.story.first_response_at is None
    acts.comment(it.at("Thu 09:30"), 3, "reply", "digest", desk=True)
    acts.comment(it.at("Thu 09:40"), 4, "reply", "digest", desk=True)
    assert it.clock("response").stopped_at == at("Thu 09:30")


def test_what_is_said_to_a_partner_is_no_response() -> None:
    """C13: the requester does not see it."""
    it = Told("Thu 09:00")
    it.hand(NETONE, "Thu 09:10")
    acts.comment(it.at("Thu 09:20"), 1, "partner", "digest", desk=True, handoff=1)
    assert it.story.first_response_at is None


def test_the_resolution_is_a_response_if_it_is_earlier() -> None:
    """C13: or the resolution if earlier."""
    it = Told("Thu 09:00")
    acts.resolve(it.at("Thu 09:30"), "solved")
    assert it.clock("response").stopped_at == at("Thu 09:30")


def test_logging_a_call_is_a_response() -> None:
    """C13: logging a call by the desk while talking to the requester."""
    clock = Told("Thu 09:00", response=True).clock("response")
    assert (clock.state, clock.stopped_at, clock.counted) == ("met", at("Thu 09:00"), 0)


def test_cancelling_is_no_response() -> None:
    """C13: it is neither a reply nor a resolution."""
    it = Told("Thu 09:00")
    acts.cancel(it.at("Thu 09:30", by=EMI))
    assert it.clock("response").state == "cancelled"


# Whoever holds it


def test_the_customers_clock_runs_on_at_a_partner() -> None:
    """C14: while another group or a partner holds the incident."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    it.hand(NETWORK, "Thu 10:00")
    it.hand(NETONE, "Thu 11:00", by=ABE)
    assert it.clock("resolution").due_at == at("Thu 14:00")


def test_one_holding_clock_sums_every_visit() -> None:
    """C4: it runs exactly while its party holds, and resumes with the next holding."""
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 10:00")
    handoffs.answer(it.at("Thu 14:00", by=ABE), 1, "digest")
    it.hand(NETWORK, "Fri 10:00")
    desk, network = it.clock("holding", DESK), it.clock("holding", NETWORK, now="Fri 11:00")
    assert (desk.counted, desk.state, desk.stopped_at) == (6 * HOUR, "met", at("Fri 10:00"))
    assert (network.counted, network.state, network.left) == (4 * HOUR, "running", 4 * HOUR)


def test_the_requester_holding_it_stops_the_groups_clock() -> None:
    """C4, H1: each end of a holding stops it."""
    it = Told("Thu 09:00")
    acts.hold(it.at("Thu 10:00"), "requester")
    clock = it.clock("holding", DESK)
    assert (clock.state, clock.counted, clock.stopped_at) == ("met", HOUR, at("Thu 10:00"))
    acts.start(it.at("Fri 10:00"))
    clock = it.clock("holding", DESK, now="Fri 10:00")
    assert (clock.state, clock.stopped_at, clock.left) == ("running", None, 7 * HOUR)


def test_a_holding_can_be_too_long() -> None:
    """C10: 480 minutes of a group are one working day."""
    it = Told("Thu 09:00")
    acts.resolve(it.at("Fri 09:00:01"), "solved")
    clock = it.clock("holding", DESK)
    assert (clock.state, clock.breached_at) == ("breached", at("Thu 18:00"))


def test_a_stopped_partner_clock_takes_the_priority_in_force_when_it_resumes() -> None:
    """C9: not before."""
    it = Told("Thu 09:00", impact=1, urgency=1)
    it.hand(NETONE, "Thu 10:00")  # P1: no target for holding
    handoffs.send_back(it.at("Thu 11:00", by=KIM), 1, "digest")
    acts.prioritise(it.at("Thu 11:30"), 2, 2, reason="digest", lead=True)
    assert "holding" in it.kinds()
    with pytest.raises(StopIteration):
        it.clock("holding", NETONE)
    it.hand(NETONE, "Thu 14:00")
    clock = it.clock("holding", NETONE, now="Thu 15:00")
    assert (clock.priority, clock.target, clock.counted) == ("P3", 960 * MINUTE, 2 * HOUR)


def test_acceptance_runs_from_sent_to_accepted() -> None:
    """C10: whoever else has it; it never rests."""
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 10:00")
    acts.hold(it.at("Thu 10:05"), "requester")
    handoffs.accept(it.at("Thu 10:40", by=ABE), 1)
    clock = it.clock("acceptance", NETWORK, 1)
    assert (clock.counted, clock.state) == (40 * MINUTE, "breached")
    assert clock.breached_at == at("Thu 10:30")


def test_sending_back_unaccepted_stops_the_acceptance_and_asks_for_no_answer() -> None:
    """H4: it came back within its time, and needs no answer any more."""
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 10:00")
    handoffs.send_back(it.at("Thu 10:10", by=ABE), 1, "digest")
    states = [it.clock(kind, NETWORK, 1).state for kind in ("acceptance", "answer")]
    assert states == ["met", "cancelled"]


def test_what_is_recalled_needs_no_verdict() -> None:
    """H4: clocks that still run end as cancelled; what was met stays so."""
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 10:00")
    handoffs.accept(it.at("Thu 10:10", by=ABE), 1)
    handoffs.recall(it.at("Thu 10:20"), 1)
    states = [it.clock(kind, NETWORK, 1).state for kind in ("acceptance", "answer")]
    assert states == ["met", "cancelled"]


def test_the_answer_rests_while_the_requester_holds() -> None:
    """C4: `answer` rests while the requester holds."""
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 10:00")
    acts.hold(it.at("Thu 11:00", by=ABE), "requester")
    resting = it.clock("answer", NETWORK, 1, now="Thu 14:00")
    assert (resting.state, resting.left) == ("paused", 3 * HOUR)
    acts.start(it.at("Thu 14:00", by=ABE))
    assert it.clock("answer", NETWORK, 1, now="Thu 14:00").due_at == at("Thu 17:00")


def test_each_hand_off_has_clocks_of_its_own() -> None:
    """§5: `acceptance` and `answer` per hand-off."""
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 10:00")
    handoffs.answer(it.at("Thu 11:00", by=ABE), 1, "digest")
    it.hand(NETWORK, "Thu 14:00")
    assert it.clock("answer", NETWORK, 1).stopped_at == at("Thu 11:00")
    assert it.clock("answer", NETWORK, 2).started_at == at("Thu 14:00")


def test_a_contract_has_targets_by_priority() -> None:
    """§3: partner company: acceptance, answer and holding targets by priority."""
    for level, minutes in ((1, 15), (2, 60)):
        it = Told("Thu 09:00", impact=level, urgency=level)
        it.hand(NETONE, "Thu 10:00")
        assert it.clock("acceptance", NETONE, 1).target == minutes * MINUTE


# Wish and promise


@pytest.mark.parametrize("kind", ["requested", "promised"])
def test_a_day_is_kept_until_the_next_local_midnight(kind: str) -> None:
    """D1: resolved before the next local midnight."""
    for when, verdict in (("Fri 23:59:59", "met"), ("Sat 00:00", "breached")):
        it = Told("Thu 09:00")
        keep(it, kind, day("2026-11-27"))
        acts.resolve(it.at(when), "solved")
        clock = it.clock(kind)
        assert (clock.state, clock.due_at) == (verdict, at("Sat 00:00"))


@pytest.mark.parametrize("kind", ["requested", "promised"])
def test_an_instant_is_kept_at_or_before_it(kind: str) -> None:
    """D1: an instant: resolved at or before it."""
    for when, verdict in (("Fri 12:00", "met"), ("Fri 12:00:01", "breached")):
        it = Told("Thu 09:00")
        keep(it, kind, moment("Fri 12:00"))
        acts.resolve(it.at(when), "solved")
        clock = it.clock(kind)
        assert (clock.state, clock.due_at) == (verdict, at("Fri 12:00"))


def keep(it: Told, kind: str, due: acts.Due) -> None:
    """Set a wish or a promise."""
    if kind == "requested":
        acts.wish(it.at("Thu 09:00", by=EMI), due)
    else:
        acts.promise(it.at("Thu 09:00"), due)


def test_an_open_wish_is_late_from_the_first_instant_that_is_too_late() -> None:
    """D1: a day from midnight on, an instant a second after it."""
    it = Told("Thu 09:00")
    acts.wish(it.at("Thu 09:00", by=EMI), day("2026-11-27"))
    assert it.clock("requested", now="Fri 23:59:59").state == "running"
    assert it.clock("requested", now="Sat 00:00").state == "breached"
    acts.wish(it.at("Thu 09:10", by=EMI), moment("Fri 12:00"))
    assert it.clock("requested", now="Fri 12:00").state == "running"
    assert it.clock("requested", now="Fri 12:00:01").state == "breached"


def test_neither_holds_nor_calendars_nor_the_desk_move_a_wish() -> None:
    """D2: it is never moved."""
    it = Told("Thu 09:00")
    acts.wish(it.at("Thu 09:00", by=EMI), moment("Sat 12:00"))
    acts.hold(it.at("Thu 10:00"), "requester")
    acts.prioritise(it.at("Thu 11:00"), 1, 1)
    it.hand(NETWORK, "Fri 10:00")
    assert it.clock("requested").due_at == at("Sat 12:00")


def test_without_a_wish_there_is_nothing_to_keep() -> None:
    """D5: it is never counted as kept."""
    assert "requested" not in Told("Thu 09:00").kinds()


def test_a_wish_is_judged_at_the_last_resolution_against_the_current_date() -> None:
    """C11: a breach of a wish is un-made by a revision, and made by a reopening."""
    it = Told("Thu 09:00")
    acts.wish(it.at("Thu 09:00", by=EMI), moment("Thu 12:00"))
    acts.resolve(it.at("Thu 11:00"), "solved")
    assert it.clock("requested").state == "met"
    acts.reopen(it.at("Thu 11:30", by=EMI))
    acts.resolve(it.at("Thu 15:00"), "solved")
    assert it.clock("requested").state == "breached"


def test_a_wish_cancelled_in_time_is_neither_kept_nor_late() -> None:
    """§4: clocks that still run end as cancelled."""
    for when, verdict in (("Thu 12:00", "cancelled"), ("Thu 12:00:01", "breached")):
        it = Told("Thu 09:00")
        acts.wish(it.at("Thu 09:00", by=EMI), moment("Thu 12:00"))
        acts.cancel(it.at(when, by=EMI))
        assert it.clock("requested").state == verdict


def test_every_stretch_of_a_clock_is_kept() -> None:
    """C15: the stretches sum up to what is counted."""
    it = Told("Thu 09:00")
    acts.hold(it.at("Thu 10:00"), "requester")
    acts.start(it.at("Thu 11:00"))
    acts.resolve(it.at("Thu 14:00", by=ITO), "solved")
    clock = it.clock("resolution")
    spans = [(stretch.start, stretch.end) for stretch in clock.stretches]
    assert spans == [(at("09:00"), at("10:00")), (at("11:00"), at("14:00"))]
    assert sum(stretch.counted for stretch in clock.stretches) == clock.counted == 3 * HOUR


@pytest.mark.parametrize("end", ["resolved", "closed", "cancelled"])
@pytest.mark.parametrize("then", ["resolved", "closed", "cancelled"])
def test_what_comes_after_the_end_changes_no_clock_in_a_history(end: str, then: str) -> None:
    """C12: resolved, closed or cancelled again without having been open in between."""
    it = Told("Thu 09:00", imported=True)
    acts.wish(it.at("Thu 09:00", by=EMI), moment("Thu 12:00"))
    it.hand(NETWORK, "Thu 10:00")
    it.at("Thu 11:00").record(f"incident.{end}")
    before = it.act.work.states(at("Wed 18:00"))
    it.at("Fri 10:00").record(f"incident.{then}")
    assert it.act.work.states(at("Wed 18:00")) == before


@pytest.mark.parametrize("end", ["resolved", "cancelled"])
@pytest.mark.parametrize("then", ["resolved", "closed", "cancelled"])
def test_a_history_may_go_on_after_any_end(end: str, then: str) -> None:
    """C12: the time up to the first end counts, and that from the reopening on."""
    it = Told("Thu 09:00", imported=True)
    for when, kind in (("Thu 11:00", end), ("Thu 14:00", then), ("Fri 10:00", "reopened")):
        it.at(when).record(f"incident.{kind}")
    assert it.clock("resolution", now="Fri 11:00").counted == 3 * HOUR
    assert it.story.ended == [(at("Thu 11:00"), at("Fri 10:00"))]
    assert it.story.reopened == (1 if end == "resolved" else 0)


# Rush


@pytest.mark.parametrize(
    ("lead_time", "wished", "rush"),
    [("3d", "Mon 17:59", True), ("3d", "Tue 18:00", False), (120, "Thu 11:00", False),
     (120, "Thu 10:59", True), (None, "Thu 09:01", False)],
)  # fmt: skip
def test_a_wish_shorter_than_the_usual_time_is_a_rush(
    lead_time: str | int | None, wished: str, rush: bool
) -> None:
    """D6: one shorter than the service's standard lead time is marked as rush."""
    more = {"lead_time": lead_time} if lead_time else {}
    services = {id: replace(one, more=more) for id, one in directory().services.items()}
    it = Told("Thu 09:00", setup=replace(directory(), services=services))
    acts.wish(it.at("Thu 09:00", EMI), Due(at=at(wished)))
    first = it.story.first_wish()
    assert first is not None
    assert bool(first.rush) is rush


def test_what_was_a_rush_stays_one_when_it_is_revised() -> None:
    """D4, D6: the first wish is the headline."""
    services = {id: replace(s, more={"lead_time": "3d"}) for id, s in directory().services.items()}
    it = Told("Thu 09:00", setup=replace(directory(), services=services))
    acts.wish(it.at("Thu 09:00", EMI), Due(at=at("Fri 10:00")))
    acts.wish(it.at("Thu 10:00", EMI), Due(at=at("2026-12-20 10:00")))
    assert derived.incident_row(it.act.work)["rush"] is True
