"""What is filled in to sign in, and to get in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

LONGEST_PASSWORD = 200


class SignInForm(FlaskForm):
    """Name and password."""

    key = StringField(
        _l("Sign-in name"), [InputRequired(_l("Please enter your name.")), Length(max=200)]
    )
    password = PasswordField(_l("Password"), [InputRequired(_l("Please enter your password."))])


class ForgottenForm(FlaskForm):
    """Whose password is forgotten."""

    said = StringField(
        _l("Name or mail address"),
        [InputRequired(_l("Please enter your name or mail address.")), Length(max=254)],
    )


class NewPasswordForm(FlaskForm):
    """A new password, twice."""

    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Please enter a password.")), Length(max=LONGEST_PASSWORD)],
    )
    again = PasswordField(
        _l("Once more"), [EqualTo("password", _l("This is not the same password."))]
    )
