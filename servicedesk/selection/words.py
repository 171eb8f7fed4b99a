"""How the pages of a selection name acts, outcomes and results."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from servicedesk import formats
from servicedesk.incidents import handoff_reasons
from servicedesk.selection.deeds import ASSIGN, HAND_OFF, NUDGE, RESOLVE, TAKE, Meant
from servicedesk.setup.directory import Directory


def act_name(act: str) -> str:
    """Name an act as a button does."""
    names: dict[str, str] = {
        TAKE: _("Take"),
        ASSIGN: _("Assign"),
        HAND_OFF: _("Hand off"),
        NUDGE: _("Nudge"),
        RESOLVE: _("Resolve"),
    }
    return names[act]


def outcome_name(kind: str, act: str) -> str:
    """Say what would happen to an incident."""
    if kind == "goes":
        goes: dict[str, str] = {
            TAKE: _("is taken"),
            ASSIGN: _("is assigned"),
            HAND_OFF: _("goes there"),
            NUDGE: _("is nudged"),
        }
        return goes[act]
    names: dict[str, str] = {
        "asks": _("asks the lead first"),
        "already": _("is so already"),
        "refused": _("is refused"),
    }
    return names[kind]


def outcome_why(kind: str) -> str:
    """Say what an outcome means where no rule says more."""
    if kind == "asks":
        return str(_("It would come back to who had it before: the lead decides within an hour."))
    return ""


def state_name(state: str) -> str:
    """Say what became of an incident."""
    names: dict[str, str] = {
        "done": _("done"),
        "asked": _("the lead is asked"),
        "waiting": _("to come"),
        "not_done": _("not done"),
    }
    return names[state]


def summary(meant: Meant, setup: Directory) -> str:
    """Say in a line what is wanted."""
    wanted = meant.wanted
    if wanted.act == ASSIGN:
        return str(_("To: %(name)s", name=meant.person.name if meant.person else _("Nobody")))
    if meant.to is None:
        return ""
    parts = [
        _("To: %(name)s", name=meant.to.name),
        handoff_reasons.name_of(setup, wanted.reason),
    ]
    if wanted.answer_by:
        parts.append(_("Answer wished by %(at)s", at=formats.moment(wanted.answer_by)))
    return " · ".join(str(part) for part in parts)


def confirm(act: str, count: int) -> str:
    """Name the button that does it."""
    names: dict[str, str] = {
        TAKE: ngettext("Take %(num)s incident", "Take %(num)s incidents", count),
        ASSIGN: ngettext("Assign %(num)s incident", "Assign %(num)s incidents", count),
        HAND_OFF: ngettext("Hand off %(num)s incident", "Hand off %(num)s incidents", count),
        NUDGE: ngettext("Nudge for %(num)s incident", "Nudge for %(num)s incidents", count),
    }
    return names[act]
