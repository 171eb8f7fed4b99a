"""The forms of hand-offs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms import TimeField as ClockField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from servicedesk.incidents.forms import NEEDED, TEXT, VersionForm, known_year

Others = Mapping[str, Sequence[tuple[str, str]]]


class HandOffForm(VersionForm):
    """To whom, why, and what the receiver will see."""

    to = RadioField(_("To"), validators=[InputRequired(_("Please choose to whom."))])
    other = SelectField(_("To whom"))
    reason = SelectField(_("Reason"), validators=[InputRequired(NEEDED)])
    note = TextAreaField(
        _("Why"),
        validators=[InputRequired(_("Say in a sentence what you tried and what you need.")), TEXT],
    )
    day = DateField(_("Answer wished by"), validators=[Optional(), known_year])
    time = ClockField(_("Time"), validators=[Optional()])
    share_requester = BooleanField(_("Show the requester's name and contact"))
    share_files = BooleanField(_("Show the files of the incident"))
    files = MultipleFileField(_("More files"))

    def offer(
        self,
        near: Sequence[tuple[str, str]],
        others: Others,
        reasons: Sequence[tuple[str, str]],
    ) -> None:
        """Offer the path's parties as cards, and all others by tier: by key, or by name."""
        self.to.choices = [*near, *([("-", gettext("Somebody else"))] if others else [])]
        self.other.choices = {"": [("", gettext("Choose…"))], **others}
        names = {name: key for parties in others.values() for key, name in parties}
        self.other.data = names.get(self.other.data, self.other.data)
        self.reason.choices = list(reasons)

    def validate_other(self, field: SelectField) -> None:
        """Ask for somebody where none of the cards was chosen."""
        if self.to.data == "-" and not field.data:
            raise ValidationError(_("Please choose to whom."))

    @property
    def receiver(self) -> str:
        """Give the key of the party chosen."""
        if self.to.data == "-":
            return str(self.other.data or "")
        return str(self.to.data or "")

    def answer_by(self, zone: str) -> datetime | None:
        """Give the answer date asked for; without a time 17:00 of that day."""
        if self.day.data is None:
            return None
        local = datetime.combine(self.day.data, self.time.data or time(17), ZoneInfo(zone))
        return local.astimezone(UTC)


class TextForm(VersionForm):
    """An answer, or the reason of a sending back or a recall."""

    body = TextAreaField(_("Text"), validators=[TEXT])
    files = MultipleFileField(_("Files"))


class DecisionForm(VersionForm):
    """H5: whether something goes back; keeping it here needs a reason."""

    body = TextAreaField(_("Why it stays here"), validators=[TEXT])


class TicketForm(VersionForm):
    """The partner's own ticket number."""

    ticket = StringField(
        _("Your ticket number"), validators=[InputRequired(NEEDED), Length(max=120)]
    )


class TheirTicketForm(TicketForm):
    """The same as the desk notes it."""

    ticket = StringField(_("Ticket number"), validators=[InputRequired(NEEDED), Length(max=120)])
