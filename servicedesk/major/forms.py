"""What is filled in about a major incident: why, its headline, how it stands, what is learned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from servicedesk.incidents.doing import TITLE_LENGTH
from servicedesk.incidents.forms import NEEDED, TEXT, known_year
from servicedesk.incidents.majoring import MINUTES
from servicedesk.major.commands import ACTION_LENGTH, ACTIONS, USUAL_MINUTES, WHO_LENGTH, Action
from servicedesk.people.models import Person

RHYTHM = NumberRange(MINUTES[0], MINUTES[-1], _("Updates come every 5 minutes to 24 hours."))
BLANK = 3  # empty lines for further actions


class ProposeForm(FlaskForm):
    """Why it is a major incident."""

    reason = TextAreaField(
        _("Why it is a major incident"),
        [InputRequired(_("Please say why it is a major incident.")), TEXT],
    )


class RefuseForm(FlaskForm):
    """Why it is none."""

    n = HiddenField()
    reason = TextAreaField(
        _("Why it is not a major incident"),
        [InputRequired(_("Please say why it is not a major incident.")), TEXT],
    )


class CoordinateForm(FlaskForm):
    """Who coordinates."""

    coordinator = SelectField(_("Coordinator"), [InputRequired(NEEDED)])

    def offer(self, people: Sequence[Person], chosen: int | None) -> None:
        """Offer who may coordinate."""
        nobody = [] if chosen else [("", gettext("Choose…"))]
        self.coordinator.choices = nobody + [(str(one.id), one.name) for one in people]
        if not self.is_submitted() and chosen:
            self.coordinator.data = str(chosen)


class ConfirmForm(CoordinateForm):
    """What everybody reads, who coordinates, and how often there is news."""

    n = HiddenField()
    headline = StringField(
        _("Headline"),
        [
            InputRequired(_("Please say in a few words what is disturbed.")),
            Length(max=TITLE_LENGTH),
        ],
    )
    minutes = IntegerField(
        _("Minutes between updates"), [InputRequired(NEEDED), RHYTHM], default=USUAL_MINUTES
    )


class UpdateForm(FlaskForm):
    """How it stands, and when there is news again."""

    body = TextAreaField(
        _("How it stands"), [InputRequired(_("Please write how it stands.")), TEXT]
    )
    minutes = IntegerField(_("Minutes to the next update"), [InputRequired(NEEDED), RHYTHM])


class StandDownForm(FlaskForm):
    """The last word."""

    body = TextAreaField(
        _("The last word to those concerned"),
        [InputRequired(_("Please write how it stands.")), TEXT],
    )


class ActionForm(Form):
    """One thing to be done; a line without a text is none."""

    text = StringField(_("What is to be done"), [Length(max=ACTION_LENGTH)])
    who = StringField(_("Who"), [Length(max=WHO_LENGTH)])
    until = DateField(lazy_pgettext("action", "Until"), [Optional(), known_year])


class ReviewForm(FlaskForm):
    """What happened, why, and what gets better."""

    what = TextAreaField(
        _("What happened"), [InputRequired(_("Please write what happened.")), TEXT]
    )
    cause = TextAreaField(_("Why it happened"), [TEXT])
    better = TextAreaField(_("What gets better"), [TEXT])
    actions = FieldList(FormField(ActionForm), max_entries=ACTIONS)

    def add_blank(self) -> None:
        """Leave room for further actions."""
        for _n in range(min(BLANK, ACTIONS - len(self.actions.entries))):
            self.actions.append_entry()

    @property
    def wanted(self) -> list[Action]:
        """Give the actions that say something."""
        said = [line.data for line in self.actions]
        return [
            Action(one["text"] or "", one["who"] or "", _day(one["until"]))
            for one in said
            if (one["text"] or "").strip() or (one["who"] or "").strip() or one["until"]
        ]


def _day(said: object) -> date | None:
    return said if isinstance(said, date) else None
