"""Facts that are kept beside the journal: reports from them are those from the journals, always."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.history.check import check
from servicedesk.incidents import commands
from servicedesk.incidents.exclusions.commands import ask_for, settle
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.major import commands as major
from servicedesk.reports import beforehand, contents, extent, keeping, kept, queries
from servicedesk.reports.cases import Frame
from servicedesk.reports.facts import About, Fact, derive, follow
from servicedesk.reports.models import FactRow, FactState, PeriodTally
from servicedesk.reports.periods import read_period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.recalling import Question, recalling
from servicedesk.reports.scopes import Scope, read_scope
from servicedesk.setup.directory import Directory
from servicedesk.setup.load import load_text
from servicedesk.setup.snapshot import directory
from tests.board.played import ACTS, Play
from tests.cast import DESK, Desk, at
from tests.incidents.test_story_properties import SETUP, STEPS, Step, play
from tests.support.clock import Clock
from tests.support.torture import enough

LATER = [timedelta(hours=h) for h in (0, 1, 7, 30, 100, 1000)]
SOLVED = [(0, "resolve", None), (3600, "reopen", None), (200 * 3600, "resolve", None)]
STRICTER = DESK.replace("resolution: 600", "resolution: 90")
SCOPES = ("all", "group:network", "partner:netone", "service:printing", "department:Sales")


@given(st.lists(STEPS, min_size=1, max_size=1), st.sampled_from(LATER), st.sampled_from(LATER))
@example([SOLVED], LATER[0], LATER[1])
@example([[(60, "hold", "requester")]], LATER[5], LATER[5])
def test_a_kept_fact_is_judged_as_its_journal_at_any_instant(
    histories: list[list[Step]], since: timedelta, until: timedelta
) -> None:
    """F3: a clock that runs has run over from the same second on."""
    events = play(histories[0])[0].act.events
    told = kept.tell(events, SETUP)
    assert told is not None
    about, first = About(7, "Printers", "Sales"), told.span[0]
    written = kept.write(told, first)
    begun = events[0].at
    breaches = [each for each in told.ahead if each]
    instants = [begun + since, *breaches, *(each - timedelta(seconds=1) for each in breaches)]
    for instant in instants:
        for end in (begun + until, None):
            work, waits = follow(events, SETUP, end)
            made = kept.read(written, first, about, end).judged(instant, end)
            assert made == derive(work, about, instant, waits)


def by_journals(
    session: Session, setup: Directory, name: str, scope: str, now: datetime, known: Knowledge
) -> contents.Contents:
    """Work a report out as if nothing were kept."""
    period, part = read_period(name, setup.zone), read_scope(scope, setup)
    frame = Frame(period, contents.judged_at(period, setup, now), part.party)
    facts = queries.facts(
        session, setup, known, at=frame.at, since=extent.since(period, contents.MONTHS),
        scope=part, until=frame.until,
    )  # fmt: skip
    kept_ = extent.needed(facts, period, contents.MONTHS)
    draft = not contents.ended(period, setup, now)
    return contents.Contents(frame, part, known, setup, kept_, draft)


def work_out(
    session: Session, setup: Directory, name: str, scope: str, now: datetime, known: Knowledge
) -> contents.Contents:
    """Work a report out as it is."""
    period, part = read_period(name, setup.zone), read_scope(scope, setup)
    return contents.work_out(session, setup, period, part, now=now, known=known)


def compare(desk: Desk, name: str, scope: str, now: datetime, known: Knowledge) -> Sequence[Fact]:
    """Compare a report from what is kept with one from the journals; gives what it carries."""
    with desk.session() as session:
        asked = directory(session), name, scope, now, known
        made, wanted = work_out(session, *asked), by_journals(session, *asked)
        assert made.past is not None
        assert made.results == wanted.results
        assert made.cases == wanted.cases
        assert made.digest == wanted.digest
        assert (made.before, made.year_before) == (wanted.before, wanted.year_before)
        assert made.course == wanted.course
        assert made.every == wanted.facts
        return made.every


def exclude(play: Play, n: int) -> None:
    """C11: have some hours since it was logged not count."""
    start = play.desk.incident(n).logged_at
    end = min(play.now, start + timedelta(hours=play.random.randint(1, 90)))
    wanted = Wanted(start, end, ("resolution",))
    asked = play.desk.do(ask_for, n, wanted, "A power cut", by="ito", when=play.now)
    play.do(settle, n, asked, True, "Agreed", by="ueda")


def declare(play: Play, n: int) -> None:
    """Make it a major incident to which one more belongs."""
    play.do(major.propose, n, "Nobody can print", by="ito")
    proposed, ito = play.desk.story(n).majors[-1].n, play.desk.id("ito")
    said = {"headline": "Down", "coordinator": ito, "minutes": 30}
    play.do(major.confirm, n, proposed, by="sato", **said)
    play.do(major.link, max(1, n - 1), n, by="ito")


@pytest.mark.slow
@pytest.mark.parametrize("seed", enough([3], range(9)))
def test_whatever_is_done_later_reports_from_what_is_kept_are_those_from_the_journals(
    desk: Desk, seed: int
) -> None:
    """F6, C11: also with an older cut-off, and after another set-up."""
    random = Random(seed)
    play = Play(desk, random, at("2026-09-16 09:00"), acts=(*ACTS, *[exclude] * 6, *[declare] * 3))
    cutoffs: list[Knowledge] = []
    for n in range(enough(3, 5)):
        play.go_on(play.now + timedelta(days=16), timedelta(hours=17))
        if n == 1:
            with desk.app.app_context():
                load_text(STRICTER, "desk.yaml", now=play.now)
        with desk.session() as session:
            cutoffs.append(queries.latest_knowledge(session))
        months = ("2026-09", "2026-10", "2026-11", "2026-09..2026-10")
        begun = [name for name in months if read_period(name, "Asia/Tokyo").start < play.now]
        every = compare(desk, begun[-1], "all", play.now, cutoffs[-3:][0])
        compare(desk, random.choice(begun), random.choice(SCOPES), play.now, cutoffs[-1])
    assert any(clock.net for fact in every for clock in fact.clocks)
    assert any(one.linked for fact in every for one in fact.majors)
    with desk.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(PeriodTally))
        live = sa.select(sa.func.count()).where(FactRow.reach == kept.LIVE)
        assert 0 < (session.scalar(live) or 0) < play.count


def test_what_changes_in_a_month_that_was_added_up_counts_once_and_as_it_is_now(desk: Desk) -> None:
    """F6: also where no percentile tells; what another set-up or later knowledge made is not."""

    def look(known: Knowledge | None = None) -> Knowledge:
        with desk.session() as session:
            known = known or queries.latest_knowledge(session)
        compare(desk, "2026-10", "all", at("2026-11-10 11:00"), known)
        return known

    ended, other, quick = (desk.log(when="2026-09-28 09:00", service="printing") for _ in "123")
    then: Any = {"by": "ito", "when": "2026-11-10 10:00"}
    desk.do(commands.resolve, ended, "solved", "Done", by="ito", when="2026-10-01 10:00")
    desk.do(commands.resolve, quick, "solved", "Done", by="ito", when="2026-09-28 12:00")
    look()
    desk.do(commands.cancel, other, **then, consent=True)
    earlier = look()
    desk.do(commands.close, ended, by="emi", when="2026-11-10 10:00")
    look()
    look(earlier)
    desk.do(commands.reopen, quick, **then)
    look()
    with desk.app.app_context(), transaction() as session:
        wrong = sa.func.replace(PeriodTally.body, '"value":', '"value":9')
        session.execute(sa.update(PeriodTally).values(generation=0, body=wrong))
    look()


def test_what_runs_net_of_an_exclusion_runs_over_when_it_does(desk: Desk) -> None:
    """C11: nothing more happens to it, but a later reader knows of its net breach."""
    n = desk.log(when="2026-09-30 20:00", service="printing")
    wanted = Wanted(at("2026-09-30 20:30"), at("2026-09-30 21:30"), ("resolution",))
    one = desk.do(ask_for, n, wanted, "A power cut", by="ito", when="2026-09-30 21:40")
    desk.do(settle, n, one, True, "Agreed", by="ueda", when="2026-09-30 21:40")
    with desk.session() as session:
        known = queries.latest_knowledge(session)
    for now in ("2026-10-01 06:30", "2026-10-01 07:30", "2026-11-10 09:00"):
        compare(desk, "2026-10", "all", at(now), known)


# Others at work meanwhile


def go_on(play: Play) -> None:
    """Let more happen, and another process keep it."""
    play.go_on(play.now + timedelta(days=1), timedelta(hours=2))
    keep(play)


def set_up(play: Play) -> None:
    """Let another set-up be loaded, and another process keep what follows from it."""
    with play.desk.app.app_context():
        load_text(STRICTER, "desk.yaml", now=play.now)
    keep(play)


def keep(play: Play) -> None:
    """Keep all that has happened."""
    with play.desk.session() as session:
        keeping.keep(directory(session), queries.latest_knowledge(session))


def die(_play: Play) -> None:
    """Let the process be killed."""
    raise KeyboardInterrupt


def all_kept(play: Play) -> bool:
    """Say whether reports are read from what is kept."""
    with play.desk.session() as session:
        state = keeping.current(session, directory(session))
        return state is not None and state.event == queries.latest_knowledge(session).event


def test_of_two_that_keep_at_once_none_writes_over_what_is_newer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between telling some facts and writing them, another process keeps later ones."""
    disturbed(desk, monkeypatch, go_on)


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("meanwhile", [set_up, die])
def test_another_setup_meanwhile_and_one_that_is_killed_leave_nothing_wrong(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Play], None]
) -> None:
    """What is kept follows from one set-up, and all of it up to an event."""
    disturbed(desk, monkeypatch, meanwhile)


def disturbed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Play], None]
) -> None:
    """Keep facts while something else happens: whoever reads then reads what the journals tell."""
    play = Play(desk, Random(8), at("2026-09-28 09:00"))
    play.go_on(at("2026-09-30 09:00"), timedelta(hours=2))
    put, calls = keeping.put, count()
    monkeypatch.setattr(keeping, "EVENTS", 20)

    def written(*said: Any) -> None:
        put(*said)
        if meanwhile is die and next(calls) == 1:
            die(play)

    store = keeping._store

    def stored(*said: Any) -> None:
        if meanwhile is not die and next(calls) == 1:
            meanwhile(play)
        store(*said)

    monkeypatch.setattr(keeping, "put", written)
    monkeypatch.setattr(keeping, "_store", stored)
    with suppress(KeyboardInterrupt):
        keep(play)
    assert all_kept(play) is (meanwhile is not die)
    with desk.session() as session:
        assert not check(now=play.now).differences
        known = queries.latest_knowledge(session)
    monkeypatch.setattr(keeping, "PATIENCE", 0)  # who reads keeps nothing more
    with desk.session() as session:
        asked = directory(session), "2026-09", "all", play.now, known
        assert work_out(session, *asked).digest == by_journals(session, *asked).digest
    monkeypatch.undo()
    keep(play)
    assert all_kept(play)
    with desk.session():
        assert not check(now=play.now).differences


def test_months_are_added_up_before_anybody_asks(desk: Desk) -> None:
    """Speed: a report then reads the facts of its own month alone, and those that changed."""
    n = desk.log(when="2026-10-05 09:00")
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when="2026-10-05 10:00")
    now = at("2026-11-10 09:00")
    with desk.session() as session:
        assert beforehand.work_off(now) == contents.MONTHS
        tallies = session.scalars(sa.select(PeriodTally).order_by(PeriodTally.first)).all()
        assert [row.incidents for row in tallies] == [0] * (contents.MONTHS - 1) + [1]
        setup, known = directory(session), queries.latest_knowledge(session)
        with recalling(Question(setup, known, Scope(), now, now)) as recall:
            assert recall is not None
            recall.tally(read_period("2026-10", setup.zone), settled=True)
            assert not recall.made
    compare(desk, "2026-11", "all", now, known)


@pytest.mark.backends("sqlite")
def test_where_too_much_is_not_kept_yet_a_page_says_so_and_a_command_reads_journals(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """Nobody waits at a page for minutes."""
    desk.log(when="Thu 09:00")
    for name in ("MOST", "MANY"):
        monkeypatch.setattr(keeping, name, 0)
    answer = desk.visit("ueda").get("/dashboard")
    assert (answer.status_code, "Figures are being prepared (0 %)" in answer.text) == (409, True)
    with desk.session() as session:
        known = queries.latest_knowledge(session)
        made = work_out(session, directory(session), "2026-11", "all", clock.now, known)
        assert (made.past, made.results["intake"].value) == (None, 1)
        keeping.work_off(clock.now)
    assert desk.visit("ueda").get("/dashboard").status_code == 200


def test_what_is_kept_otherwise_is_named_and_repaired(desk: Desk) -> None:
    """C6: facts and what was added up of them follow from the journal, whoever wrote them."""
    play = Play(desk, Random(5), at("2026-09-28 09:00"))
    play.go_on(at("2026-10-05 09:00"), timedelta(hours=12))
    with desk.session() as session:
        keeping.keep(directory(session), queries.latest_knowledge(session))
        assert not check(now=play.now).differences
        with transaction() as writing:
            row = writing.scalars(sa.select(FactRow).where(FactRow.body.is_not(None))).first()
            assert row is not None
            assert row.body is not None
            row.body = row.body.replace('"P', '"Q', 1)
        found = check(now=play.now, repair=True)
        assert [line.partition(": ")[2] for line in found.differences] == [
            "fact: is kept otherwise than the journal tells it"
        ]
        assert not check(now=play.now).differences


def test_a_name_in_the_setup_makes_nothing_anew_but_a_target_does(desk: Desk) -> None:
    """Another basis is another generation."""
    play = Play(desk, Random(6), at("2026-09-28 09:00"))
    play.go_on(at("2026-09-29 09:00"))

    def generation() -> int:
        with desk.session() as session:
            keeping.keep(directory(session), queries.latest_knowledge(session))
            return session.scalars(sa.select(FactState.generation)).one()

    def load(text: str) -> None:
        with desk.app.app_context():
            load_text(text, "desk.yaml", now=play.now)

    first = generation()
    load(DESK.replace("NetOne Inc.", "NetOne Ltd."))
    assert generation() == first
    load(DESK.replace("resolution: 600", "resolution: 60"))
    assert generation() == first + 1
