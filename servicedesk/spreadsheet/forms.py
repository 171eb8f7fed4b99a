"""The forms of moving in."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Length, Optional, Regexp

from servicedesk.setup.directory import Directory
from servicedesk.spreadsheet import fields, values
from servicedesk.spreadsheet.cells import plain
from servicedesk.spreadsheet.mapping import MONTH, TIMES, Mapping, Options


class UploadForm(FlaskForm):
    """The ledger itself."""

    file = FileField(_("Ledger"), validators=[FileRequired(_("Please choose a file."))])


class OptionsForm(FlaskForm):
    """How doubtful lines are read."""

    prefix = StringField(_("Before each number"), validators=[Length(max=20)])
    order = SelectField(_("Dates such as 03/04/2026"))
    months_from = StringField(
        _("Dates without a year: the twelve months from"),
        validators=[Optional(), Regexp(MONTH, message=_("Please write a month such as 2026-04."))],
    )
    opens = StringField(
        _("A day without a time begins at"),
        validators=[Regexp(TIMES, message=_("Please write a time such as 09:00."))],
    )
    closes = StringField(
        _("and ends at"),
        validators=[Regexp(TIMES, message=_("Please write a time such as 09:00."))],
    )
    duplicates = RadioField(_("The same number twice"))
    unnumbered = RadioField(_("No number"))
    undated = RadioField(_("Finished, but no date says when"))

    def offer(self) -> None:
        """Offer what there is to choose."""
        self.order.choices = [
            ("ymd", gettext("year, month, day")),
            ("dmy", gettext("day, month, year")),
            ("mdy", gettext("month, day, year")),
        ]
        out = ("out", gettext("Leave the line out"))
        self.duplicates.choices = [out, ("suffix", gettext("Make the second NUMBER-2"))]
        self.unnumbered.choices = [out, ("make", gettext("Make one of what it says"))]
        self.undated.choices = [out, ("last", gettext("Take its last date"))]

    def options(self) -> Options:
        """Give what was chosen."""
        return Options(**{name: str(getattr(self, name).data or "") for name in _names()})


def _names() -> list[str]:
    return list(Options.__dataclass_fields__)


def read_columns(said: MappingType[str, str], count: int) -> tuple[list[str], list[str]]:
    """Read each column's field; and name the fields that were chosen twice."""
    found = [said.get(f"column-{n}", "") for n in range(count)]
    found = [name if name in fields.NAMES else "" for name in found]
    twice = sorted({name for name in found if name and found.count(name) > 1})
    return found, twice


def read_values(
    said: MappingType[str, str], there: MappingType[str, Any], mapping: Mapping
) -> None:
    """Take over what each value, and a blank cell, was said to stand for."""
    for name, found in there.items():
        kept = mapping.values.setdefault(name, {})
        for n, value in enumerate(found):
            target = said.get(f"{name}-{n}")
            if target is not None:
                kept[plain(value.text)] = target
        mapping.blanks[name] = said.get(f"{name}-blank", "")


def known_targets(mapping: Mapping, setup: Directory) -> None:
    """Drop what cannot be chosen."""
    for name, kept in mapping.values.items():
        possible = {values.OUT, values.BLANK, *values.targets(name, setup)}
        mapping.values[name] = {v: target for v, target in kept.items() if target in possible}
