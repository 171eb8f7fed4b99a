"""H5: the guard against ping-pong: from the second return on the sender's lead is asked."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.errors import NotAllowed, NotFound, Refused
from servicedesk.escalation import handing, handoffs
from servicedesk.escalation.handing import Handing
from servicedesk.escalation.recipients import recipients
from servicedesk.incidents import files, record, timetable, words
from servicedesk.incidents.acts import Act
from servicedesk.incidents.doing import TEXT_LENGTH, Deed, Doing, add_comment, doing
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Attachment, Incident, ReturnProposal
from servicedesk.incidents.sweep import performs
from servicedesk.people.models import Person
from servicedesk.setup.directory import Party
from servicedesk.times import iso

FREE = 1  # so many returns ask nobody


def is_guarded(act: Act, to: Party) -> bool:
    """H5: say whether a hand-off would be the second return or a later one; never of a P1."""
    story = act.story
    if act.imported or story.priority == timetable.NEVER_WAITS:
        return False
    return to.ref in story.given and story.returns >= FREE


def deciders(session: Session, act: Act) -> list[int]:
    """Give who is asked: the sender's lead, for a partner the desk's; or their deputies."""
    for word in ("holder-lead", "desk-lead"):
        if found := recipients(session, act, [word]):
            return found
    return []


def waits(it: Doing, to: Party) -> bool:
    """Say whether a hand-off has to wait for somebody else than who wants it."""
    if not is_guarded(it.act, to):
        return False
    asked = deciders(it.session, it.act)
    return bool(asked) and it.actor.id not in asked


def propose(it: Doing, to: Party, said: Handing, uploads: tuple[Upload, ...] = ()) -> None:
    """Step: ask the sender's lead, who has it meanwhile as before; files wait in a note."""
    handoffs.check(it.act, to, said.note, said.answer_by)
    event = it.act.record(
        "return.asked",
        to=to.ref,
        reason=said.reason,
        note=journal.digest(said.note),
        answer_by=iso(said.answer_by),
        share=said.share_requester or None,
    )
    kept = add_comment(it, "note", said.note, desk=True, uploads=uploads) if uploads else None
    row = _row(it, event.seq)
    row.reason, row.note, row.comment_id = said.reason, said.note, kept.id if kept else None
    row.share_requester, row.share_files = said.share_requester, said.share_files


def _row(it: Deed, n: int) -> ReturnProposal:
    record.bring_up(it.session, it.incident, it.act.work, it.act.now)
    query = sa.select(ReturnProposal).where(
        ReturnProposal.incident_id == it.incident.id, ReturnProposal.n == n
    )
    return it.session.scalars(query).one()


def allow(number: int, n: int, *, actor: Person, now: datetime) -> None:
    """The lead lets it go back."""
    with doing(number, actor=actor, now=now) as it:
        row = _to_decide(it, n)
        _let_go(it, row, "return.allowed")


def refuse(number: int, n: int, reason: str, *, actor: Person, now: datetime) -> None:
    """The lead does not let it go back, and says why."""
    why = words.text(reason, TEXT_LENGTH, _("Please say why it stays here."))
    with doing(number, actor=actor, now=now) as it:
        row = _to_decide(it, n)
        it.act.record("return.refused", n=n, reason=journal.digest(why))
        row.decision = why


def withdraw(number: int, n: int, *, actor: Person, now: datetime) -> None:
    """Who wanted to hand it back does not want to any more."""
    with doing(number, actor=actor, now=now) as it:
        _waiting(it, n)
        it.act.record("return.withdrawn", n=n)


def _to_decide(it: Doing, n: int) -> ReturnProposal:
    """Give what is to be decided, to who is asked."""
    _waiting(it, n)
    if it.actor.id not in deciders(it.session, it.act):
        raise NotAllowed(_("Only the lead who is asked can decide."))
    return _row(it, n)


def _waiting(it: Deed, n: int) -> None:
    if all(asked.n != n for asked in it.act.story.proposals):
        raise NotFound(_("There is no such incident, or it is not for you."))
    proposal = it.act.story.proposal
    if proposal is None or proposal.n != n:
        raise Refused(_("This was decided already, or is no longer asked for."))


@performs(timetable.RETURN_LAPSES)
def lapse(session: Session, incident: Incident, act: Act, now: datetime) -> None:
    """Step, H5: what nobody has decided in an hour goes through by itself, the manager told."""
    it, proposal = Deed(session, incident, act), act.story.proposal
    if proposal is None:
        return
    row = _row(it, proposal.n)
    try:
        _let_go(it, row, "return.lapsed")
    except Refused:  # who should get it takes nothing any more
        act.record("return.withdrawn", n=row.n)


def _let_go(it: Deed, row: ReturnProposal, kind: str) -> None:
    """Step: hand it off as it was wanted, for who wanted it."""
    to = it.act.directory.party(row.receiver)
    answer_by = row.answer_by if row.answer_by and row.answer_by > it.act.now else None
    said = Handing(row.reason or "other", row.note, answer_by, row.share_requester, row.share_files)
    handoffs.check(it.act, to, said.note)
    it.act.record(kind, n=row.n)
    handing.send(it, to, said, _files(it.session, row), row.asked_by_id)


def _files(session: Session, row: ReturnProposal) -> tuple[Upload, ...]:
    """Give the files that waited in a note, to be kept once more where they go."""
    if row.comment_id is None:
        return ()
    query = sa.select(Attachment).where(Attachment.comment_id == row.comment_id)
    return tuple(files.again(file) for file in session.scalars(query.order_by(Attachment.id)))
