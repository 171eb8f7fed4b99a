"""Whatever people do: what a report keeps of it, and how times add up."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from servicedesk.incidents.clocks import follow
from servicedesk.reports import carried, extent, tables
from servicedesk.reports.cases import Frame
from servicedesk.reports.contents import Contents
from servicedesk.reports.document import Document, Seal
from servicedesk.reports.facts import RESOLVED, About, Fact, derive
from servicedesk.reports.figures import FIGURES
from servicedesk.reports.periods import read_period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from tests.cast import at
from tests.incidents.test_story_properties import SETUP, STEPS, TARGET, Step, play

PERIODS = ("2026-10", "2026-11", "2026-12", "2027-01", "2027-02", "2027-11", "2028-02")
NOW = at("2028-06-01 09:00")
HISTORIES = st.lists(STEPS, min_size=1, max_size=4)
SOLVED = [(0, "resolve", None), (3600, "reopen", None), (200 * 3600, "resolve", None)]


def told(histories: list[list[Step]]) -> list[Fact]:
    works = [follow(play(steps)[0].act.events, SETUP) for steps in histories]
    return [derive(work, About(n), NOW) for n, work in enumerate(works, 1)]


@given(HISTORIES, st.sampled_from(PERIODS))
@example([SOLVED], "2027-02")
@example([[(3600, "resolve", None)]], "2026-12")  # only the month before is about it
def test_what_a_report_keeps_gives_the_same_figures_as_all(
    histories: list[list[Step]], name: str
) -> None:
    facts, period = told(histories), read_period(name, "Asia/Tokyo")
    kept = extent.needed(facts, period, 13)
    for one in filter(None, (period, period.before, period.year_before)):
        frame = Frame(one, NOW)
        for figure in FIGURES:
            assert figure.of(facts, frame) == figure.of(kept, frame), figure.id
        assert tables.partners(facts, frame, SETUP) == tables.partners(kept, frame, SETUP)
        assert tables.flow(facts, frame) == tables.flow(kept, frame)
        assert tables.hands(facts, frame, SETUP) == tables.hands(kept, frame, SETUP)
    frame = Frame(period, NOW)
    rows = {row.name: row for row in tables.course(facts, frame)}
    for row in tables.course(kept, frame):
        assert row == rows.pop(row.name)
    assert all(row.intake == row.resolved == row.backlog == 0 for row in rows.values())


@given(HISTORIES)
@example([SOLVED])
def test_the_time_of_a_breach_in_whose_hands_adds_up_to_the_target(
    histories: list[list[Step]],
) -> None:
    """§8: causes of breach by party; the target is reached to the second."""
    for fact in told(histories):
        for clock in fact.clocks:
            if clock.kind == "resolution" and not clock.met:
                assert sum(seconds for _holder, seconds in clock.spent) == TARGET


@given(HISTORIES, st.sampled_from(PERIODS))
def test_causes_are_as_many_as_breaches(histories: list[list[Step]], name: str) -> None:
    facts, frame = told(histories), Frame(read_period(name, "Asia/Tokyo"), NOW)
    figure = next(f for f in FIGURES if f.id == "sla.resolution")
    breaches = sum(not case.value for case in figure.of(facts, frame))
    rows = tables.causes("sla.resolution", facts, frame)
    assert sum(row.held for row in rows) == sum(row.longest for row in rows) == breaches
    assert sum(row.seconds for row in rows) == breaches * TARGET


@given(HISTORIES)
def test_hands_add_up_to_all_the_time_to_resolve(histories: list[list[Step]]) -> None:
    """H1, F4: to the second."""
    facts = told(histories)
    for name in PERIODS:
        frame = Frame(read_period(name, "Asia/Tokyo"), NOW)
        solved = (f for f in facts if f.state == RESOLVED and frame.period.holds(f.resolved_at))
        assert sum(tables.hands(facts, frame, SETUP).values()) == sum(
            f.elapsed or 0 for f in solved
        )


@given(HISTORIES)
def test_what_is_written_is_read_back_the_same(histories: list[list[Step]]) -> None:
    """F7: a fact survives being carried."""
    facts = told(histories)
    frame = Frame(read_period("2026-11", "Asia/Tokyo"), NOW)
    said = Contents(frame, Scope(), Knowledge(7, NOW), SETUP, facts, draft=False)
    doc = Document(said, Seal(3, "Ueda"), {1: "Title"})
    back = carried.read(carried.files(doc, "en"))
    assert back.document.contents.facts == facts
    assert (back.document.contents.frame, back.document.contents.known) == (frame, said.known)
    assert (back.document.seal, back.document.titles) == (doc.seal, doc.titles)
    assert carried.files(back.document, "en") == carried.files(doc, "en")
