"""F2: in whose hands the time before late wishes was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from servicedesk.escalation import handoffs
from servicedesk.incidents import acts
from servicedesk.reports import causes
from servicedesk.reports.cases import Frame
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.periods import read_period
from tests.incidents.told import DESK, EMI, NETONE, Told, moment
from tests.reports.counted import facts, frame
from tests.reports.test_figure_properties import HISTORIES, NOW, PERIODS, told
from tests.reports.test_figures import resolved

HOUR = 3600


def wished() -> Told:
    """Logged on Thursday at nine, wished for noon."""
    it = Told("Thu 09:00")
    acts.wish(it.at("Thu 09:00", EMI), moment("2026-11-26 12:00"))
    return it


def test_the_time_to_a_late_wish_is_split_by_who_had_it() -> None:
    """§8: causes of breach by party, for wishes too; what came after the wish is no cause."""
    it = wished()
    it.hand(NETONE, "Thu 10:00")
    rows = causes.of_wishes(facts(resolved(it, "Thu 15:00")), frame())
    assert [(row.key, row.seconds, row.held, row.longest) for row in rows] == [
        (NETONE.ref, 2 * HOUR, 1, 1),
        (DESK.ref, HOUR, 0, 0),
    ]


def test_a_wish_that_was_kept_has_no_cause() -> None:
    assert causes.of_wishes(facts(resolved(wished(), "Thu 11:00")), frame()) == []


def test_time_of_what_came_back_unaccepted_is_the_senders() -> None:
    """F2."""
    it = wished()
    it.hand(NETONE, "Thu 10:00")
    handoffs.send_back(it.at("Thu 11:00"), 1, "digest")
    [row] = causes.of_wishes(facts(resolved(it, "Thu 15:00")), frame())
    assert (row.key, row.seconds) == (DESK.ref, 3 * HOUR)


@given(HISTORIES, st.sampled_from(PERIODS))
def test_causes_of_wishes_add_up_to_the_second(histories: list, name: str) -> None:  # type: ignore[type-arg]
    facts, frame = told(histories), Frame(read_period(name, "Asia/Tokyo"), NOW)
    late = [f for f in facts for c in BY_ID["requested_due.current"].of([f], frame) if not c.value]
    rows = causes.of_wishes(facts, frame)
    assert sum(row.held for row in rows) == len(late)
    open_for = 0
    for fact in late:
        assert fact.wish
        until = fact.wish.due
        spells = ((start, min(end or until, until)) for start, end in fact.spells)
        open_for += sum(int((b - a).total_seconds()) for a, b in spells if a < b)
    assert sum(row.seconds for row in rows) == open_for
