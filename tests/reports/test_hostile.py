"""F8: whatever people wrote, wherever it goes into a report: it breaks, slows and leaks nothing."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from os import times
from typing import Any, TypeVar

import pikepdf
import pytest
import yaml
from flask import Flask

from servicedesk.reports import bound, pdf, reading, render, verify
from servicedesk.reports.document import Document, Seal
from servicedesk.reports.facts import MajorFact
from servicedesk.reports.majors import ActionSaid, MajorSaid
from servicedesk.reports.scopes import Scope
from servicedesk.reports.seals import Before, Todo
from servicedesk.setup.load import load_text
from tests.cast import DESK, Desk, at
from tests.reports.conforming import faults
from tests.reports.test_verify import nothing, november
from tests.support.torture import enough

__all__ = ["nothing"]

pytestmark = pytest.mark.slow

SLOWEST = 20  # seconds of a processor for a whole report
LARGE = 100_000  # letters
FILE = "file:///etc/passwd"
HOSTILE = {
    "markup": f"</td></tr></table></style></title><h1>Owned</h1><img src={FILE}><table>",
    "attached": f"<link rel=attachment href={FILE}><a rel=attachment href={FILE}>a</a>",
    "style": f"</style><style>@import url({FILE});*{{display:none;content:url({FILE})}}</style>",
    "bare style": f"}} * {{ display: none; background: url({FILE}) }} /* @import '{FILE}'; ",
    "svg": f"<svg xmlns='http://www.w3.org/2000/svg'><title></svg><image href='{FILE}'/>",
    "template": "{{ 7*7 }} {% for x in range(9) %} %(name)s {0} ${x} <!-- ]]> <![CDATA[",
    "quotes": "\"' onload=x style=display:none \" > &amp;amp; &#60;h1&#62; &lt",
    "right to left": "\u202edetrevni\u2066 הטלפון الطابعة \u200f\u061c",
    "emoji": "🔥👩‍👩‍👧‍👦🇯🇵 ☎️ \U0001f9d1\U0001f3fd\u200d\U0001f680 \ue000 \U0010fffd",
    "controls": "a\x00b\x07c\x1b[2Jd\x7fe\x85f\ufeff\ufffe\uffffg\u0085h\r\ni\tj",
    "joined": "Ǆ ﬁ ½ ℡ ㈱ ｶﾞ",
    "formula": '=HYPERLINK("http://127.0.0.1/x","y")',
    "no shape": "﷽ ภาษาไทย हिन्दी g\u2028h\u2029i",
    "unclosed": "<div style='display:flex'>" * 40,
}  # fmt: skip
NAMES = list(HOSTILE)
T = TypeVar("T")


class Words:
    """Gives the texts in turn, others for each place, as long as the desk takes them there."""

    def __init__(self, texts: list[str]) -> None:
        self.texts, self.n = texts, 0

    def __call__(self, longest: int = 200) -> str:
        self.n += 1
        return self.texts[self.n % len(self.texts)][:longest]


def report(say: Words) -> Document:
    """A month of a department in which every text is one of these."""
    doc = november()
    said = doc.contents
    department = say()
    facts = [
        replace(fact, department=department, category=say(120), majors=_major(fact.number))
        for fact in said.facts
    ]
    setup = replace(
        said.setup,
        name=say(),
        parties={ref: replace(each, name=say()) for ref, each in said.setup.parties.items()},
        services={id: replace(each, name=say()) for id, each in said.setup.services.items()},
    )
    contents = replace(said, facts=facts, setup=setup, scope=Scope("department", department))
    titles = {fact.number: say(LARGE) for fact in facts}
    titles[4] = HOSTILE["unclosed"] * (LARGE // len(HOSTILE["unclosed"])) + "新しいPC"
    majors = {fact.number: MajorSaid(say(300), (ActionSaid(say(300), say(80)),)) for fact in facts}
    return Document(contents, seal(say), titles, majors)


def _major(number: int) -> tuple[MajorFact, ...]:
    """Of every second incident: it went on for three hours, and was reviewed."""
    if number % 2:
        return ()
    instants = at("Thu 13:00"), at("Thu 16:00")
    return (MajorFact(*instants, (at("Thu 14:00"),), (at("Thu 15:00"),), at("Fri 09:00"), 2, 3),)


def seal(say: Words) -> Seal:
    day = date(2026, 12, 2)
    todo = Todo(say(400), say(80), day, "done", say(400), "2026-10", day)
    return Seal(
        2, say(), comment=say(400), wanted=say(400), day=day, why=say(400),
        before=Before(7, at("Fri 18:00"), say(80), say(400)), actions=(todo, todo),
        earlier=(todo,), approver=say(80), approved=say(80), approved_on=day, touched=(1,),
    )  # fmt: skip


def plain(n: int, text: str) -> str:
    """Give a text that does no harm, in as many lines."""
    return f"Plain {n}" + "\nlines" * text.count("\n")


def tags(doc: Document) -> list[str]:
    """List the tags of a page but those that mark a language; of charts none, which break lines."""
    html = re.sub("(?s)<svg.*?</svg>", "", bound.bind(doc, "en").html)
    found = re.findall(r"</?([a-z][a-z0-9]*)", html)
    return [name for name in found if name != "span"]


def held(made: bytes) -> str:
    """Hold a report against all that can be said of one; gives its letters."""
    assert verify.verify(made).differences[:3] == []
    assert faults(made) == []
    read = reading.read(made)
    assert not read.strange
    assert len(read.files) == 5
    assert len(read.pages) < 40
    assert not any("Owned" in block.text for block in read.blocks if block.kind == "H1")
    with pikepdf.open(io.BytesIO(made)) as opened:
        for each in opened.objects:
            if isinstance(each, pikepdf.Stream) and each.get("/Type") != pikepdf.Name.Metadata:
                assert b"root:x:0:0" not in each.read_bytes()
    summary = [block for block in read.blocks if block.place.startswith("1 ")]
    assert any("Kept the first wish" in block.text for block in summary)  # it is still shown
    return "".join("".join(block.text.split()) for block in read.blocks)


def texts() -> Iterator[Any]:
    """All of them in turn; under torture also each of them everywhere, and as much as fits."""
    yield pytest.param([HOSTILE[name] for name in NAMES if name != "no shape"], id="all")
    for name in enough([], NAMES):
        yield pytest.param([HOSTILE[name]], id=name)
    for name in enough([], ["markup", "right to left", "emoji", "unclosed"]):
        once = HOSTILE[name]
        yield pytest.param([once * (LARGE // len(once))], id=f"{name}, long")
    for once in enough([], ["x", "新", "x "]):
        yield pytest.param([once * (LARGE // len(once))], id=f"{once!r}, long")


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("said", list(texts()))
def test_whatever_is_written_anywhere_a_report_holds(nothing: Flask, said: list[str]) -> None:
    """Every name, title and remark; one title of 100 kB."""
    doc = report(Words(said))
    if len(said[0]) < LARGE // 2:
        assert tags(doc) == tags(report(Words([plain(n, text) for n, text in enumerate(said)])))
    before = times()
    made = bound.bind(doc, "en").to_pdf()
    after = times()
    assert after.children_user - before.children_user < SLOWEST
    printed = held(made)
    if len(said[0]) < LARGE // 2:
        assert len(printed) < LARGE
        assert "".join(HOSTILE["markup"].split())[:40] in printed or len(said) == 1


def test_a_letter_that_no_font_here_has_is_stood_for(nothing: Flask) -> None:
    """F8: PDF/A allows none without a shape; in the data it stays what it is."""
    said = f"<title>T</title>{render.STYLE}<h1>Report</h1><p>{HOSTILE['no shape']} end"
    html = f"<!doctype html><html lang=en>{said}</html>"
    made = pdf.make(html, at=None, attached=[])
    assert faults(made) == []
    read = reading.read(made)
    assert any(re.search("〓 .*end", block.text) for block in read.blocks), read.blocks
    assert made == pdf.make(html, at=None, attached=[])


# Pages, lists and exports


PAGES = (
    "/reports", "/reports/2026-11", "/dashboard", "/reports/definitions",
    "/reports/2026-11/figures/intake", "/reports/2026-11/figures/backlog",
    "/reports/2026-11/remarks", "/reports/actions", "/reports/2026-11?scope=service:internet",
    "/exports/reports/2026-11.xlsx", "/exports/figures/2026-11/intake.csv",
)  # fmt: skip
NAMED = ("groups", "partners", "services")
OBEYED = ("<h1>Owned", "<img src=file", "<style>@import", "<link rel=attachment", "<div style")


@pytest.mark.backends("sqlite")
def test_pages_and_exports_show_whatever_is_written_and_obey_none_of_it(desk: Desk) -> None:
    """Names from the set-up, titles, categories, departments."""
    said = yaml.safe_load(DESK)
    named = [said["desk"], *(one for part in NAMED for one in said[part].values())]
    for n, one in enumerate(named):
        one["name"] = HOSTILE[NAMES[n % len(NAMES)]]
    said["people"]["emi"]["department"] = HOSTILE["quotes"]
    with desk.app.app_context():
        load_text(yaml.safe_dump(said), "desk.yaml", now=at("08:00"))
    for n, text in enumerate(HOSTILE.values()):
        title = "".join(filter(str.isprintable, text))
        desk.log(when=f"09:{n:02}", title=title[:200], category=title[:60])
    ueda = desk.visit("ueda")
    pages = {path: ueda.get(path) for path in PAGES}
    assert {path: answer.status_code for path, answer in pages.items()} == dict.fromkeys(PAGES, 200)
    for path, answer in pages.items():
        shown = answer.get_data().decode(errors="replace")
        assert path.endswith("csv") or not any(bad in shown for bad in OBEYED), path
    assert "'=HYPERLINK" in pages[PAGES[-1]].text  # no formula
