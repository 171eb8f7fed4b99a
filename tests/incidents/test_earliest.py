"""The promise helper: the earliest date that targets, contracts and calendars allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.escalation import handoffs
from servicedesk.incidents import acts
from servicedesk.incidents.dates.earliest import Earliest, Way, ahead, earliest
from servicedesk.setup.directory import Directory, Party
from servicedesk.sla.calendar import Calendar, Version, parse_hours
from tests.cast import at
from tests.incidents.told import (
    CORE,
    DESK,
    EMI,
    FIELD,
    NETONE,
    NETWORK,
    PARTIES,
    PRINTCO,
    Told,
    agreement,
    day,
    directory,
    moment,
)
from tests.sla import naive

# The desk and the network team may hold 8 h, NetOne 16 h by contract, all from 9 to 18 with an
# hour off; Thursday the 26th, Friday, Monday … An office day is 8 h.


def found(it: Told, when: str) -> Earliest:
    result = earliest(it.act.work, at(when))
    assert result is not None
    return result


def ends(way: Way) -> list[tuple[str, str | None, datetime]]:
    """List party, what its target says, and until when."""
    keys = {party.ref: party.key for party in PARTIES.values()}
    return [(keys[p.leg.party], p.leg.kind, p.leg.end) for p in way.parts]


def with_party(party: Party, definition: Mapping[str, Any], **calendars: Version) -> Directory:
    """Make the set-up in which a party has other targets, or calendars."""
    plain = directory()
    other = replace(party, agreement=agreement(9, party.key, definition))
    hours = {key: Calendar((version,)) for key, version in calendars.items()}
    return replace(
        plain,
        parties={**plain.parties, party.ref: other},
        calendars={**plain.calendars, **hours},
    )


def test_who_has_it_has_what_is_left_and_each_further_step_all_it_is_allowed() -> None:
    """C3, C4: the desk's 8 h from Thursday 9:00, then 8 h of the network team, then NetOne's 16."""
    it = Told("09:00")
    result = found(it, "14:00")  # 4 h of 8 are counted
    assert ends(result.here) == [("desk", "holding", at("18:00"))]
    assert ends(result.whole) == [
        ("desk", "holding", at("18:00")),
        ("network", "holding", at("Fri 18:00")),
        ("netone", "holding", at("Tue 18:00")),
    ]
    assert result.here.parts[0].left == 4 * 3600
    assert (result.here.day("Asia/Tokyo"), result.whole.day("Asia/Tokyo")) == (
        date(2026, 11, 26),
        date(2026, 12, 1),
    )


def test_steps_behind_are_not_walked_again() -> None:
    """H3: the remaining path; NetOne's contract from the hand-off on."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    it.hand(NETONE, "11:00")
    result = found(it, "12:00")
    assert ends(result.whole) == [("netone", "holding", at("Mon 11:00"))]
    assert result.whole == result.here


def test_every_visit_counts_to_the_holding() -> None:
    """C4: one holding clock of a party sums all its visits."""
    it = Told("09:00")
    it.hand(NETWORK, "11:00")
    handoffs.answer(it.at("14:00"), 1, "digest")
    assert found(it, "14:00").here.at == at("Fri 11:00")  # 2 h of 8 were counted before


def test_holidays_move_it() -> None:
    """C2, C7: the 29th and 30th of December are closed, Saturdays and Sundays too."""
    it = Told("2026-12-28 09:00")
    assert ends(found(it, "2026-12-28 14:00").whole) == [
        ("desk", "holding", at("2026-12-28 18:00")),
        ("network", "holding", at("2026-12-31 18:00")),
        ("netone", "holding", at("2027-01-04 18:00")),
    ]


def test_a_partner_has_its_own_calendar() -> None:
    """C2: NetOne works at night in Berlin; its contract is for 2 working days there."""
    night = Version("Europe/Berlin", parse_hours({"mon-thu": ["22:00-30:00"]}))
    contract = {"calendar": "night", "targets": {"P3": {"holding": "2d"}}}
    it = Told("09:00", setup=with_party(NETONE, contract, night=night))
    it.hand(NETWORK, "10:00")
    result = found(it, "10:00")
    # Friday 10:00 in Tokyo lies in Thursday's night shift; two more: Monday's and Tuesday's,
    # which ends on Wednesday at 6:00 in Berlin
    assert ends(result.whole) == [
        ("network", "holding", at("Fri 10:00")),
        ("netone", "holding", at("Wed 14:00")),
    ]
    assert result.whole.parts[1].target is not None
    assert result.whole.parts[1].target.days == 2


@pytest.mark.parametrize(
    ("targets", "wanted"),
    [
        ({"acceptance": 30, "answer": 240}, ("answer", "15:00")),  # the hand-off was at 10:00
        ({"acceptance": 60}, ("acceptance", "11:00")),
        ({}, (None, "10:30")),
    ],
)
def test_without_a_holding_target_the_answer_counts_else_the_acceptance(
    targets: dict[str, int], wanted: tuple[str | None, str]
) -> None:
    it = Told("09:00", setup=with_party(NETWORK, {"calendar": "office", "targets": targets}))
    it.hand(PARTIES[NETWORK.ref], "10:00")
    part = found(it, "10:30").here.parts[0]
    assert (part.leg.kind, part.leg.end) == (wanted[0], at(wanted[1]))


def test_what_was_accepted_says_nothing_more_by_that() -> None:
    it = Told(
        "09:00", setup=with_party(NETWORK, {"calendar": "office", "targets": {"acceptance": 60}})
    )
    it.hand(NETWORK, "10:00")
    handoffs.accept(it.at("10:10"), 1)
    assert found(it, "10:30").here.silent == (NETWORK.ref,)


def test_who_was_not_handed_it_has_no_answer_to_give() -> None:
    it = Told("09:00", setup=with_party(DESK, {"calendar": "office", "targets": {"answer": 60}}))
    assert found(it, "09:30").here.at is None


def test_parties_without_a_target_are_named_as_saying_nothing() -> None:
    it = Told("09:00", service="printing")
    result = found(it, "09:00")
    assert result.whole.silent == (PRINTCO.ref,)
    assert result.whole.at == result.here.at == at("18:00")


def test_where_nobody_has_a_target_there_is_no_date() -> None:
    it = Told("09:00", service="printing", setup=with_party(DESK, {"calendar": "office"}))
    result = found(it, "09:00")
    assert (result.whole.at, result.whole.day("Asia/Tokyo")) == (None, None)
    assert result.whole.silent == (DESK.ref, PRINTCO.ref)


def test_a_party_that_never_works_again_is_named_and_there_is_no_date() -> None:
    """C3: a clear answer, never a loop."""
    closed = Version("Asia/Tokyo", parse_hours({}))
    contract = {"calendar": "closed", "targets": {"holding": 60}}
    it = Told("09:00", setup=with_party(NETWORK, contract, closed=closed))
    result = found(it, "09:00")
    assert (result.whole.closed, result.whole.at) == (NETWORK.ref, None)
    assert result.here.at == at("18:00")
    it.hand(NETWORK, "10:00")
    assert (found(it, "10:00").here.closed, found(it, "10:00").here.at) == (NETWORK.ref, None)


def test_who_is_over_has_nothing_left() -> None:
    """C10: late since Thursday 18:00; the others' time counts from now."""
    it = Told("09:00")
    result = found(it, "Fri 11:00")
    assert (result.here.at, result.here.parts[0].left) == (at("Fri 11:00"), -2 * 3600)
    assert result.whole.parts[1].leg.end == at("Mon 11:00")


def test_while_the_requester_is_waited_for_it_counts_from_now_and_says_so() -> None:
    """C4: the holding clock has stopped with 2 h counted; they are all that counts."""
    it = Told("09:00")
    acts.hold(it.at("11:00"), "requester")
    result = found(it, "16:00")
    assert result.waits is not None
    assert result.waits.reason == "requester"
    assert result.here.at == at("Fri 14:00")  # 2 h today, 4 h tomorrow


def test_a_hold_with_an_end_is_not_ended_earlier() -> None:
    """§4: on hold until Monday noon; C4: holding runs on, so nothing is left then."""
    it = Told("09:00")
    acts.hold(it.at("11:00"), "delivery", at("Mon 12:00"))
    result = found(it, "13:00")
    assert result.here.at == at("Mon 12:00")
    assert result.whole.parts[1].leg.start == at("Mon 12:00")


def test_a_priority_changed_while_the_requester_holds_counts_when_it_goes_on() -> None:
    """C9: a stopped party's clock takes the priority in force when it resumes."""
    by_priority = {"P3": {"holding": 480}, "P1": {"holding": 180}}
    it = Told("09:00", setup=with_party(DESK, {"calendar": "office", "targets": by_priority}))
    acts.hold(it.at("11:00"), "requester")
    acts.prioritise(it.at("11:30"), 1, 1)
    assert found(it, "13:00").here.at == at("14:00")


@pytest.mark.parametrize(
    ("holder", "rest"),
    [
        (DESK, [NETWORK, NETONE]),
        (NETONE, []),
        (FIELD, [NETONE]),  # beside the path: after the network team, which handed it over
    ],
)
def test_what_is_still_ahead_of_the_path(holder: Party, rest: Sequence[Party]) -> None:
    it = Told("09:00")
    if holder is not DESK:
        it.hand(NETWORK, "10:00")
        it.hand(holder, "10:30")
    path = it.setup.services[it.story.service].path
    assert list(ahead(it.story, path)) == [party.ref for party in rest]


def test_a_path_that_it_was_never_on_is_all_ahead() -> None:
    it = Told("09:00", given_to=CORE)
    assert list(ahead(it.story, (NETWORK.ref, NETONE.ref))) == [NETWORK.ref, NETONE.ref]


@pytest.mark.parametrize(
    ("wish", "keeps"),
    [
        (day("2026-11-30"), False),  # the whole way takes until Tuesday 18:00
        (day("2026-12-01"), True),
        (moment("Tue 18:00"), True),  # reaching it exactly is in time
        (moment("Tue 17:59"), False),
    ],
)
def test_it_says_whether_the_wish_can_be_kept(wish: acts.Due, keeps: bool) -> None:
    """D1: a day is in time until midnight, an instant up to itself."""
    it = Told("09:00")
    acts.wish(it.at("09:00", by=EMI), wish)
    result = found(it, "14:00")
    assert result.whole.keeps(result.wish) is keeps
    assert result.here.keeps(result.wish) is True


def test_what_ends_at_midnight_is_done_on_the_next_day() -> None:
    """D1: a day is judged at its midnight, so that day is not promised."""
    late = Version("Asia/Tokyo", parse_hours({"mon-fri": ["16:00-24:00"]}))
    it = Told(
        "16:00",
        service="printing",
        setup=with_party(DESK, {"calendar": "late", "targets": {"holding": 480}}, late=late),
    )
    assert found(it, "16:00").here.at == at("Fri 00:00")
    assert found(it, "16:00").here.day("Asia/Tokyo") == date(2026, 11, 27)
    acts.wish(it.at("16:00", by=EMI), day("2026-11-26"))
    assert found(it, "16:00").here.keeps(found(it, "16:00").wish) is False


def test_it_is_compared_with_the_customers_target() -> None:
    """C10: P3 is to be solved in 2 days, the whole way takes longer; P5 has no target."""
    it = Told("09:00")
    assert (found(it, "14:00").target, found(it, "14:00").in_target) == (at("Mon 18:00"), False)
    it = Told("09:00", impact=3, urgency=3)
    assert (found(it, "14:00").target, found(it, "14:00").in_target) == (None, None)


def test_a_target_that_rests_is_not_compared() -> None:
    """C5: while paused, a clock has no due instant."""
    it = Told("09:00")
    acts.hold(it.at("11:00"), "requester")
    assert found(it, "12:00").in_target is None


def test_what_has_ended_has_none() -> None:
    it = Told("09:00")
    acts.resolve(it.at("10:00"), "solved")
    assert earliest(it.act.work, at("11:00")) is None


def test_nothing_is_earlier_than_the_last_event() -> None:
    """A machine's clock may be behind."""
    it = Told("09:00")
    it.hand(NETWORK, "10:00")
    assert found(it, "09:30") == found(it, "10:00")


# Properties

MINUTES = st.integers(0, 9 * 24 * 60)
SHIFT = Version("Asia/Tokyo", parse_hours({"mon-sun": ["20:00-26:00"]}))


@st.composite
def stories(draw: st.DrawFn) -> Told:
    """An incident at some step of its path, with parties of any short targets."""
    setup = directory()
    parties = dict(setup.parties)
    for party in (DESK, NETWORK, NETONE):
        kinds = draw(st.dictionaries(st.just("holding"), st.integers(1, 900)))
        calendar = draw(st.sampled_from(["office", "always", "shift"]))
        said = {"calendar": calendar, "targets": kinds}
        parties[party.ref] = replace(party, agreement=agreement(9, party.key, said))
    calendars = {**setup.calendars, "shift": Calendar((SHIFT,))}
    it = Told("09:00", setup=replace(setup, parties=parties, calendars=calendars))
    for n, party in enumerate(draw(st.sampled_from([(), (NETWORK,), (NETWORK, NETONE)]))):
        it.hand(party, f"{10 + n}:00")
    if draw(st.booleans()):
        acts.hold(it.at("12:30"), "requester")
    return it


def alone(it: Told, way: Way, now: datetime) -> list[datetime]:
    """Give when each party of a way would be done if it were alone, from now on."""
    ends = []
    for part in way.parts:
        terms = it.setup.party(part.leg.party).agreement.at(now)
        ends.append(it.setup.calendars[terms.calendar].reach(now, part.leg.seconds))
    return ends


@given(stories(), MINUTES)
def test_it_is_never_earlier_than_any_party_alone(it: Told, later: int) -> None:
    now = at("13:00") + timedelta(minutes=later)
    result = earliest(it.act.work, now)
    assert result is not None
    for way in (result.here, result.whole):
        if way.at:
            assert all(way.at >= end for end in alone(it, way, now))


@given(stories(), MINUTES, MINUTES)
def test_it_never_gets_earlier_as_time_goes_on(it: Told, one: int, two: int) -> None:
    start = at("13:00")
    dates = [
        earliest(it.act.work, start + timedelta(minutes=minutes)) for minutes in sorted((one, two))
    ]
    first, second = (found.whole.at for found in dates if found)
    assert (first is None) == (second is None)
    assert first is None or second is None or first <= second


@given(stories(), st.integers(0, 2 * 24 * 60))
def test_it_is_what_a_walk_minute_by_minute_comes_to(it: Told, later: int) -> None:
    """C2, C3: an independent walk: hold what is counted so far, then party after party."""
    now = at("13:00") + timedelta(minutes=later)
    result = earliest(it.act.work, now)
    assert result is not None
    assert result.whole.at == walked(it, now)


def walked(it: Told, now: datetime) -> datetime | None:
    path = list(it.setup.services[it.story.service].path)
    end, says = now, False
    for ref in path[path.index(it.story.given_to) :]:
        terms = it.setup.party(ref).agreement.versions[0]
        target = terms.target("holding", it.story.priority)
        if target is None:
            continue
        versions = it.setup.calendars[terms.calendar].versions
        used = sum(
            naive.counted(versions, holding.start, holding.end or now)
            for holding in it.story.holdings
            if holding.holder == ref == it.story.given_to
        )
        left = max(0, 60 * (target.minutes or 0) - used)
        reached = naive.reach(versions, end, max(1, left), within=timedelta(days=20))
        assert reached is not None
        reached -= timedelta(minutes=0 if left else 1)  # nothing left: as soon as it works again
        end, says = reached, True
    return end if says else None


def test_with_nothing_left_it_is_as_soon_as_work_goes_on() -> None:
    """C2: nothing is promised for a Saturday on which nobody works."""
    it = Told("09:00")
    assert found(it, "Sat 11:00").here.at == at("Mon 09:00")
