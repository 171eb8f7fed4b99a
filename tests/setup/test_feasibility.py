"""Whether paths fit inside what the customer is promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from servicedesk.setup.directory import Directory, Party, Service
from servicedesk.setup.feasibility import Fit, Verdict, Walk, feasibility, starts
from servicedesk.sla.agreement import Agreement, Target, Terms, parse_target
from servicedesk.sla.calendar import Calendar, Version
from tests.sla import naive
from tests.sla.calendars import ALWAYS, OFFICE, at, calendar
from tests.sla.test_calendar_properties import PIVOTS, versions
from tests.support.torture import enough

NOW = at("2026-11-26 14:05")  # a Thursday
HOUR = 3600

CALENDARS = {
    "office": calendar(OFFICE),
    "always": calendar(ALWAYS),
    "night": calendar({"mon-fri": ["22:00-06:00"]}),
    "newyork": calendar({"mon-fri": ["09:00-17:00"]}, "America/New_York"),
    "berlin": calendar({"mon-sun": ["00:00-24:00"]}, "Europe/Berlin"),
    "never": calendar({}),
}

Targets = Mapping[str, int | str]


def terms(calendar: str, targets: Targets, by: str = "*", since: datetime | None = None) -> Terms:
    said = {kind: parse_target(value) for kind, value in targets.items()}
    return Terms(calendar, {by: said}, frozenset(), since)


def set_up(
    customer: Terms | Sequence[Terms],
    *path: Terms | Sequence[Terms],
    calendars: Mapping[str, Calendar] = CALENDARS,
) -> Directory:
    """A desk with one service, whose path is named by letters."""
    parties = {
        key: Party(key, key, key.upper(), Agreement(n, key, _versions(said)), tier=1)
        for n, (key, said) in enumerate(zip("abcdefg", path, strict=False), 1)
    }
    agreement = Agreement(0, "sla", _versions(customer))
    service = Service(1, "net", "Net", tuple(parties), agreement)
    return Directory(
        "Desk", "Asia/Tokyo", "en", 1, calendars, {0: agreement}, parties, {1: service}
    )


def _versions(said: Terms | Sequence[Terms]) -> tuple[Terms, ...]:
    return (said,) if isinstance(said, Terms) else tuple(said)


def fit(setup: Directory, clock: str = "resolution", priority: str = "P3", **more: object) -> Fit:
    (found,) = (
        each
        for each in feasibility(setup, NOW, **more)  # type: ignore[arg-type]
        if (each.clock, each.priority) == (clock, priority)
    )
    return found


def worst(found: Fit) -> Walk:
    assert found.worst is not None
    return found.worst


def test_the_starts_are_the_full_hours_of_the_next_four_weeks() -> None:
    sample = starts(NOW)
    assert sample[0] == at("2026-11-26 15:00")
    assert len(sample) == len(set(sample)) == 28 * 24
    assert sample[-1] - sample[0] == timedelta(hours=28 * 24 - 1)


def test_what_two_parties_may_take_together_fits() -> None:
    found = fit(
        set_up(
            terms("office", {"resolution": 8 * 60}),
            terms("office", {"holding": 4 * 60}),
            terms("office", {"holding": 4 * 60}),
        )
    )
    assert (found.verdict, found.late, found.starts) == (Verdict.ALWAYS, 0, 672)
    assert worst(found).spare == 0


def test_a_minute_too_much_never_fits() -> None:
    found = fit(
        set_up(
            terms("office", {"resolution": 8 * 60}),
            terms("office", {"holding": 4 * 60}),
            terms("office", {"holding": 4 * 60 + 1}),
        )
    )
    assert (found.verdict, found.late, worst(found).spare) == (Verdict.NEVER, 672, -60)


def test_each_leg_runs_on_its_own_calendar() -> None:
    """A partner at night: what the desk hands on by day waits for the evening."""
    setup = set_up(
        terms("office", {"resolution": "2d"}),
        terms("office", {"holding": 60}),
        terms("night", {"holding": 120}),
    )
    start = at("2026-11-26 10:00")
    walk = worst(fit(setup, sample=[start]))
    assert [(leg.start, leg.end) for leg in walk.legs] == [
        (start, at("2026-11-26 11:00")),
        (at("2026-11-26 11:00"), at("2026-11-27 00:00")),
    ]
    assert walk.due == at("2026-11-30 18:00")


def test_it_fits_from_some_starts_only() -> None:
    """Round the clock is promised what is kept in office hours."""
    found = fit(set_up(terms("always", {"resolution": 600}), terms("office", {"holding": 240})))
    assert found.verdict == Verdict.PARTLY
    # Fits on five days from midnight+5 to 14:00 (ten hours, of which four lie in the day).
    fitting = found.starts - found.late
    assert fitting == 20 * len(range(3, 15))
    late = worst(found)
    assert late.start == at("2026-11-27 15:00")
    assert late.end == at("2026-11-30 10:00")
    assert late.spare == -(67 - 10) * HOUR


def test_the_start_with_the_least_to_spare_is_told_where_all_fit() -> None:
    found = fit(set_up(terms("always", {"resolution": "5d"}), terms("office", {"holding": 60})))
    assert found.verdict == Verdict.ALWAYS
    assert worst(found).spare == min(
        worst(fit(set_up(terms("always", {"resolution": "5d"}), terms("office", {"holding": 60})),
                  sample=[start])).spare
        for start in starts(NOW)
    )  # fmt: skip


def test_an_end_after_closing_time_uses_nothing_up() -> None:
    """C10: what is counted by then is the target, and no more."""
    found = fit(
        set_up(terms("office", {"resolution": 60}), terms("always", {"holding": 120})),
        sample=[at("2026-11-26 17:00")],
    )
    walk = worst(found)
    assert (walk.due, walk.end) == (at("2026-11-26 18:00"), at("2026-11-26 19:00"))
    assert (found.verdict, walk.spare) == (Verdict.ALWAYS, 0)


def test_working_days_are_those_of_each_start() -> None:
    """C1: two working days from a Saturday end on Tuesday, from a Monday on Wednesday."""
    setup = set_up(terms("office", {"resolution": "2d"}), terms("office", {"holding": "2d"}))
    for day, due in (("28", "2026-12-01 18:00"), ("30", "2026-12-02 18:00")):
        walk = worst(fit(setup, sample=[at(f"2026-11-{day} 10:00")]))
        assert walk.due == walk.end == at(due)
    assert fit(setup).verdict == Verdict.ALWAYS


def test_days_of_one_party_begin_at_the_end_of_those_of_the_other() -> None:
    """C1: a day and two days are three days."""
    setups = {
        days: set_up(
            terms("office", {"resolution": "2d"}),
            terms("office", {"holding": "1d"}),
            terms("office", {"holding": days}),
        )
        for days in ("1d", "2d")
    }
    assert fit(setups["1d"]).verdict == Verdict.ALWAYS
    assert (fit(setups["2d"]).verdict, worst(fit(setups["2d"])).spare) == (Verdict.NEVER, -9 * HOUR)


def test_zones_count() -> None:
    """C2: what New York does by day is night in Tokyo."""
    setup = set_up(
        terms("office", {"resolution": 9 * 60}),
        terms("office", {"holding": 60}),
        terms("newyork", {"holding": 60}),
    )
    walk = worst(fit(setup, sample=[at("2026-11-26 09:00")]))
    assert walk.end == at("2026-11-27 00:00")  # 10:00 in New York
    assert walk.spare == 0
    other = set_up(terms("office", {"resolution": 9 * 60}), terms("newyork", {"holding": "1d"}))
    late = worst(fit(other, sample=[at("2026-11-27 17:00")]))
    assert (late.due, late.end) == (at("2026-11-30 17:00"), at("2026-12-01 07:00"))
    assert late.spare == -HOUR


@pytest.mark.parametrize(("day", "hours"), [("2027-03-27", 23), ("2026-10-24", 25)])
def test_a_day_of_working_time_is_as_long_as_it_is(day: str, hours: int) -> None:
    """C2: a gap shortens the day, a fold lengthens it."""
    start = at(f"{day} 12:00", "Europe/Berlin")
    setup = set_up(terms("berlin", {"resolution": "1d"}), terms("always", {"holding": 36 * 60}))
    assert worst(fit(setup, sample=[start])).spare == (12 + hours - 36) * HOUR


def test_who_says_nothing_makes_it_unknown() -> None:
    found = fit(
        set_up(
            terms("office", {"resolution": 480}),
            terms("office", {"holding": 60}),
            terms("office", {}),
        )
    )
    assert (found.verdict, found.silent, found.late) == (Verdict.UNKNOWN, ("b",), 0)


def test_who_says_only_when_it_begins_makes_it_unknown() -> None:
    found = fit(set_up(terms("office", {"resolution": 480}), terms("office", {"acceptance": 30})))
    assert (found.verdict, found.silent, found.vague) == (Verdict.UNKNOWN, (), ("a",))


def test_who_says_nothing_does_not_hide_that_the_others_are_late_already() -> None:
    found = fit(
        set_up(
            terms("office", {"resolution": 30}),
            terms("office", {"answer": 60}),
            terms("office", {}),
        )
    )
    assert (found.verdict, found.silent) == (Verdict.NEVER, ("b",))


def test_it_tells_how_far_a_path_fits() -> None:
    long = [terms("office", {"holding": 60}) for _ in range(4)]
    assert fit(set_up(terms("office", {"resolution": 150}), *long)).kept == 2
    assert fit(set_up(terms("office", {"resolution": 50}), *long)).kept == 0
    mute = [long[0], terms("office", {}), long[0]]
    found = fit(set_up(terms("office", {"resolution": 100}), *mute))
    assert (found.verdict, found.kept) == (Verdict.NEVER, 1)


def test_a_priority_without_a_target_is_told_apart() -> None:
    setup = set_up(terms("office", {"resolution": 480}, by="P1"), terms("office", {"holding": 60}))
    verdicts = {(each.priority, each.clock): each.verdict for each in feasibility(setup, NOW)}
    assert len(verdicts) == 10
    assert verdicts.pop(("P1", "resolution")) == Verdict.ALWAYS
    assert set(verdicts.values()) == {Verdict.NO_TARGET}


@pytest.mark.parametrize("target", [60, "1d"])
def test_a_calendar_without_working_time_is_named(target: int | str) -> None:
    """C3: a clear word, and no loop."""
    ours = fit(set_up(terms("never", {"resolution": target}), terms("office", {"holding": 60})))
    theirs = fit(set_up(terms("office", {"resolution": 60}), terms("never", {"holding": target})))
    assert (ours.verdict, ours.closed) == (Verdict.NO_TIME, "")
    assert (theirs.verdict, theirs.closed) == (Verdict.NO_TIME, "a")


def test_nobody_replies_before_they_begin_to_work() -> None:
    """C13: a response that is promised round the clock needs somebody round the clock."""
    day = fit(set_up(terms("always", {"response": 60}), terms("office", {})), "response")
    assert day.verdict == Verdict.PARTLY
    assert day.starts - day.late == 20 * 9  # from 09:00 to 17:00
    night = fit(set_up(terms("always", {"response": 60}), terms("always", {})), "response")
    assert (night.verdict, night.silent) == (Verdict.ALWAYS, ())


def test_nor_before_they_accept() -> None:
    """C13: what the first party has to accept within is part of the time to a first reply."""
    setup = set_up(terms("office", {"response": 30}), terms("office", {"acceptance": 31}))
    found = fit(setup, "response")
    assert (found.verdict, worst(found).spare) == (Verdict.NEVER, -60)
    closed = set_up(terms("office", {"response": 30}), terms("never", {}))
    assert fit(closed, "response").closed == "a"


def test_the_version_in_force_at_each_start_counts() -> None:
    """C8: what comes in force ahead counts from then on, of the agreement and of the path."""
    change = at("2026-12-10 15:00")
    setup = set_up(
        terms("office", {"resolution": 60}),
        [terms("office", {"holding": 60}), terms("office", {"holding": 90}, since=change)],
    )
    found = fit(setup)
    assert found.late == sum(1 for start in starts(NOW) if start >= change)


def test_services_with_the_same_path_are_judged_alike() -> None:
    setup = set_up(terms("office", {"resolution": 60}), terms("office", {"holding": 90}))
    (first,) = setup.services.values()
    other = Service(2, "mail", "Mail", first.path, first.agreement)
    found = feasibility(setup, NOW, [other, first])
    assert [each.service.key for each in found] == ["mail"] * 10 + ["net"] * 10
    assert [each.verdict for each in found[:10]] == [each.verdict for each in found[10:]]


# Against a walk that looks at one minute after another.


def targets(days: int) -> st.SearchStrategy[Target]:
    minutes = st.integers(1, 600).map(lambda count: Target(minutes=count))
    return minutes | st.integers(1, days).map(lambda count: Target(days=count))


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[list[Version]], list[Target], datetime]:
    """The calendars and targets of the customer and of one or two parties, and a start."""
    zone, day = draw(st.sampled_from(PIVOTS))
    zones = st.sampled_from([zone, "Asia/Tokyo", "America/New_York"])
    count = draw(st.integers(2, 3))
    calendars = [[draw(versions(zones, day))] for _ in range(count)]
    said = [draw(targets(2 if n else 3)) for n in range(count)]
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return calendars, said, noon + timedelta(hours=draw(st.integers(-48, 24)))


def _end(versions: Sequence[Version], target: Target, start: datetime) -> datetime:
    """When a target is used up, a minute after another; not where that is far away."""
    seconds = (target.minutes or 0) * 60
    if target.days:
        found = naive.working_days(versions, start, target.days)
        assume(found is not None)
        seconds = found or 0
    end = naive.reach(versions, start, seconds)
    assume(end is not None)
    return end or start


@settings(max_examples=enough(12, 500), deadline=None)
@given(cases())
def test_a_walk_ends_where_a_look_at_every_minute_ends_it(
    case: tuple[list[list[Version]], list[Target], datetime],
) -> None:
    """C1, C2, C3, C10: on all the calendars, and late by what is counted too much."""
    calendars, said, start = case
    due, end = _end(calendars[0], said[0], start), start
    ends = [
        end := _end(its, target, end) for its, target in zip(calendars[1:], said[1:], strict=True)
    ]
    names = [f"c{n}" for n in range(len(calendars))]
    customer = Terms(names[0], {"*": {"resolution": said[0]}})
    parties = [Terms(n, {"*": {"holding": t}}) for n, t in zip(names[1:], said[1:], strict=True)]
    known = {name: Calendar(its) for name, its in zip(names, calendars, strict=True)}
    found = fit(set_up(customer, *parties, calendars=known), sample=[start])
    walk = worst(found)
    assert (walk.due, [leg.end for leg in walk.legs]) == (due, ends)
    assert max(0, -walk.spare) == naive.counted(calendars[0], due, max(due, end))
    assert found.verdict == (Verdict.NEVER if walk.spare < 0 else Verdict.ALWAYS)
