"""A partner company's edition: its own figures, and nobody else in it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pikepdf
import pytest
from hypothesis import given

from servicedesk.escalation import commands as escalation
from servicedesk.reports import actions, bound, commands, partial, reading, remarks, verify
from servicedesk.reports.cases import Frame
from servicedesk.reports.contents import Contents
from servicedesk.reports.document import Document, Seal
from servicedesk.reports.figures import FIGURES
from servicedesk.reports.periods import read_period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.remarks import Remarks
from servicedesk.reports.scopes import Scope
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory
from tests.cast import Desk, at
from tests.incidents.test_story_properties import SETUP, Step
from tests.incidents.told import NETONE
from tests.reports.test_commands import AFTER, resolve
from tests.reports.test_figure_properties import HISTORIES, NOW, told
from tests.reports.test_verify import nothing, november

__all__ = ["nothing"]

WHOLE = ("incidents.csv", "cases.csv", "facts.jsonl", "document.json", "report.json")


def of_partner(doc: Document, setup: Directory) -> Document:
    """Give a report of what NetOne was given, before it is made its edition."""
    said, ref = doc.contents, NETONE.ref
    scope = Scope("partner", setup.party(ref).key, ref)
    mine = [fact for fact in said.facts if scope.takes(fact)]
    frame = replace(said.frame, party=ref)
    return replace(doc, contents=replace(said, frame=frame, scope=scope, facts=mine))


@given(HISTORIES)
def test_every_figure_stays_what_it_is(histories: list[list[Step]]) -> None:
    """F1: one definition, whoever reads it."""
    frame = Frame(read_period("2026-11", "Asia/Tokyo"), NOW)
    said = Contents(frame, Scope(), Knowledge(1, NOW), SETUP, told(histories), draft=False)
    whole = of_partner(Document(said, Seal(1)), SETUP)
    own = partial.edition(whole)
    assert own.contents.results == whole.contents.results
    for figure in FIGURES:
        numbers = [case.number for case in whole.contents.cases[figure.column]]
        assert [case.number for case in own.contents.cases[figure.column]] == numbers


def test_others_editions_are_left_as_they_are() -> None:
    doc = november()
    assert partial.edition(doc) is doc


OTHERS = (  # words of others, and of what a partner company has no part in
    "PrintCo", "printco", "Network team", "Service desk", "group:desk", "Emi", "Sales", "Printing",
    "zqtitle", "zqnote", "zqanswer", "zqcomment", "zqwanted", "zqaction", "zqheadline", "00000002",
)  # fmt: skip


@pytest.mark.backends("sqlite")
def test_it_says_nothing_of_any_other_party(desk: Desk) -> None:
    """§8: in text, charts, bookmarks and files, nor in its metadata."""
    number = desk.log(when="Thu 09:00", title="Line to NetOne is down")
    hand(desk, number, "network", "Thu 09:30")
    hand(desk, number, "netone", "Thu 10:00")
    desk.do(escalation.accept, number, 2, by="kim", when="Thu 10:10")
    desk.do(escalation.answer, number, 2, "zqanswer", by="kim", when="Thu 11:00")
    hand(desk, number, "printco", "Thu 11:30")
    other = desk.log(when="Thu 09:00", title="zqtitle", service="printing")
    hand(desk, other, "printco", "Thu 10:00")
    resolve(desk, other, "Fri 12:00")
    how: dict[str, Any] = {"by": "ueda", "when": "Fri 12:00"}
    period = read_period("2026-11", "Asia/Tokyo")
    todo = actions.Said("zqaction", "Ito", date(2026, 12, 1))
    said = Remarks("zqcomment", "zqwanted")
    for scope in ("all", "partner:printco"):
        desk.call(remarks.save, "2026-11", scope, said, version=0, **how)
        desk.call(actions.add, period, scope, todo, day=date(2026, 11, 27), **how)
    with desk.session() as session:
        asked = commands.read(directory(session), "2026-11", "partner:netone")
        found = everything(commands.make(asked, now=at(AFTER)).pdf)
    assert "Line to NetOne is down" in found
    assert "NetOne Inc." in found
    assert [word for word in OTHERS if word in found] == []


def everything(pdf: bytes) -> str:
    """Give all texts of a PDF: what is read on its pages, every string in it, every file."""
    read = reading.read(pdf)
    assert set(read.files) == set(WHOLE)
    parts = [*(block.text for block in read.blocks), *read.files.values()]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        parts += ["bookmark " + str(each.title) for each in opened.open_outline().root]
        for each in opened.objects:
            parts += strings(each)
            if isinstance(each, pikepdf.Stream) and each.get("/Type") == "/Metadata":
                parts.append(each.read_bytes().decode())
    return "\n".join(parts)


def strings(it: object) -> Iterator[str]:
    """Give the strings of an object of a PDF, and of those inside it."""
    if isinstance(it, pikepdf.String):
        yield str(it)
    elif isinstance(it, pikepdf.Array):
        for each in it:
            yield from () if getattr(each, "is_indirect", False) else strings(each)
    elif isinstance(it, pikepdf.Dictionary | pikepdf.Stream):
        for key in it.keys():  # noqa: SIM118 - a stream's values are its dictionary's
            inside = it.get(key)
            yield from () if getattr(inside, "is_indirect", False) else strings(inside)


def hand(desk: Desk, number: int, to: str, when: str) -> None:
    desk.do(escalation.hand_off, number, to, note="zqnote", by="ito", when=when)


@pytest.mark.slow
@pytest.mark.usefixtures("remembered", "nothing")
def test_it_follows_from_its_data_alone() -> None:
    """F7."""
    doc = november()
    own = partial.edition(of_partner(doc, doc.contents.setup))
    assert verify.verify(bound.bind(own, "en").to_pdf()).differences == []
