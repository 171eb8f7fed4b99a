"""The foot of every mail: why its reader gets it, and what can be changed of that."""

from __future__ import annotations

from flask_babel import gettext as _

from servicedesk.mail import addresses, channels, words
from servicedesk.mail.channels import MAIL
from servicedesk.mail.matter import Matter
from servicedesk.mail.routing import floor_of, group_key


def why(it: Matter) -> str:
    """Say why somebody gets a message whose letter says nothing of it (§9)."""
    if it.person is None:
        company, desk = (it.partner.name if it.partner else ""), it.setup.name
        return str(
            _(
                "You get this as %(company)s: %(desk)s hands incidents to you.",
                company=company,
                desk=desk,
            )
        )
    key = group_key(it.session, it.person, it.note)
    sentences: dict[str, str] = {
        "watched": _("You get this because you watch it."),
        "asked": _("You get this because you are asked to decide."),
        "work": _("You get this because you work on it, or lead the group that has it."),
        "rules": _("You get this because you work on it, or lead the group that has it."),
        "handoffs": _("You get this because it was handed to your company."),
    }
    of_request = ("questions", "answers", "news")
    sentences |= dict.fromkeys(
        of_request, _("You get this because it was reported by you or for you.")
    )
    return sentences.get(key) or str(_("You get this because it concerned you when it happened."))


def choices(it: Matter) -> str:
    """Give where the reader chooses what they get; a company, or who is to get in, does not."""
    if it.person is None or it.note.kind in channels.ACCOUNT.kinds:
        return ""
    return f"{addresses.page('profile.page')}#messages"


def fixed(it: Matter) -> str:
    """Say why the reader can't choose to get it otherwise; empty where they can."""
    if it.person is None:
        return str(
            _("It goes to the address that the desk has of your company: the desk can change it.")
        )
    floor = floor_of(it.session, it.person, it.note)
    if floor.channel != MAIL or floor.why is None:
        return ""
    return f"{_('It always comes by mail.')} {words.reason(floor.why)}"
