"""How days, hours and changes of a calendar are written for the reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from babel.dates import format_date, get_day_names
from flask_babel import gettext as _
from flask_babel import ngettext

from servicedesk.administration.calendars import compare, names
from servicedesk.administration.calendars.months import Day
from servicedesk.administration.calendars.said import Kind, Windows, window_text
from servicedesk.formats import japanese
from servicedesk.sla.hours import DAY_MINUTES, Week

Width = Literal["abbreviated", "wide"]
ALL_DAY: Windows = ((0, DAY_MINUTES),)
SHOWN = 12  # days of one line


def day(at: date) -> str:
    """Write a day in full: `Tue 29 December 2026`."""
    return _written(at, "y年M月d日(E)" if japanese() else "E d MMMM y")


def day_of_year(at: date) -> str:
    """Write a day whose year is clear: `Tue 29 December`."""
    return _written(at, "M月d日(E)" if japanese() else "E d MMMM")


def month(first: date) -> str:
    """Name a month: `December`."""
    return _written(first, "LLLL")


def weekday(number: int, width: Width = "abbreviated") -> str:
    """Name a day of the week, Monday 0."""
    name: str = get_day_names(width, locale=_locale())[number]
    return name


def _written(at: date, pattern: str) -> str:
    return format_date(at, pattern, locale=_locale())


def _locale() -> str:
    return "ja" if japanese() else "en"


def span(first: date, last: date) -> str:
    """Write a day, or the first and last of several."""
    if first == last:
        return day(first)
    return _("%(first)s to %(last)s", first=day(first), last=day(last))


def days(dates: Sequence[date]) -> str:
    """Write days as a list; of very many the first ones and how many more."""
    shown = listed(map(day, dates[:SHOWN]))
    rest = len(dates) - SHOWN
    if rest <= 0:
        return shown
    return shown + " " + ngettext("and %(num)d more", "and %(num)d more", rest)


def listed(texts: Iterable[str]) -> str:
    """Write texts as a list."""
    return ("、" if japanese() else ", ").join(texts)


def _dash() -> str:
    return "〜" if japanese() else "–"


def hours(windows: Windows) -> str:
    """Write the hours of a day: `09:00–12:00, 13:00–18:00`."""
    if not windows:
        return _("closed")
    if windows == ALL_DAY:
        return _("all day")
    return listed(window_text(window).replace("-", _dash()) for window in windows)


def weekdays(numbers: Sequence[int]) -> str:
    """Write days of the week: `Mon–Fri`, `Mon, Wed`; all of them as every day."""
    if len(numbers) == 7:
        return _("Every day")
    rows: list[list[int]] = []
    for number in numbers:
        if rows and rows[-1][-1] + 1 == number:
            rows[-1].append(number)
        else:
            rows.append([number])
    return listed(map(_row, rows))


def _row(row: list[int]) -> str:
    if len(row) < 3:
        return listed(map(weekday, row))
    return f"{weekday(row[0])}{_dash()}{weekday(row[-1])}"


def week(said: Week) -> list[str]:
    """Write the usual hours, a line for the days that have the same."""
    if set(said) == {ALL_DAY}:
        return [_("Day and night")]
    alike: dict[Windows, list[int]] = {}
    for number, windows in enumerate(said):
        if windows:
            alike.setdefault(windows, []).append(number)
    lines = [
        _("%(days)s %(hours)s", days=weekdays(numbers), hours=hours(windows))
        for windows, numbers in alike.items()
    ]
    return lines or [_("No hours at all")]


def kind(of: Kind) -> str:
    """Name what a day is."""
    said: dict[Kind, str] = {
        Kind.WORKING: _("Working day"),
        Kind.REST: _("No working day"),
        Kind.HOLIDAY: _("Public holiday"),
        Kind.DAY_OFF: _("Company day off"),
        Kind.SPECIAL: _("Special working day"),
    }
    return said[of]


def said(of: Day, holiday: str | None) -> str:
    """Write all that is said of a day."""
    return listed(
        text
        for text in (
            kind(of.kind),
            holiday,
            hours(of.windows) if of.windows else "",
            _("not published yet") if of.is_changed else "",
        )
        if text
    )


def difference(it: compare.Difference) -> list[str]:
    """Write a difference, a sentence for each line."""
    match it:
        case compare.Value():
            return [_value(it)]
        case compare.Hours():
            return [
                _(
                    "Hours on %(days)s: %(before)s become %(after)s.",
                    days=weekdays(it.weekdays),
                    before=hours(it.before),
                    after=hours(it.after),
                )
            ]
        case compare.Days():
            return [_days(it)]
        case compare.Holidays():
            return _holidays(it)


def _value(it: compare.Value) -> str:
    if it.name == "zone":
        return _("Time zone: %(before)s becomes %(after)s.", before=it.before, after=it.after)
    before, after = (country(code) for code in (it.before, it.after))
    return _("Public holidays: %(before)s become %(after)s.", before=before, after=after)


def country(code: str) -> str:
    """Name the country of the public holidays."""
    return names.of_country(code) if code else _("none")


def _days(it: compare.Days) -> str:
    at = span(it.first, it.last)
    if it.mark is None:
        before = kind(it.before)
        return _("%(days)s: as usual again, no more “%(kind)s”.", days=at, kind=before)
    if it.mark == ():
        return _("%(days)s: company day off.", days=at)
    return _("%(days)s: special working day, %(hours)s.", days=at, hours=hours(it.mark))


def _holidays(it: compare.Holidays) -> list[str]:
    lines = []
    if it.added:
        lines.append(_("New public holidays of the library: %(days)s.", days=days(it.added)))
    if it.removed:
        lines.append(_("No public holidays any more: %(days)s.", days=days(it.removed)))
    return lines
