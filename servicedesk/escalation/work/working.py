"""Steps of work requests (H6): what one changes in the journal, its row and its thread together."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.errors import NotFound, Refused
from servicedesk.escalation.handing import TICKET_LENGTH
from servicedesk.incidents import record, words
from servicedesk.incidents.acts import Act
from servicedesk.incidents.doing import TEXT_LENGTH, Deed, add_comment
from servicedesk.incidents.episodes import WorkRequest as Asked
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Comment, WorkRequest
from servicedesk.incidents.story import Story
from servicedesk.journal import digest
from servicedesk.setup.directory import Party


def reads(story: Story, to: Party) -> bool:
    """§9: say whether the receiver of a work request can open it, as `visibility` has it.

    A partner reads the request alone (H8); of what is confidential only its own groups read any.
    """
    theirs = {story.given_to, story.desk_group, *(h.sender for h in [story.handoff] if h)}
    return to.is_partner or not story.confidential or to.ref in theirs


def row(it: Deed, n: int) -> WorkRequest:
    """Step: give the row of a work request, brought up to the story."""
    record.bring_up(it.session, it.incident, it.act.work, it.act.now)
    query = sa.select(WorkRequest).where(
        WorkRequest.incident_id == it.incident.id, WorkRequest.n == n
    )
    return it.session.scalars(query).one()


def write(it: Deed, row: WorkRequest, body: str, uploads: tuple[Upload, ...] = ()) -> Comment:
    """Step: add a line to its thread: a partner sees its own, the desk every one."""
    kind = "partner" if row.receiver.startswith("partner:") else "note"
    about = {"work_request_id": row.id, "n": row.n}
    return add_comment(it, kind, body, desk=True, **about, uploads=uploads)


def accept(it: Deed, row: WorkRequest) -> None:
    """Step: the receiver accepts."""
    if _open(it.act, row.n).accepted_at:
        raise Refused(_("This work request is accepted already."))
    it.act.record("work.accepted", n=row.n)


def finish(it: Deed, row: WorkRequest, result: str, uploads: tuple[Upload, ...] = ()) -> None:
    """Step: the receiver says that it is done, and what was done."""
    text = words.text(result, TEXT_LENGTH, _("Please say what was done."))
    if not _open(it.act, row.n).accepted_at:
        it.act.record("work.accepted", n=row.n)
    _end(it, row, "work.done", text, uploads)


def send_back(it: Deed, row: WorkRequest, reason: str, uploads: tuple[Upload, ...] = ()) -> None:
    """Step: the receiver sends it back, with a reason."""
    text = words.text(reason, TEXT_LENGTH, _("Please say why you send it back."))
    _open(it.act, row.n)
    _end(it, row, "work.sent_back", text, uploads)


def _end(it: Deed, row: WorkRequest, kind: str, text: str, uploads: tuple[Upload, ...]) -> None:
    write(it, row, text, uploads)
    it.act.record(kind, n=row.n, text=digest(text))
    row.result = text


def withdraw(it: Deed, row: WorkRequest, reason: str = "") -> None:
    """Step: the desk does not want it any more."""
    text = words.text(reason, TEXT_LENGTH)
    _open(it.act, row.n)
    it.act.record("work.withdrawn", n=row.n, text=digest(text) if text else None)
    row.result = text or None


def note_ticket(it: Deed, row: WorkRequest, ticket: str) -> None:
    """Step, H7: keep the partner's own ticket number."""
    check_partners(row)
    it.act.check("comment")
    said = words.line(ticket, TICKET_LENGTH, _("Please write the ticket number."))
    row.partner_ticket = said
    it.act.record("work.ticket_noted", n=row.n, ticket=digest(said))


def check_partners(row: WorkRequest) -> None:
    """Refuse what is for a partner company's alone; raises NotFound."""
    if not row.receiver.startswith("partner:"):
        raise NotFound(_("There is no such work request, or it is not for you."))


def _open(act: Act, n: int) -> Asked:
    asked = act.story.requests[n - 1]
    if not asked.is_open:
        raise Refused(_("This work request has ended already."))
    return asked
