"""What if: a period both ways, counted by hand, and by a second reckoning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from servicedesk.escalation import handoffs
from servicedesk.incidents import acts
from servicedesk.incidents.exclusions import commands as exclusions
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.incidents.priority import USUAL
from servicedesk.whatif.alternative import Changes
from servicedesk.whatif.comparing import GROUPS
from servicedesk.whatif.differences import BETTER, GONE, MOVED, NEW, SAME, WORSE
from tests.cast import at
from tests.incidents.test_story_properties import STEPS, Step, play
from tests.incidents.told import (
    ALWAYS,
    EMI,
    GROUP,
    ITO,
    KIM,
    NETONE,
    NETONE_TARGETS,
    NETWORK,
    OFFICE,
    ROUND,
    STANDARD,
    Told,
    directory,
    moment,
)
from tests.reports.counted import DECEMBER, NOVEMBER
from tests.whatif.judged import clock, compared, parts, terms

HOUR = 3600
P3 = STANDARD["targets"]["P3"]


def targets(**by_priority: dict[str, object]) -> Changes:
    """What if `standard` had other targets?"""
    said = {**STANDARD["targets"], **by_priority}
    return Changes(agreements={"standard": terms(targets=said)})


def solved(when: str = "Fri 12:00", logged: str = "Thu 09:00", **how: Any) -> Told:
    """One incident, by hand: logged Thursday at 9, answered at 9:30, resolved Friday at noon."""
    it = Told(logged, **how)
    acts.comment(it.at(logged.replace(":00", ":30")), None, "reply", "digest", desk=True)
    acts.resolve(it.at(when), "solved")
    return it


def test_a_shorter_target_is_missed_by_what_took_longer() -> None:
    """C10: Thursday 9 to Friday noon are eleven working hours; eight end on Thursday at 18."""
    found = compared(targets(P3={**P3, "resolution": 480}), solved())
    it = clock(found, "resolution")
    assert (it.change, found.counts[WORSE]) == (WORSE, 1)
    assert it.before is not None
    assert it.after is not None
    assert (it.before.state, it.after.state) == ("met", "breached")
    assert (it.before.due, it.after.due) == (at("Mon 18:00"), at("Thu 18:00"))
    assert (it.before.target, it.after.target) == (24 * HOUR, 8 * HOUR)
    assert it.before.counted == it.after.counted == 11 * HOUR
    assert it.after.breached_at == at("Thu 18:00")
    assert parts(found, "sla.resolution") == ((1, 1), (0, 1))
    assert found.pairs["sla.resolution"].missed == (0, 1)
    assert parts(found, "sla.response") == ((1, 1), (1, 1))


def test_where_only_the_due_date_differs_the_verdict_is_the_same() -> None:
    """C3: eleven hours keep twelve as they keep two days."""
    found = compared(targets(P3={**P3, "resolution": 720}), solved())
    assert clock(found, "resolution").change == SAME
    assert found.turned == []
    assert parts(found, "sla.resolution") == ((1, 1), (1, 1))


def test_a_longer_target_makes_a_breach_less() -> None:
    """C10: fifteen minutes for a P1 were too few; sixty would have done."""
    it = solved(impact=1, urgency=1)
    found = compared(targets(P1={"response": 60, "resolution": 240}), it)
    assert clock(found, "response").change == BETTER
    assert parts(found, "sla.response") == ((0, 1), (1, 1))


def test_a_target_that_was_none_and_one_that_is_no_more() -> None:
    """C9: without a target there is no clock, and no verdict."""
    found = compared(
        Changes(agreements={"standard": terms(targets={"P3": {"resolution": "2d"}})}), solved()
    )
    assert clock(found, "response").change == GONE
    found = compared(targets(P5={"response": 480, "resolution": "5d"}), solved(urgency=3, impact=3))
    assert clock(found, "resolution").change == NEW
    assert found.pairs["sla.untargeted"].before.value == 1
    assert found.pairs["sla.untargeted"].after.value == 0


def test_another_agreement_for_a_service_is_that_services_alone() -> None:
    """C8: internet by the agreement of printing, round the clock: ten hours end at 19:00."""
    changes = Changes(agreements={"round*": terms(ROUND)}, services={"internet": "round*"})
    found = compared(changes, solved(), solved(service="printing"))
    it = clock(found, "resolution")
    assert it.after is not None
    assert (it.change, it.after.due) == (WORSE, at("Thu 19:00"))
    assert it.after.counted == 27 * HOUR
    assert {each.number for each in found.differences} == {1}


def test_what_came_to_the_service_later_is_judged_by_it_too() -> None:
    """C9: reclassified, it follows what the alternative says of the other service."""
    it = Told("09:00", service="printing")
    acts.reclassify(it.at("10:00"), directory().services_by_key["internet"])
    acts.resolve(it.at("Fri 12:00"), "solved")
    changes = Changes(agreements={"short": terms(targets={"resolution": 60})},
                      services={"internet": "short"})  # fmt: skip
    found = compared(changes, it)
    assert clock(found, "resolution").change == WORSE
    assert found.pairs["sla.untargeted"].after.value == 0


def test_another_matrix_gives_another_priority_from_the_start() -> None:
    """C9: impact 2 and urgency 2 as P1: four hours, on Thursday up to 14:00."""
    cells = {"1,1": "P1", "1,2": "P2", "2,1": "P2", "2,2": "P1", "1,3": "P3", "3,1": "P3",
             "2,3": "P4", "3,2": "P4", "3,3": "P5"}  # fmt: skip
    found = compared(Changes(priorities=cells), solved())
    it = clock(found, "resolution")
    assert it.before is not None
    assert it.after is not None
    assert (it.before.priority, it.after.priority) == ("P3", "P1")
    assert (it.change, it.after.due) == (WORSE, at("Thu 14:00"))


def test_a_pause_that_counts_is_missed_by_what_waited() -> None:
    """C4: a day waiting for the requester rests today; without pauses it counts."""
    it = Told("09:00")
    acts.hold(it.at("10:00"), "requester", None)
    acts.start(it.at("Mon 12:00"))
    acts.resolve(it.at("Tue 12:00"), "solved")
    found = compared(Changes(agreements={"standard": terms(pauses=[])}), it)
    both = clock(found, "resolution")
    assert both.before is not None
    assert both.after is not None
    assert (both.before.counted, both.after.counted) == (9 * HOUR, 27 * HOUR)
    assert (both.change, both.after.due) == (WORSE, at("Mon 18:00"))


def test_a_calendar_with_a_holiday_more_gives_a_day_more() -> None:
    """C7: with Friday off, two days from Thursday end on Tuesday, and Monday night keeps them."""
    it = solved("Tue 09:30")
    holidays = OFFICE.days_off | {date(2026, 11, 27)}
    found = compared(Changes(calendars={"office": replace(OFFICE, days_off=holidays)}), it)
    both = clock(found, "resolution")
    assert both.before is not None
    assert both.after is not None
    assert (both.before.due, both.after.due) == (at("Mon 18:00"), at("Tue 18:00"))
    assert (both.change, both.before.counted) == (BETTER, 24 * HOUR + HOUR // 2)
    assert both.after.counted == 16 * HOUR + HOUR // 2


def test_targets_of_a_group_and_a_partner_judge_their_own_clocks() -> None:
    """C4: accepted within an hour, answered within three."""
    it = Told("09:00")
    it.hand(NETWORK, "09:00")
    handoffs.accept(it.at("09:20"), 1)
    it.hand(NETONE, "10:00")
    handoffs.accept(it.at("10:50", KIM), 2)
    handoffs.answer(it.at("14:00", KIM), 2, "digest")
    acts.resolve(it.at("15:00"), "solved")
    group = terms({**GROUP, "targets": {**GROUP["targets"], "acceptance": 15}})
    contract = {**NETONE_TARGETS, "P3": {"acceptance": 60, "answer": 120, "holding": 960}}
    partner = terms({"calendar": "office", "targets": contract})
    found = compared(Changes(groups={"network": group}, partners={"netone": partner}), it)
    assert clock(found, "acceptance", NETWORK.ref).change == WORSE
    assert clock(found, "answer", NETONE.ref).change == WORSE
    assert parts(found, "ola.acceptance") == ((1, 1), (0, 1))
    assert parts(found, "partner.answer") == ((1, 1), (0, 1))
    assert parts(found, "partner.acceptance") == ((1, 1), (1, 1))
    assert {each.kind for each in found.turned} == {"acceptance", "answer"}


def test_a_breach_counts_in_the_period_of_the_breach() -> None:
    """F3: late in December as it was, in November by eight hours: another period."""
    it = solved("2026-12-03 12:00", logged="Fri 09:00")
    shorter = targets(P3={**P3, "resolution": 480})
    november = compared(shorter, it, period=NOVEMBER)
    assert clock(november, "resolution").change == MOVED
    assert parts(november, "sla.resolution") == ((0, 0), (0, 1))
    december = compared(shorter, it, period=DECEMBER)
    assert clock(december, "resolution").change == MOVED
    assert parts(december, "sla.resolution") == ((0, 1), (0, 0))


def test_what_is_excluded_is_left_out_both_ways() -> None:
    """C11: gross and net stand side by side."""
    it = solved()
    exclusions.ask(
        it.at("Mon 09:00", ITO), Wanted(at("Thu 09:00"), at("Thu 18:00"), ("resolution",)),
        "digest", "agent",
    )  # fmt: skip
    exclusions.decide(it.at("Mon 09:30", 9), it.story.seq, True, (), "manager", "digest")
    found = compared(targets(P3={**P3, "resolution": 480}), it)
    both = clock(found, "resolution")
    assert both.before is not None
    assert both.after is not None
    assert (both.before.state, both.before.net) == ("met", "met")
    assert (both.after.state, both.after.net) == ("breached", "met")
    assert parts(found, "sla.resolution") == ((1, 1), (0, 1))
    net = found.pairs["sla.resolution"].net
    assert net is not None
    assert (net.after.numerator, net.after.denominator) == (1, 1)
    assert found.pairs["sla.response"].net is None


@given(STEPS, st.integers(1, 3000))
def test_any_other_target_is_judged_as_a_second_reckoning_judges_it(
    steps: list[Step], minutes: int
) -> None:
    """C6, C10: late if more seconds were counted than the other target has, whatever was done."""
    it, second = play(steps)
    changes = Changes(agreements={"round": terms(ROUND, targets={"resolution": minutes})})
    found = compared(changes, it)
    if "cancel" in {event.kind for event in it.act.events} or second.open:
        return
    after = parts(found, "sla.resolution")[1]
    if it.story.resolved_at and it.story.resolved_at < NOVEMBER.end:
        assert after == (int(second.counted <= minutes * 60), 1)


@given(STEPS)
def test_the_same_terms_said_otherwise_change_nothing(steps: list[Step]) -> None:
    """C6: an alternative that is the present set-up with one version is what is so."""
    it, _second = play(steps)
    round_ = {f"P{n}": ROUND["targets"] for n in range(1, 6)}
    group = {f"P{n}": GROUP["targets"] for n in range(1, 6)}
    names = ("desk", "network")
    changes = Changes(
        calendars={"always": ALWAYS, "office": replace(OFFICE, special={date(2026, 11, 23): ()})},
        agreements={"round": terms(ROUND, targets=round_), "standard": terms()},
        groups={key: terms({**GROUP, "targets": group}) for key in names},
        services={"printing": "round", "internet": "standard"},
        priorities={**USUAL},
    )
    found = compared(changes, it)
    assert found.differences == []
    assert all(pair.before == pair.after for pair in found.pairs.values())


@given(STEPS, st.sampled_from(["calendar", "targets", "matrix"]))
def test_no_other_terms_move_a_wish(steps: list[Step], what: str) -> None:
    """D2: whatever the alternative, requested dates are kept or missed as they were."""
    it, _second = play(steps)
    wished = Told("09:00", service="printing")
    acts.wish(wished.at("09:10", EMI), moment("Fri 09:00"))
    acts.resolve(wished.at("Fri 10:00"), "solved")
    changes = {
        "calendar": Changes(calendars={"always": OFFICE, "office": ALWAYS}),
        "targets": Changes(agreements={"round": terms(targets={"resolution": 1})}),
        "matrix": Changes(priorities=dict.fromkeys(USUAL, "P1")),
    }
    found = compared(changes[what], it, wished)
    for id in GROUPS["dates"]:
        pair = found.pairs[id]
        assert pair.before == pair.after
        assert (pair.before.denominator or 0) >= 1
    assert not {each.kind for each in found.differences} & {"requested", "promised"}
