"""What is typed about a webhook."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from servicedesk.signals.places import LONGEST


class AddressForm(FlaskForm):
    """Where a webhook calls."""

    url = StringField(
        _("Address"),
        [
            InputRequired(_("This must not be empty.")),
            Length(max=LONGEST, message=_("This is too long to be an address.")),
        ],
        filters=[lambda said: (said or "").strip()],
    )
