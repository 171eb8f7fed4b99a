"""What is filled in about turns: who takes over, a swap, another rota."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from servicedesk.people.models import Person
from servicedesk.setup import rota
from servicedesk.setup.rota import ALWAYS, CLOSED, WHOLE
from servicedesk.times import iso

NEEDED = _("This must not be empty.")
LOCAL = "%Y-%m-%dT%H:%M"
MOST = 52  # weeks, as in DESK.yaml
YEARS = range(1970, 2200)


class TakeOverForm(FlaskForm):
    """Who takes over, for how long and why; times are those of the rota's zone."""

    person = SelectField(_("Who takes over"), coerce=int)
    start = DateTimeLocalField(
        lazy_pgettext("on call", "From"), [InputRequired(NEEDED)], format=[LOCAL]
    )
    end = DateTimeLocalField(
        lazy_pgettext("on call", "Until"), [InputRequired(NEEDED)], format=[LOCAL]
    )
    reason = StringField(_("Why"), [InputRequired(NEEDED), Length(max=500)])

    def offer(self, crew: Sequence[Person]) -> None:
        """Offer the people of the group."""
        self.person.choices = [(one.id, one.name) for one in crew]

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """Give both ends as instants."""
        return _instant(self.start.data, zone), _instant(self.end.data, zone)


def _instant(local: datetime | None, zone: str) -> datetime:
    known = (local or datetime(1970, 1, 1)).replace(second=0, tzinfo=ZoneInfo(zone))  # noqa: DTZ001
    try:
        return known.astimezone(UTC)
    except OverflowError:  # at the ends of the years that there are
        return known.replace(tzinfo=UTC)


def local(at: datetime, zone: str) -> datetime:
    """Give an instant as a field shows it."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


class SwapForm(FlaskForm):
    """Which of one's own turns, and who takes it for what."""

    turn = SelectField(_("Your turn"))
    other = SelectField(_("For this"))
    note = StringField(lazy_pgettext("on call", "Note"), [Length(max=500)])

    def chosen(self) -> tuple[int, str]:
        """Give who is asked, and the beginning of their turn or nothing."""
        person, _space, start = (self.other.data or "").partition(" ")
        return int(person), start


class RotaForm(FlaskForm):
    """A group's rota: when it begins, the hand-over, what it covers; the weeks stand beside."""

    start = DateField(_("Begins on"), [InputRequired(NEEDED)])
    at = TimeField(_("Hand-over at"), [InputRequired(NEEDED)])
    covers = RadioField(_("On call"))
    ended = BooleanField(_("No rota any more: the lead is asked"))
    count = IntegerField(
        validators=[Optional(), NumberRange(1, MOST)], widget=HiddenInput(), default=1
    )
    revision = IntegerField(validators=[Optional()], widget=HiddenInput())
    seen = HiddenField()  # what was shown in the preview

    weeks: list[list[str]]  # keys by day; "": nobody

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.covers.choices = [
            (ALWAYS, gettext("Always")),
            (CLOSED, gettext("Only while the group is closed")),
        ]
        self.weeks = []

    def validate_start(self, field: DateField) -> None:
        """Refuse years that no calendar knows."""
        if field.data and field.data.year not in YEARS:
            raise ValidationError(gettext("This day is out of range."))

    def read_weeks(self, typed: MultiDict[str, str], known: set[str]) -> None:
        """Read the weeks, each of somebody or by day; who is unknown is left out."""
        count = min(max(self.count.data or 1, 1), MOST)
        self.weeks = [_week(typed, n, known) for n in range(count)]

    def resize(self, by: int) -> None:
        """Add a week like the first, or leave out the last."""
        if by > 0 and len(self.weeks) < MOST:
            self.weeks.append(list(self.weeks[0]))
        elif by < 0 and len(self.weeks) > 1:
            self.weeks.pop()
        self.carry(self.count, len(self.weeks))

    def carry(self, field: IntegerField, value: int) -> None:
        """Let a hidden field say something else than what was sent."""
        field.data, field.raw_data = value, None

    def said(self, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Give the rota as it stands in DESK.yaml; None: there is to be none."""
        if self.ended.data or not (self.start.data and self.at.data):
            return None
        weeks = [rota.plain([key or None for key in week]) for week in self.weeks]
        said: dict[str, Any] = {
            "from": self.start.data.isoformat(),
            "at": f"{self.at.data:%H:%M}",
            "weeks": [week.get(WHOLE, week) for week in weeks],
            "covers": self.covers.data,
        }
        return said | ({"zone": before["zone"]} if before and before.get("zone") else {})


def _week(typed: MultiDict[str, str], n: int, known: set[str]) -> list[str]:
    whole = typed.get(f"whole-{n}", "")
    days = [typed.get(f"day-{n}-{day}", "") for day in range(7)]
    return [key if key in known else "" for key in ([whole] * 7 if whole else days)]


def weeks_of(said: Mapping[str, Any]) -> list[list[str]]:
    """Give the weeks of a rota as it stands in DESK.yaml by key for each day."""
    found = []
    for week in said.get("weeks") or ():
        days = rota.by_day({WHOLE: week} if isinstance(week, str) else week)
        found.append([key or "" for key in days])
    return found


def choice(start: datetime) -> str:
    """Name a turn in a list to choose from."""
    return iso(start) or ""
