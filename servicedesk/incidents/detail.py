"""Everything that an incident's page shows, gathered with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from jinja2.filters import do_filesizeformat
from sqlalchemy.orm import Session, joinedload

from servicedesk import formats, journal
from servicedesk.event import Event
from servicedesk.incidents import asked
from servicedesk.incidents.chips import Chip, Chips, day_length
from servicedesk.incidents.clocks import Clockwork, Name, follow
from servicedesk.incidents.dates.proposals import Proposal, propose
from servicedesk.incidents.dates.revisions import Revision, Revisions, answer_note
from servicedesk.incidents.episodes import Return
from servicedesk.incidents.explained import page as why_page
from servicedesk.incidents.meters import Meters, meters
from servicedesk.incidents.models import (
    Attachment,
    Comment,
    DateChange,
    HandOff,
    Incident,
    WorkRequest,
    watcher,
)
from servicedesk.incidents.picture import Painter
from servicedesk.incidents.queries import find
from servicedesk.incidents.telling import Teller, Told, hold_reason
from servicedesk.incidents.thread import Entry, FileLink, fold
from servicedesk.incidents.visibility import visible, visible_comments, visible_files
from servicedesk.people.models import Person, group_member
from servicedesk.setup.directory import REQUESTER, Directory, Party
from servicedesk.setup.snapshot import directory


@dataclass(frozen=True)
class Holder:
    """Who holds it, for a tile and a name."""

    kind: str  # group partner requester
    name: str
    tier: int | None
    since: datetime | None


@dataclass(frozen=True)
class Resolution:
    """A text with which it was resolved, and when; earlier: it has been opened again since."""

    text: str
    at: datetime
    earlier: bool


@dataclass(frozen=True)
class Detail:
    """An incident as one person may see it."""

    incident: Incident
    setup: Directory
    work: Clockwork
    events: Sequence[Event]
    comments: Sequence[Comment]
    files: Sequence[Attachment]
    handoffs: Sequence[HandOff]
    dates: Sequence[DateChange]
    people: Mapping[int, Person]
    watchers: Sequence[Person]
    now: datetime
    approval: asked.Waiting | None = None  # whom it waits for
    goes_on_from: Incident | None = None  # the closed one that it continues
    gone_on_as: Sequence[Incident] = ()
    requests: Sequence[WorkRequest] = ()  # H6

    @property
    def going_back(self) -> Return | None:
        """H5: the return that waits for the lead's decision."""
        return self.work.story.proposal

    def can_refuse(self, handoff: HandOff) -> bool:
        """H2: say whether the answer of a hand-off can still be refused."""
        last = handoff is self.handoffs[-1] and handoff.state == "answered"
        return last and self.work.story.is_open

    @property
    def names(self) -> dict[int, str]:
        """Names of everybody who is mentioned."""
        return {id: person.name for id, person in self.people.items()}

    @cached_property
    def teller(self) -> Teller:
        """Says events in the reader's language."""
        return Teller(self.setup, self.names)

    @cached_property
    def painter(self) -> Painter:
        """Draws the life line."""
        return Painter(self.work, self.events, self.now)

    @cached_property
    def chips(self) -> tuple[Chip, Chip, Chip]:
        """The three dates."""
        requested, promised, target = Chips(self.setup, self.now).all(self.incident)
        return requested, replace(promised, note=self._answered), target

    @property
    def _answered(self) -> str:
        """Say in a word whether the requester accepted the date promised."""
        dates = (d for d in self.dates if d.kind == "promised" and d.state == "current" and d.due)
        agreed = self.incident.promised_due == self.incident.requested_due
        return answer_note(next(dates, None), agreed=agreed or not self.holder)

    @property
    def waits_for(self) -> str:
        """Say what the hold waits for, and until when; of an approval whose, and since when."""
        if self.approval:
            return _waits_for_approval(self.approval)
        if not self.incident.hold_reason:
            return ""
        reason = hold_reason(self.incident.hold_reason)
        if not self.incident.hold_until:
            return reason
        until = _("until %(at)s", at=formats.moment(self.incident.hold_until))
        return f"{reason} {until}"

    @property
    def resolution(self) -> Resolution | None:
        """Give the last text of a resolution, with its own time."""
        text = self.incident.resolution_text
        resolved = [event for event in self.events if event.kind == "incident.resolved"]
        said = [event for event in resolved if event.data.get("text")] or resolved
        if not text or not said:
            return None
        ended = self.incident.resolved_at is not None
        return Resolution(text, said[-1].at, not ended or said[-1] is not resolved[-1])

    @property
    def service(self) -> str:
        """The service's name."""
        return self.setup.services[self.incident.service_id].name

    @property
    def holder(self) -> Holder | None:
        """Who holds it now."""
        return holder(self.setup, self.incident)

    @property
    def lasting(self) -> str:
        """Say in the desk's working time how long it is or was open, and who holds it."""
        incident, calendar = self.incident, self.painter.desk
        ended = incident.resolved_at or incident.cancelled_at
        time = formats.left(
            calendar.counted(incident.logged_at, ended or self.now), day_length(calendar)
        )
        if ended or self.holder is None:
            return str(_("Open for %(time)s", time=time))
        since = formats.moment(self.holder.since)
        held = _("held by %(name)s since %(at)s", name=self.holder.name, at=since)
        lasting = _("Open for %(time)s", time=time)
        return f"{lasting} · {held}"

    @property
    def given_to(self) -> Party:
        """The party that has it, behind a hold for the requester too."""
        return self.setup.party(self.incident.given_to)

    @property
    def open_handoff(self) -> HandOff | None:
        """The hand-off that waits for its answer."""
        return next((h for h in reversed(self.handoffs) if h.ended_at is None), None)

    def thread(self, *, public: bool = False) -> list[Entry]:
        """Comments and what happened, in order; public: only what concerns the requester."""
        return fold(self._entries(public))

    def _entries(self, public: bool) -> Iterator[Entry]:
        comments = {comment.id: comment for comment in self.comments}
        for event in self.events:
            told = self.teller.tell(event)
            if told and (told.public or not public):
                yield Entry(told.at, told=told)
            if event.kind == "comment.added" and event.data.get("id") in comments:
                yield self._entry(comments[event.data["id"]])

    def _entry(self, comment: Comment) -> Entry:
        files = tuple(link(f) for f in self.files if f.comment_id == comment.id)
        own = comment.author_id == self.incident.requester_id
        return Entry(comment.written_at, comment, files, by_requester=own)

    def is_mailed_to_desk(self, entry: Entry) -> bool:
        """H7: say whether a line was mailed by the partner that has it, and may be its answer."""
        comment, handoff = entry.comment, self.open_handoff
        if comment is None or handoff is None or not comment.by_mail:
            return False
        return comment.handoff_id == handoff.id

    @property
    def own_files(self) -> list[FileLink]:
        """Files of the incident itself."""
        return [link(file) for file in self.files if file.comment_id is None]

    @property
    def all_files(self) -> list[FileLink]:
        """All files, wherever they hang."""
        return [link(file) for file in self.files]

    def audience(self, entry: Entry) -> str:
        """Say who sees a comment."""
        comment = entry.comment
        if comment is None or comment.kind == "note":
            return str(_("Desk only"))
        if comment.kind == "partner":
            id = comment.handoff_id or comment.work_request_id
            given: Sequence[HandOff | WorkRequest] = self.handoffs
            given = given if comment.handoff_id else self.requests
            row = next((one for one in given if one.id == id), None)
            name = self.setup.party(row.receiver).name if row else "–"
            return str(_("%(name)s and desk", name=name))
        if entry.by_requester:
            return str(_("Requester"))
        return str(_("%(name)s sees this", name=self.incident.requester.name))

    @property
    def partner_names(self) -> str:
        """Name the partner of the one thread, or all of them together."""
        given: list[HandOff | WorkRequest] = [*self.handoffs, *self.requests]
        names = {self.setup.party(one.receiver).name for one in given if _to_partner(one)}
        return names.pop() if len(names) == 1 else str(_("Partners"))

    @property
    def channel(self) -> str:
        """Name how it came in."""
        return channel_name(self.incident.channel)

    def handoff_state(self, handoff: HandOff) -> str:
        """Name how a hand-off stands."""
        return handoff_state(handoff.state)

    @property
    def earlier_dates(self) -> list[Revision]:
        """D3: how wish and promise came to be, where there is more than the present ones."""
        told = Revisions(self.setup.zone, self.names, self.events, self.comments)
        return told.tell(self.dates)

    @cached_property
    def proposal(self) -> Proposal:
        """What can be promised as things stand."""
        return propose(self.work, self.incident, self.now)

    def changed_since(self, version: int, *, public: bool = False) -> list[Told]:
        """Say what happened after a version; public: only what concerns the requester."""
        events = (event for event in self.events if event.seq > version)
        told = (self._written(event) or self.teller.tell(event) for event in events)
        return [line for line in told if line and (line.public or not public)]

    def _written(self, event: Event) -> Told | None:
        """Say what somebody wrote, to who may read it."""
        wrote = event.data.get("id") if event.kind == "comment.added" else None
        text = next((comment.body for comment in self.comments if comment.id == wrote), None)
        if text is None:
            return None
        line = " ".join(text.split())
        short = line if len(line) <= 80 else line[:79] + "…"
        said = _("%(who)s wrote: %(text)s", who=self.teller.actor(event), text=short)
        return Told(event.at, said, "message-square", True, event.actor)

    @cached_property
    def meters(self) -> Meters:
        """The clocks with a target."""
        return meters(self.work.states(self.now), self.setup, self._why)

    def _why(self, name: Name) -> str:
        return why_page.address(self.incident.number, name, self.setup)

    @property
    def why_urls(self) -> dict[str, str]:
        """C15: the pages that explain the three dates."""
        target = (self.incident.target_kind, self.incident.target_party)
        return why_page.date_urls(self.incident.number, self.work, target)


def _to_partner(given: HandOff | WorkRequest) -> bool:
    return given.receiver.startswith("partner:")


def _waits_for_approval(waiting: asked.Waiting) -> str:
    said = {"name": waiting.approver.name, "at": formats.moment(waiting.since)}
    if waiting.deputy is None:
        return str(_("waiting for approval by %(name)s since %(at)s", **said))
    said["deputy"] = waiting.deputy.name
    return str(_("waiting for approval by %(deputy)s for %(name)s since %(at)s", **said))


def link(file: Attachment) -> FileLink:
    """Give a file as a link."""
    url = url_for("files.download", id=file.id, name=file.name)
    return FileLink(file.name, url, do_filesizeformat(file.size))


def channel_name(channel: str) -> str:
    """Name how an incident came in."""
    names: dict[str, str] = {
        "portal": _("Portal"),
        "phone": _("Phone"),
        "desk": _("At the desk"),
        "mail": _("Mail"),
        "api": _("Interface"),
        "import": _("Import"),
    }
    return names[channel]


def handoff_state(state: str) -> str:
    """Name how a hand-off stands."""
    names: dict[str, str] = {
        "sent": _("sent"),
        "accepted": _("accepted"),
        "answered": _("answered"),
        "sent_back": _("sent back"),
        "recalled": _("recalled"),
        "passed_on": _("passed on"),
        "resolved_there": _("resolved there"),
    }
    return names[state]


def holder(setup: Directory, incident: Incident) -> Holder | None:
    """Say who holds an incident, if it is open."""
    if incident.holder is None:
        return None
    if incident.holder == REQUESTER:
        return Holder("requester", incident.requester.name, None, incident.held_since)
    return _holder(setup.party(incident.holder), incident.held_since)


def last_holder(setup: Directory, incident: Incident) -> Holder:
    """Say to whom an incident was given last."""
    return _holder(setup.party(incident.given_to))


def _holder(party: Party, since: datetime | None = None) -> Holder:
    return Holder(party.kind, party.name, party.tier or None, since)


def read(session: Session, person: Person, number: int, now: datetime) -> Detail | None:
    """Gather an incident's page for a person; None if it is not for them."""
    incident = find(session, person, number)
    if incident is None:
        return None
    setup = directory(session)
    events = journal.read(session, incident.id)
    comments = session.scalars(
        sa.select(Comment)
        .where(Comment.incident_id == incident.id, visible_comments(person))
        .options(joinedload(Comment.author), joinedload(Comment.partner))
        .order_by(Comment.id)
    ).all()
    files = session.scalars(
        sa.select(Attachment)
        .where(Attachment.incident_id == incident.id, visible_files(person))
        .order_by(Attachment.id)
    ).all()
    handoffs = session.scalars(
        sa.select(HandOff).where(HandOff.incident_id == incident.id).order_by(HandOff.n)
    ).all()
    dates = session.scalars(
        sa.select(DateChange).where(DateChange.incident_id == incident.id).order_by(DateChange.n)
    ).all()
    watchers = session.scalars(
        sa.select(Person).join(watcher).where(watcher.c.incident_id == incident.id)
    ).all()
    requests = session.scalars(
        sa.select(WorkRequest).where(WorkRequest.incident_id == incident.id).order_by(WorkRequest.n)
    ).all()
    work = follow(events, setup)
    before, after = _linked(session, person, incident)
    return Detail(
        incident,
        setup,
        work,
        events,
        comments,
        files,
        handoffs,
        dates,
        _people(session, incident, events),
        watchers,
        now,
        asked.waiting(session, setup, work.story, now),
        before,
        after,
        requests,
    )


def _linked(
    session: Session, person: Person, incident: Incident
) -> tuple[Incident | None, list[Incident]]:
    """Give what it continues, and what continues it, as far as the person may see them."""
    related = sa.or_(Incident.id == incident.parent_id, Incident.parent_id == incident.id)
    query = sa.select(Incident).where(related, visible(person)).order_by(Incident.number)
    found = session.scalars(query).all()
    before = next((one for one in found if one.id == incident.parent_id), None)
    return before, [one for one in found if one.parent_id == incident.id]


def _people(session: Session, incident: Incident, events: Iterable[Event]) -> dict[int, Person]:
    ids = {incident.requester_id, incident.logged_by_id, incident.assignee_id}
    for event in events:
        ids |= {event.actor, event.data.get("assignee"), event.data.get("requester")}
        ids |= {*event.data.get("told", ())}
        ids.add(event.data.get("approver"))
    found = session.scalars(sa.select(Person).where(Person.id.in_(ids - {None})))
    return {person.id: person for person in found}


def colleagues(session: Session, detail: Detail) -> Sequence[Person]:
    """Give who can be assigned: the members of the group that has it."""
    party = detail.given_to
    if party.is_partner:
        return []
    query = sa.select(Person).join(group_member, group_member.c.person_id == Person.id)
    query = query.where(group_member.c.group_id == party.id, Person.active.is_(True))
    return session.scalars(query.order_by(Person.name)).all()
