"""What is filled in about a schedule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import HiddenInput

from servicedesk.people.models import Person
from servicedesk.reports.schedules import queries, words
from servicedesk.reports.schedules.models import Schedule
from servicedesk.reports.words import language
from servicedesk.rulebook.forms import Checks
from servicedesk.setup import schedules
from servicedesk.setup.directory import Directory
from servicedesk.setup.schedules import ALL, LAST, MOST_DAYS
from servicedesk.setup.schedules import Schedule as Entry

NEEDED = _("This must not be empty.")
LANGUAGES = ("en", "ja")
HOURS = [f"{hour:02}:00" for hour in range(24)]


def _stripped(said: str | None) -> str:
    return (said or "").strip()


class ScheduleForm(FlaskForm):
    """F9: what is reported when, and to whom."""

    revision = IntegerField(default=0, widget=HiddenInput())  # of the set-up that was looked at
    name = StringField(_("Name"), [DataRequired(NEEDED), Length(max=200)], filters=[_stripped])
    scope = SelectField(_("About"), default=ALL)
    every = RadioField(_("How often"), default=schedules.MONTH)
    day = SelectField(_("On which day of the month after it"), default="3")
    at = SelectField(_("At"), default="08:00")
    languages = Checks(_("Languages"))
    send = RadioField(_("By mail"), default=schedules.FILE)
    seal = RadioField(_("Sealing"), default=schedules.ITSELF)
    people = Checks(_("Who gets it"))

    def offer(self, setup: Directory, people: Sequence[Person], kept: Schedule | None) -> None:
        """Offer what there is to choose from."""
        self.setup, self.candidates = setup, people
        scopes = _scopes(setup)
        if kept and kept.scope not in dict(scopes):
            scopes.append((kept.scope, kept.scope))
        self.scope.choices = scopes
        self.every.choices = [(value, words.every(value)) for value in schedules.EVERY]
        days = [(str(n), words.day(n)) for n in range(1, MOST_DAYS + 1)]
        self.day.choices = [*days, (LAST, words.day(0))]
        hours = sorted({*HOURS, *([kept.at] if kept else [])})
        self.at.choices = [(hour, hour) for hour in hours]
        self.languages.choices = [(value, language(value)) for value in LANGUAGES]
        self.send.choices = [(value, words.send(value)) for value in schedules.WAYS]
        self.seal.choices = [(value, words.seal(value)) for value in schedules.SEALS]
        named = kept.people if kept else []
        first = sorted(people, key=lambda person: person.id not in named)
        self.people.choices = [(person.key, _named(person)) for person in first]

    def looked_at(self, setup: Directory) -> None:
        """Note that the set-up as it is now is what is changed, once it is sent again."""
        self.revision.raw_data, self.revision.data = None, setup.revision

    def validate_name(self, field: StringField) -> None:
        """Refuse what is no line of text."""
        try:
            Entry.model_validate({"name": field.data})
        except ValueError:
            raise ValidationError(gettext("Please write it on one line.")) from None

    def validate_languages(self, field: Checks) -> None:
        """Ask for a language at least."""
        if not field.data:
            raise ValidationError(gettext("Please choose at least one."))

    def validate_people(self, field: Checks) -> None:
        """§9: refuse whoever may not have such a report."""
        scope = queries.scope_of(self.scope.data or "", self.setup)
        chosen = [person for person in self.candidates if person.key in (field.data or ())]
        wrong = [person.name for person in chosen if not queries.may_have(person, scope)]
        if wrong:
            said = gettext("This report is not for %(names)s.", names=", ".join(wrong))
            raise ValidationError(said)

    def said(self, owner: str | None) -> dict[str, Any]:
        """Write it as DESK.yaml does."""
        day = self.day.data or LAST
        said = {
            "name": self.name.data,
            "scope": self.scope.data,
            "every": self.every.data,
            "day": LAST if day == LAST else int(day),
            "at": self.at.data,
            "languages": self.languages.data or [],
            "send": self.send.data,
            "seal": self.seal.data,
            "people": self.people.data or [],
            "owner": owner,
        }
        return Entry.model_validate(said).plain()


def _named(person: Person) -> str:
    companies = [company.name for company in person.partners if company.active]
    return f"{person.name} ({companies[0]})" if companies else person.name


def _scopes(setup: Directory) -> list[tuple[str, str]]:
    parties = sorted(setup.by_key.values(), key=lambda it: (it.is_partner, it.tier, it.name))
    services = sorted(setup.services_by_key.values(), key=lambda it: it.name)
    return [
        (ALL, str(_("The whole desk"))),
        *((f"{party.kind}:{party.key}", party.name) for party in parties),
        *((f"service:{service.key}", service.name) for service in services),
    ]


def filled(it: Schedule, people: Sequence[Person]) -> dict[str, Any]:
    """Give what the form shows of a schedule."""
    return {
        "name": it.name,
        "scope": it.scope,
        "every": it.every,
        "day": str(it.day or LAST),
        "at": it.at,
        "languages": it.languages,
        "send": it.send,
        "seal": it.seal,
        "people": [person.key for person in people if person.id in it.people],
    }
