"""What people wrote, fit for print."""

from __future__ import annotations

import pytest

from servicedesk.reports.tongues import LONGEST, drawable, language, marked, printable


@pytest.mark.parametrize(
    ("text", "usual", "found"),
    [
        ("プリンターが止まった", "en", "ja"),
        ("Printer VX-300 が止まった", "en", "ja"),
        ("Printer has stopped", "en", "en"),
        ("Printer has stopped", "ja", "en"),
        ("プリンターが止まった", "ja", "ja"),
        ("P1 · 92.6 %", "ja", "ja"),
        ("프린터", "en", "ko"),
        ("الطابعة", "en", "ar"),
    ],
)
def test_a_text_is_in_the_language_of_its_letters(text: str, usual: str, found: str) -> None:
    """F8: a screen reader is told when to change its voice."""
    assert language(text, usual) == found


def test_only_what_is_in_another_language_is_marked() -> None:
    page = "<head><title>報告</title></head><p>Late: <b>新しいPC</b></p><svg><text>新</text></svg>"
    said = '<b><span lang="ja">新しいPC</span></b>'
    assert marked(page, "en") == page.replace("<b>新しいPC</b>", said)


def test_what_marks_nothing_is_left_as_it_is() -> None:
    page = "<p>One <b>two</b> &lt;img src=x&gt;</p>"
    assert marked(page, "en") == page


@pytest.mark.parametrize(
    ("title", "printed"),
    [
        ("Two\r\n lines\tand more ", "Two lines and more"),
        ("Turned \u202ednuora\u202c round", "Turned dnuora round"),
        ("Bell\x07 and nothing\x00", "Bell and nothing"),
        ("Zero\u200bwidth", "Zerowidth"),
        ("🖨️ is on 🔥", "🖨️ is on 🔥"),
    ],
)
def test_a_title_is_one_line_that_reads_one_way(title: str, printed: str) -> None:
    assert printable(title) == printed


def test_what_no_font_has_is_a_geta_in_print() -> None:
    """PDF/A allows no letter without a shape."""
    assert drawable("🖨️ is on 🔥, 𠮷野") == "〓 is on 〓, 𠮷野"


def test_a_long_title_is_cut() -> None:
    assert len(printable("x" * 100_000)) == LONGEST
    assert printable("x" * 100_000).endswith("…")
