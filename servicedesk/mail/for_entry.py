"""What somebody is told who is to get in: an invitation, or a new password."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from servicedesk import times
from servicedesk.mail import addresses
from servicedesk.mail.letter import Button, Letter, NotToBeSent, facts
from servicedesk.mail.matter import Matter
from servicedesk.people.links import Link


def _link(it: Matter) -> Link:
    """Give the link that it is all about; what was used or has ended is sent to nobody."""
    if it.link is None or it.link.used_at or it.link.ends_at <= times.now():
        raise NotToBeSent("overtaken")
    return it.link


def _invitation(it: Matter) -> Letter:
    link, desk = _link(it), it.setup.name
    return Letter(
        _("Your access"),
        _(
            "You can now sign in to %(desk)s: report problems there, and see how they go.",
            desk=desk,
        ),
        _("You get this because an administrator of %(desk)s has invited you.", desk=desk),
        Button(_("Choose a password"), addresses.of_link(link)),
        lines=(_("The link can be used once."),),
        facts=facts(
            (_("Sign-in name"), it.person.key if it.person else None),
            (_("The link ends"), it.at(link.ends_at)),
        ),
    )


def _reset(it: Matter) -> Letter:
    link, desk = _link(it), it.setup.name
    return Letter(
        _("New password"),
        _("Somebody has asked for a new password for you at %(desk)s.", desk=desk),
        _("You get this because a new password was asked for on the sign-in page."),
        Button(_("Choose a new password"), addresses.of_link(link)),
        lines=(
            _("The link can be used once."),
            _("If it wasn't you, there is nothing to do: your password stays as it is."),
        ),
        facts=facts(
            (_("Sign-in name"), it.person.key if it.person else None),
            (_("The link ends"), it.at(link.ends_at)),
        ),
    )


LETTERS: dict[str, Callable[[Matter], Letter]] = {"invitation": _invitation, "reset": _reset}
