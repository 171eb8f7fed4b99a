"""Texts that people type, checked; and the words for states and moves."""

from __future__ import annotations

import unicodedata

from flask_babel import gettext as _

from servicedesk.errors import BadInput
from servicedesk.incidents import lifecycle


def line(text: str, length: int, missing: str) -> str:
    """Check a one-line text; raises BadInput where it is empty or too long."""
    return text_of(" ".join(text.split()), length, missing)


def text(text: str, length: int, missing: str | None = None) -> str:
    """Check a text of several lines; raises BadInput where it is missing or too long."""
    return text_of(text.replace("\r\n", "\n").strip(), length, missing)


def text_of(said: str, length: int, missing: str | None) -> str:
    """Drop control characters, and refuse what is empty or too long."""
    kept = "".join(c for c in said if c in "\n\t" or unicodedata.category(c) != "Cc")
    if not kept and missing:
        raise BadInput(missing)
    if len(kept) > length:
        raise BadInput(_("This text is too long: %(n)d characters at most.", n=length))
    return kept


def state(name: str) -> str:
    """Name a state."""
    names: dict[str, str] = {
        "new": _("New"),
        "in_progress": _("In progress"),
        "on_hold": _("On hold"),
        "resolved": _("Resolved"),
        "closed": _("Closed"),
        "cancelled": _("Cancelled"),
    }
    return names[name]


def move(name: str) -> str:
    """Name a move."""
    names: dict[str, str] = {
        "start": _("start"),
        "hold": _("put on hold"),
        "resume": _("resume"),
        "resolve": _("resolve"),
        "close": _("close"),
        "reopen": _("reopen"),
        "continue": _("continue it as a new one"),
        "cancel": _("cancel"),
        "assign": _("assign"),
        "hand_off": _("hand off"),
        "prioritise": _("change the priority"),
        "reclassify": _("change the service"),
        "wish": _("revise the date wished for"),
        "promise": _("promise a date"),
        "comment": _("write"),
        "attach": _("attach a file"),
    }
    return names[name]


def illegal_move(error: lifecycle.IllegalMove) -> str:
    """Say why a move is refused, and what is possible."""
    moves = ", ".join(move(name) for name in error.possible)
    said = {"state": state(error.state), "moves": moves}
    if not moves:
        return str(_("This incident is “%(state)s”: nothing can be changed any more.", **said))
    return str(
        _("This is not possible while the incident is “%(state)s”. Possible: %(moves)s.", **said)
    )
