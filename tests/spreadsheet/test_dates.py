"""Dates of ledgers: every way to write a day is read as that day; what is none says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from servicedesk.spreadsheet.cells import Cell
from servicedesk.spreadsheet.dates import (
    ERAS,
    FIRST,
    LAST,
    SERIAL_ZERO,
    Context,
    Moment,
    Unread,
    read,
    read_time,
)
from servicedesk.spreadsheet.findings import SENTENCES, sentence

WIDE = str.maketrans("0123456789/-.:年", "０１２３４５６７８９／－．：年")
WEEKDAYS = "月火水木金土日"


def in_era(day: date) -> tuple[str, int]:
    """Give a day's era and the year in it."""
    era, (first, _last) = next((e, span) for e, span in ERAS.items() if span[0] <= day <= span[1])
    return era, day.year - first.year + 1


def japanese(day: date) -> str:
    era, year = in_era(day)
    return f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def lettered(day: date) -> str:
    era, year = in_era(day)
    letter = {"令和": "R", "平成": "H", "昭和": "S"}[era]
    return f"{letter}{year}.{day.month}.{day.day}"


def in_kanji(day: date) -> str:
    digits = "〇一二三四五六七八九"

    def small(n: int) -> str:
        tens, ones = divmod(n, 10)
        head = "" if tens == 0 else "十" if tens == 1 else digits[tens] + "十"
        return head + (digits[ones] if ones else "")

    year = "".join(digits[int(d)] for d in f"{day.year}")
    return f"{year}年{small(day.month)}月{small(day.day)}日"


FORMS: dict[str, Callable[[date], Cell]] = {
    "ISO": lambda d: d.isoformat(),
    "slashes": lambda d: f"{d.year}/{d.month}/{d.day}",
    "dots": lambda d: f"{d.year}.{d.month:02d}.{d.day:02d}",
    "Japanese": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "with weekday": lambda d: f"{d.year}/{d.month}/{d.day}({WEEKDAYS[d.weekday()]})",
    "full width": lambda d: f"{d.year}/{d.month:02d}/{d.day:02d}".translate(WIDE),
    "era": japanese,
    "era by its letter": lettered,
    "era in full width": lambda d: lettered(d).translate(WIDE),
    "kanji digits": in_kanji,
    "eight digits": lambda d: f"{d:%Y%m%d}",
    "eight digits as a number": lambda d: int(f"{d:%Y%m%d}"),
    "serial number": lambda d: (d - SERIAL_ZERO).days,
    "serial number as text": lambda d: str((d - SERIAL_ZERO).days),
    "date cell": lambda d: datetime.combine(d, time()),
    "English": lambda d: f"{d.day} {d:%B} {d.year}",
    "American": lambda d: f"{d:%b} {d.day}, {d.year}",
    "until": lambda d: f"{d.year}/{d.month}/{d.day}まで",
    "spaces": lambda d: f" {d.year} / {d.month} / {d.day}\u3000",
}
DAYS = st.dates(date(1970, 1, 1), date(2099, 12, 31))
TIMES = st.times().map(lambda t: t.replace(microsecond=0))


@pytest.mark.parametrize("form", FORMS)
@given(day=DAYS)
@example(day=date(2019, 4, 30))
@example(day=date(2019, 5, 1))
@example(day=date(1989, 1, 7))
@example(day=date(2024, 2, 29))
def test_every_way_to_write_a_day_is_read_as_that_day(form: str, day: date) -> None:
    assert read(FORMS[form](day)) == Moment(day)


@given(day=DAYS, at=TIMES)
def test_a_time_behind_the_day_is_read_with_it(day: date, at: time) -> None:
    assume(at != time())
    for written in (
        f"{day} {at}",
        f"{day:%Y/%m/%d} {at.hour}:{at.minute:02d}:{at.second:02d}",
        f"{day.year}年{day.month}月{day.day}日 {at.hour}時{at.minute}分{at.second}秒",
        f"{japanese(day)}（{WEEKDAYS[day.weekday()]}） {at}".translate(WIDE),
    ):
        assert read(written) == Moment(day, at)


@given(day=DAYS, seconds=st.integers(0, 86_399))
def test_serial_numbers_are_exact_to_the_second(day: date, seconds: int) -> None:
    days = (day - SERIAL_ZERO).days
    assume(days >= 25569)
    at = (datetime.combine(day, time()) + timedelta(seconds=seconds)).time()
    assert read(days + seconds / 86400) == Moment(day, at if seconds else None)


@given(day=DAYS, after=DAYS)
def test_a_day_without_a_year_is_the_first_from_another_on(day: date, after: date) -> None:
    assume((day.month, day.day) != (2, 29))
    found = read(f"{day.month}/{day.day}", Context(after=after))
    assert found.assumed_year
    assert after <= found.day < date(after.year + 1, after.month, min(after.day, 28)) + timedelta(4)
    assert (found.day.month, found.day.day) == (day.month, day.day)


@given(year=st.integers(1970, 2099), month=st.integers(0, 99), day=st.integers(0, 99))
def test_a_day_that_does_not_exist_is_explained(year: int, month: int, day: int) -> None:
    try:
        wanted = date(year, month, day)
    except ValueError:
        for written in (f"{year}/{month}/{day}", f"{year}年{month}月{day}日"):
            with pytest.raises(Unread) as found:
                read(written)
            assert found.value.code == "impossible"
    else:
        assert read(f"{year}/{month}/{day}").day == wanted


def texts() -> st.SearchStrategy[str]:
    pieces = st.sampled_from(
        [
            *"0123456789/-.:年月日時分()（）令平昭和成RHSrhs元半~ 　T+Z,十〇",
            "午後",
            "PM",
            "まで",
            "金曜",
            "Nov",
        ]
    )
    return st.lists(pieces, max_size=16).map("".join) | st.text(max_size=20)


def outcome(cell: Cell) -> Moment | Unread:
    """Give what is read, or why nothing is."""
    try:
        return read(cell)
    except Unread as error:
        return error


def is_sound(found: Moment | Unread) -> bool:
    """A day in range, or a reason that has its sentence."""
    if isinstance(found, Unread):
        return bool(sentence(found.code, found.data))
    return FIRST <= found.day <= LAST


@given(said=texts())
def test_any_text_is_a_day_or_says_why_not(said: str) -> None:
    """Nothing else is raised, and there is a sentence for each reason."""
    assert is_sound(outcome(said))


@given(number=st.floats(allow_nan=True, allow_infinity=True) | st.integers())
@example(number=1e20)
@example(number=float("nan"))
def test_any_number_is_a_day_or_says_why_not(number: float) -> None:
    assert is_sound(outcome(number))


@given(said=texts())
@example(said="午後")
def test_any_text_is_a_time_or_says_why_not(said: str) -> None:
    try:
        assert read_time(said).microsecond == 0
    except Unread as error:
        code = error.code
    else:
        code = "no_time"
    assert code in SENTENCES


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("平成40年1月1日", "era"), ("H31.5.1", "era"), ("令和元年4月30日", "era"),
        ("昭和64年1月8日", "era"),
        ("8年6月1日", "era_missing"), ("8.6.1", "era_missing"), ("6/1", "year_missing"),
        ("2026年6月", "month_only"), ("2026/6", "month_only"), ("2026/6/1～2026/6/3", "several"),
        ("03/04/2026", "order"), ("1969/12/31", "range"), ("15:30", "time_only"),
        ("至急", "no_date"), ("2026/6/1 午後", "no_time"), ("2026/6/1 31:00", "bad_time"),
        ("2026/6/1 14", "bad_time"), ("TRUE", "no_date"), ("12", "no_date"),
    ],
)  # fmt: skip
def test_each_reason_has_its_code(said: str, code: str) -> None:
    with pytest.raises(Unread) as found:
        read(said)
    assert found.value.code == code


@pytest.mark.parametrize(
    ("order", "day"),
    [("dmy", date(2026, 4, 3)), ("mdy", date(2026, 3, 4))],
)
def test_the_order_decides_where_it_is_open(order: str, day: date) -> None:
    assert read("03/04/2026", Context(order)).day == day
    assert read("25/12/2026", Context(order if order == "dmy" else "ymd")).day == date(2026, 12, 25)
    assert read("2026/03/04", Context(order)).day == date(2026, 3, 4)


def test_a_date_without_a_year_lies_in_the_months_said() -> None:
    year = Context(months_from=date(2026, 4, 1))
    assert read("4/1", year).day == date(2026, 4, 1)
    assert read("3/31", year).day == date(2027, 3, 31)
