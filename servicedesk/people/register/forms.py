"""What is filled in to read a list of people in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField


class ListForm(FlaskForm):
    """A list, as a file."""

    file = FileField(_("List of people (CSV)"), [FileRequired(_("Please choose a file."))])


class ApplyForm(FlaskForm):
    """A list that was looked at, carried along in the page."""

    name = HiddenField()
    packed = HiddenField()
    disable_many = BooleanField(_("The list is whole: disable them all"))
