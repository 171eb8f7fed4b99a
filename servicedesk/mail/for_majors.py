"""What is told of major incidents: to who decides, to who coordinates, to all who are concerned."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk import formats
from servicedesk.incidents.models import OPEN, Incident, MajorIncident, MajorUpdate
from servicedesk.incidents.visibility import visible
from servicedesk.mail import addresses
from servicedesk.mail.letter import Button, Fact, Letter, NotToBeSent, facts, quote
from servicedesk.mail.matter import Matter
from servicedesk.major import concerned
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act, may

# To who works on it


def _proposed(it: Matter) -> Letter:
    row = _for_desk(it)
    if row.state != "proposed" or it.about.state not in OPEN:
        raise NotToBeSent("overtaken")
    if row.step:
        said = {"step": row.step, "policy": row.policy}
        what = _("The rule “%(step)s” of “%(policy)s” proposes a major incident.", **said)
    else:
        what = _("%(name)s proposes a major incident.", name=it.name(row.proposed_by_id))
    return Letter(
        _("Major incident proposed"),
        what,
        _("You get this because you are one of those who decide about it."),
        Button(_("Confirm or refuse"), it.page),
        lines=(_("Once it is confirmed, all who are concerned hear of it regularly."),),
        quotes=quote(row.reason, it.name(row.proposed_by_id)),
        facts=_of(it),
    )


def _refused(it: Matter) -> Letter:
    row = _for_desk(it)
    if row.state != "refused":
        raise NotToBeSent("overtaken")
    return Letter(
        _("Not a major incident"),
        _("%(name)s does not make it a major incident.", name=it.name(row.decided_by_id)),
        _("You get this because you proposed it."),
        Button(_("Open it"), it.page),
        quotes=quote(row.decision, it.name(row.decided_by_id)),
        facts=_of(it),
    )


def _coordinates(it: Matter) -> Letter:
    row = _running(it)
    if it.data.get("coordinator", row.coordinator_id) != row.coordinator_id:
        raise NotToBeSent("overtaken")
    time = formats.lasting(row.every_seconds)
    return Letter(
        _("You coordinate a major incident"),
        _("You coordinate “%(headline)s”.", headline=row.headline),
        _("You get this because you were named coordinator, or stand in for who was."),
        _room(it, _("Open it")),
        lines=(_("Those concerned expect an update every %(time)s.", time=time),),
        facts=_of(it) + facts((_("Next update by"), it.at(row.update_due))),
    )


def _missed(it: Matter) -> Letter:
    row = _running(it)
    if it.data.get("seq") and row.updated_at and _number(it, row) > int(it.data["seq"]):
        raise NotToBeSent("overtaken")
    count = int(it.data.get("missed", 1))
    mine = it.person is not None and row.coordinator_id == it.person.id
    missed = _("No update was written in time.")
    if count > 1:
        missed = _("%(num)s updates in a row were not written in time.", num=count)
    coordinates = _("You get this because you coordinate it, or stand in for who does.")
    above = _("You get this because it is the second update in a row, or a later one.")
    return Letter(
        _("An update is missing"),
        missed,
        coordinates if mine or count == 1 else above,
        _room(it, _("Write an update")),
        lines=(_("Those concerned wait for news of “%(headline)s”.", headline=row.headline),),
        facts=facts(
            (_("Coordinator"), it.name(row.coordinator_id)),
            (_("Last update"), it.at(row.updated_at)),
        ),
    )


def _number(it: Matter, row: MajorIncident) -> int:
    """Give the number of the last update, by its event."""
    query = sa.select(sa.func.max(MajorUpdate.n)).where(MajorUpdate.incident_id == row.incident_id)
    return it.session.scalar(query) or 0


def _for_desk(it: Matter) -> MajorIncident:
    """§9: give what it is about to the desk side alone; raises NotToBeSent."""
    if it.person is None:
        raise NotToBeSent("nobody")
    query = sa.select(MajorIncident).join(Incident).where(visible(it.person, Act.SEE_MAJORS))
    query = query.where(MajorIncident.incident_id == it.about.id)
    if n := it.data.get("major"):
        query = query.where(MajorIncident.n == n)
    row = it.session.scalar(query.order_by(MajorIncident.n.desc()).limit(1))
    if row is None:
        raise NotToBeSent("nothing to say")
    return row


def _running(it: Matter) -> MajorIncident:
    row = _for_desk(it)
    if row.state != "confirmed" or it.about.state not in OPEN:
        raise NotToBeSent("overtaken")
    return row


def _room(it: Matter, label: str) -> Button:
    return Button(label, addresses.page("major.room", number=it.about.number))


def _of(it: Matter) -> tuple[Fact, ...]:
    return facts((_("Service"), it.service), (_("Priority"), it.about.priority))


# To all who are concerned


def _confirmed(it: Matter) -> Letter:
    row = _for_concerned(it)
    return _told(
        it,
        _("Disturbance"),
        _("“%(headline)s”: we know of it and work on it.", headline=row.headline),
        row,
        lines=(_("You hear of it regularly until it is over: no need to report it again."),),
    )


def _update(it: Matter) -> Letter:
    row = _for_concerned(it)
    what = _("How it stands with “%(headline)s”:", headline=row.headline)
    return _told(it, _("Disturbance: news"), what, row, said=_words(it))


def _over(it: Matter) -> Letter:
    row = _for_concerned(it)
    what = _("“%(headline)s” is over.", headline=row.headline)
    return _told(it, _("Disturbance over"), what, row, said=_words(it))


def _ended(it: Matter) -> Letter:
    """Tell who is concerned by something of their own that is still open."""
    row = _for_concerned(it)
    if it.about.state in OPEN:
        raise NotToBeSent("overtaken")  # it was opened again
    what = _("“%(headline)s” is solved.", headline=row.headline)
    line = _("If it still troubles you, please say so.")
    return _told(it, _("Disturbance over"), what, row, lines=(line,))


def _told(
    it: Matter,
    subject: str,
    what: str,
    row: MajorIncident,
    lines: tuple[str, ...] = (),
    said: str = "",
) -> Letter:
    watches = _("You get this because you watch what is concerned by it.")
    own = _("You get this because you reported what is concerned by it.")
    mine = _own(it)
    is_own = mine is not None and it.person is not None and mine.requester_id == it.person.id
    url = addresses.page("incidents.page", number=mine.number) if mine else it.page
    return Letter(
        subject,
        what,
        own if is_own else watches,
        Button(_("Open it"), url),
        lines=lines,
        quotes=quote(said),
        facts=facts((_("Since"), it.at(row.decided_at))),
    )


def _own(it: Matter) -> Incident | None:
    """Give the incident by which the reader is concerned."""
    person = _reader(it)
    number = concerned.own_number(it.session, person, it.about.id)
    return it.session.scalar(sa.select(Incident).where(Incident.number == number))


def _reader(it: Matter) -> Person:
    if it.person is None or not may(it.person, Act.LOG_INCIDENT):
        raise NotToBeSent("nobody")
    return it.person


def _for_concerned(it: Matter) -> MajorIncident:
    """§9: ask again whether the reader is concerned, and may know of it; raises NotToBeSent."""
    if not concerned.is_concerned(it.session, _reader(it), it.about):
        raise NotToBeSent("overtaken")
    if it.about.confidential and not it.sees:
        raise NotToBeSent("confidential")
    query = sa.select(MajorIncident).where(
        MajorIncident.incident_id == it.about.id,
        MajorIncident.state.in_(("confirmed", "over")),
    )
    if n := it.data.get("major"):
        query = query.where(MajorIncident.n == n)
    row = it.session.scalar(query.order_by(MajorIncident.n.desc()).limit(1))
    if row is None:
        raise NotToBeSent("overtaken")
    return row


def _words(it: Matter) -> str:
    """Give what was written to all who are concerned."""
    query = sa.select(MajorUpdate.body).where(
        MajorUpdate.incident_id == it.about.id, MajorUpdate.n == it.data.get("n")
    )
    said = it.session.scalar(query)
    if said is None:
        raise NotToBeSent("nothing to say")
    return said


LETTERS: dict[str, Callable[[Matter], Letter]] = {
    "major_proposed": _proposed,
    "major_refused": _refused,
    "major_coordinates": _coordinates,
    "major_missed": _missed,
    "major_confirmed": _confirmed,
    "major_update": _update,
    "major_over": _over,
    "major_ended": _ended,
}
CONCERNED = frozenset(("major_confirmed", "major_update", "major_over", "major_ended"))
