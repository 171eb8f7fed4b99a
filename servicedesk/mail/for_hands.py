"""What the desk's people are told of hand-offs, returns and work requests (H2, H5, H6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk.incidents.models import HandOff, Incident, ReturnProposal, WorkRequest
from servicedesk.incidents.visibility import visible
from servicedesk.mail import addresses, for_partner
from servicedesk.mail.letter import Button, Fact, Letter, NotToBeSent, facts
from servicedesk.mail.matter import Matter
from servicedesk.people.permissions import Act

T = TypeVar("T", HandOff, ReturnProposal, WorkRequest)


def _asked(it: Matter) -> Letter:
    row = _handoff(it)
    dialog = addresses.page("escalation.send", number=it.about.number, n=row.n, act="reply")
    return Letter(
        _("Question from the receiver"),
        _("%(party)s asks something before it goes on.", party=it.party(row.receiver)),
        _working(),
        Button(_("Answer the question"), dialog if row.asked_at else it.page),
        lines=(_("Until it is answered you have it, and its time rests."),),
        facts=_of(it),
    )


def _answered(it: Matter) -> Letter:
    row = _handoff(it)
    return Letter(
        _("Answer"),
        _("%(party)s has answered.", party=it.party(row.receiver)),
        _working(),
        Button(_("Read the answer"), it.page),
        quotes=it.text(row.outcome_text, it.party(row.receiver)),
        facts=_of(it),
    )


def _sent_back(it: Matter) -> Letter:
    row = _handoff(it)
    return Letter(
        _("Sent back"),
        _("%(party)s has sent it back.", party=it.party(row.receiver)),
        _working(),
        Button(_("Open it"), it.page),
        quotes=it.text(row.outcome_text, it.party(row.receiver)),
        facts=_of(it),
    )


def _return_asked(it: Matter) -> Letter:
    row = _proposal(it)
    if row.state != "asked":
        raise NotToBeSent("overtaken")
    said = {"name": it.name(row.asked_by_id), "party": it.party(row.receiver)}
    page = addresses.page("returns.page", number=it.about.number, n=row.n)
    return Letter(
        _("Shall it go back?"),
        _("%(name)s wants to hand it back to %(party)s, which had it before.", **said),
        _("You get this because you lead the group that has it, or stand in for who does."),
        Button(_("See and decide"), page),
        lines=(_("If nobody decides within 60 working minutes it goes back by itself."),),
        quotes=it.text(row.note, it.name(row.asked_by_id)),
        facts=_of(it),
    )


def _return_told(it: Matter) -> Letter:
    return Letter(
        _("It goes to and fro"),
        _("%(number)s comes back to who had it before, again.", number=it.about.label),
        _("You get this because you lead one of the groups between which it goes."),
        Button(_("Open it"), it.page),
        facts=_of(it),
    )


def _return_refused(it: Matter) -> Letter:
    row = _proposal(it)
    said = {"name": it.name(row.decided_by_id), "party": it.party(row.receiver)}
    return Letter(
        _("It stays here"),
        _("%(name)s keeps it here: it does not go back to %(party)s.", **said),
        _("You get this because you wanted to hand it back."),
        Button(_("Open it"), it.page),
        quotes=it.text(row.decision, it.name(row.decided_by_id)),
        facts=_of(it),
    )


def _return_lapsed(it: Matter) -> Letter:
    row = _proposal(it)
    said = {"one": it.party(row.sender), "two": it.party(row.receiver)}
    return Letter(
        _("It went back by itself"),
        _("Nobody decided in time, so it went from %(one)s back to %(two)s.", **said),
        _("You get this because you are the manager of who was to decide."),
        Button(_("Open it"), it.page),
        quotes=it.text(row.note, it.name(row.asked_by_id)),
        facts=_of(it),
    )


def _work_done(it: Matter) -> Letter:
    row = _request(it)
    return Letter(
        _("Work request done"),
        _("%(party)s has finished what you asked for.", party=it.party(row.receiver)),
        _("You get this because you asked for it."),
        Button(_("Open it"), it.page),
        quotes=it.text(row.result, it.party(row.receiver)),
        facts=_work(it, row),
    )


def _work_sent_back(it: Matter) -> Letter:
    row = _request(it)
    return Letter(
        _("Work request sent back"),
        _("%(party)s does not do what you asked for.", party=it.party(row.receiver)),
        _("You get this because you asked for it."),
        Button(_("Open it"), it.page),
        quotes=it.text(row.result, it.party(row.receiver)),
        facts=_work(it, row),
    )


def _nudged(it: Matter) -> Letter:
    """催促: to the company or the lead of the group that has it."""
    row = it.handoff
    if row is None or row.ended_at is not None:
        raise NotToBeSent("overtaken")
    return Letter(
        _("Reminder: an answer is wanted"),
        _("%(desk)s waits for an answer.", desk=it.setup.name),
        _receives(it, row.receiver),
        Button(_("Open it"), _sheet(it, row)),
        quotes=it.text(row.note, _("What the desk asks")),
        facts=facts(
            (_("Priority"), it.about.priority),
            (pgettext("hand-off", "Handed to you"), it.at(row.sent_at)),
            (_("Answer by"), it.due("answer", row.n)),
            (_("Answer wished by"), it.at(row.answer_by)),
        ),
    )


def _work_requested(it: Matter) -> Letter:
    row = it.work
    if row is None:
        raise NotToBeSent("nothing to say")
    return Letter(
        _("Work request"),
        _("%(desk)s asks you for work.", desk=it.setup.name),
        _receives(it, row.receiver),
        Button(_("Open it"), for_partner.work_sheet(it, row)),
        lines=for_partner.by_mail(it) if it.is_of(row.receiver) else (),
        quotes=(*it.text(row.title), *it.text(row.body)),
        facts=facts((_("Priority"), it.about.priority), (_("Wanted by"), it.at(row.due))),
    )


def _work_withdrawn(it: Matter) -> Letter:
    row = it.work
    if row is None:
        raise NotToBeSent("nothing to say")
    return Letter(
        _("Work request withdrawn"),
        _("%(desk)s does not want this work any more.", desk=it.setup.name),
        _receives(it, row.receiver),
        Button(_("Open the desk"), addresses.page("home")),
        facts=facts((_("Your ticket"), row.partner_ticket if it.is_of(row.receiver) else None)),
    )


def _receives(it: Matter, receiver: str) -> str:
    said = {"desk": it.setup.name, "party": it.party(receiver)}
    if receiver.startswith("group:"):
        return str(_("You get this because you lead %(party)s, or stand in for who does.", **said))
    return str(_("You get this as %(party)s: %(desk)s hands incidents to you.", **said))


def _sheet(it: Matter, row: HandOff) -> str:
    if not row.receiver.startswith("partner:"):
        return it.page
    if it.link is not None:
        return addresses.of_link(it.link)
    return addresses.page("escalation.sheet", number=it.about.number, n=row.n)


def _working() -> str:
    return str(_("You get this because you work on it, or lead the group that has it."))


def _of(it: Matter) -> tuple[Fact, ...]:
    return facts((_("Priority"), it.about.priority), (_("Requested date"), it.requested))


def _work(it: Matter, row: WorkRequest) -> tuple[Fact, ...]:
    return facts((_("Work request"), row.title if it.sees else None)) + _of(it)


def _handoff(it: Matter) -> HandOff:
    return _row(it, HandOff)


def _proposal(it: Matter) -> ReturnProposal:
    return _row(it, ReturnProposal)


def _request(it: Matter) -> WorkRequest:
    return _row(it, WorkRequest)


def _row(it: Matter, table: type[T]) -> T:
    """§3: give what it is about to the desk side alone; raises NotToBeSent."""
    if it.person is None:
        raise NotToBeSent("nobody")
    query = sa.select(table).join(Incident).where(visible(it.person, Act.SEE_NOTES))
    found = it.session.scalar(
        query.where(table.incident_id == it.about.id, table.n == it.data.get("n"))
    )
    if found is None:
        raise NotToBeSent("nothing to say")
    return found


LETTERS: dict[str, Callable[[Matter], Letter]] = {
    "handoff_asked": _asked,
    "handoff_answered": _answered,
    "handoff_sent_back": _sent_back,
    "return_asked": _return_asked,
    "return_told": _return_told,
    "return_refused": _return_refused,
    "return_lapsed": _return_lapsed,
    "nudged": _nudged,
    "work_requested": _work_requested,
    "work_withdrawn": _work_withdrawn,
    "work_done": _work_done,
    "work_sent_back": _work_sent_back,
}
