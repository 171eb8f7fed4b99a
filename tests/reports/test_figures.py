"""Figures on explicit examples: November 2026 of a desk in Tokyo."""

from __future__ import annotations

import pytest

from servicedesk.escalation import handoffs
from servicedesk.incidents import acts
from servicedesk.incidents.acts import Due
from servicedesk.reports.cases import Result, count, mean, percentile, share
from servicedesk.reports.figures import BY_ID, FIGURES, MANY, Figure
from servicedesk.setup.directory import Party
from servicedesk.setup.goals import AMOUNTS, SHARES
from tests.incidents.told import (
    CORE,
    DESK,
    EMI,
    NETONE,
    NETWORK,
    PRINTCO,
    Told,
    day,
    moment,
)
from tests.reports.counted import DECEMBER, LATER, OCTOBER, fact, frame, kept, value

CONTRACT = """
intake resolved backlog requested_due.current requested_due.first promised_due sla.response
sla.resolution ola.acceptance ola.answer ola.holding partner.acceptance partner.answer
partner.holding first_tier_resolution escalation_rate ping_pong reopened handoffs
time_to_resolve.mean time_to_resolve.p50 time_to_resolve.p90 working_time_to_resolve.p50
open_past_due
""".split()

HOUR = 3600


def wished(due: Due, when: str = "Thu 09:00") -> Told:
    """An incident with a wish, made at once."""
    it = Told(when)
    acts.wish(it.at(when, EMI), due)
    return it


def resolved(it: Told, when: str) -> Told:
    acts.resolve(it.at(when), "solved")
    return it


def cancelled(it: Told, when: str) -> Told:
    acts.cancel(it.at(when, EMI))
    return it


# The registry


def test_every_figure_of_the_contract_is_there() -> None:
    assert set(CONTRACT) <= set(BY_ID)


def test_goals_can_be_set_for_every_figure_of_the_contract() -> None:
    assert set(CONTRACT) == set(SHARES + AMOUNTS)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.id)
def test_a_figure_says_what_it_is(figure: Figure) -> None:
    """F1: each has population, exclusions, formula and version."""
    assert all((figure.name, figure.population, figure.exclusions, figure.formula, figure.version))


def test_what_has_a_column_counts_an_incident_once() -> None:
    """F7: a row an incident, a column a figure."""
    it = wished(day("2026-11-27"))
    it.hand(NETWORK, "09:30")
    it.hand(NETONE, "09:40")
    said = fact(resolved(it, "10:00"))
    for figure in FIGURES:
        assert figure.column in MANY or len(figure.of([said], frame())) <= 1


# F2


@pytest.mark.parametrize(
    ("due", "when", "in_time"),
    [
        (day("2026-11-27"), "Fri 23:59:59", 1),  # any time on that day
        (day("2026-11-27"), "Sat 00:00:00", 0),  # not at the next midnight
        (moment("Fri 12:00"), "Fri 12:00:00", 1),  # at the instant
        (moment("Fri 12:00"), "Fri 12:00:01", 0),
    ],
)
def test_a_wish_is_judged_at_the_last_resolution(due: Due, when: str, in_time: int) -> None:
    """F2, D1: in time is what is resolved by the date."""
    assert kept("requested_due.first", resolved(wished(due), when)) == (in_time, 1)


def test_what_is_still_open_past_its_wish_is_late() -> None:
    """F2: never "of those resolved"."""
    assert kept("requested_due.first", wished(day("2026-11-27"))) == (0, 1)


def test_what_was_cancelled_before_its_wish_is_left_out() -> None:
    """F2: cancelled before it = left out; after it = late."""
    before = cancelled(wished(day("2026-11-27")), "Fri 12:00")
    after = cancelled(wished(day("2026-11-27")), "Sat 12:00")
    assert kept("requested_due.first", before, after) == (0, 1)


def test_a_day_belongs_to_its_month_although_it_is_judged_in_the_next() -> None:
    """F2: the 30th of November is judged at midnight, and is November's."""
    it = resolved(wished(day("2026-11-30")), "Mon 23:59:59")
    assert kept("requested_due.first", it) == (1, 1)
    assert kept("requested_due.first", it, period=DECEMBER) == (0, 0)


def test_an_instant_at_midnight_is_of_the_next_month() -> None:
    """F2: periods are half-open."""
    it = resolved(wished(moment("2026-12-01 00:00")), "Mon 12:00")
    assert kept("requested_due.first", it) == (0, 0)
    assert kept("requested_due.first", it, period=DECEMBER) == (1, 1)


def test_a_wish_ahead_of_the_cut_off_stands_apart() -> None:
    """F2: wishes still ahead are given apart."""
    ahead = wished(day("2026-11-30"))
    done = resolved(wished(day("2026-11-30")), "Thu 12:00")
    assert kept("requested_due.current", ahead, done, now="Fri 09:00") == (1, 1)
    assert value("requested_due.ahead", ahead, done, now="Fri 09:00") == 1
    assert value("requested_due.ahead", ahead, done, now="Tue 09:00") == 0


def test_the_first_wish_is_the_headline_and_the_current_one_stands_beside_it() -> None:
    """D4: revised from Friday to the 2nd of December, resolved on Monday."""
    it = wished(day("2026-11-27"))
    acts.wish(it.at("Thu 12:00", EMI), day("2026-12-02"))
    resolved(it, "Mon 12:00")
    assert kept("requested_due.first", it) == (0, 1)
    assert kept("requested_due.current", it) == (0, 0)
    assert kept("requested_due.current", it, period=DECEMBER) == (1, 1)
    assert value("requested_due.revised", it, period=DECEMBER) == 1


def test_an_incident_without_a_wish_is_never_kept() -> None:
    """D5: it is counted as such."""
    both = (resolved(Told(), "10:00"), resolved(wished(day("2026-11-27")), "10:00"))
    assert kept("requested_due.first", *both) == (1, 1)
    assert kept("requested_due.share", *both) == (1, 2)


def test_a_reopening_is_judged_at_the_resolution_that_lasts() -> None:
    """F2: resolved in time, reopened, and resolved again too late."""
    it = resolved(wished(day("2026-11-27")), "Fri 10:00")
    acts.reopen(it.at("Fri 11:00", EMI))
    resolved(it, "Mon 10:00")
    assert kept("requested_due.first", it) == (0, 1)


def test_the_promise_is_judged_like_the_wish() -> None:
    it = wished(day("2026-11-27"))
    acts.promise(it.at("Thu 09:30"), day("2026-11-30"), reason="parts")
    assert kept("promised_due", resolved(it, "Mon 10:00")) == (1, 1)


def test_who_held_it_at_the_wish_answers_for_it() -> None:
    """F2: the network team had it on Friday at midnight."""
    it = wished(day("2026-11-27"))
    it.hand(NETWORK, "Fri 10:00")
    resolved(it, "Mon 10:00")
    assert kept("requested_due.first", it, party=NETWORK) == (0, 1)
    assert kept("requested_due.first", it, party=DESK) == (0, 0)


def test_who_resolved_it_before_the_wish_answers_for_it() -> None:
    """F2: or at resolution if earlier."""
    it = wished(day("2026-11-30"))
    it.hand(NETWORK, "Fri 10:00")
    resolved(it, "Fri 11:00")
    assert kept("requested_due.first", it, party=NETWORK) == (1, 1)


def test_what_was_sent_back_unaccepted_was_the_senders() -> None:
    """F2: the partner had it at the wish, but never accepted it."""
    it = wished(day("2026-11-27"))
    it.hand(PRINTCO, "Fri 10:00")
    handoffs.send_back(it.at("Mon 09:00"), 1, "digest")
    resolved(it, "Mon 10:00")
    assert kept("requested_due.first", it, party=DESK) == (0, 1)
    assert kept("requested_due.first", it, party=PRINTCO) == (0, 0)


def test_what_was_sent_back_after_being_accepted_was_the_receivers() -> None:
    """F2: accepted means held."""
    it = wished(day("2026-11-27"))
    it.hand(PRINTCO, "Fri 10:00")
    handoffs.accept(it.at("Fri 11:00"), 1)
    handoffs.send_back(it.at("Mon 09:00"), 1, "digest")
    assert kept("requested_due.first", it, party=PRINTCO) == (0, 1)


# F3


def test_a_breach_counts_at_its_breach_and_a_met_clock_at_its_stop() -> None:
    """F3: one hour is promised; breached in November, although resolved in December."""
    late = resolved(Told("Mon 16:00"), "2026-12-08 10:00")
    met = resolved(Told("Mon 17:30"), "2026-12-01 09:10")
    assert kept("sla.response", late, met) == (0, 1)
    assert kept("sla.response", late, met, period=DECEMBER) == (1, 1)


def test_a_target_reached_at_closing_time_is_missed_when_work_goes_on() -> None:
    """F3, C10: the breach carries Monday 18:00, and is seen on Tuesday at 09:00."""
    it = Told("Mon 17:00")
    assert kept("sla.response", it, now="2026-12-01 09:00") == (0, 0)
    assert kept("sla.response", it, now="2026-12-01 09:00:01") == (0, 1)
    assert kept("sla.response", it, now=LATER) == (0, 1)
    assert kept("sla.response", it, period=DECEMBER) == (0, 0)


def test_a_clock_counts_once_however_often_it_stopped() -> None:
    """F3: a met clock at its last stop, as known at the cut-off."""
    it = resolved(Told("Thu 09:00"), "Thu 10:00")
    acts.reopen(it.at("Mon 10:00", EMI))
    resolved(it, "2026-12-01 09:30")
    assert kept("sla.resolution", it) == (0, 0)
    assert kept("sla.resolution", it, period=DECEMBER) == (1, 1)


def test_a_running_clock_is_judged_by_the_end_of_the_period() -> None:
    """F3: nobody acted, but the hour passed on Thursday."""
    assert kept("sla.response", Told("Thu 09:00")) == (0, 1)
    assert kept("sla.response", Told("Thu 09:00"), now="Thu 09:30") == (0, 0)


def test_a_cancelled_clock_has_no_verdict() -> None:
    assert kept("sla.response", cancelled(Told("Thu 09:00"), "Thu 09:30")) == (0, 0)


def test_what_has_no_target_is_counted_apart() -> None:
    """F3: the count without target; P5 has none for the resolution."""
    it = resolved(Told(impact=3, urgency=3), "10:00")
    assert kept("sla.resolution", it) == (0, 0)
    assert value("sla.untargeted", it, resolved(Told(), "10:00")) == 1


def test_groups_and_partners_have_their_own_clocks() -> None:
    """F3: the group accepts late, the partner in time."""
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 09:30")
    handoffs.accept(it.at("Thu 11:00"), 1)
    it.hand(NETONE, "Thu 11:30")
    handoffs.accept(it.at("Thu 11:45"), 2)
    handoffs.answer(it.at("Fri 09:30"), 2, "digest")
    assert kept("ola.acceptance", it) == (0, 1)
    assert kept("partner.acceptance", it) == (1, 1)
    assert kept("partner.answer", it) == (1, 1)
    assert kept("partner.holding", it) == (1, 1)


def test_the_report_of_a_party_has_its_own_clocks_alone() -> None:
    it = Told("Thu 09:00")
    it.hand(NETWORK, "Thu 09:30")
    handoffs.accept(it.at("Thu 09:45"), 1)
    assert kept("ola.acceptance", it, party=NETWORK) == (1, 1)
    assert kept("ola.acceptance", it, party=DESK) == (0, 0)


def test_who_held_it_at_the_verdict_stands_beside_it() -> None:
    """F3: the desk answered, and handed it on in the same second."""
    met, late = Told("09:00"), Told("09:00")
    acts.comment(met.at("09:30"), None, "reply", "digest", desk=True)
    met.hand(NETWORK, "09:30")
    late.hand(NETWORK, "10:00")
    for it in (met, late):
        [clock] = [clock for clock in fact(it).clocks if clock.kind == "response"]
        assert clock.holder == (DESK if it is met else NETWORK).ref


# F4


def test_intake_counts_what_was_cancelled_too() -> None:
    """F4: and it is counted apart."""
    both = (Told(), cancelled(Told(), "10:00"))
    assert value("intake", *both) == 2
    assert value("intake.cancelled", *both) == 1


def test_resolved_is_by_the_last_resolution_and_not_what_is_open_again() -> None:
    """F4: resolved or closed at the cut-off with the last resolution in the period."""
    again = resolved(Told(), "10:00")
    acts.reopen(again.at("2026-12-01 10:00", EMI))
    later = resolved(Told(), "10:00")
    acts.close(later.at("2026-12-04 10:00"))
    assert value("resolved", again, later) == 1
    assert value("resolved", resolved(again, "2026-12-02 10:00"), period=DECEMBER) == 1


def test_backlog_is_what_is_open_at_the_end_of_the_period() -> None:
    """F4: also what was resolved at the very end of it, or was open only then."""
    at_the_end = resolved(Told(), "2026-12-01 00:00")
    before = resolved(Told(), "Mon 23:59:59")
    between = resolved(Told(), "Mon 10:00")
    acts.reopen(between.at("2026-12-01 10:00", EMI))
    assert value("backlog", at_the_end, before, between) == 1
    assert value("resolved", at_the_end, before, between) == 1


def test_what_flows_in_flows_out_or_stays() -> None:
    """F4: backlog before + logged + reopened - resolved - cancelled = backlog."""
    told = [
        resolved(Told("2026-10-30 10:00"), "Thu 10:00"),
        cancelled(Told("2026-10-30 11:00"), "Thu 11:00"),
        Told("Thu 12:00"),
        resolved(Told("Thu 13:00"), "2026-12-03 10:00"),
    ]
    assert value("backlog", *told, period=OCTOBER) == 2
    assert value("intake", *told) == 2
    assert value("backlog", *told) == 2 + 2 - 1 - 1


def test_only_what_never_left_the_first_tier_was_resolved_there() -> None:
    """F4: however briefly, even behind a hold for the requester."""
    stayed = resolved(Told(), "10:00")
    left = Told()
    acts.hold(left.at("09:30"), "requester")
    left.hand(NETWORK, "09:40")
    left.hand(DESK, "09:41")
    elsewhere = resolved(Told(given_to=NETWORK), "10:00")
    assert kept("first_tier_resolution", stayed, resolved(left, "10:00"), elsewhere) == (1, 3)


@pytest.mark.parametrize(
    ("path", "escalated"),
    [((NETWORK,), 1), ((NETONE,), 1), ((), 0)],
    ids=["up", "partner", "stayed"],
)
def test_a_hand_off_up_or_to_a_partner_is_an_escalation(
    path: tuple[Party, ...], escalated: int
) -> None:
    """F4."""
    it = Told()
    for party in path:
        it.hand(party, "09:30")
    assert kept("escalation_rate", resolved(it, "10:00")) == (escalated, 1)


def test_a_hand_off_down_is_no_escalation() -> None:
    """F4: it began at tier 3."""
    it = Told(given_to=CORE)
    it.hand(NETWORK, "09:30")
    assert kept("escalation_rate", resolved(it, "10:00")) == (0, 1)


def test_coming_back_is_being_handed_to_who_had_it_before() -> None:
    """F4, H5: an answer is no return."""
    answered, back, onward = Told(), Told(), Told()
    onward.hand(NETWORK, "09:30")
    onward.hand(NETONE, "09:45")
    answered.hand(NETWORK, "09:30")
    handoffs.answer(answered.at("09:45"), 1, "digest")
    back.hand(NETWORK, "09:30")
    back.hand(DESK, "09:45")
    told = (answered, back, onward)
    assert kept("ping_pong", *(resolved(it, "10:00") for it in told)) == (1, 3)


def test_reopened_counts_what_was_resolved_in_the_end() -> None:
    """F4."""
    it = resolved(Told(), "10:00")
    acts.reopen(it.at("11:00", EMI))
    assert kept("reopened", it) == (0, 0)
    assert kept("reopened", resolved(it, "12:00"), resolved(Told(), "10:00")) == (1, 2)


def test_the_time_between_a_resolution_and_its_reopening_does_not_count() -> None:
    """F4: an hour, then a weekend, then half an hour."""
    it = resolved(Told("Fri 17:00"), "Fri 18:00")
    acts.reopen(it.at("Mon 09:00", EMI))
    resolved(it, "Mon 09:30")
    assert value("time_to_resolve.mean", it) == 1.5 * HOUR
    assert value("working_time_to_resolve.p50", it) == 1.5 * HOUR


def test_working_time_is_that_of_the_desk_group() -> None:
    it = resolved(Told("Fri 17:00"), "Mon 10:00")
    assert value("time_to_resolve.p50", it) == 65 * HOUR
    assert value("working_time_to_resolve.p50", it) == 2 * HOUR


def test_hand_offs_count_in_the_month_in_which_they_were_sent() -> None:
    it = Told("Mon 09:00")
    it.hand(NETWORK, "Mon 10:00")
    it.hand(NETONE, "2026-12-01 10:00")
    assert value("handoffs", it) == 1
    assert value("handoffs", it, party=DESK) == 1
    assert value("handoffs", it, party=NETONE) == 0
    assert value("handoffs", it, party=NETONE, period=DECEMBER) == 1


def test_open_past_due_is_of_the_backlog() -> None:
    done = resolved(wished(day("2026-11-27")), "2026-12-02 10:00")
    ahead = wished(day("2026-12-01"))
    assert value("open_past_due", done, ahead, Told(), period=OCTOBER) == 0
    assert value("open_past_due", done, ahead, Told()) == 1


# How cases add up


def test_nothing_has_no_share_and_no_time() -> None:
    """F5: an empty population is neither 0 % nor 100 %."""
    assert share([]).number is None
    assert mean([]).number is None
    assert percentile(50)([]).number is None
    assert count([]).number == 0


@pytest.mark.parametrize(
    ("values", "half", "ninety"),
    [([7], 7, 7), ([1, 2], 1, 2), ([3, 1, 2], 2, 3), (list(range(1, 11)), 5, 9), ([5] * 100, 5, 5)],
)
def test_percentiles_are_values_that_occurred(values: list[int], half: int, ninety: int) -> None:
    assert percentile(50)(values).value == half
    assert percentile(90)(values).value == ninety


def test_a_mean_is_rounded_up() -> None:
    assert mean([1, 2, 2]) == Result(2, 5, 3)
