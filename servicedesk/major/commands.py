"""What people do with major incidents: each command is one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import journal
from servicedesk.db import transaction
from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Refused
from servicedesk.incidents import majoring, record, words
from servicedesk.incidents.commands import New, log_new
from servicedesk.incidents.doing import TEXT_LENGTH, TITLE_LENGTH, Deed, acting, doing
from servicedesk.incidents.models import OPEN, Incident, MajorIncident, MajorUpdate, label
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act as Right
from servicedesk.people.permissions import may
from servicedesk.setup.snapshot import directory

USUAL_MINUTES = 30
PARTS = ("what", "cause", "better")  # of a review: what happened, why, what gets better
ACTIONS, ACTION_LENGTH, WHO_LENGTH = 20, 500, 100  # of a review, and of one of them


def propose(number: int, reason: str, *, actor: Person, now: datetime) -> None:
    """Propose an incident as major; raises BadInput, NotFound, NotAllowed or Refused."""
    why = words.text(reason, TEXT_LENGTH, _("Please say why it is a major incident."))
    with doing(number, actor=actor, now=now, right=Right.PROPOSE_MAJOR) as it:
        if not majoring.propose(it.act, journal.digest(why)):
            raise Refused(_("It is proposed already, or is a major incident."))
        _row(it, it.act.story.majors[-1].n).reason = why


def confirm(
    number: int,
    n: int,
    *,
    headline: str,
    coordinator: int,
    minutes: int = USUAL_MINUTES,
    actor: Person,
    now: datetime,
) -> None:
    """Confirm a major incident; everybody reads its headline, which is not the incident's title."""
    said = words.line(headline, TITLE_LENGTH, _("Please say in a few words what is disturbed."))
    with doing(number, actor=actor, now=now, right=Right.DECIDE_MAJOR) as it:
        _check_coordinator(it.session, it.incident, coordinator)
        majoring.confirm(
            it.act,
            n,
            headline=journal.digest(said),
            coordinator=coordinator,
            every=minutes,
        )
        _row(it, n).headline = said


def refuse(number: int, n: int, reason: str, *, actor: Person, now: datetime) -> None:
    """Say why it is not a major incident."""
    why = words.text(reason, TEXT_LENGTH, _("Please say why it is not a major incident."))
    with doing(number, actor=actor, now=now, right=Right.DECIDE_MAJOR) as it:
        majoring.refuse(it.act, n, journal.digest(why))
        _row(it, n).decision = why


def coordinate(number: int, coordinator: int, *, actor: Person, now: datetime) -> None:
    """Give the coordination to somebody else: who has it, or who decides about major ones."""
    with doing(number, actor=actor, now=now, right=Right.UPDATE_MAJOR) as it:
        if actor.id != majoring.running(it.act).coordinator and not may(
            it.actor, Right.DECIDE_MAJOR
        ):
            raise NotAllowed(_("Only the coordinator, a lead or a manager can do this."))
        _check_coordinator(it.session, it.incident, coordinator)
        majoring.coordinate(it.act, coordinator)


def update(
    number: int, body: str, minutes: int | None = None, *, actor: Person, now: datetime
) -> None:
    """Tell all who are concerned how it stands, and when they hear again."""
    said = words.text(body, TEXT_LENGTH, _("Please write how it stands."))
    with doing(number, actor=actor, now=now, right=Right.UPDATE_MAJOR) as it:
        n = majoring.update(it.act, journal.digest(said), minutes)
        _keep_update(it, n, said)


def stand_down(number: int, body: str, *, actor: Person, now: datetime) -> None:
    """End it with a last word to all who are concerned; the incident goes on as any other."""
    said = words.text(body, TEXT_LENGTH, _("Please write how it stands."))
    with doing(number, actor=actor, now=now, right=Right.DECIDE_MAJOR) as it:
        n = majoring.stand_down(it.act, journal.digest(said))
        _keep_update(it, n, said)


@dataclass(frozen=True, slots=True)
class Action:
    """What a review wants done, by whom and by when."""

    text: str
    who: str = ""
    until: date | None = None

    def plain(self) -> dict[str, str]:
        """Give it as a row keeps it."""
        return {
            "text": words.line(self.text, ACTION_LENGTH, _("Please say what is to be done.")),
            "who": words.text_of(" ".join(self.who.split()), WHO_LENGTH, None),
            "until": self.until.isoformat() if self.until else "",
        }


def review(
    number: int,
    said: Mapping[str, str],
    actions: Sequence[Action] = (),
    *,
    actor: Person,
    now: datetime,
) -> None:
    """Write the review: a text for each of PARTS, of which the first must be there."""
    missing = _("Please write what happened.")
    texts = {
        part: words.text(said.get(part, ""), TEXT_LENGTH, missing if part == PARTS[0] else None)
        for part in PARTS
    }
    if len(actions) > ACTIONS:
        raise BadInput(_("Please write at most %(n)d actions.", n=ACTIONS))
    wanted = [action.plain() for action in actions]
    digests = {part: journal.digest(text) for part, text in texts.items()}
    if wanted:
        digests["actions"] = journal.digest(json.dumps(wanted, sort_keys=True))
    with doing(number, actor=actor, now=now, right=Right.UPDATE_MAJOR) as it:
        n = majoring.review(it.act, **digests)
        _row(it, n).review = {**texts, "actions": wanted} if wanted else texts


def link(number: int, major: int, *, actor: Person, now: datetime) -> None:
    """Let an incident belong to a major one (its number)."""
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        found = _running(session, major, visible(person))
        with acting(session, number, person, now=now, right=Right.UPDATE_MAJOR) as it:
            _check_free(it, found.incident_id)
            majoring.link(it.act, found.incident_id)


def link_some(
    numbers: Sequence[int], major: int, *, actor: Person, now: datetime
) -> dict[int, str]:
    """Let several belong to a major one, each an act of its own; gives why which of them don't."""
    refused = {}
    for number in dict.fromkeys(numbers):
        try:
            link(number, major, actor=actor, now=now)
        except DeskError as error:
            refused[number] = str(error)
    return refused


def unlink(number: int, *, actor: Person, now: datetime) -> None:
    """Let an incident stand by itself again."""
    with doing(number, actor=actor, now=now, right=Right.UPDATE_MAJOR) as it:
        majoring.unlink(it.act)


def me_too(major: int, words_of_it: str = "", *, actor: Person, now: datetime) -> int:
    """Log an incident of one's own that belongs to a major one; gives its number.

    Who is concerned already gets the number that they have.
    """
    actor_id = actor.id
    with transaction() as session:
        person = session.get_one(Person, actor_id)
        found = _running(session, major, Incident.confidential.is_(False))
        _one_at_a_time(session, person)
        own = sa.select(Incident.number).where(
            Incident.requester_id == person.id,
            Incident.state.in_(OPEN),
            sa.or_(Incident.major_id == found.incident_id, Incident.id == found.incident_id),
        )
        if number := session.scalar(own.limit(1)):
            return number
        service = session.get_one(Incident, found.incident_id).service_id
        new = New(found.headline, directory(session).services[service].key, words_of_it)
        incident = log_new(session, person, new, now)
        with acting(session, incident.number, person, now=now, right=Right.LOG_INCIDENT) as it:
            majoring.link(it.act, found.incident_id)
        return incident.number


def _row(it: Deed, n: int) -> MajorIncident:
    """Bring up and give the row of one of an incident's major incidents."""
    record.bring_up(it.session, it.incident, it.act.work, it.act.now)
    query = sa.select(MajorIncident).where(MajorIncident.incident_id == it.incident.id)
    return it.session.scalars(query.where(MajorIncident.n == n)).one()


def _keep_update(it: Deed, n: int, body: str) -> None:
    it.session.add(
        MajorUpdate(incident_id=it.incident.id, n=n, at=it.act.now, by_id=it.act.actor, body=body)
    )


def _check_coordinator(session: Session, incident: Incident, id: int) -> None:
    person = session.get(Person, id)
    if person is None or not person.active or not may(person, Right.UPDATE_MAJOR):
        raise BadInput(_("Please choose who coordinates it."))
    seen = sa.select(Incident.id).where(Incident.id == incident.id, visible(person))
    if session.scalar(seen) is None:
        raise BadInput(_("%(name)s may not see this incident.", name=person.name))


def _running(session: Session, number: int, known: sa.ColumnElement[bool]) -> MajorIncident:
    """Give a major incident that goes on, to who may know of it; it goes on up to the commit.

    It is locked before what is to belong to it, so that two who link don't wait for each other.
    """
    still = sa.select(Incident.id).where(Incident.number == number, Incident.state.in_(OPEN), known)
    id = session.scalar(still.with_for_update(read=True))
    found = session.scalar(sa.select(MajorIncident).where(_goes_on(id))) if id else None
    if found is None:
        raise NotFound(_("There is no such major incident."))
    return found


def _goes_on(id: int) -> sa.ColumnElement[bool]:
    return sa.and_(MajorIncident.incident_id == id, MajorIncident.state == "confirmed")


def _check_free(it: Deed, major: int) -> None:
    """Refuse to take an incident from another major one that goes on."""
    of = it.act.story.part_of
    if of is None or of == major:
        return
    query = sa.select(Incident.number).join(MajorIncident).where(Incident.state.in_(OPEN))
    if number := it.session.scalar(query.where(_goes_on(of))):
        raise Refused(_("It belongs to %(number)s already.", number=label(number)))


def _one_at_a_time(session: Session, person: Person) -> None:
    """Let somebody who presses twice wait for themselves; others may refer to them meanwhile."""
    query = sa.select(Person.id).where(Person.id == person.id)
    session.execute(query.with_for_update(key_share=True))
