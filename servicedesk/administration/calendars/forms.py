"""What is filled in about a calendar; days are clicked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Field, Form, StringField
from wtforms.validators import ValidationError

from servicedesk.administration.calendars import typed, words
from servicedesk.administration.calendars.said import Said, Windows, windows_text
from servicedesk.setup import public_holidays
from servicedesk.setup.values import read_key
from servicedesk.sla.hours import WEEKDAYS
from servicedesk.sla.zones import zone_info


def no_hours(text: str) -> str:
    """Say that hours cannot be read."""
    return gettext(
        "“%(text)s” are no working hours: write 09:00-12:00, 13:00-18:00.", text=text[:60]
    )


class HoursField(StringField):
    """The hours of a day in words."""

    windows: Windows = ()

    def pre_validate(self, form: Any) -> None:
        """Read the words; raises ValidationError with one sentence."""
        text = (self.data or "").strip()
        try:
            self.windows = typed.read_windows(text)
        except ValueError:
            raise ValidationError(no_hours(text)) from None


class _Plain(Form):
    """A form whose token stands in the page: all of it may travel in the address."""

    class Meta:
        csrf = False


class CalendarForm(_Plain):
    """Time zone, country of the public holidays, hours by day of the week."""

    zone = StringField(_("Time zone"))
    country = StringField(_("Public holidays of"))
    mon = HoursField()
    tue = HoursField()
    wed = HoursField()
    thu = HoursField()
    fri = HoursField()
    sat = HoursField()
    sun = HoursField()

    def validate_zone(self, field: Field) -> None:
        """Refuse what is no time zone."""
        field.data = (field.data or "").strip()
        try:
            zone_info(field.data)
        except ValueError:
            raise ValidationError(
                gettext("There is no such time zone: write “Asia/Tokyo”.")
            ) from None

    def validate_country(self, field: Field) -> None:
        """Refuse a country whose public holidays are not known."""
        field.data = (field.data or "").strip()
        try:
            public_holidays.dates(field.data) if field.data else None
        except ValueError:
            raise ValidationError(
                gettext(
                    "No public holidays are known for “%(code)s”: write a country such as JP, or "
                    "US-NY with its subdivision.",
                    code=field.data[:60],
                )
            ) from None

    def week(self) -> Iterator[HoursField]:
        """Give the fields of the week, labelled in the reader's language."""
        days = (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)
        for number, field in enumerate(days):
            field.label.text = words.weekday(number, "wide")
            yield field

    def refuse_no_hours(self) -> None:
        """Refuse a week without any hours."""
        week = list(self.week())
        if not any(field.windows or field.errors for field in week):
            week[0].errors = [gettext("Please give hours for at least one day of the week.")]

    def said(self, otherwise: Said) -> Said:
        """Give what was typed; for what cannot be used, what was there."""
        week = tuple(
            then if field.errors else field.windows
            for field, then in zip(self.week(), otherwise.week, strict=True)
        )
        return replace(
            otherwise,
            zone=otherwise.zone if self.zone.errors else self.zone.data,
            country=otherwise.country if self.country.errors else self.country.data,
            week=week,
        )


def values(said: Said) -> dict[str, str]:
    """Give what the form shows of a version."""
    week = dict(zip(WEEKDAYS, map(windows_text, said.week), strict=True))
    return {"zone": said.zone, "country": said.country, **week}


class NewForm(CalendarForm):
    """A calendar that is not there yet."""

    key = StringField(_("Name"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields; a new calendar has hours."""
        super().validate(extra_validators)
        self.refuse_no_hours()
        return not self.errors

    def validate_key(self, field: Field) -> None:
        """Refuse what cannot stand in addresses and in DESK.yaml."""
        field.data = (field.data or "").strip()
        try:
            read_key(field.data)
        except ValueError:
            raise ValidationError(
                gettext("Please name it with small letters, digits and hyphens, 64 at most.")
            ) from None
