"""A clock explained for one reader: gathered with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.event import Event
from servicedesk.incidents import lifeline
from servicedesk.incidents.clocks import Clockwork, Name, follow
from servicedesk.incidents.explained import verdicts as why_verdicts
from servicedesk.incidents.explained.picture import alone, track
from servicedesk.incidents.explained.words import Eye, Narrator, may_be_read, name_of
from servicedesk.incidents.models import HandOff, Incident
from servicedesk.incidents.picture import Painter
from servicedesk.incidents.queries import find, is_desk_side
from servicedesk.incidents.telling import Teller
from servicedesk.incidents.visibility import handed
from servicedesk.incidents.why import Why, explain, slug, slugs
from servicedesk.people.models import Person
from servicedesk.setup.directory import Directory
from servicedesk.setup.snapshot import directory


@dataclass(frozen=True)
class Readable:
    """An incident's clocks, as far as somebody may read about them."""

    incident: Incident
    work: Clockwork
    events: Sequence[Event]
    eye: Eye
    now: datetime
    own: frozenset[Name] | None = None  # of a partner: its own ones

    @property
    def handoff(self) -> int:
        """Give a partner's last hand-off."""
        return max(name[2] or 0 for name in self.own or ())

    @cached_property
    def names(self) -> Mapping[str, Name]:
        """Give the clocks that there are for this reader, as they stand in addresses."""
        return {
            address: name
            for address, name in slugs(self.work).items()
            if may_be_read(name, self.eye) and (self.own is None or name in self.own)
        }


@dataclass(frozen=True)
class Shown:
    """One clock with its explanation, in words."""

    of: Readable
    slug: str
    why: Why
    narrator: Narrator

    @property
    def setup(self) -> Directory:
        """The set-up."""
        return self.of.work.directory

    @property
    def name(self) -> Name:
        """The clock's name within its incident."""
        return self.why.state.name

    @property
    def title(self) -> str:
        """Name it in full."""
        return title(self.name, self.setup)

    @property
    def verdict(self) -> str:
        """Say how it stands."""
        return why_verdicts.say(self.why.verdict, self.narrator)

    @property
    def net(self) -> str:
        """C11: say how it stands without what is excluded."""
        return why_verdicts.say(self.why.net, self.narrator) if self.why.net else ""

    @property
    def first(self) -> str:
        """D4: say how it stands against the first wish."""
        return why_verdicts.say(self.why.first, self.narrator) if self.why.first else ""

    @cached_property
    def track(self) -> lifeline.Track:
        """Its lane on the life line."""
        return track(self.why, self.title, self.verdict, self.setup)

    def picture(self) -> lifeline.Picture:
        """Draw it: for the desk on the life line, for others alone."""
        painter = Painter(self.of.work, self.of.events, self.of.now)
        if self.of.eye == Eye.DESK:
            return painter.picture(self.track)
        return alone(painter, self.why, self.track)


def title(name: Name, setup: Directory) -> str:
    """Name a clock in full."""
    return name_of(name, setup.party(name[1]).name if name[1] else None)


def address(number: int, name: Name, setup: Directory) -> str:
    """Give the page that explains a clock."""
    return url_for("why.page", number=number, clock=slug(name, setup))


def read(session: Session, person: Person, number: int, clock: str, now: datetime) -> Shown | None:
    """Gather a clock's explanation for a person; None if there is none, or not for them."""
    found = readable(session, person, number, now)
    if found is None or clock not in found.names:
        return None
    return shown(found, clock, _people(session, found))


def shown(found: Readable, clock: str, people: Mapping[int, str]) -> Shown | None:
    """Explain one of the clocks that somebody may read about."""
    name, setup = found.names[clock], found.work.directory
    aside = found.eye == Eye.DESK
    why = explain(found.events, setup, name, found.now, aside=aside)
    return (
        Shown(found, clock, why, Narrator(Teller(setup, people), name, found.eye)) if why else None
    )


def readable(session: Session, person: Person, number: int, now: datetime) -> Readable | None:
    """§9: give the clocks of an incident that a person may read about, and as what."""
    incident = find(session, person, number)
    if incident is not None:
        eye = Eye.DESK if is_desk_side(person) else Eye.REQUESTER
        return _readable(session, incident, eye, now)
    query = sa.select(HandOff).join(Incident).where(Incident.number == number, handed(person))
    handoffs = session.scalars(query).all()
    if not handoffs:
        return None
    incident = session.get_one(Incident, handoffs[0].incident_id)
    return _readable(session, incident, Eye.PARTNER, now, _own(handoffs))


def _readable(
    session: Session,
    incident: Incident,
    eye: Eye,
    now: datetime,
    own: frozenset[Name] | None = None,
) -> Readable:
    events = journal.read(session, incident.id)
    work = follow(events, directory(session))
    return Readable(incident, work, events, eye, now, own)


def _own(handoffs: Iterable[HandOff]) -> frozenset[Name]:
    """H8: name the clocks of a partner's own hand-offs."""
    found: set[Name] = set()
    for handoff in handoffs:
        found.add(("holding", handoff.receiver, None))
        found |= {(kind, handoff.receiver, handoff.n) for kind in ("acceptance", "answer")}
    return frozenset(found)


def _people(session: Session, found: Readable) -> dict[int, str]:
    """Name everybody whom the events name; nobody for a partner."""
    if found.eye == Eye.PARTNER:
        return {}
    ids = {event.actor for event in found.events}
    for event in found.events:
        ids |= {event.data.get(key) for key in ("assignee", "requester", "approver")}
        ids |= {*event.data.get("told", ())}
    for one in found.work.story.exclusions:
        ids |= {one.asked_by, one.decided_by}
    query = sa.select(Person.id, Person.name).where(Person.id.in_(ids - {None}))
    names: dict[int, str] = dict(session.execute(query).all())
    return names


# On the incident's page


@dataclass(frozen=True)
class Choice:
    """A clock that the life line can show a lane of."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Chosen:
    """The lane that was chosen, if one was, and all that can be."""

    track: lifeline.Track | None
    choices: Sequence[Choice]


def choose(
    found: Readable, clock: str, people: Mapping[int, str], url: Callable[[str | None], str]
) -> Chosen:
    """C15: give the life line a clock's lane; the one that is shown can be put away again."""
    it = shown(found, clock, people) if clock in found.names else None
    setup = found.work.directory
    choices = [
        Choice(title(name, setup), url(None if each == clock else each), each == clock)
        for each, name in found.names.items()
    ]
    return Chosen(it.track if it else None, choices)


def date_urls(
    number: int, work: Clockwork, target: tuple[str | None, str | None]
) -> dict[str, str]:
    """Give the pages that explain the three dates, as far as there are any."""
    kind, party = target
    names: dict[str, Name] = {
        each: (each, None, None) for each in ("requested", "promised") if work.story.current(each)
    }
    of_target = [n for n in work.entries if n[:2] == (kind, party) and work.entries[n].targeted]
    if of_target:
        names["target"] = of_target[-1]
    return {each: address(number, name, work.directory) for each, name in names.items()}


def links(found: Readable | None) -> list[tuple[str, str]]:
    """C15: give the clocks that somebody may read about, each with the page that explains it."""
    if found is None:
        return []
    number, setup = found.incident.number, found.work.directory
    return [(title(name, setup), address(number, name, setup)) for name in found.names.values()]
