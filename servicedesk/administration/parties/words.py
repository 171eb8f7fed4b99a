"""How changes of groups and companies are said."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _

from servicedesk.administration.calendars.words import day, listed
from servicedesk.administration.parties.drafts import Data
from servicedesk.setup.directory import Party

Names = Mapping[str, str]


def differences(before: Data, after: Data, names: Names) -> list[str]:
    """Say what differs between two entries, a sentence each."""
    return [*_values(before, after, names), *_people(before, after, names)]


def _values(before: Data, after: Data, names: Names) -> Iterator[str]:
    labels = {
        "name": _("Name"),
        "tier": _("Tier"),
        "calendar": _("Calendar"),
        "lead": _("Lead"),
        "mail": _("Mail"),
        "valid": _("Contract"),
    }
    for word, label in labels.items():
        old, new = before.get(word), after.get(word)
        if old != new and (old or new):
            said = {"before": _value(word, old, names), "after": _value(word, new, names)}
            yield _("%(what)s: from %(before)s to %(after)s.", what=label, **said)


def _value(word: str, value: Any, names: Names) -> str:
    if not value:
        return "–"
    if word == "valid":
        return span(value)
    return names.get(value, str(value)) if word == "lead" else str(value)


def span(valid: Mapping[str, Any] | None) -> str:
    """Write the days of a contract."""
    days = {word: day(date.fromisoformat(str(at))) for word, at in (valid or {}).items()}
    if "from" in days and "to" in days:
        return _("from %(start)s to %(end)s", start=days["from"], end=days["to"])
    if "to" in days:
        return _("until %(end)s", end=days["to"])
    if "from" in days:
        return _("from %(start)s on", start=days["from"])
    return _("no end")


def _people(before: Data, after: Data, names: Names) -> Iterator[str]:
    comes, goes = _moves(before.get("members"), after.get("members"))
    if comes:
        yield _("New members: %(names)s.", names=called(comes, names))
    if goes:
        yield _("No longer members: %(names)s.", names=called(goes, names))
    comes, goes = _moves(before.get("admins"), after.get("admins"))
    if comes:
        yield _("New admins of the company: %(names)s.", names=called(comes, names))
    if goes:
        yield _("No longer admins of the company: %(names)s.", names=called(goes, names))


def _moves(before: Sequence[str] | None, after: Sequence[str] | None) -> tuple[list[str], ...]:
    old, new = set(before or ()), set(after or ())
    return sorted(new - old), sorted(old - new)


def called(keys: Collection[str], names: Names) -> str:
    """Name people: `Sato Yui (sato)`."""
    return listed(f"{names[key]} ({key})" if key in names else key for key in keys)


def section(of: str) -> str:
    """Name a section."""
    return _("Groups") if of == "groups" else _("Partner companies")


def new(of: str, name: str) -> str:
    """Say that there is one more."""
    if of == "groups":
        return _("A new group: %(name)s.", name=name)
    return _("A new partner company: %(name)s.", name=name)


def contract(party: Party) -> str:
    """Write the days of a party's contract."""
    days = {"from": party.valid_from, "to": party.valid_to}
    return span({word: at.isoformat() for word, at in days.items() if at})


def sort(party: Party) -> str:
    """Name what it is."""
    return _("Partner company") if party.is_partner else _("Support group")
