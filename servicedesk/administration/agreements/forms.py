"""What is filled in about an agreement: a target in each cell of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from servicedesk.administration.agreements.said import (
    KINDS,
    MOST_DAYS,
    REASONS,
    Said,
    TooLong,
    cells,
    plain,
    read,
)
from servicedesk.incidents.telling import hold_reason
from servicedesk.setup.feasibility import PRIORITIES
from servicedesk.setup.values import MOST_MINUTES, read_key
from servicedesk.sla.agreement import Target


class TargetField(StringField):
    """A target as people write it: minutes, hours, or working days."""

    target: Target | None = None

    def pre_validate(self, form: Any) -> None:
        """Read the words; raises ValidationError with one sentence."""
        text = self.data or ""
        try:
            self.target = read(text)
        except TooLong:
            raise ValidationError(
                gettext(
                    "“%(text)s” is too long: %(minutes)s minutes or %(days)s days at most.",
                    text=text[:40],
                    minutes=MOST_MINUTES,
                    days=MOST_DAYS,
                )
            ) from None
        except ValueError:
            raise ValidationError(
                gettext(
                    "“%(text)s” is no target: write minutes such as 240, hours such as 4h, "
                    "working days such as 2d, or nothing.",
                    text=text[:40],
                )
            ) from None


class ChecksField(SelectMultipleField):
    """Several of a list, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Passing(FlaskForm):
    """A form that passes through a page on which it is only looked at."""

    revision = IntegerField(default=0, widget=HiddenInput())  # of the set-up that was looked at

    def typed(self) -> list[tuple[str, str]]:
        """Give names and values as they travel on."""
        left_out = ("csrf_token", "revision")
        fields = [field for field in self if field.name not in left_out and field.data is not None]
        return [
            (field.name, str(value))
            for field in fields
            for value in (field.data if isinstance(field.data, list) else [field.data])
        ]


class TermsForm(Passing):
    """Calendar, targets by priority, and what pauses; made for one sort of agreement."""

    kind = "sla"
    version = IntegerField(default=0, widget=HiddenInput())  # that was read
    calendar = SelectField(_("Calendar"))

    def offer(self, calendars: Iterable[str]) -> None:
        """Offer the calendars that there are."""
        self.calendar.choices = [(key, key) for key in calendars]

    def rows(self) -> Iterator[tuple[str, list[TargetField]]]:
        """Give the fields of the table, row by row."""
        for priority in PRIORITIES:
            yield priority, [self[_name(priority, each)] for each in KINDS[self.kind]]

    def said(self) -> Said:
        """Give what was filled in."""
        found = ((name, self[_name(*name)].target) for name in cells(self.kind))
        targets = {name: target for name, target in found if target}
        pauses = self["pauses"].data if "pauses" in self else ()
        return Said(self.calendar.data, targets, frozenset(pauses))


class SlaForm(TermsForm):
    """A customer agreement."""

    pauses = ChecksField(_("The resolution rests while"))

    def offer(self, calendars: Iterable[str]) -> None:
        """Offer the calendars and the hold reasons."""
        super().offer(calendars)
        self.pauses.choices = [(reason, hold_reason(reason)) for reason in REASONS]


class NewForm(SlaForm):
    """A customer agreement that is not there yet."""

    key = StringField(_("Name"))
    services = ChecksField(_("For these services, from now on"))

    def validate_key(self, field: StringField) -> None:
        """Refuse what cannot stand in addresses and in DESK.yaml."""
        field.data = (field.data or "").strip()
        try:
            read_key(field.data)
        except ValueError:
            raise ValidationError(
                gettext("Please name it with small letters, digits and hyphens, 64 at most.")
            ) from None


class PartyForm(TermsForm):
    """The agreement of a group, or a partner's contract."""

    kind = "ola"


def _name(priority: str, kind: str) -> str:
    return f"{priority}_{kind}"


def _add_cells(form: type[TermsForm]) -> None:
    for name in cells(form.kind):
        setattr(form, _name(*name), TargetField())


for _form in (SlaForm, NewForm, PartyForm):
    _add_cells(_form)


def values(said: Said, version: int) -> dict[str, Any]:
    """Give what a form shows of a version."""
    targets = {_name(*name): str(plain(target)) for name, target in said.targets.items()}
    return {"calendar": said.calendar, "pauses": list(said.pauses), "version": version, **targets}


class ChoiceForm(Passing):
    """Which agreement a service has."""

    agreement = SelectField(_("Agreement"), validators=[InputRequired()])
    before = HiddenField()  # the agreement that was read
