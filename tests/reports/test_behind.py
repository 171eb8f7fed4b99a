"""Every figure leads to exactly what is behind it, whatever happened and whoever reads it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from servicedesk.reports import listing
from servicedesk.reports.cases import Frame
from servicedesk.reports.contents import Contents
from servicedesk.reports.figures import FIGURES, SECONDS, SHARE
from servicedesk.reports.listing import Narrowed
from servicedesk.reports.periods import read_period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from tests.incidents.test_story_properties import SETUP, Step
from tests.reports.test_figure_properties import HISTORIES, NOW, PERIODS, SOLVED, told

SCOPES = [
    Scope(),
    *(Scope(p.kind, p.key, party=p.ref) for p in SETUP.parties.values()),
    *(Scope("service", s.key, service=s.id) for s in SETUP.services.values()),
]


@settings(max_examples=40)
@given(
    HISTORIES,
    st.sampled_from(PERIODS),
    st.sampled_from(SCOPES),
    st.sets(st.integers(min_value=1, max_value=4)),
)
@example([SOLVED], "2027-02", Scope(), {1})
def test_a_list_is_as_long_as_its_figure_says(
    histories: list[list[Step]], name: str, scope: Scope, unseen: set[int]
) -> None:
    """F7, §9: numerator and denominator, with those of which a reader has the number alone."""
    frame = Frame(read_period(name, "Asia/Tokyo"), NOW, scope.party)
    facts = [fact for fact in told(histories) if scope.takes(fact)]
    said = Contents(frame, scope, Knowledge(1, NOW), SETUP, facts, draft=False)
    page: Any = SimpleNamespace(doc=SimpleNamespace(contents=said))
    for figure in FIGURES:
        result = said.results[figure.id]
        behind = {
            show: listing.cases(page, figure, Narrowed(show), unseen) for show in listing.SHOWN
        }
        for rows in behind.values():
            told_of = [case for case in rows.cases if case.number not in unseen]
            assert len(told_of) + rows.withheld == len(rows.cases), figure.id
        long = {show: len(rows.cases) for show, rows in behind.items()}
        if figure.unit == SHARE:
            assert (long["yes"], long["all"]) == (result.numerator, result.denominator), figure.id
        elif figure.unit == SECONDS:
            assert long["all"] == result.denominator, figure.id
        else:
            assert long[listing.usual(figure)] == result.value, figure.id
        assert long["yes"] + long["no"] == long["all"]
