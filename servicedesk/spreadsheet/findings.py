"""What does not fit, in sentences: each names why, and what becomes of the line."""

from __future__ import annotations

import dataclasses
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """Something in a cell that does not fit; `out`: its line is left out because of it."""

    sheet: str
    row: int
    field: str
    value: str
    code: str
    out: bool = False
    data: dict[str, Any] = dataclasses.field(default_factory=dict)


SENTENCES: dict[str, Any] = {
    # cells
    "broken_error": _("This is an error of the spreadsheet's own, not a value."),
    "broken_formula": _("A formula without a result: open the sheet in Excel and save it once."),
    "broken_encoding": _("Some characters could not be read; was the file damaged?"),
    "cut": _("The text is too long: it is cut."),
    "as_blank": _("This value stands for nothing here: it is read as if the cell were blank."),
    "unknown_value": _("Nothing was chosen for this value."),
    # numbers
    "number_missing": _("There is no number."),
    "number_made": _("There is no number: one is made of what the line says."),
    "number_long": _("The number is longer than 120 characters."),
    "duplicate": _("The same number stands in row %(first)s already."),
    "suffixed": _("The same number stands in row %(first)s already: this one becomes “%(key)s”."),
    "changed": _(
        "This number was imported before, and the line says something else now. "
        "What is on the desk stays as it is."
    ),
    # dates
    "logged_missing": _("There is no date on which it was logged."),
    "impossible": _("There is no such day."),
    "era": _("%(era)s lasted from %(first)s to %(last)s."),
    "era_missing": _("The year could be of an era, or of a century: please write all of it."),
    "year_missing": _("There is no year: say below which months such dates lie in."),
    "year_assumed": _("There is no year: the first such day after logging is taken."),
    "month_only": _("This is a month, not a day."),
    "several": _("There are several dates in one cell."),
    "order": _("Day and month could be either way round: choose the order."),
    "range": _("The day lies before 1970 or after 2199."),
    "time_only": _("This is a time without a day."),
    "no_date": _("This is not a date."),
    "no_time": _("This is not a time."),
    "bad_time": _("There is no such time."),
    "broken": _("This cell has no usable value."),
    "future": _("The date lies in the future."),
    "before_logged": _("The date lies before the date of logging."),
    "wish_before_logged": _("The date lies before the date of logging; it is taken as it stands."),
    "after_end": _("The date lies after the end."),
    "closed_before": _("The date lies before the resolution; that date is taken."),
    # states
    "undated": _("It ended, and no date says when."),
    "undated_last": _("It ended, and no date says when: the last date of the line is taken."),
    "open_but_dated": _("The state says that it is open, and yet there is a date of its end."),
    "closed_by_date": _("There is a closing date: it is taken as closed."),
    # others
    "title_missing": _("There is no word of what it was about: the number is its title."),
    "service_missing": _("There is no service."),
    "ambiguous": _("Several people have this name: somebody of this name is made, without login."),
    "several_people": _("Several people stand in one cell: the first is taken."),
}


def sentence(code: str, data: dict[str, Any]) -> str:
    """Say what is wrong, in the reader's language."""
    said = str(SENTENCES[code])
    return said % data if data else said


def skipped(kind: str) -> str:
    """Name a kind of row that is no line of the ledger."""
    names: dict[str, str] = {
        "empty": gettext("Empty rows"),
        "header": gettext("The head again"),
        "heading": gettext("Headings across the sheet"),
        "total": gettext("Totals"),
        "note": gettext("Notes"),
        "void": gettext("Numbers that were never used"),
        "number": gettext("Numbers filled in ahead, without a line"),
        "sheet": gettext("Sheets with another head"),
    }
    return names[kind]
