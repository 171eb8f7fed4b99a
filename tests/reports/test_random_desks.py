"""Whatever happened at a desk: parts add up to the whole, and what is sealed stays as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from operator import attrgetter
from random import Random

import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from servicedesk.reports import commands, tables, verify
from servicedesk.reports.cases import Frame, Result
from servicedesk.reports.contents import Contents
from servicedesk.reports.facts import Fact
from servicedesk.reports.figures import FIGURES, SECONDS, SHARE, Figure
from servicedesk.reports.models import Report
from servicedesk.reports.periods import read_period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory
from tests.board.played import Play
from tests.cast import DESK, Desk, at
from tests.incidents.test_story_properties import SETUP, Step
from tests.incidents.told import NETONE
from tests.reports.test_figure_properties import HISTORIES, NOW, PERIODS, SOLVED, told
from tests.support.torture import TORTURE, enough

DEPARTMENTS = (None, "Sales", "group:1", "…")  # also such as look like something else
SERVICES = tuple(SETUP.services)
OWN = (  # figures of whom a case is put down to
    "ola.", "partner.", "requested_due.first", "requested_due.current", "requested_due.rush",
    "requested_due.revised", "promised_due",
)  # fmt: skip
WISHED: list[Step] = [(0, "wish", None), (60, "send", NETONE), (3600, "resolve", None)]
Added = tuple[int, int | None]


def spread(histories: list[list[Step]]) -> list[Fact]:
    """Tell histories of several services, departments, types and priorities."""
    return [
        replace(
            fact,
            service=SERVICES[n % len(SERVICES)],
            department=DEPARTMENTS[n % len(DEPARTMENTS)],
            type=("incident", "request")[n % 3 == 0],
            category=DEPARTMENTS[-1 - n % len(DEPARTMENTS)],
        )
        for n, fact in enumerate(told(histories))
    ]


def report(facts: Sequence[Fact], name: str, scope: Scope) -> Contents:
    frame = Frame(read_period(name, "Asia/Tokyo"), NOW, scope.party)
    mine = [fact for fact in facts if scope.takes(fact)]
    return Contents(frame, scope, Knowledge(1, NOW), SETUP, mine, draft=False)


def added(figure: Figure, results: Sequence[Result]) -> Added:
    """Add parts up: amounts, or hits and all; of times how many there were."""
    every = sum(result.denominator or 0 for result in results)
    if figure.unit == SHARE:
        return sum(result.numerator or 0 for result in results), every
    return (every if figure.unit == SECONDS else sum(r.value or 0 for r in results)), None


def whole(results: Mapping[str, Result]) -> dict[str, Added]:
    return {figure.id: added(figure, [results[figure.id]]) for figure in FIGURES}


def together(parts: Sequence[Contents]) -> dict[str, Added]:
    return {
        figure.id: added(figure, [part.results[figure.id] for part in parts]) for figure in FIGURES
    }


@settings(max_examples=enough(30, 300))
@given(HISTORIES, st.sampled_from(PERIODS))
@example([SOLVED, SOLVED, SOLVED], "2027-02")
def test_reports_of_all_services_add_up_to_that_of_the_desk(
    histories: list[list[Step]], name: str
) -> None:
    """§8: an incident is of one service and of one department."""
    facts = spread(histories)
    desk = report(facts, name, Scope())
    services = [report(facts, name, Scope("service", str(id), service=id)) for id in SERVICES]
    assert together(services) == whole(desk.results)
    departments = [report(facts, name, Scope("department", d)) for d in DEPARTMENTS if d]
    nobodys = [fact for fact in facts if fact.department is None]
    assert together([*departments, report(nobodys, name, Scope())]) == whole(desk.results)
    hands = [tables.hands(part.facts, part.frame, SETUP) for part in services]
    everybodys = tables.hands(desk.facts, desk.frame, SETUP)
    assert {t: sum(h.get(t, 0) for h in hands) for t in everybodys} == everybodys


@settings(max_examples=enough(30, 300))
@given(HISTORIES, st.sampled_from(PERIODS))
@example([WISHED, WISHED], "2026-12")
def test_what_parties_answer_for_adds_up_to_what_the_desk_does(
    histories: list[list[Step]], name: str
) -> None:
    """F2, F3: each clock and each date is put down to one; a date also to the requester."""
    facts = spread(histories)
    desk = report(facts, name, Scope())
    parties = [
        report(facts, name, Scope(party.kind, party.key, party=ref))
        for ref, party in SETUP.parties.items()
    ]
    sums = together(parties)
    for figure in FIGURES:
        if not figure.id.startswith(OWN):
            continue
        theirs = [case for case in desk.cases[figure.column] if case.party in SETUP.parties]
        rest = [case for case in desk.cases[figure.column] if case.party not in SETUP.parties]
        assert sums[figure.id] == added(figure, [figure.sum_up(theirs)]), figure.id
        assert not rest or figure.id.startswith(("requested", "promised")), figure.id


@settings(max_examples=enough(20, 200))
@given(HISTORIES, st.sampled_from(PERIODS))
@example([SOLVED, [], [(60, "hold", "requester")]], "2026-11")
def test_a_figure_split_up_in_any_way_adds_up(histories: list[list[Step]], name: str) -> None:
    """§8: also the rows of a table, with the last one that sums up the rest."""
    facts = spread(histories)
    desk = report(facts, name, Scope())
    sums = whole(desk.results)
    for figure in FIGURES:
        for key in (tables.by_service, tables.by_priority, tables.by_type):
            rows = tables.split(figure, facts, desk.frame, key, most=0)
            parts = [row.result for row in rows]
            assert added(figure, parts) == sums[figure.id]
    for name in ("category", "department", "priority"):
        volumes = tables.volumes(facts, desk.frame, attrgetter(name), most=0)
        added_up = [sum(getattr(v, n) for v in volumes) for n in tables.VOLUMES]
        assert added_up == [desk.results[id].value for id in tables.VOLUMES]


# What is sealed


def files(desk: Desk) -> dict[int, bytes]:
    """Read every sealed file, as it is served."""
    with desk.session() as session:
        rows = session.scalars(sa.select(Report).order_by(Report.id))
        return {row.id: commands.read_file(row) for row in rows}


def seal(desk: Desk, play: Play, period: str, scope: str) -> commands.Made:
    with desk.session() as session:
        asked = commands.read(directory(session), period, scope)
        return commands.make(asked, now=play.now)


@pytest.mark.backends("sqlite")
def test_what_is_sealed_stays_as_it_is_whatever_is_done_later(
    desk: Desk, request: pytest.FixtureRequest
) -> None:
    """F6: to the byte; what later facts change is the next revision."""
    if not TORTURE:
        request.getfixturevalue("rendered")
    seed = Random().randrange(10**9)
    print("seed", seed)
    play = Play(desk, Random(seed), at("2026-10-19 09:00"))
    play.go_on(at("2026-11-02 09:00"), timedelta(hours=24))
    places = [("2026-10", scope) for scope in ("all", "partner:netone", "service:internet")]
    first = {place: seal(desk, play, *place) for place in places}
    kept = files(desk)
    assert len(kept) == len(places)
    for n in range(2):
        play.go_on(play.now + timedelta(days=4), timedelta(hours=12))
        with desk.app.app_context():
            renamed = DESK.replace("NetOne Inc.", f"Net {n}").replace("Internet access", f"I {n}")
            load_text(renamed.replace("resolution: 600", f"resolution: {60 + n}"), "desk.yaml",
                      now=play.now)  # fmt: skip
    again = {place: seal(desk, play, *place) for place in places}
    now = files(desk)
    assert {id: now[id] for id in kept} == kept, seed
    for place in places:
        made = again[place]
        same = made.figures["figures"] == first[place].figures["figures"]
        assert (made.revision == 1) == (made.pdf == first[place].pdf), seed
        assert same or made.revision == 2, seed
    with desk.session() as session:
        for row in session.scalars(sa.select(Report)):
            assert hashlib.sha256(now[row.id]).hexdigest() == row.sha256, seed
            if TORTURE:
                assert verify.verify(now[row.id]).differences == [], seed
