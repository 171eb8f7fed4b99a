"""What administrators are told of webhooks."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from servicedesk.mail import addresses
from servicedesk.mail.letter import Button, Letter, NotToBeSent, facts
from servicedesk.mail.matter import Matter
from servicedesk.setup.models import Hook
from servicedesk.times import parse


def _off(it: Matter) -> Letter:
    """Tell that a webhook was switched off, as nothing went through for days."""
    hook = it.session.get(Hook, it.data.get("webhook") or 0)
    if hook is None or not hook.active:
        raise NotToBeSent("overtaken")
    since = it.data.get("since")
    return Letter(
        _("Webhook switched off: %(name)s", name=hook.name),
        _("The desk no longer calls %(name)s: nothing went through any more.", name=hook.name),
        _("You get this because you administer the desk."),
        Button(_("Look at it"), addresses.page("administration.signals.one", key=hook.key)),
        lines=(_("What happens until it is switched on again is not told afterwards."),),
        facts=facts((_("Fails since"), it.at(parse(since)) if since else None)),
    )


LETTERS: dict[str, Callable[[Matter], Letter]] = {"hook_off": _off}
