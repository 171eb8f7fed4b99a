"""What is filled in about a policy: a step as a sentence with gaps, the services, a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from pydantic import ValidationError as Unfit
from wtforms import (
    BooleanField,
    FieldList,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from servicedesk.administration.agreements.said import TooLong, read
from servicedesk.rulebook import drafts, words
from servicedesk.rulebook.drafts import Said
from servicedesk.setup.directory import Directory
from servicedesk.setup.policies import PAGES
from servicedesk.setup.steps import WAITS
from servicedesk.setup.values import MOST_MINUTES, NEXT, read_key

RUNGS = 5  # of a chain that are offered
SHARE = "share"
WHENS = (SHARE, *WAITS)


class Time(StringField):
    """Working time as people write it: minutes, or hours."""

    minutes: int | None = None

    def pre_validate(self, form: Any) -> None:
        """Read the words; raises ValidationError with one sentence."""
        text = (self.data or "").strip()
        try:
            target = read(text)
            if target and target.days:
                raise ValueError(text)
        except TooLong:
            raise ValidationError(
                gettext(
                    "“%(text)s” is too long: %(minutes)s minutes at most.",
                    text=text[:40],
                    minutes=f"{MOST_MINUTES:,}",
                )
            ) from None
        except ValueError:
            raise ValidationError(
                gettext(
                    "“%(text)s” is no working time: write minutes such as 30, or hours such as 4h.",
                    text=text[:40],
                )
            ) from None
        self.minutes = target.minutes if target else None


class Number(IntegerField):
    """A whole number within limits; what is left out is none."""

    def __init__(self, label: Any = None, *, least: int, most: int, **how: Any) -> None:
        super().__init__(label, **how)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it; raises ValueError with one sentence."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = int(valuelist[0])
        except ValueError:
            self.data = self.least - 1
        if not self.least <= self.data <= self.most:
            self.data = None
            limits = {"least": self.least, "most": self.most}
            raise ValueError(gettext("Please write a number from %(least)d to %(most)d.", **limits))


class Checks(SelectMultipleField):
    """Several of a list, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _recipients() -> list[tuple[str, str]]:
    return [(word, words.recipient(word)) for word in words.RECIPIENTS]


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class Rung(SelectField):
    """One recipient of a chain, or none."""

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self.choices = [("", "–"), *_recipients()]


class StepForm(FlaskForm):
    """One step: when, for what, and what is done."""

    when = RadioField(_("When"), validate_choice=False)
    percent = Number(_("Per cent"), least=1, most=1000)
    clock = SelectField(_("Target or date"))
    unaccepted, unassigned, untouched, wish, promise = (Time(_("Working time")) for _n in WAITS)

    types = Checks(_("Sort"))
    priorities = Checks(_("Priorities"))
    services = Checks(_("Services"), name="for_services")
    parties = Checks(_("While it is with"))

    tell = Checks(_("Tell"))
    outside = Checks(_("While who has it is closed, tell instead"))
    repeats = BooleanField(_("Again and again, until somebody takes responsibility"))
    every = Time(_("Every"))
    most = Number(_("At most"), least=2, most=50)
    chain = FieldList(Rung(), _("One after the other"), min_entries=RUNGS)

    hand_off = SelectField(_("Hand it off to"))
    up = BooleanField(_("Raise the priority"))
    major = BooleanField(_("Propose a major incident"))
    signals = Checks(_("Call webhooks"))

    name = StringField(_("Name"), filters=[_stripped])
    step: Said  # what was filled in, once it is valid
    receivers: Mapping[str, list[tuple[str, str]]]

    def offer(self, setup: Directory, used: Iterable[str] = ()) -> None:
        """Offer what there is to choose from; `used`: webhooks that the step calls already."""
        self.clock.choices = [(kind, words.clock(kind)) for kind in words.CLOCKS]
        self.types.choices = [(kind, words.kind(kind)) for kind in words.TYPES]
        self.priorities.choices = [(name, name) for name in words.PRIORITIES]
        self.tell.choices = self.outside.choices = _recipients()
        services = sorted(setup.services_by_key.values(), key=lambda service: service.name)
        self.services.choices = [(service.key, service.name) for service in services]
        parties = sorted(setup.by_key.values(), key=lambda it: (it.is_partner, it.tier, it.name))
        self.parties.choices = [(party.key, party.name) for party in parties]
        groups = [(party.key, party.name) for party in parties if not party.is_partner]
        partners = [(party.key, party.name) for party in parties if party.is_partner]
        self.receivers = {
            "": [("", gettext("Nobody: it stays")), (NEXT, gettext("The next step of the path"))],
            gettext("Support groups"): groups,
            gettext("Partner companies"): partners,
        }
        self.hand_off.choices = [choice for some in self.receivers.values() for choice in some]
        hooks = {key: key for key in used} | dict(words.hook_names(setup))
        self.signals.choices = list(hooks.items())

    def fits(self, before: Said | None, taken: Sequence[str], setup: Directory) -> bool:
        """Check what was filled in, field by field; then it is in `step`."""
        self.validate()
        self._check_when(filled(before or {})["when"])
        self._check_repeats(before or {})
        if self.name.data:
            self._check_name(taken)
        if self.errors:
            return False
        self.name.data = self.name.data or drafts.free_name(self._usual_name(), taken)
        try:
            self.step = drafts.checked(self._said(before or {}, setup))
        except Unfit as error:
            for field, text in drafts.problems(error):
                self._blame(_FIELDS.get(field, "name"), text)
        return not self.errors

    def _blame(self, field: str, text: str) -> None:
        self[field].errors = [*self[field].errors, text]

    def _miss(self, field: str, text: str) -> None:
        """Say that something is missing, but where what stands there is wrong already."""
        if not self[field].errors:
            self._blame(field, text)

    def _check_when(self, before: str | None) -> None:
        given = [name for name in WAITS if self[name].data]
        given += [SHARE] * (self.percent.data is not None)
        if not self.when.data and len(given) == 1:
            self.when.data = given[0]  # what was filled in is what is meant
        if self.when.data not in WHENS:
            self._blame("when", gettext("Please choose when."))
            return
        if self.when.data == SHARE:
            if self.percent.data is None:
                self._miss("percent", gettext("Please write how many per cent."))
        elif self[self.when.data].minutes is None:
            self._miss(self.when.data, gettext("Please write how long."))
        for name in given:
            if name not in (self.when.data, before):  # what it was before may stay there
                text = gettext("This is filled in, but not chosen: choose it, or empty it.")
                self._miss("percent" if name == SHARE else name, text)

    def _check_repeats(self, before: Said) -> None:
        if (self.every.data or self.most.data) and not before.get("repeat"):
            self.repeats.data = True  # what was filled in is what is meant
        if not self.repeats.data:
            if self._chain():
                self._blame("repeats", gettext("A chain needs this: each time one more is told."))
            return
        if self.every.minutes is None:
            self._miss("every", gettext("Please write how long."))
        if self.most.data is None:
            self._miss("most", gettext("Please write how often at most."))

    def _check_name(self, taken: Sequence[str]) -> None:
        if self.name.data in taken:
            self._blame("name", gettext("Another rule has this name."))
        elif not is_name(self.name.data):
            self._blame("name", named_badly())

    def _usual_name(self) -> str:
        if self.when.data != SHARE:
            return str(self.when.data)
        return f"{self.clock.data}-{self.percent.data}"

    def _chain(self) -> list[str]:
        return [word for word in self.chain.data if word]

    def _said(self, before: Said, setup: Directory) -> Said:
        """Write it as DESK.yaml does; what was there before keeps its order."""
        scope = before.get("for", {})
        held = [*scope.get("group", ()), *scope.get("partner", ())]
        parties = _in_order(self.parties.data, held)
        partners = [key for key in parties if setup.by_key[key].is_partner]
        repeat = {"every": self.every.minutes, "most": self.most.data}
        return {
            "key": self.name.data,
            "when": self._when(),
            "for": {
                "type": _in_order(self.types.data, scope.get("type", ())),
                "priority": _in_order(self.priorities.data, scope.get("priority", ())),
                "service": _in_order(self.services.data, scope.get("service", ())),
                "group": [key for key in parties if key not in partners],
                "partner": partners,
            },
            "tell": _in_order(self.tell.data, before.get("tell", ())),
            "outside": _in_order(self.outside.data, before.get("outside", ())),
            "chain": self._chain() if self.repeats.data else [],
            "repeat": repeat if self.repeats.data else None,
            "signal": _in_order(self.signals.data, before.get("signal", ())),
            "hand_off": self.hand_off.data or None,
            "do": {
                "priority": "up" if self.up.data else None,
                "major": "propose" if self.major.data else None,
            },
        }

    def _when(self) -> Said:
        if self.when.data == SHARE:
            return {"clock": self.clock.data, "at": self.percent.data}
        return {self.when.data: self[self.when.data].minutes}


# Which field of the form a field of DESK.yaml is.
_FIELDS = {
    "key": "name",
    "when": "when",
    "for": "services",
    "tell": "tell",
    "chain": "chain",
    "outside": "outside",
    "repeat": "repeats",
    "signal": "signals",
    "hand_off": "hand_off",
    "do": "up",
}


def _in_order(chosen: Sequence[str] | None, before: Iterable[str]) -> list[str]:
    """Give what was chosen, what was there before first and as it was."""
    kept = [one for one in before if one in (chosen or ())]
    return [*kept, *(one for one in chosen or () if one not in kept)]


def is_name(text: str) -> bool:
    """Say whether something can be the name of a step or policy."""
    try:
        read_key(text)
    except ValueError:
        return False
    return True


def named_badly() -> str:
    """Say how to name something."""
    return gettext("Please name it with small letters, digits and hyphens, 64 at most.")


def filled(said: Said) -> dict[str, Any]:
    """Give what the form shows of a step as it is stored."""
    scope, repeat, when = said.get("for", {}), said.get("repeat") or {}, said.get("when", {})
    wait = next((word for word in WAITS if word in when), None)
    chain = [*said.get("chain", ())]
    return {
        "name": said.get("key", ""),
        "when": wait or (SHARE if when else None),
        "clock": when.get("clock", "resolution"),
        "percent": when.get("at"),
        **{word: typed(when.get(word)) for word in WAITS},
        "types": scope.get("type", []),
        "priorities": scope.get("priority", []),
        "services": scope.get("service", []),
        "parties": [*scope.get("group", ()), *scope.get("partner", ())],
        "tell": said.get("tell", []),
        "outside": said.get("outside", []),
        "repeats": bool(repeat),
        "every": typed(repeat.get("every")),
        "most": repeat.get("most"),
        "chain": chain + [""] * max(1, RUNGS - len(chain)),
        "hand_off": said.get("hand_off", ""),
        "up": "priority" in said.get("do", {}),
        "major": "major" in said.get("do", {}),
        "signals": said.get("signal", []),
    }


def typed(minutes: int | None) -> str:
    """Write minutes as one types them: `30`, `4h`."""
    if not minutes:
        return ""
    return str(minutes) if minutes % 60 else f"{minutes // 60}h"


class PolicyForm(FlaskForm):
    """A policy that is being changed: the services that use it; of a new one its name too."""

    policy = StringField(_("Name"), filters=[_stripped])
    services = Checks(_("Services that go by it"))

    def offer(self, setup: Directory, key: str) -> None:
        """Offer the services, each with the policy that it would leave."""
        services = sorted(setup.services_by_key.values(), key=lambda service: service.name)
        self.services.choices = [
            (service.key, _service(service.name, service.policy if service.policy != key else ""))
            for service in services
        ]

    def is_named(self, taken: Iterable[str]) -> bool:
        """Check the name of a new policy."""
        name = self.policy.data or ""
        if name in taken:
            self.policy.errors = [gettext("There is a policy of this name already.")]
        elif name in PAGES:
            self.policy.errors = [gettext("A page is called so: please choose another name.")]
        elif not is_name(name):
            self.policy.errors = [named_badly()]
        return not self.policy.errors


def _service(name: str, policy: str | None) -> str:
    return gettext("%(service)s (now: %(policy)s)", service=name, policy=policy) if policy else name
