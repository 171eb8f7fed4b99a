"""Each list as a file: what its reader sees there, and no more."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from servicedesk.bridge.models import SET_ASIDE, ReceivedMail
from servicedesk.escalation import commands as escalation
from servicedesk.escalation.work import commands as work
from servicedesk.exports.views import LISTS
from servicedesk.history.export import ACTIVE
from servicedesk.incidents.acts import Due
from servicedesk.incidents.exclusions.commands import ask_for
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.major.commands import propose
from servicedesk.reports import actions
from servicedesk.reports.models import Approval
from servicedesk.reports.periods import read_period
from tests.cast import Desk, at
from tests.support.clock import Clock
from tests.support.statements import counted

PAGES = {
    "incidents": "/incidents?view=all",
    "my-incidents": "/home",
    "inbox": "/inbox",
    "work-requests": "/work-requests",
    "board-hand-offs": "/board/hand-offs",
    "board-stays": "/board/stays?holder=desk",
    "board-work-requests": "/board/work-requests",
    "board-wishes": "/board/wishes",
    "firings": "/rules/today",
    "people": "/people/all",
    "messages": "/profile/messages",
    "search": "/search?q=jam",
    "search-hand-offs": "/search?q=look",
    "search-work-requests": "/search?q=switch",
    "exclusions": "/exclusions",
    "approvals": "/approvals",
    "set-aside-mail": "/mail/set-aside",
    "major-incidents": "/major",
    "partners": "/partners",
    "reports": "/reports",
    "report-actions": "/reports/actions",
}
READERS = {
    "inbox": "kim", "work-requests": "mori", "people": "root", "my-incidents": "emi",
    "messages": "emi", "search-hand-offs": "kim", "search-work-requests": "park",
    "exclusions": "ueda", "approvals": "ueda", "partners": "ueda", "reports": "ueda",
    "report-actions": "ueda",
}  # fmt: skip
PARTS = {"search": "emi root", "search-hand-offs": "kim", "search-work-requests": "kim"}
WHO = ("emi", "kim", "root")


@pytest.fixture(autouse=True)
def _thursday(clock: Clock, desk: Desk) -> None:
    """One is with NetOne, one with PrintCo, one is confidential; all have a wish."""
    for title, service, to in (
        ("=1+1", "internet", "netone"), ("Paper jam", "printing", "printco"),
        ("A secret", "payroll", "network"),
    ):  # fmt: skip
        wish = Due(at=at("12:00"))
        n = desk.log(when="09:00", title=title, service=service, wish=wish)
        desk.do(escalation.hand_off, n, to, note="Please look", by="ito", when="09:30")
    desk.do(work.request, 1, "network", "Check the switch", "", by="ito", when="10:00",
            due=at("11:00"))  # fmt: skip


@pytest.fixture
def _everything(desk: Desk) -> None:
    """Something stands in every list."""
    desk.do(work.request, 1, "printco", "Look at the switch", "", by="ito", when="10:01")
    desk.do(propose, 1, "Nobody has a network", by="ito", when="10:02")
    wanted = Wanted(at("09:30"), at("09:45"), ("resolution",))
    desk.do(ask_for, 1, wanted, "A wrong number", by="ito", when="10:03")
    action = {"said": actions.Said("=cmd()"), "day": at("10:04").date()}
    month = read_period("2026-11", "Asia/Tokyo")
    desk.call(actions.add, month, "all", by="ueda", when="10:04", **action)
    ueda = desk.id("ueda")
    with desk.session() as session:
        now = at("10:05")
        session.add_all([
            Approval(period="2026-10", scope="all", zone="Asia/Tokyo", revision=1,
                     approver_id=ueda, asked_at=now, state="asked"),
            ReceivedMail(digest="1", kept="1", subject="@SUM(A1)", received_at=now,
                         state=SET_ASIDE, reason="no-sender"),
        ])  # fmt: skip
        session.commit()


def rows(desk: Desk, who: str, address: str) -> list[dict[str, str]]:
    """Read a file as a spreadsheet does: by the heads of its columns; not what is said below."""
    text = desk.visit(who).get(address).get_data().decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))
    return [row for row in found if (row.get("Number") or "INC").startswith("INC")]


@pytest.mark.backends("sqlite")
def test_who_has_a_list_has_its_file(desk: Desk) -> None:
    """§9: and nobody else."""
    for who in WHO:
        visitor = desk.visit(who)
        for name, address in PAGES.items():
            _path, _mark, said = address.partition("?")
            there = visitor.get(address).status_code == 200 and who in PARTS.get(name, who)
            got = visitor.get(f"/exports/{name}.csv?{said}").status_code
            assert got == (200 if there else 404), (who, name)


@pytest.mark.usefixtures("_everything")
def test_each_list_offers_itself_as_it_is_narrowed(desk: Desk) -> None:
    """Both files have its rows, and nothing in them can run."""
    assert set(PAGES) == set(LISTS)
    for name, address in PAGES.items():
        _path, _mark, said = address.partition("?")
        visitor = desk.visit(READERS.get(name, "ito"))
        page = visitor.get(address).text
        files = {format: f"/exports/{name}.{format}{'?' + said if said else ''}"
                 for format in ("csv", "xlsx")}  # fmt: skip
        assert all(f'href="{file}"' in page for file in files.values()), name
        lines = visitor.get(files["csv"]).get_data().decode("utf-8-sig").splitlines()
        assert len(lines) > (name != "firings"), name
        assert not any(cell.startswith(ACTIVE) for row in csv.reader(lines) for cell in row)
        book = load_workbook(io.BytesIO(visitor.get(files["xlsx"]).data))
        cells = [cell for row in book.worksheets[0].iter_rows(min_row=2) for cell in row]
        assert cells or name == "firings", name
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}, name


def test_a_company_has_its_own_and_nothing_else(desk: Desk) -> None:
    """H8."""
    for who, title in (("kim", "'=1+1"), ("park", "Paper jam")):
        found = rows(desk, who, "/exports/inbox.csv?box=to-accept")
        assert [row["Title"] for row in found] == [title]


def test_confidential_ones_are_withheld_and_counted(desk: Desk) -> None:
    """§9: in the workbench they are not there; behind a number their number is."""
    ueda = desk.visit("ueda")
    bench = ueda.get("/exports/incidents.csv?view=all").text
    assert "INC-00000003" not in bench
    assert "1 is confidential" in bench
    for name in ("board-hand-offs", "board-wishes", "board-stays?holder=desk"):
        name, _mark, said = name.partition("?")
        file = ueda.get(f"/exports/{name}.csv?{said}").text
        assert "INC-00000003,Confidential" in file
        assert "A secret" not in file
        assert "1 is confidential" in file
    assert "A secret" in desk.visit("sato").get("/exports/incidents.csv?view=all").text
    desk.do(propose, 3, "Nobody is paid", by="sato", when="10:02")
    for name in ("search.csv?q=secret", "major-incidents.csv", "messages.csv"):
        assert "secret" not in ueda.get(f"/exports/{name}").text
    assert "A secret" in desk.visit("sato").get("/exports/major-incidents.csv").text


def test_a_file_has_all_pages_of_its_list(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servicedesk.incidents.queries.PAGE", 1)
    found = rows(desk, "ueda", "/exports/incidents.csv?view=all&after=x&sort=-newest")
    assert [row["Number"] for row in found] == ["INC-00000001", "INC-00000002"]
    whole = rows(desk, "emi", "/exports/messages.csv")
    monkeypatch.setattr("servicedesk.exports.others.AT_ONCE", 1)
    assert len(whole) > 1
    assert rows(desk, "emi", "/exports/messages.csv?before=2") == whole


def test_a_file_is_in_the_readers_language(desk: Desk) -> None:
    visitor = desk.visit("ueda")
    visitor.post("/preferences", language="ja")
    book = load_workbook(io.BytesIO(visitor.get("/exports/incidents.xlsx?view=all").data))
    assert "管理番号" in [cell.value for cell in book.worksheets[0][1]]


@pytest.mark.backends("sqlite")
@pytest.mark.usefixtures("_everything")
def test_more_rows_need_no_more_queries(desk: Desk) -> None:
    def asked() -> dict[str, int]:
        found = {}
        for name, address in PAGES.items():
            visitor = desk.visit(READERS.get(name, "ito"))
            file = f"/exports/{name}.csv?{address.partition('?')[2]}"
            visitor.get(file)
            with counted(desk) as statements:
                visitor.get(file)
            found[name] = len(statements)
        return found

    few = asked()
    for n in range(4):
        one = desk.log(when=f"13:0{n}", wish=Due(at=at("13:30")))
        desk.do(escalation.hand_off, one, "netone", note="Look", by="ito", when="13:10")
        for to in ("network", "printco"):
            desk.do(work.request, one, to, "A switch", "", by="ito", when="13:11")
        desk.do(propose, one, "Again", by="ito", when="13:12")
        desk.do(ask_for, one, Wanted(at("13:05"), at("13:08"), ("resolution",)), "No", by="ito",
                when="13:13")  # fmt: skip
    assert asked() == few


def test_what_is_behind_a_figure_is_a_file_of_that_length(desk: Desk) -> None:
    """F7."""
    ueda = desk.visit("ueda")
    assert len(rows(desk, "ueda", "/exports/figures/2026-11/intake.csv")) == 3
    assert len(rows(desk, "ueda", "/exports/figures/2026-11/requested_due.first.csv?show=no")) == 3
    assert len(rows(desk, "kim", "/exports/figures/2026-11/handoffs.csv")) == 1
    assert "A secret" not in ueda.get("/exports/figures/2026-11/intake.csv").text


def test_what_is_behind_a_companys_figure_is_the_list_of_its_page(desk: Desk) -> None:
    """F7, H8: the company's own people have it of their own company alone."""
    said = "period=2026-11&show=all"
    for who, page, file in (
        ("ueda", "/partners/netone/figures/partner.sent", "partners/netone/figures/partner.sent"),
        ("kim", "/inbox/score/partner.sent", "score/netone/partner.sent"),
    ):
        assert f'href="/exports/{file}.csv?{said}"' in desk.visit(who).get(page).text.replace(
            "&amp;", "&"
        )
        [row] = rows(desk, who, f"/exports/{file}.csv?{said}")
        assert (row["Number"], row["Title"]) == ("INC-00000001", "'=1+1")
    kim = desk.visit("kim")
    assert kim.get("/exports/score/printco/partner.sent.csv").status_code == 404
    assert kim.get("/exports/partners/netone/figures/partner.sent.csv").status_code == 404


def test_a_report_is_a_workbook_of_figures_incidents_and_cases(desk: Desk) -> None:
    """F1, F7."""
    book = load_workbook(io.BytesIO(desk.visit("ueda").get("/exports/reports/2026-11.xlsx").data))
    assert book.sheetnames == ["Figures", "Incidents", "Cases", "About this file"]
    figures = {row[0]: row[2] for row in book["Figures"].iter_rows(min_row=2, values_only=True)}
    assert figures["intake"] == 3
    assert book["Incidents"].max_row == 4
    assert book["Cases"].max_row - 1 >= int(str(figures["handoffs"]))
