"""F8: the report as a document: what it conforms to, how it is numbered."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest

from servicedesk.reports import bound, reading
from servicedesk.reports.bound import Bound
from servicedesk.reports.reading import Reading
from tests.reports.conforming import faults
from tests.reports.test_verify import nothing, november

__all__ = ["nothing"]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("remembered", "nothing")]


def bind(language: str) -> Bound:
    """Bind a month of a few incidents."""
    return bound.bind(november(), language)


def printed(language: str) -> tuple[bytes, Reading]:
    """Put it on paper and read it."""
    pdf = bind(language).to_pdf()
    return pdf, reading.read(pdf)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_report_is_for_archives_and_for_screen_readers_at_once(language: str) -> None:
    """F8: PDF/A-3a and PDF/UA-1."""
    pdf, read = printed(language)
    assert faults(pdf) == []
    assert set(read.files) >= {"report.json", "incidents.csv", "cases.csv"}


def test_a_broken_one_is_found_by_the_validator() -> None:
    """The test above can fail."""
    pdf, _read = printed("en")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        del opened.Root.Lang
        out = io.BytesIO()
        opened.save(out)
    assert any(line.startswith("ua1") for line in faults(out.getvalue()))


def test_sections_tables_and_figures_are_numbered_in_their_order() -> None:
    _pdf, read = printed("en")
    said = [block.text for block in read.blocks if block.kind in ("H2", "Caption")]
    for word, least in (("Table", 10), ("Figure", 1)):
        numbers = [int(m[1]) for text in said if (m := re.match(rf"{word} (\d+) ?\D", text))]
        assert numbers == list(range(1, len(numbers) + 1)), word
        assert len(numbers) >= least, word
    sections = [block.text for block in read.blocks if block.kind == "H1"]
    assert [text.partition(" ")[0] for text in sections[:3]] == ["1", "2", "3"]


def test_every_page_but_the_cover_says_what_it_is_of_and_which_it_is() -> None:
    _pdf, read = printed("ja")
    pages = len(read.pages)
    margins = [block for block in read.blocks if block.kind == "Margin"]
    for n in range(2, pages + 1):
        said = " ".join(block.text for block in margins if block.page == n)
        assert f"{n} / {pages}" in said
        assert "2026年11月" in said


def test_the_board_needs_one_page() -> None:
    """§8: the summary begins and ends on page 2."""
    for language in ("en", "ja"):
        _pdf, read = printed(language)
        sections = [block for block in read.blocks if block.kind == "H1"]
        assert [block.page for block in sections[:2]] == [2, 3]


def test_a_title_in_another_language_is_marked_as_such() -> None:
    """F8."""
    pdf, _read = printed("ja")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang) == "ja"
        spans = [each for each in opened.objects if isinstance(each, pikepdf.Dictionary)]
        marked = {str(each.Lang) for each in spans if each.get("/S") == "/Span" and "/Lang" in each}
    assert marked == {"en"}
