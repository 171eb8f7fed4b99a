"""Tables and lists of a report."""

from __future__ import annotations

import pytest

from servicedesk.escalation import handoffs
from servicedesk.incidents import acts
from servicedesk.reports import tables
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.periods import read_period
from tests.incidents.told import DESK, EMI, NETONE, NETWORK, Told, day, directory
from tests.reports.counted import LATER, NOVEMBER, facts, frame
from tests.reports.test_figures import cancelled, resolved, wished

HOUR = 3600
KEPT = BY_ID["requested_due.first"]


def kept_and_missed() -> list[Told]:
    printing = Told(service="printing")
    acts.wish(printing.at("09:00", EMI), day("2026-11-27"))
    kept, missed = wished(day("2026-11-27")), wished(day("2026-11-27"))
    return [resolved(kept, "10:00"), resolved(missed, "Mon 10:00"), resolved(printing, "10:00")]


def test_a_figure_split_up_adds_up_again() -> None:
    rows = tables.split(KEPT, facts(*kept_and_missed()), frame(), tables.by_service)
    assert [(row.key, row.result.numerator, row.result.denominator) for row in rows] == [
        ("1", 1, 2),
        ("2", 1, 1),
    ]


def test_small_rows_are_summed_up_but_never_a_single_one() -> None:
    told = facts(*kept_and_missed())
    by_number = tables.split(KEPT, told, frame(), lambda fact, case: str(fact.number), most=1)
    assert [(row.key, row.rows) for row in by_number] == [("1", 1), (tables.OTHERS, 2)]
    one_more = tables.split(KEPT, told, frame(), lambda fact, case: str(fact.number), most=2)
    assert [row.key for row in one_more] == ["1", "2", "3"]


def test_volumes_set_types_apart() -> None:
    """§8: incidents and service requests stand apart."""
    told = facts(Told(), Told(type="request"), resolved(Told(type="request"), "10:00"))
    rows = {row.key: row for row in tables.volumes(told, frame(), lambda fact: fact.type)}
    assert (rows["incident"].intake, rows["incident"].backlog) == (1, 1)
    assert (rows["request"].intake, rows["request"].resolved, rows["request"].backlog) == (2, 1, 1)


def test_flow_counts_hand_offs_from_tier_to_tier() -> None:
    it = Told()
    it.hand(NETWORK, "09:30")
    it.hand(NETONE, "09:40")
    it.hand(DESK, "09:50")
    assert tables.flow(facts(it), frame()) == {(1, 2): 1, (2, 0): 1, (0, 1): 1}


def test_hands_add_up_to_the_time_to_resolve() -> None:
    """H1: one hour each with the desk, the network team and the requester."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    acts.hold(it.at("11:00"), "requester")
    resolved(it, "12:00")
    held = tables.hands(facts(it), frame(), directory())
    assert held == {1: HOUR, 2: HOUR, None: HOUR}
    assert sum(held.values()) == facts(it)[0].elapsed


def test_a_partner_is_told_what_it_was_sent_and_what_it_did() -> None:
    it = Told("09:00")
    it.hand(NETONE, "10:00")
    handoffs.accept(it.at("10:10"), 1)
    handoffs.send_back(it.at("11:00"), 1, "digest")
    it.hand(NETONE, "Mon 23:00")
    [row] = tables.partners(facts(it), frame(), directory())
    assert (row.sent, row.sent_back, row.open) == (2, 1, 1)
    assert row.seconds == 2 * HOUR  # one on Thursday, one to the end of the month
    assert (row.accepted.numerator, row.accepted.denominator) == (1, 1)


@pytest.mark.parametrize(
    ("logged", "band"),
    [
        ("Thu 09:00", 0),
        ("2026-11-24 00:00", 1),
        ("2026-11-24 00:00:01", 0),
        ("2026-06-01 09:00", 4),
    ],
)
def test_age_is_counted_at_the_end_of_the_period(logged: str, band: int) -> None:
    assert tables.ageing(facts(Told(logged)), frame(), directory()) == {(1, band): 1}


def test_the_latest_are_listed_first_and_open_ones_as_they_stood() -> None:
    """F2: also what was cancelled after its wish; nothing that was cancelled before."""
    told = facts(
        resolved(wished(day("2026-11-27")), "Sat 10:00"),
        wished(day("2026-11-26")),
        cancelled(wished(day("2026-11-27")), "Sat 09:00"),
        cancelled(wished(day("2026-11-27")), "Fri 09:00"),
    )
    rows = tables.late(told, frame())
    assert [(row.fact.number, row.open) for row in rows] == [(2, True), (1, False), (3, False)]


def test_what_was_resolved_after_the_period_was_still_open_in_it() -> None:
    """F6: later facts that change no figure change no list."""
    before, after = wished(day("2026-11-27")), wished(day("2026-11-27"))
    resolved(after, "2026-12-10 10:00")
    rows = [tables.late(facts(told), frame()) for told in (before, after)]
    assert [(row.until, row.open) for [row] in rows] == [(frame().at, True)] * 2


def test_breaches_are_listed_by_urgency() -> None:
    told = facts(Told("Thu 09:00"), Told("Thu 09:00", impact=1, urgency=1))
    assert [fact.priority for fact, _case in tables.breaches(told, frame())] == ["P1", "P3"]


def test_the_course_begins_with_the_first_incident() -> None:
    told = facts(resolved(Told("2026-09-28 10:00"), "Thu 10:00"))
    rows = tables.course(told, frame())
    assert [(row.name, row.intake, row.resolved, row.backlog) for row in rows] == [
        ("2026-09", 1, 0, 1),
        ("2026-10", 0, 0, 1),
        ("2026-11", 0, 1, 0),
    ]
    assert tables.course([], frame(NOVEMBER, LATER)) == []


def test_the_course_of_a_year_under_way_ends_with_the_month_that_has_begun() -> None:
    year = read_period("2026-04..2027-03", "Asia/Tokyo", 4)
    rows = tables.course(facts(Told("2026-10-28 10:00")), frame(year, "2026-11-26 10:00"))
    assert [row.name for row in rows] == ["2026-10", "2026-11"]


def test_causes_say_in_whose_hands_the_counted_time_was() -> None:
    """§8: to the end of the 2nd working day after it, 24 hours: one of them with the desk."""
    it = Told("Thu 09:00")
    it.hand(NETONE, "Thu 10:00")
    resolved(it, "Tue 17:00")
    rows = tables.causes("sla.resolution", facts(it), frame())
    assert [(row.key, row.seconds, row.held, row.longest) for row in rows] == [
        (NETONE.ref, 23 * HOUR, 1, 1),
        (DESK.ref, HOUR, 0, 0),
    ]
    assert tables.causes("sla.resolution", facts(resolved(Told(), "10:00")), frame()) == []


def test_small_causes_are_summed_up() -> None:
    late = [Told("Thu 09:00"), Told("Thu 09:00"), Told("Thu 09:00")]
    for it, party in zip(late, (NETWORK, NETONE, DESK), strict=True):
        if party is not DESK:
            it.hand(party, "Thu 10:00")
        resolved(it, "Tue 17:00")
    rows = tables.causes("sla.resolution", facts(*late), frame(), most=1)
    assert [(row.key, row.rows) for row in rows] == [(DESK.ref, 1), (tables.OTHERS, 2)]
    assert sum(row.seconds for row in rows) == 3 * 24 * HOUR


def test_the_course_sets_types_apart() -> None:
    """§8: incidents and service requests stand apart, also over the months."""
    told = facts(Told("2026-10-28 10:00"), resolved(Told(type="request"), "10:00"))
    october, november = tables.course(told, frame())
    assert october.types["incident"].intake == october.intake == 1
    assert (november.types["incident"].backlog, november.types["request"].resolved) == (1, 1)


def test_the_reopened_are_listed_most_often_first() -> None:
    """F4."""
    once, twice, never = Told("Thu 09:00"), Told("Thu 09:00"), Told("Thu 09:00")
    for it, times in ((once, 1), (twice, 2), (never, 0)):
        for n in range(times):
            acts.resolve(it.at(f"Thu {10 + 2 * n}:00"), "solved")
            acts.reopen(it.at(f"Thu {11 + 2 * n}:00"))
        resolved(it, "Fri 10:00")
    assert [fact.number for fact in tables.reopened(facts(once, twice, never), frame())] == [2, 1]
