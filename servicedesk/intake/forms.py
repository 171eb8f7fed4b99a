"""The forms of a call, of templates, and of what a service asks besides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from servicedesk.incidents.acts import Due
from servicedesk.incidents.forms import NEEDED, TEXT, VersionForm, known_year, level_choices
from servicedesk.incidents.intake import Said
from servicedesk.intake.commands import NAME_LENGTH, Draft
from servicedesk.intake.models import Template
from servicedesk.intake.questions import Answer, Question
from servicedesk.portal.forms import ReportForm
from servicedesk.setup.directory import Service

PREFIX, ASKED = "ask-", "asked"  # of the questions' names; the service whose were shown


class BeginForm(FlaskForm):
    """Who calls, and how."""

    caller = wtforms.HiddenField()
    channel = wtforms.RadioField(_("How it came in"), default="phone")
    confidential = wtforms.BooleanField(_("Confidential matter"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel.choices = [
            ("phone", gettext("Phone")),
            ("desk", gettext("At the desk")),
            ("mail", gettext("Mail")),
        ]


class CallForm(ReportForm, VersionForm):
    """What is said while talking; nothing is needed until the call is over."""

    title = wtforms.StringField(_("What is it about?"), validators=[Length(max=300)])
    description = wtforms.TextAreaField(_("What the caller says"), validators=[TEXT])
    service = wtforms.SelectField(_("Service"), validators=[Optional()])

    def is_sound(self, in_full: bool) -> bool:
        """Check what was typed; `in_full`: nothing that is needed may be missing."""
        sound: bool = self.validate()
        missing = [field for field in (self.title, self.service) if in_full and not field.data]
        for field in missing:
            field.errors = [*field.errors, str(NEEDED)]
        return sound and not missing

    def said(self, wish: Due | None) -> Said:
        """Give what is known by now."""
        return Said(
            title=self.title.data or "",
            description=self.description.data or "",
            service=self.service.data or "",
            type=self.type.data,
            impact=int(self.impact.data),
            urgency=int(self.urgency.data),
            wish=wish,
            confidential=bool(self.confidential.data),
        )


class TemplateForm(VersionForm):
    """A template for frequent requests."""

    name = wtforms.StringField(
        _("Name"), validators=[InputRequired(NEEDED), Length(max=NAME_LENGTH)]
    )
    service = wtforms.SelectField(_("Service"), validators=[InputRequired(NEEDED)])
    type = wtforms.RadioField(_("Type"), default="request")
    title = wtforms.StringField(_("Title"), validators=[Length(max=300)])
    description = wtforms.TextAreaField(_("Description, with blanks"), validators=[TEXT])
    impact = wtforms.RadioField(_("How many are affected"), default="3")
    urgency = wtforms.RadioField(_("How badly"), default="2")
    audience = wtforms.RadioField(_("Who can choose it"), default="everybody")
    place = wtforms.IntegerField(
        _("Order"), default=10, validators=[Optional(), NumberRange(0, 9999)]
    )

    def offer(self, services: Sequence[tuple[str, str]]) -> None:
        """Offer services as (key, name), and everything else in the reader's words."""
        self.service.choices = [("", gettext("Choose…")), *services]
        self.type.choices = [
            ("incident", gettext("Incident")),
            ("request", gettext("Service request")),
        ]
        self.impact.choices = level_choices("impact")
        self.urgency.choices = level_choices("urgency")
        self.audience.choices = [
            ("everybody", gettext("Everybody")),
            ("desk", gettext("The desk only")),
        ]

    def fill(self, row: Template, service: Service | None) -> None:
        """Show what a template says."""
        for name in ("name", "type", "title", "description", "place"):
            self[name].data = getattr(row, name)
        self.impact.data, self.urgency.data = str(row.impact), str(row.urgency)
        self.audience.data = "desk" if row.desk_only else "everybody"
        self.service.data = service.key if service and service.active else ""
        self.version.data = str(row.version)

    def draft(self) -> Draft:
        """Give what the template is to say."""
        return Draft(
            name=self.name.data or "",
            service=self.service.data,
            title=self.title.data or "",
            description=self.description.data or "",
            type=self.type.data,
            impact=int(self.impact.data),
            urgency=int(self.urgency.data),
            desk_only=self.audience.data == "desk",
            place=self.place.data or 0,
        )


class QuestionsForm(FlaskForm):
    """What one service asks besides."""

    asked: Sequence[Question] = ()

    def answers(self) -> Iterator[tuple[Question, Answer]]:
        """Give each question with its answer."""
        for question in self.asked:
            yield question, self[_name(question)].data


def questions_form(
    asked: Sequence[Question], formdata: Any = None, *, needed: bool = True
) -> QuestionsForm:
    """Make the form of a service's questions; `needed`: the required ones are."""
    fields: dict[str, Any] = {_name(question): _field(question, needed) for question in asked}
    made: type[QuestionsForm] = type("Questions", (QuestionsForm,), {"asked": asked, **fields})
    return made(formdata, prefix=PREFIX, meta={"csrf": False})


def _name(question: Question) -> str:
    return f"q_{question.key}"


def _field(question: Question, needed: bool) -> Any:
    name = question.name
    first: Any = InputRequired(NEEDED) if question.required and needed else Optional()
    match question.type:
        case "lines":
            return wtforms.TextAreaField(name, [first, TEXT])
        case "number":
            return wtforms.DecimalField(name, [first], places=None)
        case "day":
            return wtforms.DateField(name, [first, known_year])
        case "choice":
            choices = [("", gettext("Choose…")), *((one, one) for one in question.choices)]
            return wtforms.SelectField(name, [first], choices=lambda: choices)
        case "check":
            return wtforms.BooleanField(name, [first])
        case _:
            return wtforms.StringField(name, [first, Length(max=300)])


def begin_with(form: ReportForm, template: Template, service: Service) -> None:
    """Put a template's words into a form; what was typed there stays."""
    form.title.data = form.title.data or template.title
    texts = [form.description.data or "", template.description]
    form.description.data = "\n\n".join(text for text in dict.fromkeys(texts) if text)
    form.service.data, form.type.data = service.key, template.type
    form.impact.data, form.urgency.data = str(template.impact), str(template.urgency)


def wished(form: ReportForm, day: date | None, time: Any) -> None:
    """Show a wish that is there already."""
    form.needed.data, form.day.data, form.time.data = "pick", day, time
