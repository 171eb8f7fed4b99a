"""What the codes of mails that came in mean, in plain words."""

from __future__ import annotations

from flask_babel import gettext as _

from servicedesk.bridge.models import HANDOFF, INCIDENT, ReceivedMail
from servicedesk.incidents.models import label


def reason(row: ReceivedMail) -> str:
    """Say why a mail was set aside or dropped."""
    said = _reasons().get(row.reason or "", "")
    if row.reason == "refused" and row.detail:
        return f"{said}: {row.detail}"
    return said


def _reasons() -> dict[str, str]:
    return {
        "unreadable": _("It can't be read"),
        "too-big": _("It is too large"),
        "forged": _("It does not come from where it says it does"),
        "no-sender": _("It has no one clear sender"),
        "posing": _("The name shown is another address than the sender's"),
        "too-many": _("The sender wrote too much within an hour"),
        "several-addresses": _("It was sent to several reply addresses"),
        "unknown-address": _("There is no such reply address"),
        "wrong-sender": _("The reply address was not given to this sender"),
        "ended": _("The hand-off or work request has ended"),
        "closed": _("The incident is closed"),
        "watcher": _("The sender only watches the incident"),
        "unknown-sender": _("Nobody here has the sender's address"),
        "several-people": _("Several people have the sender's address"),
        "nobody-vouches": _("Nobody vouches for the sender"),
        "others-number": _("It names an incident of somebody else's"),
        "no-address": _("A partner wrote to no reply address"),
        "refused": _("The desk refused it"),
        "auto-reply": _("An automatic answer"),
        "bounce": _("A message could not be delivered"),
        "list": _("From a mailing list"),
        "loop": _("The desk's own mail came back"),
    }


def about(row: ReceivedMail) -> str:
    """Say what a mail is about, as far as that is known."""
    if row.incident is None:
        return ""
    number = label(row.incident.number)
    if row.purpose in (None, INCIDENT):
        return number
    if row.purpose == HANDOFF:
        return str(_("%(number)s, hand-off %(n)s", number=number, n=row.n))
    return str(_("%(number)s, work request %(n)s", number=number, n=row.n))


def became(row: ReceivedMail) -> str:
    """Say what was decided about a mail."""
    if row.state == "thrown_away":
        return str(_("Thrown away"))
    return str(_("Put into %(what)s", what=about(row))) if row.incident else ""
