"""What a partner company is told: of its own hand-offs what these show it (H8)."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from servicedesk.incidents.models import HandOff
from servicedesk.mail import addresses
from servicedesk.mail.letter import Button, Fact, Letter, facts
from servicedesk.mail.matter import Matter


def _handed_off(it: Matter) -> Letter:
    handoff = it.handoff
    if handoff is None:
        raise LookupError(it.note.kind)
    company = it.party(handoff.receiver)
    said = {"desk": it.setup.name, "company": company}
    return Letter(
        _("Handed to you"),
        _("%(desk)s has handed this to your company.", desk=it.setup.name),
        _("You get this as %(company)s: %(desk)s hands incidents to you.", **said),
        Button(_("Open and accept"), _sheet(it, handoff)),
        quotes=(
            *it.text(it.about.description, _("Description")),
            *it.text(handoff.note, _("What the desk asks")),
        ),
        facts=_terms(it, handoff) + _who(it, handoff),
    )


def _sheet(it: Matter, handoff: HandOff) -> str:
    return addresses.page("escalation.sheet", number=it.about.number, n=handoff.n)


def _terms(it: Matter, handoff: HandOff) -> tuple[Fact, ...]:
    return facts(
        (_("Priority"), it.about.priority),
        (_("Accept by"), it.due("acceptance", handoff.n)),
        (_("Answer by"), it.due("answer", handoff.n)),
        (_("Answer wished by"), it.at(handoff.answer_by)),
    )


def _who(it: Matter, handoff: HandOff) -> tuple[Fact, ...]:
    """H8: the requester's name and contact only if shared."""
    if not handoff.share_requester:
        return ()
    requester = it.about.requester
    return facts(
        (_("Requester"), requester.name),
        (_("Mail"), requester.mail),
        (_("Phone"), requester.phone),
    )


LETTERS: dict[str, Callable[[Matter], Letter]] = {"handed_off": _handed_off}
