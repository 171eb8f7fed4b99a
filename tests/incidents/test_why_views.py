"""C15: the page that explains a clock, its JSON, who may read which, and the life line's lane."""

from __future__ import annotations

import html
import re
import time
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from servicedesk import db
from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.exclusions import commands as exclusions
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.incidents.explained.rule_titles import TITLES
from servicedesk.sla.models import ClockRow
from tests.cast import Desk, at, page_of
from tests.support.clock import NOW, Clock

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

HOUR = 3600


def text(answer: TestResponse) -> str:
    """Give what a page says, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def read(desk: Desk, who: str, n: int, clock: str) -> str:
    answer = desk.visit(who).get(page_of(n, "clocks", clock))
    assert answer.status_code == 200
    return text(answer)


def data(desk: Desk, who: str, n: int, clock: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.visit(who).get(page_of(n, "clocks", f"{clock}.json")).json or {}
    assert found
    return found


@pytest.fixture
def told(desk: Desk) -> int:
    """Handed off twice, paused and re-targeted; it is 14:05."""
    n = desk.log(impact=1, urgency=1, wish=Due(at=at("Fri 17:00")))
    desk.do(commands.comment, n, "reply", "We look", by="ito", when="09:20")
    desk.do(escalation.hand_off, n, "network", note="zq", by="ito", when="09:30")
    desk.do(escalation.hand_off, n, "netone", note="zq", by="abe", when="10:00")
    desk.do(commands.hold, n, "requester", question="Which?", by="ito", when="10:30")
    desk.do(commands.comment, n, "reply", "That one", by="emi", when="11:00")
    desk.do(commands.prioritise, n, 2, 2, reason="Fewer hit", by="sato", when="13:30")
    return n


# The page


def test_the_verdict_is_a_sum_that_can_be_read(desk: Desk, told: int) -> None:
    """C15, C10: ending in the verdict, with its arithmetic."""
    page = read(desk, "ito", told, "response")
    assert "20 min counted, target 15 min: over by 5 min since Today 09:15." in page
    page = read(desk, "ito", told, "resolution")
    assert "3 h 35 counted of 24 h: 20 h 25 left, due Tue 1, 09:30." in page


def test_each_section_names_its_event_and_rules(desk: Desk, told: int) -> None:
    """C15: with the rule and the event behind it, in the order of time."""
    page = read(desk, "ito", told, "resolution")
    parts = (
        "Endo Emi reported it. The clock starts: target 4 h for P1, by agreement “standard”",
        "Ito Ren handed it off to Network team. It runs on while Network team has it. C14",
        "Abe Mio handed it off to NetOne Inc.",
        "On hold: waiting for the requester. The clock pauses: the agreement names",
        "In progress. The clock goes on with 2 h 30 left. C4 C5",
        "Priority P3: impact 2, urgency 2. Target 2 working days for P3, which is 24 h",
    )
    places = [page.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def test_every_rule_that_is_cited_is_said_in_words(desk: Desk, told: int) -> None:
    """C15: a number alone explains nothing."""
    for clock in ("response", "resolution", "requested", "holding-netone", "answer-netone-2"):
        page = desk.visit("ito").get(page_of(told, "clocks", clock)).text
        cited = set(re.findall(r'<abbr class="rule" title="([^"]*)">(\w+)</abbr>', page))
        assert cited
        assert {number for _title, number in cited} <= set(TITLES)
        assert all(html.unescape(title) == str(TITLES[number]) for title, number in cited)


def test_a_day_shows_what_counted_and_why_the_rest_did_not(desk: Desk, clock: Clock) -> None:
    """C2: night, weekend and holiday by name."""
    n = desk.log(when="2026-11-20 11:00")
    clock.now = at("2026-11-24 10:00")
    page = read(desk, "ito", n, "resolution")
    assert "11:00–12:00 counted, 1 h C2 12:00–13:00 between working hours, 1 h" in page
    assert "Sat 21 Nov" in page
    assert "00:00 – Sun 22 Nov 24:00 weekend, 48 h" in page
    assert "00:00–24:00 public holiday, 24 h" in page


def test_the_wish_is_explained_by_days_and_the_desk_can_be_in_time(desk: Desk) -> None:
    """D1, D4: against the current wish and the first."""
    n = desk.log(wish=Due(day=at("Thu 09:00").date()))
    desk.do(commands.wish, n, Due(day=at("Fri 09:00").date()), by="emi", when="10:00")
    page = read(desk, "emi", n, "requested")
    assert "Fri 27, up to its end. Not resolved yet: 33 h 55 left." in page
    assert "First wish: Running Today, up to its end." in page


def test_an_exclusion_shows_both_verdicts(desk: Desk, told: int) -> None:
    """C11: gross and net side by side, and between whom it was agreed."""
    out = Wanted(at("09:05"), at("09:15"), ("response",))
    asked = desk.do(exclusions.ask_for, told, out, "Fire drill", by="abe", when="14:00")
    desk.do(exclusions.settle, told, asked, True, by="ueda", when="14:01")
    page = read(desk, "ito", told, "response")
    assert "20 min counted, target 15 min: over by 5 min since Today 09:15." in page
    assert "Net: Met 10 min counted, target 15 min: met, 5 min to spare." in page
    assert "asked for by Abe Mio, approved by Ueda Rin" in page
    said = data(desk, "ito", told, "response")
    assert said["net"]["verdict"]["state"] == "met"
    assert said["net"]["sums"] == {"counted": 600, "excluded": 600}
    assert "approved by" not in read(desk, "emi", told, "response")


def test_two_years_stay_readable_and_quick(desk: Desk, clock: Clock) -> None:
    """C15: long clocks are folded, with the first and last days in sight."""
    n = desk.log(when="2024-11-25 09:00")
    clock.now = NOW
    visitor = desk.visit("ito")
    visitor.get(page_of(n, "clocks", "resolution"))
    began = time.perf_counter()
    answer = visitor.get(page_of(n, "clocks", "resolution"))
    lasting = time.perf_counter() - began
    assert "Mon 25 Nov 2024" in answer.text
    assert answer.text.count('<details class="why-fold">') == 1
    folded = answer.text.index('<details class="why-fold">')
    assert answer.text.index("Mon 25 Nov 2024") < folded < answer.text.rindex("Thu 26 Nov")
    assert lasting < 3


def test_the_number_of_queries_does_not_depend_on_what_is_shown(
    desk: Desk, app: Flask, told: int
) -> None:
    n = desk.log()
    with app.app_context():
        engine = db.db.engine
    visitor, counts = desk.visit("ito"), []
    for each in (n, told):
        seen: list[str] = []

        def note(*said: Any, seen: list[str] = seen) -> None:
            seen.append(said[2])

        sa.event.listen(engine, "before_cursor_execute", note)
        visitor.get(page_of(each, "clocks", "resolution"))
        sa.event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[0] == counts[1]


# JSON


def test_json_carries_codes_and_sums_that_are_exact(desk: Desk, told: int) -> None:
    """C15: summing exactly to elapsed time."""
    said = data(desk, "ito", told, "resolution")
    stretches = [one for section in said["sections"] for one in section["stretches"]]
    assert said["incident"] == f"INC-{told:08d}"
    assert (said["kind"], said["party"], said["calendar"]) == ("resolution", None, "office")
    assert sum(one["seconds"] for one in stretches) == said["elapsed_seconds"]
    assert sum(said["sums"].values()) == said["elapsed_seconds"]
    assert {one["kind"] for one in stretches} == {"counted", "paused", "outside"}
    assert [one["start"] for one in stretches[1:]] == [one["end"] for one in stretches[:-1]]
    assert stretches[-1]["counted_seconds"] == said["verdict"]["counted_seconds"]
    paused = next(section for section in said["sections"] if section["doing"] == "paused")
    assert paused["steps"][0]["what"] == "paused"
    assert paused["steps"][0]["event_kind"] == "incident.held"
    assert paused["steps"][0]["rules"] == ["C4", "C5"]
    assert desk.events(told)[paused["steps"][0]["event"] - 1].kind == "incident.held"
    assert said["verdict"]["state"] == "running"
    assert set(said["rules"]) <= set(TITLES)


@pytest.mark.parametrize("who", ["ito", "ueda"])
def test_json_says_what_the_rows_say(desk: Desk, told: int, who: str) -> None:
    """C6: one clock, however it is asked for."""
    for row in desk.rows(ClockRow, told):
        if row.target_seconds is None:
            continue
        key = {party.ref: party.key for party in desk.setup().parties.values()}.get(row.party or "")
        parts = [row.kind, key, row.handoff]
        said = data(desk, who, told, "-".join(str(part) for part in parts if part))
        assert (said["verdict"]["state"], said["target_seconds"]) == (row.state, row.target_seconds)


# Who may read what


def test_its_requester_reads_what_is_public_and_no_group_or_priority(desk: Desk, told: int) -> None:
    """§9: plain words; who had it and how it was weighed is the desk's."""
    for clock in ("response", "resolution", "requested"):
        page = read(desk, "emi", told, clock)
        said = str(data(desk, "emi", told, clock))
        for hidden in ("Network team", "NetOne", "Priority P3", "P1", "handed it off", "Abe"):
            assert hidden not in page
            assert hidden not in said
        assert "Endo Emi reported it." in page
    assert data(desk, "emi", told, "resolution")["sections"][0]["steps"][0]["event"] is None


def test_a_partner_reads_its_own_clocks_and_nothing_besides(desk: Desk, told: int) -> None:
    """H8: no names of groups or people, no other event, no other clock."""
    for clock in ("holding-netone", "acceptance-netone-2", "answer-netone-2"):
        page = read(desk, "kim", told, clock)
        said = str(data(desk, "kim", told, clock))
        for hidden in ("Network", "Service desk", "Endo", "Ito", "Abe", "requester", "desk"):
            assert hidden not in page.replace("Kita Electric IT", "")
            assert hidden not in said
    page = read(desk, "kim", told, "holding-netone")
    assert "The clock stops: you no longer have it." in page
    assert "by your contract, version 1" in page
    for clock in ("resolution", "response", "requested", "holding-network", "answer-network-1"):
        assert desk.visit("kim").get(page_of(told, "clocks", clock)).status_code == 404
    assert desk.visit("park").get(page_of(told, "clocks", "holding-netone")).status_code == 404


def test_a_partner_does_not_read_of_another_visit_of_somebody_else(desk: Desk) -> None:
    """H8: nothing of hand-offs that are not its own."""
    n = desk.log()
    desk.do(escalation.hand_off, n, "netone", note="zq", by="ito", when="09:10")
    desk.do(escalation.recall, n, 1, reason="zq", by="ito", when="09:20")
    desk.do(escalation.hand_off, n, "printco", note="zq", by="ito", when="09:30")
    assert desk.visit("park").get(page_of(n, "clocks", "answer-netone-1")).status_code == 404
    assert desk.visit("kim").get(page_of(n, "clocks", "answer-netone-1")).status_code == 200


def test_what_is_confidential_is_explained_to_nobody_else(desk: Desk) -> None:
    """§9: the one predicate: named people and the holder only."""
    n = desk.log(service="payroll")
    assert desk.visit("mori").get(page_of(n, "clocks", "resolution")).status_code == 404
    assert desk.visit("ueda").get(page_of(n, "clocks", "resolution.json")).status_code == 404
    assert desk.visit("ito").get(page_of(n, "clocks", "resolution")).status_code == 200


# Where it is found


def test_every_meter_and_date_leads_to_its_explanation(desk: Desk, told: int) -> None:
    """C15: a small "why?" beside each."""
    page = desk.visit("ito").get(page_of(told)).text
    linked = set(re.findall(r'href="(/incidents/INC-\d+/clocks/[a-z0-9-]+)"', page))
    wanted = ("response", "resolution", "requested", "holding-netone", "answer-netone-2")
    assert {page_of(told, "clocks", clock) for clock in wanted} <= linked
    for address in linked:
        assert desk.visit("ito").get(address).status_code == 200


def test_a_requester_and_a_partner_find_theirs(desk: Desk, told: int) -> None:
    assert page_of(told, "clocks", "requested") in desk.visit("emi").get(page_of(told)).text
    sheet = desk.visit("kim").get(f"/hand-offs/INC-{told:08d}/2").text
    assert page_of(told, "clocks", "answer-netone-2") in sheet


def test_the_life_line_shows_the_clock_that_is_chosen(desk: Desk, told: int) -> None:
    """C15: drawn on the life line, without any script: a link chooses, another puts it away."""
    visitor = desk.visit("ito")
    plain = visitor.get(page_of(told)).text
    assert "ll-chosen" not in plain
    assert f'href="{page_of(told)}?clock=holding-netone#ll-title"' in plain
    page = visitor.get(page_of(told) + "?clock=holding-netone").text
    assert 'aria-current="true">NetOne Inc. holding</a>' in page
    assert "NetOne Inc. holding: 30 min counted from Today 10:00 to Today 10:30." in page
    assert "NetOne Inc. holding: stopped from Today 10:30 to Today 11:00." in page
    assert f'href="{page_of(told)}#ll-title" aria-current' in page
    assert visitor.get(page_of(told) + "?clock=nothing").status_code == 200


def test_the_lane_tells_its_kinds_apart_by_shape(desk: Desk, told: int) -> None:
    """Never colour alone: height, hatching and a ring beside the colours."""
    page = desk.visit("ito").get(page_of(told) + "?clock=resolution").text
    lane = page[page.index('<g class="ll-item ll-clock"') :]
    assert 'height="6"' in lane
    assert "url(#ll-track-paused)" in lane
    page = desk.visit("ito").get(page_of(told) + "?clock=response").text
    assert 'class="ll-item ll-mark ll-goal ll-breached"' in page
    assert 'class="ll-body ll-over"' in page


def test_what_stands_still_later_is_not_drawn_for_those_outside(desk: Desk, told: int) -> None:
    """H8: a partner's picture has its own clock, and no lane of anybody else."""
    page = desk.visit("kim").get(page_of(told, "clocks", "holding-netone")).text
    assert page.count('<rect class="ll-lane" y=') == 1
    assert "ll-tier" not in page


def test_both_languages(desk: Desk, told: int, clock: Clock) -> None:
    """Every kind of clock, in Japanese too."""
    clock.advance(hours=1)
    with desk.session() as session:
        session.execute(sa.text("UPDATE person SET language = 'ja' WHERE key IN ('ito', 'emi')"))
        session.commit()
    for clock_ in ("response", "resolution", "requested", "holding-netone", "answer-netone-2"):
        answer = desk.visit("ito").get(page_of(told, "clocks", clock_))
        assert answer.status_code == 200
        assert 'lang="ja"' in answer.text


def test_an_hour_later_more_is_counted(desk: Desk, told: int, clock: Clock) -> None:
    before = data(desk, "ito", told, "resolution")["elapsed_seconds"]
    clock.now = NOW + timedelta(hours=1)
    assert data(desk, "ito", told, "resolution")["elapsed_seconds"] == before + HOUR
