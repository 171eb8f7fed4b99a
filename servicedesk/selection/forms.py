"""What an act on many incidents needs besides which ones they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectField, TextAreaField
from wtforms import TimeField as ClockField
from wtforms.validators import InputRequired, Optional

from servicedesk.incidents.forms import NEEDED, TEXT, known_year
from servicedesk.selection.deeds import ASSIGN, HAND_OFF, Wanted

Choices = Mapping[str, Sequence[tuple[str, str]]]  # under headings
NOBODY = "0"


class ActForm(FlaskForm):
    """An act that needs nothing more."""

    def wanted(self, act: str, zone: str) -> Wanted:
        """Give what is wanted."""
        return Wanted(act)


class AssignForm(ActForm):
    """Who shall work on them."""

    person = SelectField(_("Assignee"), validators=[InputRequired(NEEDED)])

    def offer(self, people: Choices) -> None:
        """Offer people under their groups as (id, name), and nobody."""
        nobody = (NOBODY, gettext("Nobody"))
        self.person.choices = {"": [("", gettext("Choose…")), nobody], **people}

    def wanted(self, act: str, zone: str) -> Wanted:
        """Give what is wanted."""
        return Wanted(ASSIGN, person=int(self.person.data) or None)


class HandOffForm(ActForm):
    """To whom they all go, and why."""

    to = SelectField(_("To whom"), validators=[InputRequired(_("Please choose to whom."))])
    reason = SelectField(_("Reason"), validators=[InputRequired(NEEDED)])
    note = TextAreaField(
        _("Why"),
        validators=[InputRequired(_("Say in a sentence what you tried and what you need.")), TEXT],
    )
    day = DateField(_("Answer wished by"), validators=[Optional(), known_year])
    time = ClockField(_("Time"), validators=[Optional()])
    share_requester = BooleanField(_("Show the requester's name and contact"))
    share_files = BooleanField(_("Show the files of the incident"))

    def offer(self, parties: Choices, reasons: Sequence[tuple[str, str]]) -> None:
        """Offer parties under their tiers, by key, or by name where they are many."""
        self.to.choices = {"": [("", gettext("Choose…"))], **parties}
        names = {name: key for offered in parties.values() for key, name in offered}
        self.to.data = names.get(self.to.data, self.to.data)
        self.reason.choices = list(reasons)

    def wanted(self, act: str, zone: str) -> Wanted:
        """Give what is wanted; an answer without a time is wished for by 17:00 of its day."""
        return Wanted(
            HAND_OFF,
            to=self.to.data,
            reason=self.reason.data,
            note=self.note.data or "",
            answer_by=self._answer_by(zone),
            share_requester=bool(self.share_requester.data),
            share_files=bool(self.share_files.data),
        )

    def _answer_by(self, zone: str) -> datetime | None:
        if self.day.data is None:
            return None
        local = datetime.combine(self.day.data, self.time.data or time(17), ZoneInfo(zone))
        return local.astimezone(UTC)
