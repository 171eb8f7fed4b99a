"""F7: reports that another installation drew, another edition laid out, other definitions made."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pikepdf
import pytest
from flask import Flask

from servicedesk.reports import bound, contents, pdf, reader, reading, verify, words
from servicedesk.reports.bound import REPORT
from servicedesk.reports.figures import DEFINITIONS
from servicedesk.reports.reading import NotRead
from tests.reports.tampering import changed, flip_data, flip_text, text, write
from tests.reports.test_verify import differences, nothing, november, printed, report, run

__all__ = ["nothing", "report"]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("remembered")]


@pytest.fixture
def elsewhere(nothing: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> bytes:
    """The report as another machine drew it, which has other fonts."""
    other = tmp_path / "print.css"
    other.write_text(
        pdf.STYLE.read_text(encoding="utf-8").replace('"BIZ UDPGothic", ', "")
        .replace("8.5pt/13pt", "9.5pt/15pt"),
        encoding="utf-8",
    )  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "STYLE", other)
        return bound.bind(november(), "en").to_pdf()


def test_what_was_drawn_with_other_fonts_is_verified_as_text(elsewhere: bytes) -> None:
    verdict = verify.verify(elsewhere)
    assert verdict.differences == []
    assert verdict.as_text


def test_a_digit_is_found_also_there(elsewhere: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "in_child", reader.read)
    found = 0
    for seed in range(10):
        chance = random.Random(seed)
        flipped = changed(elsewhere, lambda opened, c=chance: flip_text(opened, c, 3))  # type: ignore[misc]
        found += bool(differences(flipped))
    assert found >= 9  # but for the number of a page


@pytest.fixture
def other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program as it is later: it words something otherwise, and draws another chart."""
    monkeypatch.setattr(verify, "edition", lambda: "another")
    monkeypatch.setattr(words, "others", lambda rows: "the rest")
    monkeypatch.setattr(words, "NOTHING", "none")


def test_the_pages_of_another_edition_are_no_lie(
    report: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the program words otherwise now is not the report's fault."""
    monkeypatch.setattr(verify, "edition", lambda: "another")
    assert verify.verify(report) == verify.Verdict([], "2026-11, all, revision 1")
    monkeypatch.setattr(words, "NOTHING", "none")
    verdict = verify.verify(report)
    assert verdict.differences == []
    assert verdict.numbers is not None
    compared, printed = verdict.numbers
    assert 0.9 * printed < compared <= printed


@pytest.mark.usefixtures("other_words")
def test_a_digit_of_their_cells_and_sentences_is_named(
    report: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F7: whatever edition laid them out."""
    monkeypatch.setattr(reading, "in_child", reader.read)
    lines = []
    for seed in range(3):
        chance = random.Random(seed)
        flipped = changed(report, lambda opened, c=chance: flip_text(opened, c, 2))  # type: ignore[misc]
        lines += differences(flipped)
    place = printed("Summary › [^›]+ › (Actual|Cases)")
    assert any(re.search(place, line) for line in lines), lines
    assert all(line.startswith("page 2, ") for line in lines)


def test_the_data_of_another_edition_is_verified_all_the_same(
    report: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "edition", lambda: "another")
    flipped = changed(report, lambda opened: flip_data(opened, random.Random(1)))
    assert differences(flipped)


def test_a_report_of_an_earlier_version_cannot_be_verified(report: bytes) -> None:
    def change(opened: pikepdf.Pdf) -> None:
        for name in ("facts.jsonl", "document.json"):
            del opened.attachments[name]

    with pytest.raises(NotRead, match="only reports from version 2 on"):
        verify.verify(changed(report, change))


@pytest.fixture
def of_version_2(nothing: Flask, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A report as a program with other definitions made it."""
    with monkeypatch.context() as patch:
        patch.setattr(contents, "DEFINITIONS", "2")
        return bound.bind(november(), "en").to_pdf()


def test_an_earlier_version_is_verified_by_its_own_definitions(of_version_2: bytes) -> None:
    """F1: definitions have versions; what was sealed under an earlier one is no lie."""
    assert verify.verify(of_version_2) == verify.Verdict([], "2026-11, all, revision 1")


def test_a_later_version_cannot_be_verified(report: bytes) -> None:
    later = str(int(DEFINITIONS) + 1)
    said = reading.read(report).files

    def change(opened: pikepdf.Pdf) -> None:
        write(opened, REPORT, said[REPORT].replace(f'"{DEFINITIONS}"', f'"{later}"'))

    assert differences(changed(report, change))[0].startswith("report.json: SHA-256 printed")
    with pytest.raises(NotRead, match=f"it follows version {later} of the definitions"):
        verify._of_later_definitions(later, [])


SEALED_BEFORE = Path(__file__).parent / "data" / "sealed-definitions-3.pdf"


def test_what_was_sealed_by_an_earlier_program_is_still_verified(
    nothing: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F6, F7: a real one of version 3: figures, files, and the numbers on its pages."""
    done = run(nothing, SEALED_BEFORE)
    assert (done.exit_code, done.output.count("\n")) == (0, 1), done.output
    assert "its figures follow from its data; its pages were laid out by another" in done.output
    found = re.search(r"(\d+) of (\d+) were compared", done.output)
    assert found
    assert int(found[1]) > 0.75 * int(found[2])
    monkeypatch.setattr(reading, "in_child", reader.read)
    chance = random.Random(3)
    flipped = changed(SEALED_BEFORE.read_bytes(), lambda opened: flip_text(opened, chance, 2))
    assert all(re.match(r"page 2, .*: printed", line) for line in differences(flipped))


def test_a_changed_figure_is_found_there_too(of_version_2: bytes) -> None:
    def change(opened: pikepdf.Pdf) -> None:
        said = text(opened, "cases.csv")
        row = next(line for line in said.splitlines() if line.startswith("sla.resolution,"))
        write(opened, "cases.csv", said.replace(row, row[:-1] + str(1 - int(row[-1])), 1))

    lines = differences(changed(of_version_2, change))
    assert any(line.startswith("cases.csv: SHA-256 printed") for line in lines)
    assert any(line.startswith("figure sla.resolution: printed") for line in lines)
    assert not any(".net" in line for line in lines)  # there were none
