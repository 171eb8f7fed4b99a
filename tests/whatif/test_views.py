"""What if, as a page."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from servicedesk.incidents import commands
from servicedesk.incidents.exclusions import commands as exclusions
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.whatif import views
from tests.cast import DESK, Desk, Visitor, at, page_of
from tests.support.clock import Clock

TARGETS = {"try": "targets", "of": "sla:standard", "P3-resolution": "480", "compare": "1"}


@pytest.fixture(autouse=True)
def _november(clock: Clock, desk: Desk) -> None:
    """Two incidents took eleven working hours in November, one of them confidential."""
    for service, title in (("internet", "No network on floor 3"), ("payroll", "A secret")):
        number = desk.log(when="Thu 09:00", title=title, service=service)
        desk.do(commands.comment, number, "reply", "Hello", by="ito", when="Thu 09:30")
        desk.do(commands.resolve, number, by="ito", when="Fri 12:00", code="solved", text="Done.")
    clock.advance(days=10)


@pytest.fixture
def ueda(desk: Desk) -> Visitor:
    """The manager."""
    return desk.visit("ueda")


def address(path: str = "/what-if", **said: str) -> str:
    return f"{path}?{urlencode({'period': '2026-11', **said})}"


def row(page: str, name: str) -> list[str]:
    """Read what stands in a row of the figures."""
    found = re.search(rf'<th scope="row">{name}</th>(.*?)</tr>', page, re.DOTALL)
    assert found, name
    cells = re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


@pytest.mark.parametrize("key", ["emi", "ito", "sato", "kim"])
def test_it_is_for_managers_and_admins(desk: Desk, key: str) -> None:
    """§9: for everybody else there is no such page."""
    assert desk.visit(key).get("/what-if").status_code == 404
    assert desk.visit("root").get("/what-if").status_code == 200


def test_it_begins_with_the_last_month_that_has_ended(ueda: Visitor) -> None:
    page = ueda.get("/what-if").text
    assert '<option value="2026-11" selected>' in page
    assert "Internet access (standard)" in page
    assert "As it was" not in page


def test_targets_are_there_as_they_are_today(ueda: Visitor) -> None:
    page = ueda.get(address(**{"try": "targets", "of": "sla:standard"})).text
    assert 'name="P3-resolution" value="2d"' in page
    assert 'name="P4-response" value=""' in page
    assert "today" not in page


def test_other_targets_show_both_ways_and_what_differs(ueda: Visitor) -> None:
    """C10; D2: wishes stay as they were, and the page says so."""
    page = ueda.get(address(**TARGETS)).text
    assert "What if standard had had other targets?" in page
    assert "P3 Resolution: 2d → 480" in page
    assert "2 verdicts worse" in page
    figures = row(page, "Resolution in time")
    assert figures[:4] == ["2 of 2 100.0 %", "0", "0 of 2 0.0 %", "2"]
    assert row(page, "First response in time")[4] == "–"
    assert row(page, "Kept the first wish")[:2] == ["–", "–"]
    assert "No calendar and no agreement moves a wish" in page
    assert "11.0 h counted of 8 h" in page


def test_net_of_what_is_excluded_stands_below_where_it_differs(desk: Desk, ueda: Visitor) -> None:
    """C11: gross and net, both ways."""
    span = Wanted(at("Thu 09:00"), at("Thu 18:00"), ("resolution",))
    n = desk.do(exclusions.ask_for, 1, span, "A fire alarm", by="ito", when="Mon 10:00")
    desk.do(exclusions.settle, 1, n, True, by="ueda", when="Mon 11:00")
    page = ueda.get(address(**TARGETS)).text
    assert row(page, "Resolution in time")[2] == "0 of 2 0.0 %"
    assert row(page, "Resolution in time, net")[2] == "1 of 2 50.0 %"
    assert "missed, net met" in page


def test_titles_are_told_only_to_who_may_see_them(desk: Desk, ueda: Visitor) -> None:
    """§9: of confidential incidents a manager sees number and figures; an admin of all."""
    page = ueda.get(address(**TARGETS)).text
    assert "No network on floor 3" in page
    assert "A secret" not in page
    assert f'href="{page_of(1)}"' in page
    assert f'href="{page_of(2)}"' not in page
    assert "INC-00000002" in page
    others = desk.visit("root").get(address(**TARGETS)).text
    assert "INC-00000001" in others
    assert "No network" not in others


def test_another_agreement_for_a_service(ueda: Visitor) -> None:
    """C8: internet by the agreement of printing, ten hours round the clock."""
    said = {"try": "service", "service": "internet", "of": "sla:round", "compare": "1"}
    page = ueda.get(address(**said)).text
    assert "What if Internet access had had the agreement round?" in page
    assert "1 verdict worse" in page
    assert row(page, "Resolution in time")[2] == "1 of 2 50.0 %"


def test_another_calendar_for_an_agreement(ueda: Visitor) -> None:
    """C7: two days round the clock end on Saturday at midnight in London."""
    said = {"try": "calendar", "of": "sla:standard", "calendar": "always", "compare": "1"}
    page = ueda.get(address(**said)).text
    assert "What if standard had counted by the calendar always?" in page
    assert "0 verdicts worse" in page
    assert "No verdict differs" in page
    assert "Due dates and counted time may" in page


def test_what_was_typed_wrong_is_told_beside_its_field(ueda: Visitor) -> None:
    answer = ueda.get(address(**{**TARGETS, "P1-response": "soon"}))
    assert answer.status_code == 422
    assert "Minutes, such as 240, or working days, such as 2d" in answer.text
    assert 'value="soon"' in answer.text
    assert "As it was" not in answer.text
    assert ueda.get(address("/what-if.csv", **{**TARGETS, "P1-response": "x"})).status_code == 404


def test_page_file_and_command_line_say_the_same(app: Flask, ueda: Visitor, tmp_path: Path) -> None:
    """F1: one definition; the link on the page is about exactly what it shows."""
    page = ueda.get(address(**TARGETS)).text
    link = unescape(re.findall(r'href="(/what-if\.csv[^"]*)"', page)[0])
    file = ueda.get(link)
    assert file.mimetype == "text/csv"
    assert "filename=what-if-2026-11.csv" in file.headers["Content-Disposition"]
    other, out = tmp_path / "other.yaml", tmp_path / "out.csv"
    other.write_text(DESK.replace("resolution: 2d}", "resolution: 480}"), encoding="utf-8")
    args = ["desk", "what-if", str(other), "--period", "2026-11", "--csv", str(out)]
    done = app.test_cli_runner().invoke(args=args)
    assert done.exit_code == 0, done.output
    assert file.data == out.read_bytes()
    assert "0 of 2 (0.0 %)" in done.output
    assert file.text.count(",worse,") == 2


def test_what_is_shown_stays_while_its_links_are_followed(
    desk: Desk, ueda: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is logged meanwhile is not in the rest of a list."""
    monkeypatch.setattr(views, "AT_ONCE", 1)
    page = ueda.get(address(**TARGETS)).text
    assert "1 to 1 of 2" in page
    desk.log(when="2026-11-27 15:00", title="Later")
    following = unescape(re.findall(r'href="([^"]*)" rel="next"', page)[0])
    second = ueda.get(following).text
    assert "2 to 2 of 2" in second
    assert "· 2 incidents" in second
    assert "· 3 incidents" in ueda.get(address(**TARGETS)).text


def test_too_much_for_a_page_is_refused_with_the_command(
    ueda: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST", 1)
    page = ueda.get(address(**TARGETS)).text
    assert "That is 2 incidents to judge again: a page does so for up to 1." in page
    assert "flask desk what-if DESK.yaml --period 2026-11" in page
    assert "As it was" not in page
    assert ueda.get(address("/what-if.csv", **TARGETS)).status_code == 409


@pytest.mark.parametrize("more", [{"period": "2026-13"}, {"period": "x"}, {"scope": "group:moon"}])
def test_a_period_or_scope_that_is_none_has_no_page(ueda: Visitor, more: dict[str, str]) -> None:
    assert ueda.get(address(**{**TARGETS, **more})).status_code == 404


def test_a_period_ahead_says_so(ueda: Visitor) -> None:
    page = ueda.get(address(**{**TARGETS, "period": "2027-03"})).text
    assert "This period has not begun yet." in page


def test_the_reports_lead_to_it(ueda: Visitor, desk: Desk) -> None:
    assert 'href="/what-if"' in ueda.get("/reports").text
    assert 'href="/what-if?period=2026-11"' in ueda.get("/reports/2026-11").text
    assert 'href="/what-if"' in desk.visit("root").get("/admin/").text
