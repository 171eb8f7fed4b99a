"""What is filled in to sign in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    """Name and password."""

    key = StringField(_l("Name"), [InputRequired(_l("Please enter your name.")), Length(max=200)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Please enter your password."))])
