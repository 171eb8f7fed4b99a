"""Doing what was previewed: each incident an act and a transaction of its own, exactly once."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from servicedesk.db import db, transaction
from servicedesk.errors import BadInput, DeskError, NotFound
from servicedesk.incidents.doing import Right, acting
from servicedesk.incidents.models import Incident
from servicedesk.incidents.visibility import visible
from servicedesk.people.models import Person
from servicedesk.selection import deeds
from servicedesk.selection.deeds import Wanted
from servicedesk.selection.models import NOT_DONE, WAITING, Chosen, Selection
from servicedesk.selection.preview import MOST
from servicedesk.setup.snapshot import directory

Enough = Callable[[], bool]  # says when to leave the rest for later
LEFT_ALONE = timedelta(minutes=1)  # whoever began may still be at it
ANY_VERSION = 0  # of a line that does not ask for one

# A line that waits is done and marked in one transaction. So a form that is sent twice, and one
# that is sent again after the process was killed, finds no more to do than there was left.


def begin(
    token: str,
    wanted: Wanted,
    chosen: Sequence[tuple[int, int]],
    *,
    actor: Person,
    now: datetime,
) -> int:
    """Note what is to be done with which (number, version); gives the selection's id.

    With a token that is there already nothing is noted again. Raises BadInput or NotFound.
    """
    if not chosen or len(chosen) > MOST:
        raise BadInput(_("Please choose up to %(most)d incidents.", most=MOST))
    person = actor.id
    try:
        return _noted(token, wanted, dict(chosen), person, now)
    except IntegrityError:  # the same form, sent twice at once
        return _noted(token, wanted, dict(chosen), person, now)


def _noted(token: str, wanted: Wanted, versions: dict[int, int], person: int, now: datetime) -> int:
    with transaction() as session:
        there = session.scalar(sa.select(Selection).where(Selection.token == token))
        if there is None:
            return _note(session, token, wanted, versions, session.get_one(Person, person), now)
        if there.person_id != person:
            raise NotFound(_("There is no such page, or it is not for you."))
        return there.id


def _note(
    session: Session,
    token: str,
    wanted: Wanted,
    versions: dict[int, int],
    person: Person,
    now: datetime,
) -> int:
    deeds.meant(session, directory(session), wanted)
    query = sa.select(Incident.id, Incident.number).where(
        Incident.number.in_(versions), visible(person, Right.WORK_INCIDENT)
    )
    found = {number: id for id, number in session.execute(query)}
    row = Selection(token=token, act=wanted.act, person_id=person.id, at=now, asked=wanted.plain())
    session.add(row)
    session.flush()
    lines = [
        {"selection_id": row.id, "incident_id": found[n], "version": version, "state": WAITING}
        for n, version in versions.items()
        if n in found
    ]
    if lines:
        session.execute(sa.insert(Chosen), lines)
    return row.id


def note_with(
    session: Session,
    wanted: Wanted,
    incidents: sa.ColumnElement[bool],
    actor: Person,
    now: datetime,
) -> Selection:
    """Step: note what is to be done with all incidents of a condition, together with another act.

    They are taken as they are by then: no version is asked for.
    """
    row = Selection(
        token=secrets.token_hex(16),
        act=wanted.act,
        person_id=actor.id,
        at=now,
        asked=wanted.plain(),
    )
    session.add(row)
    session.flush()
    columns = ["selection_id", "incident_id", "version", "state"]
    values = sa.literal(row.id), Incident.id, sa.literal(ANY_VERSION), sa.literal(WAITING)
    query = sa.select(*values).where(incidents, visible(actor, Right.WORK_INCIDENT))
    session.execute(sa.insert(Chosen).from_select(columns, query.order_by(Incident.id)))
    return row


def go_on(selection: int, now: datetime, enough: Enough = lambda: False) -> int:
    """Do what a selection has left; one that fails stops no other. Gives how many were done with.

    Done by whoever chose them, with the rights that they have by then.
    """
    return _work_off(_waiting(Chosen.selection_id == selection), now, enough)


def finish(now: datetime) -> int:
    """Do what was left by a process that ended in the middle; gives how many that were."""
    old = sa.select(Selection.id).where(Selection.at <= now - LEFT_ALONE)
    done, lines = 0, _waiting(Chosen.selection_id.in_(old))
    for line in lines:
        with force_locale(_language(line)):
            done += _do(line, now)
    return done


def _language(line: int) -> str:
    """Give the language of who will read why something was not done."""
    session: Session = db.session()
    query = sa.select(Person.language).join(Selection, Selection.person_id == Person.id)
    query = query.join(Chosen, Chosen.selection_id == Selection.id)
    found = session.scalar(query.where(Chosen.id == line)) or directory(session).language
    session.rollback()
    return found


def _waiting(condition: sa.ColumnElement[bool]) -> list[int]:
    session: Session = db.session()
    session.rollback()  # see what others have done meanwhile
    query = sa.select(Chosen.id).where(Chosen.state == WAITING, condition).order_by(Chosen.id)
    found = list(session.scalars(query))
    session.rollback()
    return found


def _work_off(lines: Sequence[int], now: datetime, enough: Enough) -> int:
    done = 0
    for line in lines:
        if enough():
            break
        done += _do(line, now)
    return done


def _do(line: int, now: datetime) -> bool:
    """Do one, or say why not; says whether there was anything left to do."""
    try:
        return _act(line, now)
    except DeskError as error:
        return _give_up(line, str(error))
    except (ValueError, LookupError, TypeError) as error:
        logging.getLogger(__name__).exception("selection: %s", type(error).__name__)
        return _give_up(line, _("Something went wrong here. Nothing was changed."))


def _act(line: int, now: datetime) -> bool:
    """The act and the mark that it is done are one transaction: both are kept, or neither is."""
    with transaction() as session:
        row = _locked(session, line)
        if row is None:
            return False
        selection = row.selection
        wanted = Wanted.read(selection.act, selection.asked)
        meant = deeds.meant(session, directory(session), wanted)
        person = session.get_one(Person, selection.person_id)
        number = row.incident.number
        with acting(
            session, number, person, now=now, right=Right.WORK_INCIDENT, version=row.version or None
        ) as it:
            row.state = deeds.do(it, meant)
        return True


def _give_up(line: int, why: str) -> bool:
    with transaction() as session:
        row = _locked(session, line)
        if row is not None:
            row.state, row.why = NOT_DONE, why
        return row is not None


def _locked(session: Session, line: int) -> Chosen | None:
    """Give a line that waits, locked: who comes second finds it done."""
    query = sa.select(Chosen).where(Chosen.id == line, Chosen.state == WAITING)
    return session.scalar(query.with_for_update(of=Chosen))
