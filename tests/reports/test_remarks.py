"""What stands beside the figures: remarks, actions, approval; and that it is sealed with them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from flask import Flask

from servicedesk.incidents import commands as incidents
from servicedesk.reports import actions, bound, carried, pdf, seals
from servicedesk.reports.actions import Said
from servicedesk.reports.document import Seal
from servicedesk.reports.models import Action
from servicedesk.reports.periods import read_period
from servicedesk.reports.seals import Since, Todo
from tests.cast import Desk, Visitor, at
from tests.reports.tampering import changed, text, write
from tests.reports.test_verify import differences, nothing, november
from tests.support.clock import Clock

__all__ = ["nothing"]
OF_TODAY = Path(__file__).parent / "data" / "sealed-definitions-3.pdf"
NOVEMBER = read_period("2026-11", "Asia/Tokyo")


@pytest.fixture
def ueda(desk: Desk, clock: Clock, rendered: list[str]) -> Visitor:
    """The manager, on Thursday 26 November."""
    number = desk.log(when="Thu 09:00", title="No network on floor 3")
    desk.do(incidents.resolve, number, by="ito", when="Thu 12:00", code="solved", text="Done.")
    return desk.visit("ueda")


def later(desk: Desk, clock: Clock) -> Visitor:
    """The same on 6 December: signed in again."""
    clock.advance(days=10)
    return desk.visit("ueda")


def save(visitor: Visitor, version: int, comment: str, status: int = 303, **more: str) -> str:
    said = {"comment": comment, "wanted": "", "version": str(version), "approver": "", **more}
    answer = visitor.post("/reports/2026-11/remarks", **said)
    assert answer.status_code == status
    return answer.text


# Remarks


@pytest.mark.backends("sqlite")
def test_what_is_drafted_stands_in_the_draft_and_goes_into_the_seal(
    desk: Desk, ueda: Visitor, clock: Clock, rendered: list[str]
) -> None:
    """§8: it is saved while the month runs; sealing asks for nothing more."""
    save(ueda, 0, "A quiet month.")
    assert "A quiet month." in ueda.get("/reports/2026-11").text
    answer = ueda.get("/reports/2026-11/report.pdf")
    assert "report-2026-11-en-draft.pdf" in answer.headers["Content-Disposition"]
    assert "A quiet month." in rendered[-1]
    assert "<strong>Draft</strong>" in rendered[-1].partition("running-foot")[2][:80]
    later(desk, clock).post("/reports/2026-11/seal")
    assert len(rendered) == 3
    assert all("A quiet month." in page for page in rendered[-2:])


def test_of_two_managers_the_second_is_told_and_loses_nothing(ueda: Visitor) -> None:
    """Both began with the same version; what the second left alone is as the first has saved it."""
    save(ueda, 0, "The first.", wanted="One more agent.")
    page = save(ueda, 0, "The second.", status=409, **{"had-comment": "", "had-wanted": ""})
    assert "Somebody else has saved this draft meanwhile" in page
    assert "The second.</textarea>" in page
    assert "Kept meanwhile: The first." in page
    assert "One more agent.</textarea>" in page
    assert "Kept meanwhile: One more" not in page
    save(ueda, 1, "Both.")


def test_what_is_sent_twice_is_kept_once(desk: Desk, ueda: Visitor) -> None:
    """Whoever clicks twice is told of nobody else."""
    for _n in range(2):
        save(ueda, 0, "A quiet\r\nmonth. ")
        said = {"what": "Order cables", "who": "Sato ", "until": "2026-12-24"}
        assert ueda.post("/reports/2026-11/actions/new", **said).status_code == 303
    assert len(open_ones(desk)) == 1


@pytest.mark.backends("sqlite")
def test_what_would_not_fit_is_refused_and_stays_in_its_field(ueda: Visitor) -> None:
    assert "x" * 401 in save(ueda, 0, "x" * 401, status=422)


# Actions


def act(desk: Desk, what: str, until: str | None = None, period: str = "2026-11") -> int:
    day = date.fromisoformat(until) if until else None
    said = read_period(period, "Asia/Tokyo")
    return int(
        desk.call(actions.add, said, "all", Said(what, "Sato", day), by="ueda", when="Thu 14:00",
                  day=date(2026, 11, 26))
    )  # fmt: skip


@pytest.mark.backends("sqlite")
def test_actions_of_the_last_report_stand_in_the_next_with_their_state(
    desk: Desk, ueda: Visitor, clock: Clock, rendered: list[str]
) -> None:
    """§8: one is done meanwhile, one is overdue."""
    done, late = act(desk, "Order cables"), act(desk, "Renew the contract", "2026-12-01")
    assert ueda.post(f"/reports/actions/{done}/done").status_code == 303
    ueda = later(desk, clock)
    desk.log(when="2026-12-05 09:00")
    page = ueda.get("/reports/2026-12").text
    assert "Actions from last time" in page
    assert re.search(r"Renew the contract.*?Overdue", page, re.DOTALL)
    ueda.get("/reports/2026-12/report.pdf")
    part = rendered[-1].partition("Actions from last time")[2]
    assert re.search(r"Renew the contract.*?<strong>overdue</strong>", part, re.DOTALL)
    assert re.search(r"Order cables.*?Done", part, re.DOTALL)
    assert late in {row.id for row in open_ones(desk)}


def open_ones(desk: Desk) -> list[Action]:
    with desk.session() as session:
        return [row for row in actions.every(session) if row.state == "open"]


def test_what_was_settled_before_the_last_report_is_carried_no_further(
    desk: Desk, ueda: Visitor
) -> None:
    old, still = act(desk, "Long done", period="2026-09"), act(desk, "Open", period="2026-09")
    act(desk, "Of the last one", period="2026-10")
    desk.call(actions.settle, old, "done", by="ueda", when="Thu 14:00", day=date(2026, 10, 20))
    with desk.session() as session:
        found = [row.what for row in actions.earlier(session, NOVEMBER, "all")]
    assert found == ["Open", "Of the last one"]
    assert still


def test_who_changes_an_action_second_is_told(desk: Desk, ueda: Visitor) -> None:
    id = act(desk, "Order cables")
    said = {"what": "Order ten cables", "state": "open", "version": "1", "until": "2026-12-24"}
    assert ueda.post(f"/reports/actions/{id}", **said).status_code == 303
    answer = ueda.post(f"/reports/actions/{id}", **said)
    assert answer.status_code == 409
    assert "Somebody changed this action meanwhile" in answer.text


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("said", [{"what": " "}, {"what": "x", "until": "soon"}])
def test_an_action_needs_words_and_a_day_that_is_one(ueda: Visitor, said: dict[str, str]) -> None:
    assert ueda.post("/reports/2026-11/actions/new", **said).status_code == 422


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("key", ["emi", "ito", "kim", "root"])
def test_drafts_are_for_managers(desk: Desk, ueda: Visitor, key: str) -> None:
    """§9."""
    act(desk, "Order cables")
    visitor = desk.visit(key)
    for path in ("/reports/2026-11/remarks", "/reports/actions", "/reports/actions/1"):
        assert visitor.get(path).status_code == 404


# Revisions


@pytest.mark.backends("sqlite")
def test_the_second_revision_has_a_page_that_says_what_changed_and_why(
    desk: Desk, ueda: Visitor, clock: Clock, rendered: list[str]
) -> None:
    """F6: figures before and after, incidents, events since the cut-off, who sealed."""
    ueda = later(desk, clock)
    ueda.post("/reports/2026-11/seal")
    assert 'id="revision"' not in rendered[-1]
    desk.do(incidents.reopen, 1, by="emi", when="2026-12-06 14:00")
    ueda.post("/reports/2026-11/seal", comment="", why="It was not solved.")
    page = next(page for page in rendered[-2:] if 'lang="en"' in page[:60])
    part = page.partition('id="revision"')[2].partition("</section>")[0]
    for said in ("It was not solved.", "INC-00000001", "reopened", "Ueda", "Resolved"):
        assert said in part


# Verified


def remarkable() -> Seal:
    todo = Todo("Order ten cables", "Sato", date(2026, 12, 24), "open", "by Friday", "2026-10")
    return replace(
        november().seal, day=date(2026, 12, 2), actions=(todo,), earlier=(todo,), why="Late facts.",
        since=(Since(43, 1, "incident.reopened", at("2026-12-01 10:00")),), approver="Abe",
    )  # fmt: skip


@pytest.fixture
def marked(nothing: Flask, remembered: None) -> bytes:
    doc = november()
    doc.seal = remarkable()
    return bound.bind(doc, "en").to_pdf()


@pytest.mark.slow
@pytest.mark.backends("sqlite")
def test_a_changed_letter_of_a_remark_or_an_action_is_found(marked: bytes) -> None:
    """F7: in the data; what is printed is named."""
    assert differences(marked) == []

    def change(opened: pikepdf.Pdf) -> None:
        said = text(opened, "document.json").replace("ten cables", "two cables")
        write(opened, "document.json", said.replace("a good month", "a bad month"))

    lines = differences(changed(marked, change))
    assert any(line.startswith("document.json: SHA-256 printed") for line in lines)
    for before, after in (("ten cables", "two cables"), ("a good month", "a bad month")):
        assert any(before in line and after in line for line in lines)


@pytest.mark.slow
@pytest.mark.backends("sqlite")
def test_the_annex_names_fonts_and_libraries_with_versions(nothing: Flask, marked: bytes) -> None:
    """F6: with which the same data has the same bytes."""
    names = pdf.installation()
    assert any(re.fullmatch(r"WeasyPrint \d+\.\d+", name) for name in names)
    assert any(re.fullmatch(r"BIZ UDPGothic \d+\.\d+", name) for name in names)
    doc = november()
    doc.seal = remarkable()
    made = bound.bind(doc, "en")
    assert all(name.rpartition(" ")[0] in made.html for name in names)
    assert carried.read_basis(marked).drawn_with == list(names)


def test_what_has_no_remarks_is_written_as_it_used_to_be(nothing: Flask) -> None:
    """What was sealed before there were actions can be compared letter by letter."""
    said = json.loads(carried.files(november(), "en")["document.json"])
    assert not {*carried.ADDED}.intersection(said)
    assert not {*carried.ADDED_TO_SEAL}.intersection(said["seal"])


def test_the_seal_of_a_report_of_an_earlier_version_is_read() -> None:
    """F7."""
    assert carried.seal(OF_TODAY.read_bytes()).comment == "A quiet month."


def test_overdue_is_what_should_have_been_done_before_today() -> None:
    todo = Todo("x", until=date(2026, 12, 1))
    assert not todo.is_overdue(date(2026, 12, 1))
    assert todo.is_overdue(date(2026, 12, 2))
    assert not replace(todo, state=seals.DONE).is_overdue(date(2026, 12, 2))
    assert not Todo("x").is_overdue(date(2026, 12, 2))
