"""Scores on explicit examples: November 2026 of a desk in Tokyo, and its partner NetOne."""

from __future__ import annotations

from datetime import date

import pytest

from servicedesk.escalation import handoffs
from servicedesk.event import Event
from servicedesk.incidents import acts
from servicedesk.partners.score import spans, words
from servicedesk.partners.score.measures import BESIDE, MEASURES, SCORED, Dealt, dealt
from servicedesk.partners.score.score import Score
from servicedesk.reports import words as reports
from servicedesk.reports.cases import Frame, Result
from servicedesk.reports.facts import About, derive
from servicedesk.reports.figures import BY_ID
from servicedesk.reports.periods import Period, read_period
from servicedesk.reports.tables import partners
from servicedesk.setup.directory import Party
from tests.cast import at
from tests.incidents.told import KIM, NETONE, NETWORK, PRINTCO, Told, directory

ZONE = "Asia/Tokyo"
NOVEMBER = read_period("2026-11", ZONE)
LATER = "2026-12-20 09:00"
HOUR = 3600


def facts(*told: Told, now: str = LATER) -> list[Dealt]:
    """Derive the facts of some incidents, numbered from 1."""
    return [
        dealt(derive(one.act.work, About(n), at(now)), one.story, events(one), one.setup)
        for n, one in enumerate(told, 1)
    ]


def events(told: Told) -> list[Event]:
    return [Event(n, e.kind, e.at, e.actor, e.data) for n, e in enumerate(told.act.events, 1)]


def score(*told: Told, period: Period = NOVEMBER, party: Party = NETONE, now: str = LATER) -> Score:
    return Score(party, directory(), period, at(now), facts(*told, now=now))


def value(id: str, *told: Told, party: Party = NETONE, now: str = LATER) -> int | None:
    return score(*told, party=party, now=now).results[id].value


def kept(id: str, *told: Told) -> tuple[int | None, int | None]:
    found = score(*told).results[id]
    return found.numerator, found.denominator


def sent(when: str = "10:00", to: Party = NETONE) -> Told:
    """An incident handed to a party."""
    it = Told()
    handoffs.send(it.at(when), to, reason="skill", note="n", share=False)
    return it


def answered(when: str = "12:00") -> Told:
    it = sent()
    handoffs.accept(it.at("10:30", KIM), 1)
    handoffs.answer(it.at(when, KIM), 1, "a")
    return it


def test_every_figure_says_its_population_and_formula() -> None:
    """F1: one definition in one place."""
    assert set(SCORED) <= set(MEASURES)
    for figure in BESIDE:
        assert all((figure.name, figure.population, figure.exclusions, figure.formula))
        assert figure.id not in BY_ID


def test_what_the_report_defines_is_not_defined_again() -> None:
    """F1: screen, PDF, CSV and JSON use the same definition."""
    for name in ("partner.acceptance", "partner.answer", "partner.holding"):
        assert MEASURES[name] is BY_ID[name]
        assert MEASURES[f"{name}.net"] is BY_ID[f"{name}.net"]


def several() -> list[Told]:
    back, recalled, late = sent(), sent(), answered("Fri 17:00")
    handoffs.send_back(back.at("11:00", KIM), 1, "no")
    handoffs.recall(recalled.at("15:00"), 1)
    passed = sent("10:00", PRINTCO)
    handoffs.send(passed.at("13:00"), NETONE, reason="skill", note="n", share=False)
    return [answered(), back, recalled, late, passed, sent("Fri 10:00"), sent("10:00", NETWORK)]


@pytest.mark.parametrize("now", ["Thu 16:00", "Fri 18:00", LATER])
def test_a_score_says_what_the_reports_table_of_partners_says(now: str) -> None:
    """F1: counted for the report and for the score, each hand-off counts the same."""
    upto = at(now)
    told = [one for one in several() if one.story.changed_at <= upto]
    mine = score(*told, now=now)
    (row,) = partners(mine.facts, mine.frame, directory())
    found = mine.results
    assert (found["partner.sent"].value, found["partner.open"].value) == (row.sent, row.open)
    assert found["partner.sent_back"].value == row.sent_back
    assert (found["time_held"].value or 0) == row.seconds
    assert found["partner.acceptance"] == row.accepted
    assert found["partner.answer"] == row.answered
    assert found["partner.holding"] == row.held


def test_it_counts_what_was_handed_to_it_and_to_nobody_else() -> None:
    """H2: sent, sent back, recalled, open; another company's count for that one."""
    told = several()
    assert value("partner.sent", *told) == 6
    assert value("partner.sent_back", *told) == 1
    assert value("partner.recalled", *told) == 1
    assert value("partner.open", *told) == 2
    assert value("partner.sent", *told, party=PRINTCO) == 1
    assert value("partner.open", *told, party=PRINTCO) == 0
    assert {fact.number for fact in score(*told, party=PRINTCO).facts} == {5}


def test_accepted_and_answered_in_time_by_the_contract() -> None:
    """H2, F3: within 60 and 480 working minutes."""
    assert kept("partner.acceptance", answered(), answered("Tue 17:00")) == (2, 2)
    assert kept("partner.answer", answered(), answered("Tue 17:00")) == (1, 2)


def test_questions_refusals_and_nudges_count_each_time() -> None:
    """H2: asked, refused and nudged, of this company's hand-offs."""
    it, other = sent(), sent(to=NETWORK)
    handoffs.ask(it.at("10:30", KIM), 1, "q")
    handoffs.reply(it.at("11:00"), 1, "r")
    handoffs.answer(it.at("12:00", KIM), 1, "a")
    handoffs.refuse_answer(it.at("13:30"), 1, "no")
    handoffs.nudge(it.at("Fri 10:00"), 1)
    handoffs.nudge(it.at("Mon 10:00"), 1)
    handoffs.ask(other.at("10:30"), 1, "q")
    found = {id: value(f"partner.{id}", it, other) for id in ("questions", "refused", "nudges")}
    assert found == {"questions": 1, "refused": 1, "nudges": 2}
    both = sent(to=NETWORK)
    handoffs.ask(both.at("10:30", KIM), 1, "q")
    handoffs.reply(both.at("11:00"), 1, "r")
    handoffs.send(both.at("11:30"), NETONE, reason="skill", note="n", share=False)
    assert value("partner.questions", both) == 0
    december = score(it, period=read_period("2026-12", ZONE)).results
    assert december["partner.nudges"].value == 0


def test_time_held_is_working_time_of_the_contract_and_clock_time() -> None:
    """H1, H2: only while it held: not while the sender was asked, and none of the lunch hour."""
    it = sent("10:00")
    handoffs.ask(it.at("11:00", KIM), 1, "q")
    handoffs.reply(it.at("11:30"), 1, "r")
    handoffs.answer(it.at("14:00", KIM), 1, "a")
    assert value("time_held", it) == 3.5 * HOUR
    assert value("working_time_held", it) == 2.5 * HOUR
    assert value("working_time_to_answer.p50", it) == 2.5 * HOUR


def test_time_is_cut_at_the_ends_of_the_period() -> None:
    it = sent("Fri 10:00")
    days = spans.days(date(2026, 11, 28), date(2026, 11, 30), ZONE)
    assert score(it, period=days).results["time_held"].value == 3 * 24 * HOUR
    assert score(it, period=days).results["working_time_held"].value == 8 * HOUR


def request(due: str | None, done: str | None = None, kind: str = "work.done") -> Told:
    it = Told()
    said = {"from": it.story.given_to, "to": NETONE.ref}
    it.at("10:00").record("work.requested", **said, due=at(due).isoformat() if due else None)
    if done:
        it.at(done, KIM).record(kind, n=1)
    return it


def test_work_requests_done_in_time() -> None:
    """H6: done at or before the due date ÷ all whose date falls in the period."""
    told = [
        request("Fri 12:00", "Fri 12:00"),
        request("Fri 12:00", "Fri 12:01"),
        request("Fri 12:00"),
        request("Fri 12:00", "11:00", "work.sent_back"),
        request("Fri 12:00", "11:00", "work.withdrawn"),
        request(None, "11:00"),
        request("2026-12-24 12:00"),
    ]
    assert kept("partner.requests_done", *told) == (1, 4)
    assert value("partner.requests", *told) == 7


def test_an_empty_population_prints_a_dash() -> None:
    """F5: not 0 % or 100 %, and no time."""
    empty = score()
    for id in ("partner.answer", "working_time_held", "working_time_to_answer.p90"):
        assert reports.value(MEASURES[id], empty.results[id]) == reports.NOTHING
    assert empty.is_empty
    assert empty.course == []
    assert [line.priority for line in empty.lines] == ["P1", "P3"]  # of the contract


def test_below_twenty_cases_the_count_leads() -> None:
    """F5: “1 of 2” leads, and never 100 % for what is not all."""
    result = score(answered(), answered("Tue 17:00")).results["partner.answer"]
    assert result == Result(None, 1, 2)
    figure = MEASURES["partner.answer"]
    assert reports.value(figure, result).startswith("1")
    many = Result(None, 19999, 20000)
    assert reports.value(figure, many) == reports.percent(999)


def test_each_priority_is_held_against_its_contract() -> None:
    """H2: targets by priority; what has none has no verdict."""
    high = Told()
    acts.prioritise(high.at("09:10"), 1, 1)
    handoffs.send(high.at("10:00"), NETONE, reason="skill", note="n", share=False)
    handoffs.accept(high.at("10:30", KIM), 1)
    lines = {line.priority: line for line in score(high, answered()).lines}
    assert words.target(lines["P1"].targets["acceptance"]) == "15 min"
    assert lines["P1"].results["partner.acceptance"] == Result(None, 0, 1)
    assert lines["P3"].results["partner.acceptance"] == Result(None, 1, 1)
    assert lines["P1"].targets["holding"] is None


def test_the_course_adds_up_to_the_months_themselves() -> None:
    """F1: a month of the course is that month's own score."""
    told = several()
    course = score(*told, period=read_period("2026-12", ZONE)).course
    assert [month.period.name for month in course] == ["2026-11", "2026-12"]
    for month in course:
        own = score(*told, period=month.period)
        assert month.results == {id: own.results[id] for id in month.results}


def test_what_has_ended_is_the_same_whenever_it_is_judged() -> None:
    """C6: so its fact is worked out once."""
    ended = [sent(), answered(), answered("Fri 17:00")]
    for one in ended:
        acts.resolve(one.at("Mon 11:00"), "solved")
    assert facts(*ended, now="Mon 11:00") == facts(*ended, now=LATER)


# Periods


def test_months_quarters_fiscal_years_and_any_days() -> None:
    assert spans.read("2026-10", ZONE) == read_period("2026-10", ZONE)
    assert spans.read("2026-10-01..2026-10-31", ZONE) == read_period("2026-10", ZONE)
    said = spans.read("2026-10-05..2026-11-25", ZONE)
    assert (said.name, said.before.name) == (
        "2026-10-05..2026-11-25",
        "2026-08-14..2026-10-04",
    )
    year = spans.read("2026-04-01..2027-03-31", ZONE, 4)
    assert (year.is_year, year.name) == (True, "2026-04..2027-03")


@pytest.mark.parametrize(
    "said", ["", "x", "2026-13", "2026-11-25..2026-10-05", "2026-02-30..2026-03-01",
             "1999-01-01..2026-01-01", "2026-10-05..", "9999-12-31..9999-12-31"],
)  # fmt: skip
def test_what_is_no_period_is_refused(said: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several kinds
        spans.read(said, ZONE)


def test_frames_of_days_hold_their_last_day() -> None:
    days = spans.days(date(2026, 11, 26), date(2026, 11, 26), ZONE)
    frame = Frame(days, at(LATER), NETONE.ref)
    assert frame.period.holds(at("23:59:59"))
    assert not frame.period.holds(at("Fri 00:00"))
