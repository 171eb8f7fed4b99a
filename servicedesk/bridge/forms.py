"""The forms of mails that were set aside, and of the page without signing in."""

from __future__ import annotations

import re

from flask_babel import gettext, pgettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from servicedesk.bridge.models import HANDOFF, REQUEST
from servicedesk.incidents.addresses import LARGEST
from servicedesk.incidents.forms import NEEDED, TEXT

NUMBER = re.compile(r"(?:INC-)?0*(\d{1,10})", re.IGNORECASE)


class ThreadForm(FlaskForm):
    """Into which thread a mail is put."""

    number = StringField(_("Number"), validators=[InputRequired(NEEDED), Length(max=40)])
    about = SelectField(
        _("What the partner was given"),
        choices=lambda: [
            (HANDOFF, pgettext("bridge", "Hand-off")),
            (REQUEST, gettext("Work request")),
        ],
        default=HANDOFF,
    )
    n = IntegerField(
        _("Which of them"), validators=[InputRequired(NEEDED), NumberRange(1, 9999)], default=1
    )


class ReplyForm(FlaskForm):
    """As whose reply a mail is put in: the requester's of an incident."""

    number = StringField(_("Number"), validators=[InputRequired(NEEDED), Length(max=40)])


class NewForm(FlaskForm):
    """For whom a new incident is logged."""

    person = StringField(_("For"), validators=[InputRequired(NEEDED), Length(max=254)])
    service = SelectField(_("Service"))


def incident_number(text: str | None) -> int:
    """Read a number as people write it; 0: it is none."""
    found = NUMBER.fullmatch((text or "").strip())
    number = int(found[1]) if found else 0
    return number if number <= LARGEST else 0


class HandedForm(FlaskForm):
    """What a company without people on the desk says on its page."""

    body = TextAreaField(_("Your answer, question or reason"), validators=[Optional(), TEXT])
    ticket = StringField(_("Your ticket number"), validators=[Optional(), Length(max=120)])
    files = MultipleFileField(_("Files"))


class AskedForm(HandedForm):
    """The same of a work request."""

    body = TextAreaField(_("What was done, your question or reason"), validators=[Optional(), TEXT])
