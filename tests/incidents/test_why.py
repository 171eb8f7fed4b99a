"""C15: why a clock stands as it does, case by case: an office in Tokyo, from Thursday on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from servicedesk.escalation import handoffs
from servicedesk.incidents import acts
from servicedesk.incidents.why import Kind, Section, What, Why, explain, slugs
from servicedesk.incidents.why.parts import Doing
from servicedesk.setup.directory import Party
from servicedesk.sla import why as calendars
from servicedesk.sla.agreement import read_terms
from servicedesk.sla.calendar import Calendar, Version, parse_hours
from servicedesk.sla.why import Reason
from tests.cast import at
from tests.incidents.told import (
    ABE,
    DESK,
    EMI,
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


def why(
    it: Told, kind: str, party: Party | None = None, n: int | None = None, now: str = "Wed 18:00"
) -> Why:
    """Explain a clock as of an instant."""
    name = (kind, party.ref if party else None, n)
    found = explain(it.act.events, it.setup, name, at(now))
    assert found
    return found


def urgent(when: str = "Thu 09:00", **more: object) -> Told:
    """An incident of P1: first answer in 15 minutes, resolution in four hours."""
    return Told(when, impact=1, urgency=1, **more)  # type: ignore[arg-type]


def whats(section: Section) -> list[str]:
    return [step.what.value for step in section.steps]


def rules(section: Section) -> set[str]:
    return {rule for step in section.steps for rule in step.rules}


def turns(it: Why) -> list[tuple[datetime, list[str]]]:
    """Give when what happened to a clock."""
    return [(section.start, whats(section)) for section in it.sections]


def outside(it: Why) -> list[tuple[str, datetime, datetime]]:
    return [(s.reason.value, s.start, s.end) for s in it.stretches if s.reason]


# What a target is, and what counts


def test_the_target_is_said_with_its_agreement_and_what_days_came_to() -> None:
    """C1, C8: two working days, which were turned into working seconds at the start."""
    started = why(Told("Thu 09:00"), "resolution").sections[0].steps[0]
    assert (started.what, started.rules) == (What.STARTED, ("C8", "C1"))
    assert started.basis
    assert started.basis.target
    assert (started.basis.agreement, started.basis.version) == ("standard", 1)
    assert (started.basis.target.days, started.basis.seconds) == (2, 24 * HOUR)
    assert started.basis.priority == "P3"
    assert started.event
    assert started.event.kind == "incident.logged"


def test_lunch_nights_weekends_holidays_and_days_off_are_told_apart() -> None:
    """C2: an instant counts if it lies in a window; if not, there is a reason."""
    office = replace(OFFICE, holidays=frozenset({date(2026, 11, 23)}))
    it = Told("2026-11-20 11:00", setup=directory(office))
    acts.resolve(it.at("2026-11-24 10:00"), "solved")
    assert outside(why(it, "resolution")) == [
        ("break", at("2026-11-20 12:00"), at("2026-11-20 13:00")),
        ("night", at("2026-11-20 18:00"), at("2026-11-21 00:00")),
        ("weekend", at("2026-11-21 00:00"), at("2026-11-23 00:00")),
        ("holiday", at("2026-11-23 00:00"), at("2026-11-24 00:00")),
        ("night", at("2026-11-24 00:00"), at("2026-11-24 09:00")),
    ]


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("2026-12-29 10:00", Reason.DAY_OFF),  # closed by the company
        ("2026-11-23 10:00", Reason.HOLIDAY),
        ("2026-12-01 10:00", Reason.DAY_OFF),  # a special day without hours
        ("2026-11-28 09:00", Reason.NIGHT),  # before those of a special Saturday
        ("2026-11-29 10:00", Reason.WEEKEND),
        ("2026-11-26 12:30", Reason.BREAK),
        ("2026-11-26 20:00", Reason.NIGHT),
    ],
)
def test_a_day_says_itself_why_it_is_closed(when: str, reason: Reason) -> None:
    """C2: special days win over days off, these over the week."""
    said = replace(
        OFFICE,
        holidays=frozenset({date(2026, 11, 23)}),
        special={date(2026, 11, 28): ((600, 900),), date(2026, 12, 1): ()},
    )
    assert calendars.reason(said, at(when)) == reason


def test_hours_past_midnight_have_their_break_by_day() -> None:
    """C2: a window belongs to the date on which it starts; what it leaves is no night."""
    nights = Version("Asia/Tokyo", parse_hours({"mon-fri": ["22:00-30:00"]}))
    assert calendars.reason(nights, at("Fri 12:00")) == Reason.BREAK
    found = list(calendars.pieces(Calendar((nights,)), at("Fri 20:00"), at("Sat 08:00")))
    assert [(p.start, p.reason) for p in found] == [
        (at("Fri 20:00"), Reason.BREAK),
        (at("Fri 22:00"), None),
        (at("Sat 06:00"), Reason.WEEKEND),
    ]


def test_an_hour_that_the_clocks_skip_is_not_there() -> None:
    """C2: daylight saving begins on 14 March 2027 in New York: the night is an hour shorter."""
    zone = "America/New_York"
    nights = Version(zone, parse_hours({"mon-sun": ["01:00-04:00"]}))
    [piece] = [
        p
        for p in calendars.pieces(
            Calendar((nights,)), at("2027-03-14 12:00"), at("2027-03-14 18:00")
        )
        if p.reason is None
    ]
    assert (piece.end - piece.start).total_seconds() == 2 * HOUR


def test_the_target_used_up_at_closing_time_was_used_up_then() -> None:
    """C3, C10: late from the instant at which it was reached, though nothing counts for a night."""
    it = urgent("Thu 14:00")
    assert why(it, "resolution", now="Thu 20:00").verdict.state == "running"
    late = why(it, "resolution", now="Fri 10:00")
    assert late.verdict.breached_at == at("Thu 18:00")
    assert [(s.start, s.end) for s in late.stretches if s.over] == [
        (at("Fri 09:00"), at("Fri 10:00"))
    ]
    assert set(late.verdict.rules) == {"C10", "C3"}


def test_what_counts_is_cut_where_the_target_is_used_up() -> None:
    """C10: eight hours and twenty minutes, target eight hours: the last twenty are over."""
    it = Told("Thu 09:00", impact=1, urgency=2)
    late = why(it, "resolution", now="Thu 18:00")
    assert late.verdict.state == "running"
    late = why(it, "resolution", now="Fri 09:20")
    counted = [(s.start, s.seconds, s.over) for s in late.stretches if s.kind == Kind.COUNTED]
    assert counted[-1] == (at("Fri 09:00"), 20 * MINUTE, True)
    assert (late.verdict.counted, late.verdict.target) == (8 * HOUR + 20 * MINUTE, 8 * HOUR)
    assert late.verdict.target_then == 8 * HOUR


# Pauses


def test_a_hold_that_the_agreement_names_is_a_section_of_its_own() -> None:
    """C4, C5: paused; then it goes on with what is left."""
    it = urgent()
    acts.hold(it.at("Thu 10:00"), "requester")
    paused = why(it, "resolution", now="Thu 11:00")
    assert paused.verdict.rules == ("C10", "C5")
    assert paused.verdict.due_at is None
    acts.start(it.at("Fri 10:00"))
    found = why(it, "resolution", now="Fri 11:00")
    assert turns(found) == [
        (at("Thu 09:00"), ["started"]),
        (at("Thu 10:00"), ["paused"]),
        (at("Fri 10:00"), ["resumed"]),
    ]
    assert rules(found.sections[1]) == {"C4", "C5"}
    assert found.sections[1].steps[0].hold == "requester"
    assert found.sections[2].before == HOUR
    assert found.sums == {Kind.COUNTED: 2 * HOUR, Kind.PAUSED: 24 * HOUR}


def test_a_hold_that_the_agreement_does_not_name_is_told_too() -> None:
    """C4, C14: it may be thought to pause the clock, and does not."""
    it = urgent()
    acts.hold(it.at("Thu 10:00"), "change", at("Mon 10:00"))
    section = why(it, "resolution").sections[1]
    assert (whats(section), section.doing, rules(section)) == (["ran-on"], Doing.RUNS, {"C4"})
    assert section.steps[0].hold == "change"


def test_the_first_answer_runs_on_through_a_hold() -> None:
    """C4: `response` never pauses."""
    it = urgent()
    acts.hold(it.at("Thu 09:05"), "requester")
    found = why(it, "response", now="Thu 09:10")
    assert [whats(section) for section in found.sections] == [["started"], ["ran-on"]]
    assert found.sums == {Kind.COUNTED: 10 * MINUTE}


def test_a_pause_at_night_leaves_the_sums_as_they_are() -> None:
    """C4: a pause outside working hours changes nothing of what is counted."""
    it = urgent("Thu 17:00")
    acts.hold(it.at("Thu 18:00"), "requester")
    acts.start(it.at("Fri 09:00"))
    found = why(it, "resolution", now="Fri 10:00")
    assert found.sums == {Kind.COUNTED: 2 * HOUR, Kind.PAUSED: 15 * HOUR}


def test_events_at_the_same_instant_begin_one_section() -> None:
    """C15: no stretch has no length."""
    it = urgent()
    acts.hold(it.at("Thu 10:00"), "requester")
    acts.start(it.at("Thu 10:00"))
    found = why(it, "resolution", now="Thu 11:00")
    assert turns(found) == [
        (at("Thu 09:00"), ["started"]),
        (at("Thu 10:00"), ["paused", "resumed"]),
    ]


# The function


def test_it_follows_from_events_and_set_up_alone() -> None:
    """C6: explained twice it is the same."""
    it = urgent()
    acts.hold(it.at("Thu 10:00"), "requester")
    assert why(it, "resolution") == why(it, "resolution")


def test_another_version_of_the_calendar_begins_a_section() -> None:
    """C7: the version in force at an instant decides on it; nothing before it changes."""
    later = replace(OFFICE, weekly=parse_hours({"mon-fri": ["09:00-12:00"]}))
    later = replace(later, valid_from=at("Fri 10:00"))
    it = Told("Thu 13:00", setup=directory(OFFICE, later))
    found = why(it, "resolution", now="Fri 20:00")
    first, second = found.sections
    assert (second.start, whats(second), rules(second)) == (at("Fri 10:00"), ["calendar"], {"C7"})
    assert (first.version, second.version, second.steps[0].number) == (1, 2, 2)
    assert second.steps[0].event is None
    assert found.sums[Kind.COUNTED] == (5 + 1 + 2) * HOUR


def test_a_version_that_comes_into_force_in_a_pause_is_none_of_its_sections() -> None:
    """C7: it is in force where the clock goes on."""
    later = replace(OFFICE, valid_from=at("Fri 10:00"))
    it = urgent(setup=directory(OFFICE, later))
    acts.hold(it.at("Thu 10:00"), "requester")
    acts.start(it.at("Mon 09:00"))
    found = why(it, "resolution", now="Mon 10:00")
    assert [section.version for section in found.sections] == [1, 1, 2]
    assert "calendar" not in {what for section in found.sections for what in whats(section)}


def test_a_published_calendar_says_what_it_moved() -> None:
    """C7: noted on the incident, beside the clocks that it concerns."""
    it = urgent()
    said = {"kind": "resolution", "calendar": "office", "version": 2, "to": "2026-11-27T00:00:00Z"}
    it.at("Thu 10:00").record("clocks.moved", clocks=[said])
    assert whats(why(it, "resolution").sections[1]) == ["moved"]
    assert len(why(it, "response").sections) == 1


def test_a_later_agreement_that_was_applied_brings_its_target() -> None:
    """C8: the version in force at logging, unless a later one was applied to it."""
    shorter = {"P1": {"response": 15, "resolution": 120}}
    before = read_terms(STANDARD, None)
    after = read_terms({**STANDARD, "targets": shorter}, at("Thu 09:30"), 2)
    it = urgent(setup=directory(standard=(before, after)))
    it.at("Thu 11:30").record("agreement.applied", agreement=1, version=2)
    found = why(it, "resolution", now="Thu 13:00")
    step = found.sections[1].steps[0]
    assert (step.what, step.rules) == (What.APPLIED, ("C8", "C1"))
    assert step.basis
    assert (step.basis.version, step.basis.seconds) == (2, 2 * HOUR)
    assert (found.verdict.at_once, found.verdict.breached_at) == (True, at("Thu 11:30"))
    assert set(found.verdict.rules) == {"C10", "C9"}


def test_another_priority_keeps_what_was_counted() -> None:
    """C9: re-targeted from the original start; late at once by that alone (C10)."""
    it = Told("Thu 09:00")
    acts.prioritise(it.at("Thu 15:00"), 1, 1)
    found = why(it, "resolution", now="Thu 16:00")
    second = found.sections[1]
    assert (whats(second), rules(second)) == (["retargeted"], {"C9", "C1"})
    assert (second.before, second.target) == (5 * HOUR, 4 * HOUR)
    assert (found.verdict.at_once, found.verdict.breached_at) == (True, at("Thu 15:00"))
    assert found.verdict.target_then == 4 * HOUR


def test_a_new_target_that_is_used_up_as_it_is_set_is_the_one_that_is_missed() -> None:
    """C9, C10: four hours are counted as the target becomes four hours."""
    it = Told("Thu 09:00")
    acts.prioritise(it.at("Thu 14:00"), 1, 1)
    found = why(it, "resolution", now="Thu 15:00").verdict
    assert (found.breached_at, found.at_once) == (at("Thu 14:00"), True)
    assert found.target_then == 4 * HOUR


def test_another_service_brings_its_own_agreement() -> None:
    """C9: under the new agreement's version in force at logging, on its calendar."""
    it = urgent()
    acts.reclassify(it.at("Thu 10:00"), it.setup.services_by_key["printing"])
    found = why(it, "resolution", now="Thu 12:30")
    basis = found.sections[1].steps[0].basis
    assert basis
    assert (basis.agreement, basis.calendar) == ("round", "always")
    assert found.sums == {Kind.COUNTED: 3 * HOUR + 30 * MINUTE}


def test_a_priority_without_a_target_leaves_no_verdict() -> None:
    """C9: the clock counts on without a verdict."""
    it = urgent()
    acts.prioritise(it.at("Thu 09:10"), 3, 3, reason="digest", lead=True)
    found = why(it, "resolution", now="Thu 11:00")
    assert (found.verdict.target, found.verdict.counted) == (None, 2 * HOUR)


def test_a_breach_stays_when_the_priority_is_lowered() -> None:
    """C11: no later change of priority un-makes it; the verdict says by which target it was."""
    it = urgent()
    acts.prioritise(it.at("Thu 15:00"), 2, 2, reason="digest", lead=True)
    found = why(it, "resolution", now="Thu 16:00").verdict
    assert (found.state, found.breached_at, found.stays) == ("breached", at("Thu 14:00"), True)
    assert (found.target_then, found.target, found.counted) == (4 * HOUR, 24 * HOUR, 6 * HOUR)
    assert "C11" in found.rules


def test_an_exclusion_shows_gross_and_net() -> None:
    """C11: what is excluded counts gross and not net; it can lift a breach."""
    it = urgent()
    said = {"start": at("Thu 11:00").isoformat(), "end": at("Thu 14:00").isoformat()}
    n = it.at("Thu 15:00").record("exclusion.asked", clocks=["resolution"], **said).seq
    assert why(it, "resolution", now="Thu 15:00").net is None
    it.at("Thu 15:00").record("exclusion.approved", n=n)
    found = why(it, "resolution", now="Thu 15:00")
    assert found.net
    assert (found.verdict.state, found.net.state) == ("breached", "running")
    assert found.sums == {Kind.COUNTED: 5 * HOUR, Kind.OUTSIDE: HOUR}
    assert found.net_sums == {Kind.COUNTED: 3 * HOUR, Kind.EXCLUDED: 2 * HOUR, Kind.OUTSIDE: HOUR}
    assert [(s.start, s.end, s.rule) for s in found.stretches if s.net_kind == Kind.EXCLUDED] == [
        (at("Thu 11:00"), at("Thu 12:00"), "C11"),
        (at("Thu 13:00"), at("Thu 14:00"), "C11"),
    ]
    assert [one.n for one in found.exclusions] == [n]
    assert why(it, "response", now="Thu 15:00").net is None


def test_what_lies_between_resolved_and_reopened_stands() -> None:
    """C12: it is not counted, and it is part of the time elapsed."""
    it = urgent()
    acts.resolve(it.at("Thu 11:00"), "solved")
    met = why(it, "resolution")
    assert (met.end, met.verdict.state) == (at("Thu 11:00"), "met")
    acts.reopen(it.at("Fri 09:00"))
    found = why(it, "resolution", now="Fri 10:00")
    assert turns(found)[1:] == [(at("Thu 11:00"), ["stopped"]), (at("Fri 09:00"), ["reopened"])]
    assert rules(found.sections[2]) == {"C12"}
    assert [s.rule for s in found.sections[1].stretches] == ["C12"]
    assert found.sums == {Kind.COUNTED: 3 * HOUR, Kind.STOPPED: 22 * HOUR}


def test_the_first_answer_stops_at_a_reply() -> None:
    """C13: the first reply that the requester can see."""
    it = urgent()
    acts.comment(it.at("Thu 09:10"), 1, "note", "digest", desk=True)
    acts.comment(it.at("Thu 09:12"), 2, "reply", "digest", desk=True)
    last = why(it, "response").sections[-1]
    assert (last.start, whats(last), last.steps[0].rules) == (
        at("Thu 09:12"),
        ["stopped"],
        ("C13", "C10"),
    )
    assert last.steps[0].event
    assert last.steps[0].event.kind == "comment.added"


def test_a_call_is_answered_as_it_is_logged() -> None:
    """C13: logging a call while talking to the requester: no time elapses."""
    it = urgent(response=True, channel="phone")
    found = why(it, "response")
    assert (found.elapsed, found.sums, found.verdict.state) == (0, {}, "met")
    assert whats(found.sections[0]) == ["started", "stopped"]


def test_the_resolution_runs_on_while_others_have_it() -> None:
    """C14: another group or a partner holds it: said, and counted."""
    it = urgent()
    it.hand(NETONE, "Thu 10:00")
    section = why(it, "resolution", now="Thu 11:00").sections[1]
    assert (whats(section), rules(section)) == (["ran-on"], {"C14"})
    assert section.steps[0].party == NETONE.ref
    assert section.stretches[0].kind == Kind.COUNTED


# Parties


def test_a_holding_stands_while_somebody_else_has_it() -> None:
    """C4: each end of a holding stops it, the next one lets it go on."""
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 10:00")
    handoffs.answer(it.at("Fri 10:00", ABE), 1, "digest")
    found = why(it, "holding", DESK, now="Fri 11:00")
    assert turns(found) == [
        (at("Thu 09:00"), ["started"]),
        (at("Thu 10:00"), ["stopped"]),
        (at("Fri 10:00"), ["returned"]),
    ]
    assert found.sums == {Kind.COUNTED: 2 * HOUR, Kind.STOPPED: 24 * HOUR}
    network = why(it, "holding", NETWORK)
    assert (network.start, network.end) == (at("Thu 10:00"), at("Fri 10:00"))


def test_a_holding_of_no_length_leaves_what_was_before_it() -> None:
    """H1, H2: a question answered at once gave it back for no time at all."""
    it = Told("Thu 09:00")
    handoffs.send(it.at("Fri 16:00"), NETWORK, note="digest")
    handoffs.ask(it.act, 1, "digest")
    handoffs.reply(it.act, 1, "digest")
    found = why(it, "holding", DESK, now="Fri 17:00")
    assert turns(found)[0] == (at("Thu 09:00"), ["started"])
    assert found.verdict.breached_at == found.state.breached_at == at("Thu 18:00")
    assert found.verdict.target_then == found.state.target


def test_a_holding_that_goes_on_takes_the_priority_in_force() -> None:
    """C9: a stopped partner clock takes it when it resumes."""
    it = Told("Thu 09:00")
    it.hand(NETONE, "Thu 10:00")
    handoffs.answer(it.at("Thu 11:00", KIM), 1, "digest")
    acts.prioritise(it.at("Thu 14:00"), 1, 1)
    it.hand(NETONE, "Thu 15:00")
    found = why(it, "holding", NETONE, now="Thu 16:00")
    assert whats(found.sections[-1]) == ["retargeted", "returned"]
    assert found.verdict.target is None


def test_the_answer_rests_while_the_requester_has_it() -> None:
    """C4: `answer` rests while somebody else than the receiver holds."""
    it = Told("Thu 09:00")
    it.hand(NETONE, "Thu 10:00")
    acts.hold(it.at("Thu 11:00"), "requester")
    found = why(it, "answer", NETONE, 1, now="Thu 12:00")
    assert turns(found) == [(at("Thu 10:00"), ["started"]), (at("Thu 11:00"), ["paused"])]
    assert found.verdict.state == "paused"


@pytest.mark.parametrize(
    ("ends", "what", "rule", "state"),
    [
        (lambda act: handoffs.answer(act, 1, "digest"), "stopped", "H2", "met"),
        (lambda act: handoffs.send_back(act, 1, "digest"), "ended", "H4", "cancelled"),
    ],
)
def test_how_a_hand_off_ends_decides_on_its_answer(
    ends: object, what: str, rule: str, state: str
) -> None:
    """C4: an answer stops the clock; what is sent back needs no verdict."""
    it = Told("Thu 09:00")
    it.hand(NETONE, "Thu 10:00")
    ends(it.at("Thu 11:00", KIM))  # type: ignore[operator]
    found = why(it, "answer", NETONE, 1)
    assert (whats(found.sections[-1]), found.verdict.state) == ([what], state)
    assert rule in rules(found.sections[-1])


def test_what_is_cancelled_ends_without_a_verdict() -> None:
    """C10: clocks that still run end as cancelled."""
    it = Told("Thu 09:00")
    acts.cancel(it.at("Thu 10:00", EMI))
    found = why(it, "resolution")
    assert (whats(found.sections[-1]), found.verdict.state) == (["ended"], "cancelled")


def test_every_clock_has_a_name_that_people_can_read() -> None:
    """C15: every clock has a page."""
    it = Told("Thu 09:00")
    acts.wish(it.at("Thu 09:00", EMI), day("2026-11-27"))
    it.hand(NETONE, "Thu 10:00")
    assert set(slugs(it.act.work)) == {
        "response",
        "resolution",
        "requested",
        "holding-desk",
        "holding-netone",
        "acceptance-netone-1",
        "answer-netone-1",
    }


def test_what_is_not_there_is_not_explained() -> None:
    """C15: a party without a target has no clock; without a wish there is none (D5)."""
    it = Told("Thu 09:00")
    for name in (("holding", NETONE.ref, None), ("requested", None, None), ("answer", None, 3)):
        assert explain(it.act.events, it.setup, name, at("Thu 10:00")) is None


# The wish and the promise


def wished(text: str = "2026-11-27") -> Told:
    it = Told("Thu 09:00")
    acts.wish(it.at("Thu 09:30", EMI), day(text))
    return it


@pytest.mark.parametrize(
    ("resolved", "state", "late"),
    [("Fri 23:59:59", "met", 0), ("Sat 00:00", "breached", 0), ("Sat 01:00", "breached", HOUR)],
)
def test_a_day_is_kept_until_its_midnight(resolved: str, state: str, late: int) -> None:
    """D1: any time on that day in the desk's zone is in time."""
    it = wished()
    acts.resolve(it.at(resolved), "solved")
    found = why(it, "requested")
    assert (found.verdict.state, found.verdict.due_at) == (state, at("Sat 00:00"))
    assert found.sums.get(Kind.LATE, 0) == late
    assert found.verdict.outcome == "resolved"
    assert sum(found.sums.values()) == found.elapsed


@pytest.mark.parametrize(("resolved", "state"), [("12:00", "met"), ("12:00:01", "breached")])
def test_an_instant_is_kept_up_to_itself(resolved: str, state: str) -> None:
    """D1: resolved at or before it."""
    it = Told("Thu 09:00")
    acts.wish(it.at("Thu 09:00", EMI), moment("Thu 12:00"))
    acts.resolve(it.at(f"Thu {resolved}"), "solved")
    assert why(it, "requested").verdict.state == state


def test_no_hold_and_no_closed_day_moves_a_date() -> None:
    """D2: plain time runs up to it."""
    it = wished("2026-11-30")
    acts.hold(it.at("Thu 10:00"), "requester")
    found = why(it, "requested", now="Mon 10:00")
    assert found.sums == {Kind.UNDATED: HOUR // 2, Kind.AHEAD: 96 * HOUR + HOUR // 2}


def test_revisions_are_told_in_order_and_the_last_counts() -> None:
    """D3: the desk's counts once the requester has confirmed it; until then the old one."""
    it = wished()
    n = acts.wish(it.at("Thu 11:00"), day("2026-12-01"), by_requester=False)
    assert n
    proposed = why(it, "requested", now="Thu 12:00")
    assert [whats(s) for s in proposed.sections] == [["started"], ["dated"], ["proposed"]]
    assert proposed.verdict.due_at == at("Sat 00:00")
    acts.confirm_wish(it.at("Thu 14:00", EMI), n.seq, True)
    found = why(it, "requested", now="Thu 15:00")
    assert whats(found.sections[-1]) == ["confirmed"]
    assert "D3" in rules(found.sections[-1])
    assert found.verdict.date
    assert found.verdict.date.day == date(2026, 12, 1)


def test_the_first_wish_is_judged_beside_the_last() -> None:
    """D4: the headline is the first wish, the current one stands beside it."""
    it = wished()
    acts.wish(it.at("Thu 11:00", EMI), day("2026-12-01"))
    acts.resolve(it.at("Mon 10:00"), "solved")
    found = why(it, "requested")
    assert found.first
    assert (found.verdict.state, found.first.state) == ("met", "breached")
    assert why(wished(), "requested").first is None


def test_a_reopening_lets_a_date_be_judged_anew() -> None:
    """C11: judged at the last resolution; C12: between, it stood."""
    it = wished()
    acts.resolve(it.at("Thu 12:00"), "solved")
    acts.reopen(it.at("Thu 14:00"))
    found = why(it, "requested", now="Sat 02:00")
    assert found.sums[Kind.STOPPED] == 2 * HOUR
    assert found.sums[Kind.LATE] == 2 * HOUR
    assert (found.verdict.state, found.verdict.outcome) == ("breached", "")


def test_a_promise_is_explained_as_a_wish_is() -> None:
    """D3: offered, and declined: it counts until another is promised."""
    it = wished()
    offer = acts.promise(it.at("Thu 10:00"), day("2026-12-02"), reason="digest")
    assert offer
    acts.answer_promise(it.at("Thu 11:00", EMI), offer.seq, False)
    found = why(it, "promised", now="Thu 12:00")
    assert [whats(s) for s in found.sections] == [["started"], ["dated"], ["declined"]]
    assert found.verdict.state == "running"
