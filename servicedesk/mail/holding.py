"""E5: keeps back what may not go yet: in quiet hours, and beyond so many mails an hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk import outbox, times
from servicedesk.incidents.models import Incident, MajorIncident
from servicedesk.mail import calm, slots
from servicedesk.mail.calm import Held, Told
from servicedesk.oncall.queries import who
from servicedesk.outbox import BUNDLE, Notification
from servicedesk.people.absence import asked
from servicedesk.people.links import Link
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory

RUNNING = ("proposed", "confirmed")  # states of a major incident that goes on, or may be one
AT_ONCE = 500  # ids in one query


def gate(session: Session, notes: Sequence[Notification], now: datetime) -> Collection[int]:
    """Step: keep back those of some messages that may not go now; gives their ids.

    Whoever's messages are in other hands at this moment is left to them.
    """
    ids = {note.person_id for note in notes if note.person_id}
    readers = lock(session, ids, now)
    facts = Facts(session, notes, now)
    kept = set()
    for note in notes:
        if note.person_id is None:
            continue
        reader = readers.get(note.person_id)
        held = reader.hold(facts, note) if reader else None
        if held:
            _keep_back(session, note, held)
        elif reader:
            reader.sent.append(now)
        if held or not reader:
            kept.add(note.id)
    return kept


def _keep_back(session: Session, note: Notification, held: Held) -> None:
    if note.kind == BUNDLE:
        outbox.postpone(session, note.id, held.until)
    else:
        outbox.hold(session, [note.id], held.until, held.why)


@dataclass
class Recipient:
    """Somebody with what says when they may get another mail."""

    person: Person
    setup: Directory
    now: datetime
    sent: list[datetime] = field(default_factory=list)  # within the last hour, or under way

    @cached_property
    def quiet(self) -> datetime | None:
        """Give when their quiet hours end; None where it is not quiet for them."""
        hours = hours_of(self.person, self.setup)
        zone = self.person.zone or self.setup.zone
        return calm.quiet_until(hours, zone, self._is_off, self.now) if hours else None

    def _is_off(self, day: date) -> bool:
        return not slots.is_working_day(self.setup.desk_calendar, day)

    @property
    def room(self) -> datetime | None:
        """Give when they may get another mail; None: now."""
        return calm.room_at(self.sent, most_of(self.person, self.setup), self.now)

    def hold(self, facts: Facts, note: Notification) -> Held | None:
        """Say until when a message is kept back; facts are looked up only where they matter."""
        quiet, room = self.quiet, self.room
        if not quiet and not room:
            return None
        return calm.hold(facts.told(note, self.person), self.now, quiet, room)


def hours_of(person: Person, setup: Directory) -> calm.QuietHours | None:
    """Give somebody's quiet hours: their own, else the desk's, which are not a partner's."""
    own = (person.channels or {}).get(QUIET)
    if own is not None:
        return calm.read_quiet(own)
    return None if is_partners(person) else calm.read_quiet(setup.more.get(QUIET))


def most_of(person: Person, setup: Directory) -> int:
    """Give how many mails somebody gets within an hour."""
    return calm.most(person.channels or {}, most_at(setup))


def most_at(setup: Directory) -> int:
    """Give how many mails the desk sends to one person within an hour."""
    return int(setup.more.get("most_mails", calm.USUAL_MOST))


def is_partners(person: Person) -> bool:
    """Say whether somebody is a partner company's."""
    return "partner" in person.roles


QUIET = "quiet"  # how they are kept, for a person and for the desk


def lock(session: Session, ids: Iterable[int], now: datetime) -> dict[int, Recipient]:
    """Step: lock some people, and give them; left out is who is in other hands at this moment."""
    query = sa.select(Person).where(Person.id.in_(sorted(ids))).order_by(Person.id)
    people = list(session.scalars(query.with_for_update(skip_locked=True, key_share=True)))
    setup = directory(session) if people else None
    if setup is None:
        return {}
    sent = _sent(session, [person.id for person in people], now)
    return {
        person.id: Recipient(person, setup, now, list(sent.get(person.id, ()))) for person in people
    }


def _sent(session: Session, ids: Sequence[int], now: datetime) -> dict[int, list[datetime]]:
    """Give when mails went to people within the last hour; those under way go now."""
    columns = Notification.person_id, Notification.sent_at
    own = Notification.person_id.in_(ids)
    gone = sa.select(*columns).where(own, Notification.sent_at > now - calm.HOUR)
    under_way = sa.select(*columns).where(
        own, Notification.waits_until > now, Notification.lease.is_not(None)
    )
    found: dict[int, list[datetime]] = defaultdict(list)
    for query in (gone, under_way):
        for person, at in session.execute(query):
            found[person or 0].append(at or now)
    return found


@dataclass(frozen=True, slots=True)
class _About:
    """An incident, as far as it says how soon its messages have to be read."""

    priority: str
    holder: str
    desk: str
    major: int | None
    dues: tuple[datetime, ...]


_ABOUT = (
    Incident.id,
    Incident.priority,
    Incident.given_to,
    Incident.desk_group,
    Incident.major_id,
    Incident.target_due,
    Incident.promised_due,
    Incident.requested_due,
)


class Facts:
    """What some messages are about, looked up when it is first asked for, for all of them."""

    def __init__(self, session: Session, notes: Sequence[Notification], now: datetime) -> None:
        self.session = session
        self.notes = notes
        self.now = now
        self._on_call: dict[str, int | None] = {}

    def told(self, note: Notification, person: Person) -> Told:
        """Give a message as far as it says when it may go."""
        incident = self._incidents.get(note.incident_id or 0)
        outside = is_partners(person)
        return Told(
            note.kind,
            incident.priority if incident else "",
            tuple(self._dues(note, incident)),
            on_call=incident is not None and self._reached(incident) == person.id,
            is_major=note.incident_id in self._majors,
            has_link=note.link_id is not None,
            to_partner=outside,
            urgent=bool(note.data.get("urgent")),
        )

    def _dues(self, note: Notification, incident: _About | None) -> Iterable[datetime]:
        """Give what would be missed: the end of a link, a turn, the dates of the desk's work."""
        if note.link_id in self._links:
            yield self._links[note.link_id]
        if note.kind == calm.SOON:
            start = times.parse(note.data["start"])
            yield from (start - calm.NOTICE, start)
        if incident is not None and note.kind in calm.STORMS:
            yield from incident.dues

    def _reached(self, incident: _About) -> int | None:
        """Give who is on call now for the group that has it: of the desk's, if a partner has it."""
        ref = incident.holder if incident.holder.startswith("group:") else incident.desk
        if ref not in self._on_call:
            self._on_call[ref] = self._on_call_of(ref)
        return self._on_call[ref]

    def _on_call_of(self, ref: str) -> int | None:
        """Give who has a group's duty, or stands in for them; a group without a rota has none."""
        setup = self._setup
        if not setup.party(ref).rota:
            return None
        person = who(self.session, setup, ref, self.now)
        reached = person and asked(self.session, person, times.local_day(self.now, setup.zone))
        return reached.id if reached else None

    @cached_property
    def _setup(self) -> Directory:
        return directory(self.session)

    @cached_property
    def _incidents(self) -> dict[int, _About]:
        found = {}
        for ids in _some({note.incident_id for note in self.notes}):
            for row in self.session.execute(sa.select(*_ABOUT).where(Incident.id.in_(ids))):
                dues = row.target_due, row.promised_due, row.requested_due
                found[row.id] = _About(
                    row.priority,
                    row.given_to,
                    row.desk_group,
                    row.major_id,
                    tuple(due for due in dues if due),
                )
        return found

    @cached_property
    def _majors(self) -> frozenset[int | None]:
        """Give which incidents are major ones, proposed or going on, or belong to one."""
        of = {id: about.major or id for id, about in self._incidents.items()}
        going = set()
        for ids in _some(of.values()):
            query = sa.select(MajorIncident.incident_id).where(
                MajorIncident.incident_id.in_(ids), MajorIncident.state.in_(RUNNING)
            )
            going |= set(self.session.scalars(query))
        return frozenset(id for id, major in of.items() if major in going)

    @cached_property
    def _links(self) -> dict[int | None, datetime]:
        found: dict[int | None, datetime] = {}
        for ids in _some({note.link_id for note in self.notes}):
            query = sa.select(Link.id, Link.ends_at).where(Link.id.in_(ids))
            found |= {row.id: row.ends_at for row in self.session.execute(query)}
        return found


def _some(ids: Iterable[int | None]) -> Iterable[list[int]]:
    """Give ids in portions that a query can take."""
    known = sorted({id for id in ids if id is not None})
    return (known[start : start + AT_ONCE] for start in range(0, len(known), AT_ONCE))
