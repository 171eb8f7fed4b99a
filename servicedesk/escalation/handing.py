"""Steps of hand-offs: what one changes in the journal, its row and its thread together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk import journal
from servicedesk.errors import NotFound
from servicedesk.escalation import handoffs
from servicedesk.incidents import record, words
from servicedesk.incidents.doing import TEXT_LENGTH, Deed, add_comment
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Comment, HandOff
from servicedesk.setup.directory import Party

TICKET_LENGTH = 120


def row(it: Deed, n: int) -> HandOff:
    """Step: give the row of a hand-off, brought up to the story."""
    record.bring_up(it.session, it.incident, it.act.work, it.act.now)
    query = sa.select(HandOff).where(HandOff.incident_id == it.incident.id, HandOff.n == n)
    return it.session.scalars(query).one()


def write(it: Deed, row: HandOff, body: str, uploads: Sequence[Upload] = ()) -> Comment:
    """Step: add a line to the thread of a hand-off to a partner, or a note for a group."""
    files = tuple(uploads)
    if row.receiver.startswith("partner:"):
        said = {"handoff_id": row.id, "n": row.n}
        return add_comment(it, "partner", body, desk=True, **said, uploads=files)
    return add_comment(it, "note", body, desk=True, uploads=files)


def accept(it: Deed, row: HandOff) -> None:
    """Step: the receiver accepts."""
    handoffs.accept(it.act, row.n)


def ask(it: Deed, row: HandOff, text: str, uploads: Sequence[Upload] = ()) -> None:
    """Step, H2: the receiver asks; the sender holds it meanwhile."""
    body = words.text(text, TEXT_LENGTH, _("Please write the question."))
    write(it, row, body, uploads)
    handoffs.ask(it.act, row.n, journal.digest(body))


def reply(it: Deed, row: HandOff, text: str, uploads: Sequence[Upload] = ()) -> None:
    """Step, H2: the sender answers the question."""
    body = words.text(text, TEXT_LENGTH, _("Please write the answer."))
    write(it, row, body, uploads)
    handoffs.reply(it.act, row.n, journal.digest(body))


def answer(it: Deed, row: HandOff, text: str, uploads: Sequence[Upload] = ()) -> None:
    """Step, H4: the receiver answers; the sender has the incident again."""
    body = words.text(text, TEXT_LENGTH, _("Please write the answer."))
    write(it, row, body, uploads)
    handoffs.answer(it.act, row.n, journal.digest(body))
    row.outcome_text = body


def refuse_answer(it: Deed, row: HandOff, text: str, uploads: Sequence[Upload] = ()) -> None:
    """Step, H2: the sender does not take the answer; the same hand-off goes on."""
    body = words.text(text, TEXT_LENGTH, _("Please say what is missing in the answer."))
    handoffs.refuse_answer(it.act, row.n, journal.digest(body))
    write(it, row, body, uploads)
    row.outcome_text = None


def send_back(it: Deed, row: HandOff, text: str) -> None:
    """Step, H4: the receiver sends it back, with a reason."""
    body = words.text(text, TEXT_LENGTH, _("Please say why you send it back."))
    write(it, row, body)
    handoffs.send_back(it.act, row.n, journal.digest(body))
    row.outcome_text = body


def recall(it: Deed, row: HandOff, reason: str = "") -> None:
    """Step, H4: the sender takes back what is not yet answered."""
    text = words.text(reason, TEXT_LENGTH)
    handoffs.recall(it.act, row.n, journal.digest(text) if text else None)
    row.outcome_text = text or None


def nudge(it: Deed, row: HandOff) -> None:
    """Step: press for an answer (催促), once in a working day of the receiver's."""
    handoffs.nudge(it.act, row.n)


def note_ticket(it: Deed, row: HandOff, ticket: str) -> None:
    """Step, H7: keep the partner's own ticket number."""
    check_partners(row)
    it.act.check("comment")
    said = words.line(ticket, TICKET_LENGTH, _("Please write the ticket number."))
    row.partner_ticket = said
    it.act.record("handoff.ticket_noted", n=row.n, ticket=journal.digest(said))


def check_partners(row: HandOff) -> None:
    """Refuse what is for a hand-off to a partner company alone; raises NotFound."""
    if not row.receiver.startswith("partner:"):
        raise NotFound(_("There is no such hand-off, or it is not for you."))


@dataclass(frozen=True)
class Handing:
    """H8: what a hand-off says and shows."""

    reason: str
    note: str
    answer_by: datetime | None = None
    share_requester: bool = False
    share_files: bool = False


def send(
    it: Deed, to: Party, said: Handing, uploads: Sequence[Upload] = (), by: int | None = None
) -> int:
    """Step: hand an incident off; gives the number of the hand-off."""
    before = len(it.act.story.handoffs)
    sent = handoffs.send(
        it.act,
        to,
        reason=said.reason,
        note=journal.digest(said.note),
        answer_by=said.answer_by,
        share=said.share_requester,
        by=by,
    )
    if len(it.act.story.handoffs) == before:  # back to who was asked: it was only recalled
        return sent.n
    kept = row(it, sent.n)
    kept.reason, kept.note = said.reason, said.note
    kept.share_requester, kept.share_files = said.share_requester, said.share_files
    if uploads:
        write(it, kept, said.note, uploads)
    return sent.n
