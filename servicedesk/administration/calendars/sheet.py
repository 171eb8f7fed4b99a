"""One calendar as it is being drafted: read from an address or a form, and written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from servicedesk import times
from servicedesk.administration.calendars import compare, draft, forms, months, names, words
from servicedesk.administration.calendars.queries import Known, Version, library
from servicedesk.administration.calendars.said import Mark, Said, windows_text
from servicedesk.errors import BadInput

Args = MultiDict[str, str]
DAY_FIELDS = ("first", "last", "as", "hours")


@dataclass
class Sheet:
    """A calendar, what was typed and clicked over one of its versions, and where one looks."""

    known: Known
    now: datetime
    form: forms.CalendarForm
    base: Version  # what it was drawn from
    year: int
    marks: dict[date, Mark] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)  # of the form for days
    error: str = ""  # about days

    @property
    def present(self) -> Said:
        """Give what is in force."""
        return self.known.last.said

    @property
    def is_sound(self) -> bool:
        """Say whether all that was typed can be used."""
        return not (self.error or self.form.errors)

    @property
    def is_stale(self) -> bool:
        """Say whether another version was published meanwhile."""
        return self.base.number != self.known.last.number

    @property
    def today(self) -> date:
        """Give the day that it is where the calendar is kept."""
        return self.known.today(self.now)

    @cached_property
    def target(self) -> Said:
        """Give what would be published, with the holiday dates in force where they stay."""
        typed = draft.merged(self.form.said(self.base.said), self.base.said, self.present)
        said = typed.with_marks(self.marks)
        return said if said.country == self.present.country else said.with_holidays(_dates(said))

    @property
    def published(self) -> Said:
        """C7: give what would be published, with the dates that the library knows now."""
        return self.target.with_holidays(_dates(self.target))

    @property
    def changes(self) -> list[str]:
        """Write what would change."""
        return sentences(self.present, self.target, self.today)

    @property
    def meanwhile(self) -> list[str]:
        """Write what somebody else published meanwhile."""
        return sentences(self.base.said, self.present, self.today)

    @property
    def packed(self) -> list[str]:
        """Give the days that were clicked, as they stand in an address."""
        return draft.pack(self.marks)

    @property
    def chosen(self) -> months.Day | None:
        """Give the day that was clicked last."""
        try:
            day = times.day(self.asked.get("first", ""))
        except ValueError:
            return None
        return months.day(day, self.target, self.today, self.marks)

    @property
    def chosen_name(self) -> str | None:
        """Name the public holiday that the chosen day is."""
        day = self.chosen
        return names.of_holidays(self.target.country, day.date.year).get(day.date) if day else None

    @property
    def asked_as(self) -> str:
        """Say what the chosen day is to be: what was asked for, else what it is."""
        mark = self.target.mark(self.chosen.date) if self.chosen else None
        there = draft.USUAL if mark is None else "open" if mark else draft.CLOSED
        return self.asked.get("as", there)

    @property
    def asked_hours(self) -> str:
        """Give the hours that the chosen day is to have: what was typed, else the usual ones."""
        day = self.chosen.date if self.chosen else self.today
        windows = self.target.mark(day) or self.target.usual_windows(day)
        return self.asked.get("hours", windows_text(windows))

    def months(self) -> list[months.Month]:
        """Lay the year out, what has passed as it counted then (C7)."""

        def said_on(day: date) -> Said:
            return self.known.said_on(day) if day < self.today else self.target

        return months.year(self.year, said_on, self.today, self.marks)

    def press(self, day: date) -> None:
        """Turn a day into its opposite; raises BadInput for what has passed."""
        self._refuse_passed(day)
        self.marks = draft.pressed(self.marks, self.present, self.target, day)
        self._renew()

    def set_days(self, first: date, last: date, mark: Mark) -> None:
        """Say something of days in a row; raises BadInput."""
        self._refuse_passed(first)
        try:
            days = draft.days_between(first, last)
        except ValueError:
            raise BadInput(_("The last day has to follow the first, within two years.")) from None
        self.marks = draft.marked(self.marks, self.present, days, mark)
        self._renew()

    def _renew(self) -> None:
        self.__dict__.pop("target", None)

    def _refuse_passed(self, day: date) -> None:
        if day < self.today:
            raise BadInput(has_passed(day))
        if day.year > months.LAST_YEAR:
            raise BadInput(_("This day is out of range."))

    def address(self) -> dict[str, Any]:
        """Give what keeps the draft in an address: only what differs from what is in force."""
        said = {"year": self.year, "v": self.known.last.number, "d": self.packed}
        return said | self.typed()

    def typed(self) -> dict[str, str]:
        """Give the fields that differ from what is in force."""
        before = forms.values(self.present)
        return {
            name: text for name, text in self.form.data.items() if text != before.get(name, text)
        }


def has_passed(day: date) -> str:
    """C7: say that a day cannot be changed any more."""
    return _("%(day)s has passed: it stays as it was.", day=words.day(day))


def _dates(said: Said) -> frozenset[date]:
    return library(said.country)


def sentences(before: Said, after: Said, since: date | None = None) -> list[str]:
    """Write by what two versions differ."""
    found = compare.differences(before, after, since)
    return [line for difference in found for line in words.difference(difference)]


def read(args: Args, known: Known, now: datetime) -> Sheet:
    """Read a draft, whatever stands in an address; what is wrong is said in it."""
    base = known.version(args.get("v", type=int) or 0)
    sheet = Sheet(known, now, _form(args, base), base, _year(args, known.today(now)))
    sheet.form.validate()
    if any(base.said.week):
        sheet.form.refuse_no_hours()
    sheet.asked = {name: args[name] for name in DAY_FIELDS if name in args}
    try:
        _read_marks(args.getlist("d"), sheet)
        _follow(args, sheet)
    except BadInput as error:
        sheet.error = str(error)
    _bring_up(sheet)
    return sheet


def _form(args: Args, base: Version) -> forms.CalendarForm:
    shown = forms.values(base.said)
    given = {name: args[name] for name in shown if name in args}
    return forms.CalendarForm(MultiDict(shown | given))


def _year(args: Mapping[str, str], today: date) -> int:
    for name in ("go", "year"):
        text = args.get(name, "")
        if text.isascii() and text.isdigit() and len(text) == 4:
            return min(max(int(text), months.FIRST_YEAR), months.LAST_YEAR)
    return today.year


def _read_marks(texts: list[str], sheet: Sheet) -> None:
    """Keep what is said of days to come."""
    try:
        marks = draft.unpack(texts)
    except ValueError:
        raise BadInput(_("The address of this draft is broken: please start again.")) from None
    sheet.marks = draft.marked(
        {day: mark for day, mark in marks.items() if day >= sheet.today}, sheet.present, (), None
    )
    if passed := sorted(day for day in marks if day < sheet.today):
        raise BadInput(has_passed(passed[0]))


def _follow(args: Args, sheet: Sheet) -> None:
    """Do what was pressed, if anything was."""
    if "press" in args:
        day = _day(args["press"])
        sheet.press(day)
        sheet.asked = {"first": day.isoformat()}
        sheet.year = day.year
    elif "set" in args:
        first = _day(args.get("first", ""))
        last = _day(args["last"]) if args.get("last") else first
        sheet.set_days(first, last, _asked_mark(args))
        sheet.asked, sheet.year = {"first": first.isoformat()}, first.year


def _day(text: str) -> date:
    try:
        return times.day(text.strip())
    except ValueError:
        raise BadInput(_("Please choose a day.")) from None


def _asked_mark(args: Args) -> Mark:
    if args.get("as") != "open":
        return () if args.get("as") == draft.CLOSED else None
    text = args.get("hours", "")
    try:
        windows = draft.read_mark(text)
    except ValueError:
        windows = None
    if not windows:
        raise BadInput(forms.no_hours(text))
    return windows


def _bring_up(sheet: Sheet) -> None:
    """Show what was typed over what is in force now; what cannot be used stays as typed."""
    for name, text in forms.values(sheet.target).items():
        if not sheet.form[name].errors:
            sheet.form[name].data = text
