"""What a mail becomes: a line in a partner's thread, a reply, a new incident; with its files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk.bridge import saying
from servicedesk.bridge.incoming import Enclosed, Incoming
from servicedesk.bridge.looking import Seen
from servicedesk.bridge.saying import Said
from servicedesk.errors import DeskError
from servicedesk.escalation import handing
from servicedesk.escalation.work import working as asked
from servicedesk.incidents import files, guess, intake, queries
from servicedesk.incidents.commands import New, log_new
from servicedesk.incidents.doing import (
    TEXT_LENGTH,
    TITLE_LENGTH,
    Deed,
    Right,
    acting,
    add_comment,
    continuing,
)
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Comment, HandOff, Incident, WorkRequest
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory

IMPACT, URGENCY = 3, 2  # as the form of the portal begins
ANSWERED = re.compile(r"^(\s*(re|aw|fw|fwd|返信|転送)\s*[:：])+\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Placed:
    """What came of a mail."""

    incident: Incident
    comment: int | None = None


@dataclass(frozen=True)
class Content:
    """What of a mail is kept: its words, and those of its files that can be."""

    text: str
    uploads: tuple[Upload, ...]
    left_out: tuple[str, ...] = ()  # names of files

    @property
    def body(self) -> str:
        """Give the words, with a line on what is missing."""
        return _with_note(self.text, self.left_out)

    @property
    def without_files(self) -> Content:
        """Give the same with the words alone."""
        names = (*self.left_out, *(upload.name for upload in self.uploads))
        return Content(self.text, (), names)


def _with_note(text: str, left_out: Sequence[str]) -> str:
    said = text.strip() or str(_("(no text)"))
    if not left_out:
        return said[:TEXT_LENGTH]
    names = ", ".join(files.clean(name) for name in left_out)[:1000]
    note = str(_("[Files that were not kept: %(names)s]", names=names))
    return f"{said[: TEXT_LENGTH - len(note) - 2]}\n\n{note}"


def content(mail: Incoming, text: str) -> Content:
    """Take the files that are neither empty, too large, nor too many."""
    most = int(current_app.config["UPLOAD_MB"]) * 1024 * 1024
    fits = [one for one in mail.attachments if 0 < len(one.content) <= most][: files.AT_ONCE]
    left_out = tuple(one.name for one in mail.attachments if one not in fits)
    return Content(text, tuple(_upload(one) for one in fits), left_out)


def _upload(one: Enclosed) -> Upload:
    return Upload(one.name, BytesIO(one.content), len(one.content))


def first_that_goes(session: Session, ways: Sequence[Callable[[], Placed]]) -> Placed:
    """Step: do the first of several ways that the desk does not refuse; raises the last refusal."""
    for way in ways[:-1]:
        try:
            with session.begin_nested():
                return way()
        except DeskError:
            continue
    with session.begin_nested():
        return ways[-1]()


# A partner's


def from_partner(session: Session, seen: Seen, mail: Incoming, now: datetime) -> Placed:
    """Step, H7: a line in the thread of that hand-off or work request; or what it asks to be done.

    What can't be done as things stand, or can't be kept as a file, is still a line.
    """
    said, plain = saying.read(mail.text), Said(mail.text)
    kept = content(mail, "")
    if said.act and not (said.text or kept.uploads):
        said = plain

    def way(what: Said, files: Content) -> Callable[[], Placed]:
        return lambda: _say(session, seen, what, replace(files, text=what.text), now)

    bare = kept.without_files
    return first_that_goes(session, [way(w, f) for f in (kept, bare) for w in (said, plain)])


def _say(session: Session, seen: Seen, said: Said, kept: Content, now: datetime) -> Placed:
    if seen.incident is None:
        raise LookupError("incident")
    with _in_name_of(session, seen, now) as it:
        if isinstance(seen.work, HandOff):
            _hand(it, seen.work, said, kept)
        elif isinstance(seen.work, WorkRequest):
            _work(it, seen.work, said, kept)
        comment = last_comment(it)
    return Placed(seen.incident, comment)


@contextmanager
def _in_name_of(session: Session, seen: Seen, now: datetime) -> Iterator[Deed]:
    incident = seen.incident
    if incident is None:
        raise LookupError("incident")
    with continuing(session, incident, actor=seen.person, now=now) as act:
        act.by_mail = True
        act.company = f"partner:{seen.company}" if seen.person is None and seen.company else None
        yield Deed(session, incident, act)


def _hand(it: Deed, row: HandOff, said: Said, kept: Content) -> None:
    """H7: the first reply accepts; H2, H4: what the first line asks for is done."""
    if row.state == "sent" and said.act != saying.BACK:
        handing.accept(it, row)
    if said.ticket:
        handing.note_ticket(it, row, said.ticket)
    if said.act == saying.BACK:
        if kept.uploads or kept.left_out:
            handing.write(it, row, _with_note("", kept.left_out), kept.uploads)
        handing.send_back(it, row, said.text)
    elif said.act in ACTS:
        ACTS[said.act](it, row, kept.body, kept.uploads)
    elif said.text or kept.uploads or kept.left_out or not (said.accept or said.ticket):
        handing.write(it, row, kept.body, kept.uploads)


ACTS = {saying.ANSWER: handing.answer, saying.ASK: handing.ask}


def _work(it: Deed, row: WorkRequest, said: Said, kept: Content) -> None:
    """H6: the same for a work request; an answer says that it is done, a question is a line."""
    if row.state == "sent" and said.act not in ENDS:
        asked.accept(it, row)
    if said.ticket:
        asked.note_ticket(it, row, said.ticket)
    if said.act in ENDS:
        ENDS[said.act](it, row, kept.body, kept.uploads)
    elif said.text or kept.uploads or kept.left_out or not (said.accept or said.ticket):
        asked.write(it, row, kept.body, kept.uploads)


ENDS = {saying.ANSWER: asked.finish, saying.BACK: asked.send_back}


def last_comment(it: Deed) -> int | None:
    """Step: give the comment that was written last."""
    query = sa.select(sa.func.max(Comment.id)).where(Comment.incident_id == it.incident.id)
    return it.session.scalar(query.where(Comment.by_mail, Comment.written_at == it.act.now))


# A requester's


def reply(session: Session, seen: Seen, mail: Incoming, now: datetime) -> Placed:
    """Step: a reply of the requester, as on the page; it ends the waiting for them (§4)."""
    kept = content(mail, mail.text)

    def way(what: Content) -> Callable[[], Placed]:
        return lambda: _reply(session, seen, what, now)

    return first_that_goes(session, [way(kept), way(kept.without_files)])


def _reply(session: Session, seen: Seen, kept: Content, now: datetime) -> Placed:
    incident, person = seen.incident, seen.person
    if incident is None or person is None:
        raise LookupError("incident")
    with acting(session, incident.number, person, now=now, right=Right.WRITE_REPLY) as it:
        it.act.by_mail = True
        comment = add_comment(it, "reply", kept.body, desk=False, uploads=kept.uploads)
    return Placed(incident, comment.id)


def new(session: Session, person: Person, mail: Incoming, now: datetime) -> Placed:
    """Step: a new incident, as by the form of the portal."""
    return log_for(session, person, mail, now)


def log_for(
    session: Session,
    actor: Person,
    mail: Incoming,
    now: datetime,
    *,
    requester: int | None = None,
    service: str = "",
) -> Placed:
    """Step: log what a mail says, for its sender or for whom the desk says."""
    kept, setup = content(mail, mail.whole), directory(session)
    title = title_of(mail)
    key = service or _service(session, setup, requester or actor.id, actor, title)

    def way(what: Content) -> Callable[[], Placed]:
        said = New(
            title, key, what.body, requester, IMPACT, URGENCY, channel="mail", uploads=what.uploads
        )
        return lambda: Placed(log_new(session, actor, said, now))

    return first_that_goes(session, [way(kept), way(kept.without_files)])


def title_of(mail: Incoming) -> str:
    """Give the title: the subject without Re:, else the first line."""
    lines = [line.strip() for line in mail.text.splitlines() if line.strip()]
    said = ANSWERED.sub("", mail.subject).strip() or next(iter(lines), "") or str(_("(no subject)"))
    return said[:TITLE_LENGTH]


def _service(session: Session, setup: Directory, reader: int, actor: Person, title: str) -> str:
    """Guess the service from the title; what tells nothing is the usual one's."""
    services = {service.id: service for service in setup.services_by_key.values()}
    names = [(service.id, service.name) for service in services.values()]
    earlier = guess.told(queries.recent_titles(session, list(services)), reader)
    found = guess.guess(title, names, earlier)
    return services[found].key if found else intake.usual_service(setup, actor).key
