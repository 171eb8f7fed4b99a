"""How fields, and what values can stand for, are called."""

from __future__ import annotations

from flask_babel import gettext as _

from servicedesk.incidents import words
from servicedesk.incidents.telling import hold_reason
from servicedesk.setup.directory import Directory
from servicedesk.spreadsheet import values


def field(name: str) -> str:
    """Name a field."""
    names: dict[str, str] = {
        "number": _("Number"),
        "title": _("Title"),
        "description": _("Description"),
        "requester": _("Requester"),
        "department": _("Department"),
        "service": _("Service"),
        "category": _("Category"),
        "type": _("Type"),
        "state": _("State"),
        "party": _("Group or partner"),
        "assignee": _("Assignee"),
        "impact": _("Impact"),
        "urgency": _("Urgency"),
        "priority": _("Priority"),
        "channel": _("How it came in"),
        "logged": _("Logged on"),
        "logged_time": _("Logged at (time)"),
        "requested_due": _("Requested due"),
        "promised_due": _("Promised due"),
        "replied": _("First answer on"),
        "replied_time": _("First answer at (time)"),
        "started": _("Started on"),
        "resolved": _("Resolved on"),
        "resolved_time": _("Resolved at (time)"),
        "closed": _("Closed on"),
        "resolution": _("How it was resolved"),
    }
    return names[name]


def groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Give the fields to choose from, under headings."""
    together = {
        _("What and who"): (
            "number", "title", "description", "resolution", "requester", "department",
        ),
        _("Where it belongs"): ("service", "category", "type", "party", "assignee", "channel"),
        _("How it stands"): ("state", "impact", "urgency", "priority"),
        _("Dates"): (
            "logged", "logged_time", "requested_due", "promised_due", "replied", "replied_time",
            "started", "resolved", "resolved_time", "closed",
        ),
    }  # fmt: skip
    return [(title, [(n, field(n)) for n in names]) for title, names in together.items()]


def target(name: str, value: str, setup: Directory) -> str:
    """Say what a value stands for."""
    if value == values.BLANK:
        return str(_("As if blank"))
    if value == values.OUT:
        return str(_("Leave these lines out") if name in values.NEEDED else _("As if blank"))
    if name in ("service", "party"):
        return values.names(name, setup).get(value, value)
    if name == "state":
        return _state(value)
    if name in ("impact", "urgency"):
        return {"1": str(_("1 – high")), "2": str(_("2 – medium")), "3": str(_("3 – low"))}[value]
    others: dict[str, str] = {
        "incident": _("Incident"),
        "request": _("Request"),
        "phone": _("Phone"),
        "mail": _("Mail"),
        "desk": _("At the desk"),
        "portal": _("Portal"),
    }
    return str(others.get(value, value))


def _state(value: str) -> str:
    state, _colon, reason = value.partition(":")
    said = words.state(state)
    return f"{said}: {hold_reason(reason)}" if reason else str(said)


def targets(name: str, setup: Directory) -> list[tuple[str, str]]:
    """Give what the values of a field can stand for, to choose from."""
    found = [(value, target(name, value, setup)) for value in values.targets(name, setup)]
    rest = [(values.BLANK, target(name, values.BLANK, setup))]
    if name in values.NEEDED:
        rest.append((values.OUT, target(name, values.OUT, setup)))
    return [*found, *rest]


def when_blank(name: str) -> str:
    """Say what becomes of a blank cell for which nothing is chosen."""
    said: dict[str, str] = {
        "state": _("As the dates say"),
        "service": _("Leave the line out"),
        "party": _("The first step of the service's path"),
        "type": _("Incident"),
        "impact": _("2 – medium"),
        "urgency": _("2 – medium"),
        "priority": _("From impact and urgency"),
        "channel": _("Import"),
    }
    return said[name]
