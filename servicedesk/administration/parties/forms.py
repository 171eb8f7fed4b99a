"""What is filled in about a group or a partner company."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from pydantic import TypeAdapter
from sqlalchemy.orm import Session
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from servicedesk.administration.agreements.forms import Passing
from servicedesk.administration.parties import naming
from servicedesk.administration.parties.drafts import Data
from servicedesk.administration.parties.naming import Named
from servicedesk.setup.values import NEXT, Mail, Text, read_key

NEEDED = _("This must not be empty.")
_TEXT: TypeAdapter[str] = TypeAdapter(Text)
_MAIL: TypeAdapter[str] = TypeAdapter(Mail)
_LONGEST = 20_000
YEARS = range(1970, 2200)


class PartyForm(Passing):
    """What groups and companies have in common."""

    section = ""
    before = HiddenField()  # the entry that was read, as JSON
    key = StringField(_("Key"))
    name = StringField(_("Name"), [InputRequired(NEEDED), Length(max=200)])
    calendar = SelectField(_("Calendar"), [InputRequired(NEEDED)])
    members = TextAreaField(_("Members"), [Length(max=_LONGEST)])

    named: Named = Named()

    def offer(self, calendars: Iterable[str]) -> None:
        """Offer the calendars that there are."""
        self.calendar.choices = [(key, key) for key in calendars]

    def validate_key(self, field: StringField) -> None:
        """Refuse what cannot stand in addresses and in DESK.yaml."""
        field.data = (field.data or "").strip()
        try:
            read_key(field.data)
        except ValueError:
            raise ValidationError(
                gettext("Please name it with small letters, digits and hyphens, 64 at most.")
            ) from None
        if field.data == NEXT:
            raise ValidationError(gettext("“next” means the next step of a path."))

    def validate_name(self, field: StringField) -> None:
        """Refuse what is no line of text."""
        field.data = _line(field.data, _TEXT, gettext("Please write it on one line."))

    def find(self, session: Session) -> bool:
        """Find the people who were typed; says whether all are known and can be here."""
        company = (self.key.data or "") if self.section == "partners" else None
        self.named = naming.named(session, self.members.data or "", company)
        self.members.errors = [*self.members.errors, *_problems(session, self.named, company)]
        return not self.members.errors

    def said(self, before: Data) -> Data:
        """Give the entry as it stands in DESK.yaml: what the page does not show stays."""
        said: Data = {"name": self.name.data, "calendar": self.calendar.data}
        said |= {"members": sorted(self.named.keys), "targets": before.get("targets")}
        if before.get("rota"):
            said["rota"] = before["rota"]
        return said | self.more()

    def more(self) -> Data:
        """Give what one sort has besides."""
        raise NotImplementedError

    def kept(self) -> Data:
        """Give the entry that was read when the form was opened."""
        try:
            found = json.loads(self.before.data or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def typed(self) -> list[tuple[str, str]]:
        """Give names and values as they travel on; what was emptied too."""
        left_out = ("csrf_token", "revision")
        return [
            (field.name, "" if field.data is None else str(field.data))
            for field in self
            if field.name not in left_out
        ]


def _line(text: str | None, kind: TypeAdapter[str], problem: str) -> str:
    try:
        return kind.validate_python(text or "")
    except ValueError:
        raise ValidationError(problem) from None


def _problems(session: Session, named: Named, company: str | None) -> list[str]:
    found = []
    if named.unknown:
        names = ", ".join(named.unknown[:10])
        found.append(gettext("There is nobody called %(names)s.", names=names))
    if named.several:
        names = ", ".join(named.several[:10])
        found.append(gettext("Several people are called %(names)s: use the key.", names=names))
    new = {one.key for one in named.new}
    wrong = naming.misplaced(session, [key for key in named.keys if key not in new], company)
    if wrong:
        text = (
            gettext("People of partner companies can't be in a group: %(names)s.")
            if company is None
            else gettext("Only people with the role partner alone can be here: %(names)s.")
        )
        found.append(text % {"names": ", ".join(wrong[:10])})
    return found


class GroupForm(PartyForm):
    """A support group."""

    section = "groups"
    tier = SelectField(_("Tier"), coerce=int)
    lead = StringField(_("Lead"), [Length(max=200)])
    lead_key: str | None = None

    def offer(self, calendars: Iterable[str]) -> None:
        """Offer the calendars and the tiers."""
        super().offer(calendars)
        self.tier.choices = [(tier, str(tier)) for tier in (1, 2, 3)]

    def find(self, session: Session) -> bool:
        """Find the members and the lead."""
        fine = super().find(session)
        found = naming.named(session, self.lead.data or "")
        self.lead.errors = [*self.lead.errors, *_problems(session, found, None)]
        if len(found.keys) > 1:
            self.lead.errors.append(gettext("A group has one lead."))
        self.lead_key = next(iter(found.keys), None)
        return fine and not self.lead.errors

    def more(self) -> Data:
        return {"tier": self.tier.data, "lead": self.lead_key}


class CompanyForm(PartyForm):
    """A partner company."""

    section = "partners"
    mail = StringField(_("Mail"), [Length(max=254)])
    valid_from = DateField(_("Contract from"), [Optional()])
    valid_to = DateField(_("Contract until"), [Optional()])
    admins = TextAreaField(_("Its admins"), [Length(max=_LONGEST)])
    admin_keys: tuple[str, ...] = ()

    def validate_mail(self, field: StringField) -> None:
        """Refuse what is no address."""
        field.data = (field.data or "").strip()
        if field.data:
            field.data = _line(field.data, _MAIL, gettext("This is not a mail address."))

    def validate_valid_from(self, field: DateField) -> None:
        """Refuse years that no calendar knows."""
        if field.data and field.data.year not in YEARS:
            raise ValidationError(gettext("This day is out of range."))

    def validate_valid_to(self, field: DateField) -> None:
        """Refuse a contract that ends before it begins."""
        self.validate_valid_from(field)
        begins = self.valid_from.data
        if field.data and begins and field.data < begins:
            raise ValidationError(gettext("This lies before the first day."))

    def find(self, session: Session) -> bool:
        """Find the members, and which of them are admins."""
        fine = super().find(session)
        by_words = {one.name: one.key for one in self.named.new}
        by_words |= {f"{one.name} <{one.mail}>": one.key for one in self.named.new}
        typed = naming.typed(self.admins.data or "")
        new = [by_words[part] for part in typed if part in by_words]
        rest = [part for part in typed if part not in by_words]
        found = naming.named(session, "\n".join(rest))
        self.admin_keys = tuple(sorted({*new, *found.keys}))
        problems = _problems(session, found, None) if found.unknown or found.several else []
        if not problems and set(self.admin_keys) - set(self.named.keys):
            problems = [gettext("Admins must be among the members.")]
        self.admins.errors = [*self.admins.errors, *problems]
        return fine and not problems

    def more(self) -> Data:
        span = {"from": self.valid_from.data, "to": self.valid_to.data}
        valid = {word: day.isoformat() for word, day in span.items() if day}
        said: Data = {"mail": self.mail.data or None, "valid": valid or None}
        return said | {"admins": list(self.admin_keys)}


FORMS: dict[str, type[PartyForm]] = {"groups": GroupForm, "partners": CompanyForm}


def values(entry: Data, key: str) -> dict[str, Any]:
    """Give what a form shows of an entry."""
    valid = entry.get("valid") or {}
    days = {word: date.fromisoformat(str(day)) for word, day in valid.items()}
    return {
        "key": key,
        "name": entry.get("name"),
        "calendar": entry.get("calendar"),
        "members": "\n".join(entry.get("members") or ()),
        "tier": entry.get("tier"),
        "lead": entry.get("lead") or "",
        "mail": entry.get("mail") or "",
        "valid_from": days.get("from"),
        "valid_to": days.get("to"),
        "admins": "\n".join(entry.get("admins") or ()),
        "before": packed(entry),
    }


def packed(entry: Data) -> str:
    """Write an entry so that a page can carry it along."""
    return json.dumps(entry, sort_keys=True, default=str)
