"""The form of a work request (H6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as pgettext
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms import TimeField as ClockField
from wtforms.validators import InputRequired, Length, Optional

from servicedesk.escalation.forms import Others
from servicedesk.incidents.doing import TITLE_LENGTH
from servicedesk.incidents.forms import NEEDED, TEXT, VersionForm, known_year


class WorkRequestForm(VersionForm):
    """What is asked of whom, until when."""

    to = SelectField(
        pgettext("work", "To whom"),
        validators=[InputRequired(_("Please choose to whom."))],
        validate_choice=False,  # the act says why somebody can't be asked
    )
    title = StringField(_("What is to be done"), [InputRequired(NEEDED), Length(max=TITLE_LENGTH)])
    body = TextAreaField(_("More about it"), validators=[TEXT])
    day = DateField(_("Wanted by"), validators=[Optional(), known_year])
    time = ClockField(_("Time"), validators=[Optional()])
    must_finish = BooleanField(_("Must finish before the incident can be resolved"))
    files = MultipleFileField(_("Files"))

    def offer(self, others: Others) -> None:
        """Offer the groups and partners by tier."""
        choices: dict[str, Sequence[tuple[str, str]]] = {"": [("", gettext("Choose…"))], **others}
        self.to.choices = choices

    def due(self, zone: str) -> datetime | None:
        """Give the date wanted; without a time 17:00 of that day."""
        if self.day.data is None:
            return None
        local = datetime.combine(self.day.data, self.time.data or time(17), ZoneInfo(zone))
        return local.astimezone(UTC)
