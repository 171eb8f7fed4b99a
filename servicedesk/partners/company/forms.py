"""What a company's admin fills in to add somebody."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from pydantic import TypeAdapter
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from servicedesk.app import LANGUAGES
from servicedesk.partners.company.commands import New
from servicedesk.people.queries import desk_language
from servicedesk.setup.values import Mail

NEEDED = _("This must not be empty.")
_MAIL: TypeAdapter[str] = TypeAdapter(Mail)


class NewForm(FlaskForm):
    """Somebody of one's own company."""

    name = StringField(_("Name"), [InputRequired(NEEDED), Length(max=200)])
    mail = StringField(_("Mail"), [InputRequired(NEEDED), Length(max=254)])
    phone = StringField(_("Phone"), [Length(max=40)])
    language = SelectField(_("Language"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        usual = desk_language()
        as_desk = gettext("As the desk: %(language)s", language=LANGUAGES.get(usual, usual))
        self.language.choices = [("", as_desk), *LANGUAGES.items()]

    def validate_name(self, field: StringField) -> None:
        """Refuse what is no single line of text."""
        field.data = " ".join((field.data or "").split())
        if not field.data or not field.data.isprintable():
            raise ValidationError(NEEDED)

    def validate_mail(self, field: StringField) -> None:
        """Refuse what is no address."""
        field.data = (field.data or "").strip()
        try:
            _MAIL.validate_python(field.data)
        except ValueError:
            raise ValidationError(
                gettext("“%(value)s” is not a mail address.", value=field.data[:70])
            ) from None

    def validate_phone(self, field: StringField) -> None:
        """Refuse what is no single line of text."""
        field.data = (field.data or "").strip()
        if field.data and not field.data.isprintable():
            raise ValidationError(gettext("Please write it on one line."))

    def new(self) -> New:
        """Give what was filled in."""
        return New(
            name=self.name.data or "",
            mail=self.mail.data or "",
            phone=self.phone.data or None,
            language=self.language.data or None,
        )
