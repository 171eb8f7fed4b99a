"""F1: the registry is the one definition: page, annex, tables and JSON say nothing else."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape

import pytest

from servicedesk.reports import commands, embedded
from servicedesk.reports.contents import DESCRIBED
from servicedesk.reports.figures import DEFINITIONS, FIGURES, MANY, gross_of
from servicedesk.setup.snapshot import directory
from tests.cast import Desk, at

COLUMNS = {figure.column for figure in FIGURES} - set(MANY)


@pytest.mark.backends("sqlite")
def test_page_annex_tables_and_json_use_the_registry_and_nothing_else(
    desk: Desk, rendered: list[str]
) -> None:
    desk.log(when="Thu 09:00")
    with desk.session() as session:
        made = commands.make(
            commands.read(directory(session), "2026-11"), now=at("2026-12-07 10:00")
        )
    annex = rendered[-1].partition('id="annex"')[2]
    page = desk.visit("ueda").get("/reports/definitions").text
    for figure in FIGURES:
        whole = (figure.id, figure.name, figure.population, figure.exclusions, *figure.formula)
        own = (figure.id, figure.population)  # a net one stands in the row of its twin
        for said, texts in ((annex, own if gross_of(figure.id) else whole), (page, whole)):
            assert {text for text in texts if text not in plain(said)} == set(), figure.id
    assert re.findall(r'<li id="([^"]+)">', page) == [figure.id for figure in FIGURES]
    assert re.findall(r'<span class="meta" lang="ja">([^<]+)</span>', page)[:3] == [
        "受付", "受付後の取消", "解決済"
    ]  # fmt: skip
    told = made.figures["figures"]
    assert {id: (each["unit"], each["population"]) for id, each in told.items()} == {
        figure.id: (figure.unit, figure.population) for figure in FIGURES
    }
    assert (made.figures["definitions"], f"version {DEFINITIONS}" in plain(page)) == (
        DEFINITIONS,
        True,
    )
    tables = embedded.read(made.pdf)
    head = next(csv.reader(io.StringIO(tables["incidents.csv"])))
    assert (set(head[: len(DESCRIBED)]), set(head[len(DESCRIBED) :])) == (set(DESCRIBED), COLUMNS)
    cases = csv.DictReader(io.StringIO(tables["cases.csv"]))
    assert {row["figure"] for row in cases} <= set(MANY)
    assert json.loads(embedded.read(made.pdf, ["report.json"])["report.json"])["figures"] == told


def plain(page: str) -> str:
    """Give what a page says."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.backends("sqlite")
def test_every_figure_and_the_list_of_reports_lead_to_the_definitions(desk: Desk) -> None:
    ueda = desk.visit("ueda")
    assert 'href="/reports/definitions"' in ueda.get("/reports").text
    page = ueda.get("/reports/2026-11/figures/intake").text
    assert 'href="/reports/definitions#intake"' in page
