"""How long a report's PDF takes, beside WeasyPrint alone with the same pages as static HTML."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from os import times
from pathlib import Path
from statistics import median

from servicedesk.incidents import acts
from servicedesk.reports import bound, pdf, reading
from servicedesk.reports.contents import Contents
from servicedesk.reports.document import Document, Seal
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from tests.bench.measured import table
from tests.cast import at
from tests.incidents.told import EMI, NETONE, NETWORK, Told, day, directory
from tests.reports.counted import facts, frame
from tests.reports.test_verify import nothing

__all__ = ["nothing"]

INCIDENTS, PAGES, REPEATS = 120, 12, 3
GOAL = 1.5  # times
STATIC = """
import sys, weasyprint
weasyprint.HTML(sys.argv[1]).write_pdf(sys.argv[2])
"""


def test_a_report_takes_hardly_longer_than_static_pages(nothing: object, tmp_path: Path) -> None:
    """Its data worked out, carried and tagged, in a child that can reach nothing."""
    doc = month()
    read = reading.read(bound.bind(doc, "en").to_pdf())
    html = bound.bind(doc, "en").html.replace("asset:print.css", pdf.STYLE.as_uri())
    page = tmp_path / "page.html"
    page.write_text(html, encoding="utf-8")
    line = [sys.executable, "-c", STATIC, str(page), str(tmp_path / "page.pdf")]
    took: dict[str, list[float]] = {"report": [], "static": []}
    for _n in range(REPEATS):
        took["report"].append(seconds(lambda: bound.bind(month(), "en").to_pdf()))
        took["static"].append(seconds(lambda: subprocess.run(line, check=True)))
    report, static = median(took["report"]), median(took["static"])
    with table("a report's PDF, seconds of a processor") as said:
        said.add("incidents", str(INCIDENTS), f"{len(read.pages)} pages")
        said.add("report", f"{report:.2f} s")
        said.add("static HTML", f"{static:.2f} s")
        said.add("report / static", f"{report / static:.2f}", f"goal {GOAL}")
    assert len(read.pages) >= PAGES
    assert report / static < GOAL


def seconds(work: Callable[[], object]) -> float:
    """Measure the processor's seconds of this process and of its children."""
    before = times()
    work()
    after = times()
    return sum(after[:4]) - sum(before[:4])


def month() -> Document:
    """Make a month: some late, some handed off, some open."""
    told = [one(n) for n in range(INCIDENTS)]
    said = Contents(
        frame(), Scope(), Knowledge(42, at("2026-12-01 09:00")), directory(), facts(*told),
        draft=False,
    )  # fmt: skip
    said_of = ("Screen {} stays dark", "画面{}が映らない")
    titles = {n: said_of[n % 2].format(n) for n in range(INCIDENTS)}
    return Document(said, Seal(1, "Ueda Rin"), titles)


def one(n: int) -> Told:
    """Tell one of them."""
    it = Told("Thu 09:00", type="request" if n % 3 else "incident")
    acts.wish(it.at("Thu 09:00", EMI), day("2026-11-26"))
    if n % 4 == 0:
        it.hand(NETWORK, "Thu 10:00")
        it.hand(NETONE, "Thu 11:00")
    if n % 5:
        acts.resolve(it.at("Fri 15:00" if n % 2 else "Thu 14:00"), "solved")
    return it
