"""What people fill in about themselves, and how it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from flask import g
from flask_babel import gettext, pgettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TimeField,
)
from wtforms.validators import (
    EqualTo,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from servicedesk import times
from servicedesk.app import LANGUAGES
from servicedesk.db import db
from servicedesk.mail import channels
from servicedesk.mail import words as mail_words
from servicedesk.mail.calm import QuietHours, read_quiet
from servicedesk.mail.holding import is_partners, most_at
from servicedesk.mail.routing import reader_of
from servicedesk.people import timezones
from servicedesk.people.forms import LONGEST_PASSWORD
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, Reach, reach
from servicedesk.people.profile.commands import BadDeputy, Own, save, suggested
from servicedesk.people.queries import desk_language, desk_zone
from servicedesk.setup.directory import Directory


class ProfileForm(FlaskForm):
    """Language, zone, deputy, absence."""

    language = SelectField(_("Language"))
    zone = StringField(_("Time zone"), validators=[Length(max=64)])
    deputy = StringField(_("Deputy"), validators=[Length(max=200)])
    absent_from = DateField(_("Away from"), validators=[Optional()])
    absent_until = DateField(_("Last day away"), validators=[Optional()])

    def offer(self, usual: str) -> None:
        """Offer the languages; first the desk's own."""
        as_desk = gettext("As the desk: %(language)s", language=LANGUAGES.get(usual, usual))
        self.language.choices = [("", as_desk), *LANGUAGES.items()]

    def validate_zone(self, field: StringField) -> None:
        """Refuse what is no time zone."""
        field.data = (field.data or "").strip()
        if field.data and field.data not in timezones.known():
            raise ValidationError(_("There is no such time zone: write “Asia/Tokyo”."))

    def validate_absent_from(self, field: DateField) -> None:
        """Refuse years that no calendar knows."""
        if field.data and not 1970 <= field.data.year <= 2199:
            raise ValidationError(_("This day is out of range."))

    def validate_absent_until(self, field: DateField) -> None:
        """Refuse an absence that ends before it begins."""
        self.validate_absent_from(field)
        begins = self.absent_from.data
        if field.data and begins and field.data < begins:
            raise ValidationError(_("This lies before the first day."))

    def own(self, today: date) -> Own:
        """Give what was said; who only says until when is away from today."""
        begins, lasts = self.absent_from.data, self.absent_until.data
        return Own(
            language=self.language.data or None,
            zone=self.zone.data or None,
            deputy=self.deputy.data or "",
            absent_from=begins or (lasts and min(today, lasts)),
            absent_until=lasts,
        )


class PasswordForm(FlaskForm):
    """The present password, and the new one twice."""

    old = PasswordField(
        _("Present password"), [InputRequired(_("Please enter your present password."))]
    )
    password = PasswordField(
        _("New password"),
        [InputRequired(_("Please enter a password.")), Length(max=LONGEST_PASSWORD)],
    )
    again = PasswordField(
        _("Once more"), [EqualTo("password", _("This is not the same password."))]
    )


def profile_form(person: Person, *, sent: bool = True) -> ProfileForm:
    """Make the form of somebody's own things; not `sent`: as it begins."""
    deputy = db.session.get(Person, person.deputy_id) if person.deputy_id else None
    more = {} if sent else {"formdata": None}
    form = ProfileForm(data=_filled(person, _typed(deputy)), **more)
    form.offer(desk_language())
    return form


def _typed(person: Person | None) -> str:
    """Give what one types to mean somebody: the name where nobody else has it."""
    if person is None:
        return ""
    same = db.session.query(Person).filter(Person.name == person.name, Person.active).count()
    return person.name if same == 1 and person.active else person.key


def keep(person: Person, form: ProfileForm) -> bool:
    """Save a form; says whether it could be."""
    if not form.validate():
        return False
    try:
        save(key=person.key, own=form.own(times.local_day(g.now, desk_zone())))
    except BadDeputy as error:
        form.deputy.errors = [str(error)]
        return False
    return True


def around(person: Person) -> dict[str, Any]:
    """Give what the form offers to choose from."""
    return {
        "zones": timezones.offered(),
        "colleagues": list(suggested(db.session(), person)),
        "completes": reach(current_user, Act.LOG_FOR_OTHERS) == Reach.ALL,
    }


def _filled(person: Person, deputy: str) -> dict[str, object]:
    """Give what the form of somebody begins with."""
    return {
        "language": person.language or "",
        "zone": person.zone or "",
        "deputy": deputy,
        "absent_from": person.absent_from,
        "absent_until": person.absent_until,
    }


class ChannelsForm(FlaskForm):
    """A channel for each group of messages, and the hour of the summary."""

    hour = SelectField(_("The summary comes at"), coerce=int)

    def channels(self) -> list[RadioField]:
        """Give the fields of the groups that there is something to choose for."""
        return [field for field in self if isinstance(field, RadioField)]

    def chosen(self) -> dict[str, Any]:
        """Give what was chosen, as it is kept."""
        said = {field.name: field.data for field in self.channels()}
        return channels.kept(said, self.hour.data)


@dataclass(frozen=True)
class Fixed:
    """A group of messages that is always mailed, and why."""

    title: str
    reason: str


def channels_form(person: Person, *, sent: bool = True) -> tuple[ChannelsForm, list[Fixed]]:
    """Make the form of what somebody can choose; gives with it what they can't."""
    reader, said = reader_of(db.session(), person), person.channels or {}
    fields: dict[str, Any] = {}
    allowed: dict[str, tuple[str, ...]] = {}
    fixed = []
    for group in channels.groups_for(person.held_roles):
        floor, (title, what) = channels.floor(group, reader), mail_words.group(group.key)
        reason = mail_words.reason(floor.why) if floor.why else ""
        if floor.allowed == (channels.MAIL,):
            fixed.append(Fixed(title, reason))
            continue
        allowed[group.key] = floor.allowed
        fields[group.key] = RadioField(
            title,
            description=" ".join(filter(None, (what, reason))),
            default=channels.chosen(group, reader, said),
        )
    made = type("OwnChannelsForm", (ChannelsForm,), fields)
    form: ChannelsForm = made(
        **({} if sent else {"formdata": None}), data={"hour": channels.hour(said)}
    )
    for field in form.channels():
        field.choices = [(each, mail_words.channel(each)) for each in allowed[field.name]]
    form.hour.choices = [(hour, f"{hour:02d}:00") for hour in channels.HOURS]
    return form, fixed


# Quiet hours


DESK, NONE, OWN = "desk", "none", "own"
USUAL = QuietHours(20 * 60, 7 * 60, weekends=True)


class CalmForm(FlaskForm):
    """Quiet hours, and the most mails within an hour."""

    quiet = RadioField(_("When only what is urgent is mailed"))
    start = TimeField(_("Quiet from"), [Optional()])
    end = TimeField(_("Quiet until"), [Optional()])
    weekends = BooleanField(_("All day on the desk's days off"))
    most = IntegerField(_("Mails within an hour, at most"), [Optional()])

    def validate(self, *args: Any, **more: Any) -> bool:
        """Ask for both times of one's own quiet hours, which differ."""
        if not super().validate(*args, **more):
            return False
        if self.quiet.data != OWN:
            return True
        start, end = self.start, self.end
        for field in (start, end):
            if field.data is None:
                field.errors = [gettext("Please enter a time.")]
        if not start.errors and not end.errors and start.data == end.data:
            end.errors = [gettext("This is when they begin: please enter another time.")]
        return not (start.errors or end.errors)

    def said(self) -> dict[str, Any]:
        """Give what was said, as it is kept; what is left out is as the desk has it."""
        own: dict[str, Any] = {"most": self.most.data} if self.most.data else {}
        if self.quiet.data == NONE:
            return own | {"quiet": False}
        if self.quiet.data == DESK:
            return own
        times = {"from": f"{self.start.data:%H:%M}", "to": f"{self.end.data:%H:%M}"}
        return own | {"quiet": {**times, "weekends": self.weekends.data}}


def calm_form(person: Person, setup: Directory, *, sent: bool = True) -> CalmForm:
    """Make the form of somebody's quiet hours; not `sent`: as it begins."""
    said = person.channels or {}
    of_desk = read_quiet(setup.more.get("quiet"))
    own = read_quiet(said.get("quiet"))
    shown, most = own or of_desk or USUAL, most_at(setup)
    data = {
        "quiet": OWN if own else NONE if "quiet" in said or is_partners(person) else DESK,
        "start": _time(shown.start),
        "end": _time(shown.end),
        "weekends": shown.weekends,
        "most": said.get("most"),
    }
    form = CalmForm(data=data, **({} if sent else {"formdata": None}))
    as_desk = gettext("As the desk: %(hours)s", hours=_words(of_desk))
    choices = [(NONE, gettext("No quiet hours")), (OWN, gettext("My own"))]
    form.quiet.choices = choices if is_partners(person) else [(DESK, as_desk), *choices]
    refusal = gettext("Please enter a number from 1 to %(most)d.", most=most)
    form.most.validators = [*form.most.validators, NumberRange(1, most, refusal)]
    form.most.description = gettext(
        "Empty: %(most)d. What comes beyond that comes in one mail, and nothing is lost.", most=most
    )
    return form


def _words(hours: QuietHours | None) -> str:
    if hours is None:
        return pgettext("quiet hours", "none")
    said = f"{_time(hours.start):%H:%M}–{_time(hours.end):%H:%M}"
    return gettext("%(hours)s, and its days off", hours=said) if hours.weekends else said


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
