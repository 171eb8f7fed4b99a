"""C6, F1: what a score's course reads from rows is what the journals tell."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from servicedesk.partners.score import queries
from servicedesk.partners.score.measures import MEASURES
from servicedesk.partners.score.score import COURSE, Score
from servicedesk.reports import shelf
from servicedesk.reports.periods import Period, month_of, read_period
from servicedesk.setup.directory import Directory, Party
from tests.board.played import Play
from tests.cast import Desk, at

ZONE = "Asia/Tokyo"
EVERYTHING = read_period("2026-01..2027-03", ZONE)


def score_of(desk: Desk, setup: Directory, party: Party, period: Period, now: str) -> Score:
    with desk.session() as session:
        return queries.score(session, setup, party, period, at(now), course=True)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("now", ["2026-11-12 14:05", "2027-01-09 03:00"])
def test_the_course_from_rows_is_the_journals(desk: Desk, seed: int, now: str) -> None:
    """C6: by month; and a period's figures are those of everything that there ever was."""
    shelf.clear()
    play = Play(desk, Random(seed), at("2026-10-12 09:00"))
    play.go_on(at("2026-11-12 14:05"))
    setup, counted = desk.setup(), 0
    for party in [p for p in setup.parties.values() if p.is_partner]:
        with desk.session() as session:
            every = queries.facts(session, setup, [party.ref], EVERYTHING, at=at(now))
        for month in (month_of(at(now), ZONE), month_of(at(now), ZONE).before):
            found = score_of(desk, setup, party, month, now)
            told = replace(found, every=every, past=None, began=None)
            assert [m.results for m in found.course] == [m.results for m in told.course]
            assert (found.results, found.before) == (told.results, told.before)
            assert found.lines == told.lines
            whole = replace(found, period=EVERYTHING).frame
            counted += sum(len(MEASURES[id].of(found.past or [], whole)) for id in COURSE)
    assert counted > 3, "\n".join(play.done)
