"""The form with which people report a problem or ask for something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, Optional, StopValidation

from servicedesk.incidents.acts import Due
from servicedesk.incidents.forms import NEEDED, TEXT, due_of, known_year, level_choices

SOON = ("none", "today", "tomorrow", "friday", "pick")


def asked_for(form: FlaskForm, field: DateField) -> None:
    """Ask for the day where another one was chosen."""
    if form.needed.data == "pick" and not any(field.raw_data or ()):
        field.errors = []
        raise StopValidation(_("Please choose a day."))


def channel_choices() -> list[tuple[str, str]]:
    """Name how somebody talks to the desk."""
    return [("phone", gettext("Phone")), ("desk", gettext("At the desk"))]


class ReportForm(FlaskForm):
    """What is wrong or needed, how bad it is, and by when it is needed."""

    title = StringField(
        _("What is wrong, or what do you need?"),
        validators=[
            InputRequired(_("Please say in a few words what it is about.")),
            Length(max=300),
        ],
    )
    description = TextAreaField(_("Tell us more"), validators=[TEXT])
    type = RadioField(_("What is it?"), default="incident")
    service = SelectField(_("What is it about?"), validators=[InputRequired(NEEDED)])
    impact = RadioField(_("Who is affected?"), default="3")
    urgency = RadioField(_("How badly?"), default="2")
    needed = RadioField(_("Needed by"), default="none")
    day = DateField(_("Day"), validators=[asked_for, Optional(), known_year])
    time = TimeField(_("Time"), validators=[Optional()])
    confidential = BooleanField(_("Confidential: only the people who work on it may read it"))

    def offer(self, services: Sequence[tuple[str, str]], today: date) -> None:
        """Offer the services, and the days in the reader's words."""
        self.service.choices = [("", gettext("Choose…")), *services]
        self.type.choices = [
            ("incident", gettext("Something is wrong")),
            ("request", gettext("I need something")),
        ]
        self.impact.choices = level_choices("impact")
        self.urgency.choices = level_choices("urgency")
        words: dict[str, Any] = {
            "none": gettext("No date"),
            "today": gettext("Today"),
            "tomorrow": gettext("Tomorrow"),
            "friday": gettext("This Friday"),
            "pick": gettext("Another day"),
        }
        offered = [name for name in SOON if name != "friday" or today.weekday() < 3]
        self.needed.choices = [(name, words[name]) for name in offered]

    def wish(self, today: date, zone: str) -> Due | None:
        """D1: give the wish, a day or an instant."""
        ahead = {"today": 0, "tomorrow": 1, "friday": (4 - today.weekday()) % 7}
        if self.needed.data in ahead:
            return Due(day=today + timedelta(days=ahead[self.needed.data]))
        if self.needed.data == "pick":
            return due_of(self.day.data, self.time.data, zone)
        return None


class NewForm(ReportForm):
    """A report by oneself, or by the desk for somebody."""

    files = MultipleFileField(_("Files"))
    # for the desk
    requester = StringField(_("For whom"), validators=[Length(max=200)])
    channel = RadioField(_("How it came in"), choices=channel_choices, default="phone")
