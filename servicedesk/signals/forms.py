"""What is filled in about a webhook."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from servicedesk.administration.agreements.forms import Passing
from servicedesk.rulebook import words as rules
from servicedesk.rulebook.forms import Checks, is_name, named_badly
from servicedesk.setup.directory import Directory
from servicedesk.setup.hooks import Hook as Entry
from servicedesk.setup.signals import DESK, FORMATS, KINDS, Hook
from servicedesk.signals import words
from servicedesk.signals.drafts import Data
from servicedesk.signals.places import LONGEST

NEEDED = _("This must not be empty.")


def _stripped(said: str | None) -> str:
    return (said or "").strip()


class AddressForm(FlaskForm):
    """Where a webhook calls."""

    url = StringField(
        _("Address"),
        [
            DataRequired(NEEDED),
            Length(max=LONGEST, message=_("This is too long to be an address.")),
        ],
        filters=[_stripped],
    )


class HookForm(Passing):
    """What a webhook tells, and of which incidents."""

    key = StringField(_("Key"), filters=[_stripped])
    name = StringField(_("Name"), [DataRequired(NEEDED), Length(max=200)], filters=[_stripped])
    format = RadioField(_("Format"), default=DESK)
    kinds = Checks(_("What happens"))
    types = Checks(_("Sort"))
    priorities = Checks(_("Priorities"))
    services = Checks(_("Services"))
    parties = Checks(_("While it is with"))
    titles = BooleanField(_("The incident's title goes out too"))

    def offer(self, setup: Directory) -> None:
        """Offer what there is to choose from."""
        self.format.choices = [(value, words.format(value)) for value in FORMATS]
        self.kinds.choices = [(kind, words.kind(kind)) for kind in KINDS]
        self.types.choices = [(kind, rules.kind(kind)) for kind in rules.TYPES]
        self.priorities.choices = [(name, name) for name in rules.PRIORITIES]
        services = sorted(setup.services_by_key.values(), key=lambda service: service.name)
        self.services.choices = [(service.key, service.name) for service in services]
        parties = sorted(setup.by_key.values(), key=lambda it: (it.is_partner, it.tier, it.name))
        self.parties.choices = [(party.key, party.name) for party in parties]

    def validate_key(self, field: StringField) -> None:
        """Refuse what cannot stand in addresses and in DESK.yaml."""
        if not is_name(field.data or ""):
            raise ValidationError(named_badly())

    def validate_name(self, field: StringField) -> None:
        """Refuse what is no line of text."""
        try:
            Entry.model_validate({"name": field.data})
        except ValueError:
            raise ValidationError(gettext("Please write it on one line.")) from None

    def typed(self) -> list[tuple[str, str]]:
        """Give names and values as they travel on: what is not ticked does not."""
        unticked = {field.name for field in self if field.data is False}
        return [(name, value) for name, value in super().typed() if name not in unticked]

    def said(self, setup: Directory) -> Data:
        """Write it as DESK.yaml does."""
        parties = [setup.by_key[key] for key in self.parties.data or ()]
        scope = {
            "service": self.services.data,
            "priority": self.priorities.data,
            "type": self.types.data,
            "group": [party.key for party in parties if not party.is_partner],
            "partner": [party.key for party in parties if party.is_partner],
        }
        said = {
            "name": self.name.data,
            "format": self.format.data,
            "kinds": self.kinds.data,
            "for": {word: keys for word, keys in scope.items() if keys},
            "titles": bool(self.titles.data),
        }
        return Entry.model_validate(said).plain()


def filled(hook: Hook) -> dict[str, Any]:
    """Give what the form shows of a webhook."""
    return {
        "key": hook.key,
        "name": hook.name,
        "format": hook.format,
        "kinds": sorted(hook.kinds),
        "services": sorted(hook.services),
        "priorities": sorted(hook.priorities),
        "types": sorted(hook.types),
        "parties": sorted(hook.parties),
        "titles": hook.titles,
    }
