"""What is printed against what was recomputed, block by block."""

from __future__ import annotations

from collections.abc import Sequence

from servicedesk.reports import pages
from servicedesk.reports.reading import Block, Reading

HEAD = Block(2, "TH", "Summary", "Logged")
CELL = Block(2, "TD", "Summary › Logged › Actual", "12")
TEXT = Block(3, "P", "Service levels", "Of the requesters' clocks, those that were met.")


def reading(*blocks: Block, drawn: str = "here", sums: Sequence[str] = ("a", "b", "c")) -> Reading:
    return Reading({}, blocks, sums, [], drawn)


def differences(printed: Reading, made: Reading) -> list[str]:
    return list(pages.compare(printed, made))


def test_what_is_the_same_has_no_differences() -> None:
    assert differences(reading(HEAD, CELL, TEXT), reading(HEAD, CELL, TEXT)) == []


def test_a_cell_is_named_with_what_it_says_and_should_say() -> None:
    printed = reading(HEAD, CELL._replace(text="21"), TEXT, sums=("a", "x", "c"))
    assert differences(printed, reading(HEAD, CELL, TEXT)) == [
        "page 2, Summary › Logged › Actual: printed “21”, recomputed “12”"
    ]


def test_what_is_missing_or_too_much_shifts_nothing() -> None:
    more = Block(2, "TD", "Summary › Logged › Goal", "99")
    assert differences(reading(HEAD, more, CELL, TEXT), reading(HEAD, CELL, TEXT)) == [
        "page 2, Summary › Logged › Goal: printed “99”, not recomputed"
    ]
    assert differences(reading(HEAD, CELL, TEXT), reading(HEAD, more, CELL, TEXT)) == [
        "page 2, Summary › Logged › Goal: not printed, recomputed “99”"
    ]


def test_a_page_that_is_drawn_otherwise_is_named_once() -> None:
    same = reading(HEAD, CELL, TEXT)
    assert differences(reading(HEAD, CELL, TEXT, sums=("a", "b", "x")), same) == [
        "page 3: is drawn otherwise than its data says"
    ]
    assert differences(reading(HEAD, CELL, TEXT, sums=("a", "b")), same) == [
        "pages: printed 2, recomputed 3"
    ]


def elsewhere(*blocks: Block) -> Reading:
    """The same as another installation drew it."""
    return reading(*blocks, drawn="there", sums=("x", "y"))


def test_where_lines_and_pages_end_does_not_matter_with_other_fonts() -> None:
    counter = Block(1, "Margin", "margin", "1 / 3")
    contents = Block(1, "LI", "", "Summary 2")
    one, two = TEXT._replace(text=TEXT.text[:9]), TEXT._replace(text=TEXT.text[9:], page=4)
    made = reading(contents, HEAD, CELL, TEXT, counter)
    again = (
        contents._replace(text="Summary 3"), HEAD, CELL, HEAD, one, two,
        counter._replace(text="1 / 4"),
    )  # fmt: skip
    assert differences(elsewhere(*again), made) == []


def test_heads_and_margins_count_there_too() -> None:
    made = reading(HEAD, CELL, TEXT)
    goal = HEAD._replace(text="goal 95 %")
    assert differences(elsewhere(HEAD, goal, CELL, TEXT), made) == [
        "page 2, Summary: printed “goal 95 %”, not recomputed"
    ]
    assert differences(elsewhere(HEAD, CELL._replace(text="13"), TEXT), made) == [
        "page 2, Summary › Logged › Actual: printed “13”, recomputed “12”"
    ]
