"""Marks in what was found: the right places, and nothing but marks."""

from __future__ import annotations

import pytest

from servicedesk.intake.marking import Marker


@pytest.mark.parametrize(
    ("wanted", "text", "marked"),
    [
        ("print", "Printer, imprint", "<mark>Print</mark>er, imprint"),
        ("a", "A cat", "<mark>A</mark> cat"),
        ("12", "INC-00000012 and 123", "INC-<mark>00000012</mark> and 123"),
        ("lan", "無線ＬＡＮが遅い", "無線<mark>ＬＡＮ</mark>が遅い"),
        ("プリンタ", "ﾌﾟﾘﾝﾀとプリンター", "<mark>ﾌﾟﾘﾝﾀ</mark>と<mark>プリンター</mark>"),
        ("東京都", "東京の京都", "<mark>東京</mark>の<mark>京都</mark>"),
        ("縞", "縞模様", "<mark>縞</mark>模様"),
        ("<b>", "<b>bold & b", "&lt;<mark>b</mark>&gt;bold &amp; <mark>b</mark>"),
        ("", "nothing & all", "nothing &amp; all"),
    ],
)  # fmt: skip
def test_what_was_searched_for_is_marked_and_all_else_escaped(
    wanted: str, text: str, marked: str
) -> None:
    assert str(Marker(wanted).mark(text)) == marked


def test_an_excerpt_shows_the_place() -> None:
    text = "word " * 100 + "needle" + " more" * 100
    cut = str(Marker("needle").excerpt([text]))
    assert "<mark>needle</mark>" in cut
    assert cut.startswith("…")
    assert cut.endswith("…")
    assert len(cut) < 220


def test_an_excerpt_of_what_is_short_is_all_of_it() -> None:
    assert str(Marker("x").excerpt(["one\n two"])) == "one two"


def test_the_text_with_most_of_the_words_counts_most() -> None:
    marker = Marker("vpn slow")
    assert [marker.score(text) for text in ("VPN is slow", "slow", "fast")] == [2, 1, 0]
