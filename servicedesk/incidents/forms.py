"""The forms of an incident's acts; each carries the version that it was based on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from servicedesk.incidents import lifecycle
from servicedesk.incidents.acts import Due
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.incidents.telling import resolution_code

TEXT = Length(max=20_000)
NEEDED = _("Please fill this in.")


class VersionForm(FlaskForm):
    """A form based on a version of an incident."""

    version = HiddenField()

    @property
    def based_on(self) -> int | None:
        """Give the version that the form was read at."""
        text = str(self.version.data or "")
        return int(text) if text.isdecimal() and len(text) < 10 else None


def due_of(day: date | None, at: time | None, zone: str) -> Due:
    """D1: give a day, or with a time the instant in the desk's zone."""
    if day is None or at is None:
        return Due(day=day)
    return Due(at=datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC))


def known_year(_form: FlaskForm, field: DateField | DateTimeLocalField) -> None:
    """Refuse years that no calendar knows."""
    if field.data and not 1970 <= field.data.year <= 2199:
        raise ValidationError(_("This day is out of range."))


class DueForm(VersionForm):
    """Asks for a day, or a day and a time."""

    day = DateField(_("Day"), validators=[InputRequired(_("Please choose a day."))])
    time = TimeField(_("Time"), validators=[Optional()])

    def due(self, zone: str) -> Due:
        """D1: give the day, or with a time the instant in the desk's zone."""
        return due_of(self.day.data, self.time.data, zone)

    def validate_day(self, field: DateField) -> None:
        """Refuse years that no calendar knows."""
        known_year(self, field)


class CommentForm(VersionForm):
    """A reply, a note, or a line to a partner."""

    body = TextAreaField(
        _("Text"), validators=[InputRequired(_("Please write something first.")), TEXT]
    )
    files = MultipleFileField(_("Files"))


WAITED_FOR = {
    "requester": _("The requester's answer"),
    "change": _("A change"),
    "delivery": _("A delivery"),
    "other": _("Something else"),
}


class HoldForm(DueForm):
    """What is waited for, until when, and the question."""

    reason = RadioField(
        _("Waiting for"), default=lifecycle.HOLD_REASONS[0], validators=[InputRequired(NEEDED)]
    )
    question = TextAreaField(_("Your question"), validators=[TEXT])
    day = DateField(_("Until"), validators=[Optional()])
    time = TimeField(_("Time"), validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = list(WAITED_FOR.items())

    def until(self, zone: str) -> datetime | None:
        """Give the end of the hold: a day lasts until its end."""
        return self.due(zone).judged(zone) if self.day.data else None


class ResolveForm(VersionForm):
    """How it was resolved."""

    code = SelectField(_("How"), validators=[InputRequired(NEEDED)])
    text = TextAreaField(
        _("What was done, as the requester will read it"),
        validators=[InputRequired(_("Please say how it was resolved.")), TEXT],
    )
    workaround = TextAreaField(_("Workaround"), validators=[TEXT])
    root_cause = TextAreaField(_("Root cause"), validators=[TEXT])
    linked = BooleanField(_("Also resolve what belongs to it"), default=True)  # of a major one

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code.choices = [(code, resolution_code(code)) for code in lifecycle.RESOLUTION_CODES]


class PromiseForm(DueForm):
    """The desk's answer to the wish: agree, offer the earliest date, or another one."""

    day = DateField(_("Day"), validators=[Optional()])
    reason = TextAreaField(_("Why another date than the one asked for"), validators=[TEXT])
    agree = BooleanField()  # these three stand on, or beside, buttons of their own
    offered = DateField(validators=[Optional()])
    offered_reason = TextAreaField(_("Why, as the requester will read it"), validators=[TEXT])

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for a day where no button has said which."""
        if self.agree.data or self.offered.data:  # whatever else was begun to be typed
            self.day.process_errors = self.time.process_errors = []
            return bool(super().validate(extra_validators))
        found = bool(super().validate(extra_validators))
        if found and self.day.data is None:
            self.day.errors = [str(_("Please choose a day."))]
            return False
        return found


class AnswerForm(DueForm):
    """Whether a date suits; if not, why not, and which would do."""

    day = DateField(_("Which day would do?"), validators=[Optional()])
    text = TextAreaField(_("Why not?"), validators=[TEXT])

    def instead(self, zone: str) -> Due | None:
        """D1: give the date that would do, if one was said."""
        return self.due(zone) if self.day.data else None


class WishForm(DueForm):
    """The date asked for, set or revised."""

    reason = TextAreaField(_("Why"), validators=[TEXT])


LEVELS = {
    "impact": (_("Many people, or a whole site"), _("A team"), _("One person")),
    "urgency": (_("Work stands still"), _("Work is hindered"), _("It can wait")),
}


def level_choices(name: str) -> list[tuple[str, Any]]:
    """Name the three levels of impact or urgency in plain words."""
    return [(str(n), words) for n, words in enumerate(LEVELS[name], 1)]


class PriorityForm(VersionForm):
    """Impact and urgency, from which the priority follows."""

    impact = RadioField(_("How many are affected"), choices=lambda: level_choices("impact"))
    urgency = RadioField(_("How badly"), choices=lambda: level_choices("urgency"))
    reason = TextAreaField(_("Why (needed for lowering late)"), validators=[TEXT])


class ServiceForm(VersionForm):
    """Service, type and category."""

    service = SelectField(_("Service"), validators=[InputRequired(NEEDED)])
    type = RadioField(
        _("Type"),
        choices=lambda: [("incident", str(_("Incident"))), ("request", str(_("Service request")))],
    )
    category = StringField(_("Category"), validators=[Length(max=120)])

    def offer(self, services: Sequence[tuple[str, str]]) -> None:
        """Offer services as (key, name)."""
        self.service.choices = list(services)


class AssignForm(VersionForm):
    """Who works on it."""

    person = RadioField(_("Assignee"), validators=[InputRequired(NEEDED)])

    def offer(self, people: Sequence[tuple[str, str]]) -> None:
        """Offer people as (id, name), and nobody."""
        self.person.choices = [*people, ("0", str(_("Nobody")))]


class ReopenForm(VersionForm):
    """Why it is not solved."""

    text = TextAreaField(_("What is still wrong?"), validators=[TEXT])


class GoOnForm(VersionForm):
    """What is wrong again."""

    text = TextAreaField(
        _("What is wrong?"), validators=[InputRequired(_("Please say what is wrong.")), TEXT]
    )


class DecideForm(VersionForm):
    """Whether something is approved; if not, why."""

    reason = TextAreaField(_("Why not"), validators=[TEXT])


class ExclusionForm(VersionForm):
    """Which time shall not count, for which clocks, and why."""

    start = DateTimeLocalField(
        _("Beginning"), validators=[InputRequired(_("Please say from when."))]
    )
    end = DateTimeLocalField(_("End"), validators=[InputRequired(_("Please say until when."))])
    clocks = SelectMultipleField(
        _("For which clocks"), option_widget=CheckboxInput(), widget=ListWidget()
    )
    reason = TextAreaField(_("Why this time shall not count"), validators=[TEXT])
    seen = HiddenField()  # what the effect was shown of

    def offer(self, clocks: Sequence[tuple[str, str]]) -> None:
        """Offer clocks as (key, name)."""
        self.clocks.choices = list(clocks)

    def wanted(self, zone: str) -> Wanted:
        """Give what was typed, in a zone."""
        typed = (field.data for field in (self.start, self.end) if field.data)
        start, end = (each.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for each in typed)
        return Wanted(start, end, tuple(self.clocks.data or ()))

    def validate_start(self, field: DateTimeLocalField) -> None:
        """Refuse years that no calendar knows."""
        known_year(self, field)

    def validate_end(self, field: DateTimeLocalField) -> None:
        """Refuse years that no calendar knows."""
        known_year(self, field)


class ExclusionDecisionForm(VersionForm):
    """Whether time does not count, and why."""

    reason = TextAreaField(_("Reason"), validators=[TEXT])


class CancelForm(VersionForm):
    """Cancel: with consent, or as a duplicate."""

    consent = BooleanField(_("The requester agrees"))
    duplicate_of = StringField(_("Duplicate of (number)"), validators=[Length(max=20)])

    def other(self) -> int | None:
        """Give the number of the incident that this one duplicates."""
        text = (self.duplicate_of.data or "").upper().removeprefix("INC-").strip()
        return int(text) if text.isdecimal() else (-1 if text else None)
