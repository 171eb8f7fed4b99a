"""Reads the dates of a ledger as people write them: ISO, slashes, Japanese eras, serial numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from servicedesk.spreadsheet.cells import Broken, Cell

FIRST, LAST = date(1970, 1, 1), date(2199, 12, 31)
SERIAL_ZERO = date(1899, 12, 30)  # of serial numbers from March 1900 on
ORDERS = ("ymd", "dmy", "mdy")


class Unread(ValueError):
    """A cell is no date; `code` says why, `data` what belongs into the sentence."""

    def __init__(self, code: str, **data: str) -> None:
        super().__init__(code)
        self.code, self.data = code, data


@dataclass(frozen=True, slots=True)
class Context:
    """What helps with an incomplete date."""

    order: str = "ymd"  # of three numbers that leave it open
    months_from: date | None = None  # a date without a year lies in the twelve months from here
    after: date | None = None  # or is the first such day from here on


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, a day with its local time, or an instant with its own offset."""

    day: date
    time: time | None = None
    instant: datetime | None = None
    assumed_year: bool = False


ERAS = {
    "令和": (date(2019, 5, 1), LAST),
    "平成": (date(1989, 1, 8), date(2019, 4, 30)),
    "昭和": (date(1926, 12, 25), date(1989, 1, 7)),
    "大正": (date(1912, 7, 30), date(1926, 12, 24)),
    "明治": (date(1868, 1, 25), date(1912, 7, 29)),
}
LETTERS = {"r": "令和", "h": "平成", "s": "昭和", "t": "大正", "m": "明治"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_MONTH = rf"(?P<name>{'|'.join(MONTHS)})[a-z]*\.?"
_SEP = r"\s?[-/.]\s?"
TIME = re.compile(
    r"(?P<half>午前|午後|[ap]\.?m\.?(?=[\s\d]))?\s?(?P<h>\d{1,2})"
    r"(?:\s?[:時]\s?(?:(?P<min>\d{1,2})|(?P<thirty>半))?\s?分?(?:\s?:?\s?(?P<s>\d{1,2})(?:\.\d+)?\s?秒?)?)?"
    r"\s?(?P<after>[ap]\.?m\.?)?"
)
ISO = re.compile(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d([.,]\d+)?)?(z|[+-]\d\d:?\d\d)")
BARE = re.compile(r"[\d.]+")
# the forms of a day; the first that matches wins
DAYS: dict[str, re.Pattern[str]] = {
    "era": re.compile(
        rf"(?P<era>{'|'.join(ERAS)}|[rhstm])\.?\s?(?P<y>元|\d{{1,2}})(?:{_SEP}|\s?年\s?)"
        rf"(?P<m>\d{{1,2}})(?:{_SEP}|\s?月\s?)(?P<d>\d{{1,2}})(?:\s?日)?"
    ),
    "full": re.compile(
        rf"(?P<y>\d{{4}})(?:{_SEP}|\s?年\s?)(?P<m>\d{{1,2}})(?:{_SEP}|\s?月\s?)(?P<d>\d{{1,2}})(?:\s?日)?(?!\d)"
    ),
    "month_only": re.compile(
        r"(\d{4}\s?[-/.年]\s?|\d{2}年)\d{1,2}\s?月?(末|初|上旬|中旬|下旬|頭)?(?![-/.\d])"
    ),
    "last": re.compile(rf"(?P<a>\d{{1,2}}){_SEP}(?P<b>\d{{1,2}}){_SEP}(?P<y>\d{{4}})(?!\d)"),
    "short": re.compile(
        rf"(?P<a>\d{{1,2}})(?:{_SEP}|年\s?)(?P<b>\d{{1,2}})(?:{_SEP}|月\s?)(?P<c>\d{{1,2}})日?(?!\d)"
    ),
    "month_day": re.compile(r"(?P<m>\d{1,2})(?:\s?[-/]\s?|\s?月\s?)(?P<d>\d{1,2})日?(?![\d年])"),
    "name_first": re.compile(
        rf"{_MONTH}\s?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<y>\d{{4}}))?(?!\d)"
    ),
    "name_later": re.compile(
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]?{_MONTH}(?:,?[\s-](?P<y>\d{{4}}))?(?!\d)"
    ),
}
WEEKDAY = re.compile(
    r"\(\s?(?:[月火水木金土日](?:曜日?)?|mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?(?:[・/,]?祝日?)?\s?\)"
    r"|[月火水木金土日]曜日?|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?"
)
AROUND = re.compile(
    r"^(by|until|on|at)\s|(まで|迄|頃|ごろ|ころ|必着|厳守|締切?|〆切?|付け?|中)(に)?[。.]?$"
)
KANJI = re.compile(r"[〇零一二三四五六七八九十]+(?=[年月日時分])")


def read(cell: Cell, context: Context = Context()) -> Moment:
    """Read a date, with a time or without; raises Unread."""
    if isinstance(cell, Broken):
        raise Unread("broken")
    if isinstance(cell, datetime):
        at = _whole(cell)
        return _checked(at.date(), None if at.time() == time() else at.time())
    if isinstance(cell, (time, timedelta)):
        raise Unread("time_only")
    if isinstance(cell, bool) or cell is None:
        raise Unread("no_date")
    if isinstance(cell, (int, float)):
        return _number(str(cell))
    return _text(_folded(cell), context)


def _folded(said: str) -> str:
    said = unicodedata.normalize("NFKC", said).casefold().replace("時半", "時30分")
    said = WEEKDAY.sub(" ", KANJI.sub(lambda found: str(_kanji(found[0])), said))
    said = " ".join(said.split()).strip("'\"、,;。")
    return AROUND.sub("", said).strip()


def _kanji(digits: str) -> int | str:
    """Read `二十一` as 21 and `二〇二六` as 2026."""
    values = {sign: n for n, sign in enumerate("〇一二三四五六七八九")} | {"零": 0}
    if "十" not in digits:
        return "".join(str(values[sign]) for sign in digits)
    tens, _ten, ones = digits.partition("十")
    try:
        return (values[tens] if tens else 1) * 10 + (values[ones] if ones else 0)
    except KeyError:  # 十十
        return digits


def _text(said: str, context: Context) -> Moment:
    if BARE.fullmatch(said) and said.count(".") <= 1:
        return _number(said)
    if ISO.fullmatch(said):
        return _instant(said)
    for form, pattern in DAYS.items():
        found = pattern.search(said)
        if found:
            _alone(said, found)
            day, assumed = FORMS[form](found, context)
            rest = said[found.end() :].strip(" t,")
            return _checked(day, None, assumed) if not rest else _timed(day, rest, assumed)
    raise Unread("time_only" if _is_time(said) else "no_date")


def _alone(said: str, found: re.Match[str]) -> None:
    """A cell is one date: nothing before it, and no second one behind it."""
    rest = said[found.end() :]
    if any(pattern.search(rest) for pattern in DAYS.values()):
        raise Unread("several")
    if said[: found.start()].strip():
        raise Unread("no_date")


def _instant(said: str) -> Moment:
    try:
        at = _whole(datetime.fromisoformat(said.upper().replace(",", ".")))
        return Moment(_checked(at.date()).day, at.timetz().replace(tzinfo=None), at)
    except (ValueError, OverflowError) as error:
        raise error if isinstance(error, Unread) else Unread("impossible") from None


def _whole(at: datetime) -> datetime:
    """Round to the second: serial numbers miss by a little."""
    return (at + timedelta(milliseconds=500)).replace(microsecond=0)


def _checked(day: date, at: time | None = None, assumed: bool = False) -> Moment:
    if not FIRST <= day <= LAST:
        raise Unread("range")
    return Moment(day, at, assumed_year=assumed)


# Days


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unread("impossible") from None


def _numbers(found: re.Match[str], *names: str) -> list[int]:
    return [int(found[name]) for name in names]


def _era(found: re.Match[str], _context: Context) -> tuple[date, bool]:
    era = LETTERS.get(found["era"], found["era"])
    first, last = ERAS[era]
    year = 1 if found["y"] == "元" else int(found["y"])
    day = _day(first.year + year - 1, *_numbers(found, "m", "d"))
    if year < 1 or not first <= day <= last:
        raise Unread("era", era=era, first=f"{first}", last=f"{last}")
    return day, False


def _full(found: re.Match[str], _context: Context) -> tuple[date, bool]:
    return _day(*_numbers(found, "y", "m", "d")), False


def _month_only(_found: re.Match[str], _context: Context) -> tuple[date, bool]:
    raise Unread("month_only")


def _year_last(found: re.Match[str], context: Context) -> tuple[date, bool]:
    one, two, year = _numbers(found, "a", "b", "y")
    if context.order == "dmy" or one > 12:
        return _day(year, two, one), False
    if context.order == "mdy" or two > 12 or one == two:
        return _day(year, one, two), False
    raise Unread("order")


def _short(found: re.Match[str], context: Context) -> tuple[date, bool]:
    one, two, three = _numbers(found, "a", "b", "c")
    if "年" in found[0] or (context.order == "ymd" and len(found["a"]) == 1):
        raise Unread("era_missing")  # 8.11.21 may be Reiwa 8
    year, month, day = {
        "ymd": (one, two, three),
        "dmy": (three, two, one),
        "mdy": (three, one, two),
    }[context.order]
    return _day(_century(year), month, day), False


def _century(year: int) -> int:
    return year + (2000 if year < 70 else 1900)


def _month_day(found: re.Match[str], context: Context) -> tuple[date, bool]:
    month, day = _numbers(found, "m", "d")
    return _with_year(month, day, context), True


def _named(found: re.Match[str], context: Context) -> tuple[date, bool]:
    month = MONTHS.index(found["name"]) + 1
    if found["y"]:
        return _day(int(found["y"]), month, int(found["d"])), False
    return _with_year(month, int(found["d"]), context), True


def _with_year(month: int, day: int, context: Context) -> date:
    """Choose the first such day from the other date of the line on, else of the months said."""
    start = context.after or context.months_from
    _day(2024, month, day)  # in no year at all
    if start is None:
        raise Unread("year_missing")
    year = start.year + ((month, day) < (start.month, start.day))
    return _day(year, month, day)


FORMS: dict[str, Callable[[re.Match[str], Context], tuple[date, bool]]] = {
    "era": _era,
    "full": _full,
    "month_only": _month_only,
    "last": _year_last,
    "short": _short,
    "month_day": _month_day,
    "name_first": _named,
    "name_later": _named,
}


def _number(said: str) -> Moment:
    """Read digits alone: `20261121`, `202611211430`, `261121`, or a serial number."""
    whole, _point, fraction = said.partition(".")
    sizes = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S", 6: "%y%m%d"}
    if not fraction and len(whole) in sizes:
        try:
            at = datetime.strptime(whole, sizes[len(whole)])  # noqa: DTZ007 - local
        except ValueError:
            raise Unread("impossible") from None
        return _checked(at.date(), at.time() if len(whole) > 8 else None)
    if len(whole) != 5 or not (whole + fraction).isdecimal():
        raise Unread("no_date")
    days = timedelta(days=int(whole), seconds=round(float(f"0.{fraction or 0}") * 86400))
    at = datetime.combine(SERIAL_ZERO, time()) + days
    return _checked(at.date(), at.time() if at.time() != time() else None)


# Times


def _is_time(said: str) -> bool:
    return TIME.fullmatch(said) is not None and not said.isdigit()


def _timed(day: date, said: str, assumed: bool) -> Moment:
    if said.isdigit():
        raise Unread("bad_time")
    hours, at = _time(said)
    return _checked(day + timedelta(days=hours // 24), at, assumed)


def _time(said: str) -> tuple[int, time]:
    """Read a time; hours to 29 go on into the next day."""
    found = TIME.fullmatch(said)
    if found is None:
        raise Unread("no_time" if not re.search(r"\d", said) else "bad_time")
    hours, minutes, seconds = (int(found[name] or 0) for name in ("h", "min", "s"))
    half = (found["half"] or found["after"] or "").replace(".", "")
    if half:
        if hours > 12:
            raise Unread("bad_time")
        hours = hours % 12 + (12 if half in ("午後", "pm") else 0)
    if hours > 29 or minutes > 59 or seconds > 59:
        raise Unread("bad_time")
    return hours, time(hours % 24, minutes, seconds)


def read_time(cell: Cell) -> time:
    """Read the time in a column of its own; raises Unread."""
    if isinstance(cell, Broken):
        raise Unread("broken")
    if isinstance(cell, datetime):
        return _whole(cell).time()
    if isinstance(cell, time):
        return cell.replace(microsecond=0)
    if isinstance(cell, timedelta):
        return _of_day(cell.total_seconds())
    if isinstance(cell, float) and 0 <= cell < 1:
        return _of_day(cell * 86400)
    return _written_time("" if cell is None else str(cell))


def _of_day(seconds: float) -> time:
    return (datetime.combine(FIRST, time()) + timedelta(seconds=round(seconds))).time()


def _written_time(said: str) -> time:
    said = _folded(said)
    if said.isdigit() and len(said) in (3, 4):
        said = f"{said[:-2]}:{said[-2:]}"
    hours, at = _time(said)
    if hours > 23:
        raise Unread("bad_time")
    return at
