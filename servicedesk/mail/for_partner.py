"""What a partner company is told: of its own hand-offs what these show it (H8)."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from servicedesk.bridge.addresses import inbox
from servicedesk.incidents.models import HandOff, WorkRequest
from servicedesk.mail import addresses
from servicedesk.mail.letter import Button, Fact, Letter, NotToBeSent, facts
from servicedesk.mail.matter import Matter


def _handed_off(it: Matter) -> Letter:
    handoff = it.handoff
    if handoff is None:
        raise NotToBeSent("nothing to say")
    return Letter(
        _("Handed to you"),
        _("%(desk)s has handed this to your company.", desk=it.setup.name),
        _why(it, handoff.receiver),
        Button(_("Open and accept"), _sheet(it, handoff)),
        lines=by_mail(it),
        quotes=(
            *it.text(it.about.description, _("Description")),
            *it.text(handoff.note, _("What the desk asks")),
        ),
        facts=_terms(it, handoff) + _who(it, handoff),
    )


def by_mail(it: Matter) -> tuple[str, ...]:
    """H7: say in three lines how a company works on it by mail alone."""
    if not inbox():
        return ()
    if it.work is None:
        acts = _(
            "First line #answer: what follows is your answer. #ask: a question, #back: why not you."
        )
    else:
        acts = _("First line #answer: it is done, and what follows says how. #back: why not you.")
    return (
        _("You can answer this mail: the desk reads it, and your first answer accepts it."),
        acts,
        _("#ticket and a number tells us the number of your own ticket."),
    )


def _wrote(it: Matter) -> Letter:
    """H7: a line of the desk's in the thread of a hand-off."""
    handoff = it.handoff
    if handoff is None:
        raise NotToBeSent("nothing to say")
    return Letter(
        _("Message"),
        _("%(name)s has written to you.", name=it.name(it.data.get("by"))),
        _why(it, handoff.receiver),
        Button(_("Read and answer"), _sheet(it, handoff)),
        lines=by_mail(it),
        quotes=it.text(it.line),
        facts=_terms(it, handoff) + _ticket(handoff.partner_ticket),
    )


def _work_wrote(it: Matter) -> Letter:
    """H6: a line of the desk's in the thread of a work request."""
    work = it.work
    if work is None:
        raise NotToBeSent("nothing to say")
    return Letter(
        _("Message"),
        _("%(name)s has written to you.", name=it.name(it.data.get("by"))),
        _why(it, work.receiver),
        Button(_("Read and answer"), work_sheet(it, work)),
        lines=by_mail(it),
        quotes=it.text(it.line),
        facts=facts((_("Work request"), work.title if it.sees else None))
        + _ticket(work.partner_ticket),
    )


def _over(it: Matter) -> Letter:
    """H4: it was taken back, or ended by the desk; without any text, as it is no longer theirs."""
    handoff = it.handoff
    if handoff is None or handoff.ended_at is None:
        raise NotToBeSent("overtaken")
    return Letter(
        _("Nothing more to do"),
        _("%(desk)s has taken back what was handed to your company.", desk=it.setup.name),
        _why(it, handoff.receiver),
        Button(_("Open the desk"), addresses.page("home")),
        facts=_ticket(handoff.partner_ticket if it.is_of(handoff.receiver) else None),
    )


def _why(it: Matter, receiver: str) -> str:
    said = {"desk": it.setup.name, "company": it.party(receiver)}
    return str(_("You get this as %(company)s: %(desk)s hands incidents to you.", **said))


def _ticket(number: str | None) -> tuple[Fact, ...]:
    return facts((_("Your ticket"), number))


def _sheet(it: Matter, handoff: HandOff) -> str:
    """Give the page for who can sign in, or that of the link for a company without people."""
    if it.link is not None:
        return addresses.of_link(it.link)
    return addresses.page("escalation.sheet", number=it.about.number, n=handoff.n)


def work_sheet(it: Matter, row: WorkRequest) -> str:
    """Give the page of a work request: for the company the same way as of a hand-off."""
    if not row.receiver.startswith("partner:"):
        return it.page
    if it.link is not None:
        return addresses.of_link(it.link)
    return addresses.page("work.sheet", number=it.about.number, n=row.n)


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


LETTERS: dict[str, Callable[[Matter], Letter]] = {
    "handed_off": _handed_off,
    "partner_wrote": _wrote,
    "work_wrote": _work_wrote,
    "handoff_over": _over,
}
