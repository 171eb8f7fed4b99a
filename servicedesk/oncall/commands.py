"""What people do with a rota: take over, swap, publish another; each act is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.db import db, transaction
from servicedesk.errors import BadInput, NotAllowed, NotFound, Refused
from servicedesk.oncall import queries, rota
from servicedesk.oncall.models import (
    AGREED,
    ASKED,
    OVERRIDE,
    REFUSED,
    SWAP,
    WITHDRAWN,
    DutyChange,
    DutySwap,
)
from servicedesk.oncall.rota import Turn
from servicedesk.people.absence import asked
from servicedesk.people.models import Group, Person
from servicedesk.people.permissions import Act, may
from servicedesk.setup import editing
from servicedesk.setup.directory import Directory, Party
from servicedesk.setup.snapshot import directory
from servicedesk.times import local_day

REASON = 500  # letters
TOLD = timedelta(weeks=4)  # whoever's turns change so soon is told


@dataclass(frozen=True)
class _Doing:
    session: Session
    setup: Directory
    party: Party
    actor: Person
    now: datetime

    def check_keeps(self) -> None:
        """Refuse who does not keep this group's rota."""
        if not queries.keeps(self.session, self.setup, self.actor, self.party, self.now):
            raise NotAllowed(
                _("Only the lead of %(group)s or a manager can do this.", **self.named)
            )

    @property
    def named(self) -> dict[str, str]:
        """Give the group's name for a sentence."""
        return {"group": self.party.name}

    def of_group(self, id: int) -> Person:
        """Give somebody who can be on call here; raises BadInput."""
        found = next((it for it in queries.crew(self.session, self.party) if it.id == id), None)
        if found is None:
            raise BadInput(_("Please choose somebody of %(group)s.", **self.named))
        return found

    def lead(self) -> int | None:
        """Give who leads the group, or stands in for who does."""
        day = local_day(self.now, self.setup.zone)
        found = asked(self.session, self.party.lead, day) if self.party.lead else None
        return found.id if found else None

    def turns(self, start: datetime, end: datetime) -> list[Turn]:
        """Part a time by who has the duty as things stand."""
        book = queries.book(self.session, self.setup, [self.party], start, end)
        return book.stretches(self.party, start, end)

    def turn(self, start: datetime, person: int) -> Turn:
        """Give the turn of somebody that begins at an instant and is not over; raises Refused."""
        until = self.now + queries.AHEAD
        book = queries.book(self.session, self.setup, [self.party], self.now, until)
        for turn in book.turns(self.party):
            if turn.start == start and turn.person == person:
                return turn
        raise Refused(_("The rota has changed meanwhile: please choose the turn again."))

    def tell(self, people: Collection[int | None], kind: str, **data: Any) -> None:
        """Tell those concerned, but not whoever did it."""
        for person in sorted({id for id in people if id} - {self.actor.id}):
            outbox.queue(
                self.session, kind, now=self.now, person=person, group=self.party.id, **data
            )


@contextmanager
def _doing(key: str, actor: Person, now: datetime) -> Iterator[_Doing]:
    """Open the transaction of an act on a group's rota; raises NotFound."""
    actor_id = actor.id
    with transaction() as session:
        setup = directory(session)
        person = session.get_one(Person, actor_id, populate_existing=True)
        party = setup.by_key.get(key)
        if party is None or party.is_partner or not may(person, Act.SEE_ROTA):
            raise NotFound(_("There is no such group."))
        # one at a time: what somebody swaps or takes over is theirs as they see it
        session.execute(sa.select(Group.id).where(Group.id == party.id).with_for_update())
        yield _Doing(session, setup, party, person, now)


def check_keeps(party: Party, actor: Person, now: datetime) -> None:
    """Refuse who does not keep a group's rota; raises NotAllowed."""
    session = db.session()
    _Doing(session, directory(session), party, actor, now).check_keeps()


# Taking over


def take_over(
    key: str,
    person: int,
    start: datetime,
    end: datetime,
    reason: str,
    *,
    actor: Person,
    now: datetime,
) -> int:
    """Have somebody take over for a time, above what the rota says; gives the change's id.

    What has passed stays: a time that has begun counts from now. Raises BadInput, Refused and
    NotAllowed.
    """
    why = _line(reason, _("Please say why."))
    with _doing(key, actor, now) as it:
        it.check_keeps()
        _check_times(start, end, now)
        start = max(start, now)
        if rota.covers(it.party.rota, start) is None:
            raise Refused(_("%(group)s has no rota then: its lead is asked.", **it.named))
        relieved = [turn.person for turn in it.turns(start, end)]
        row = _change(it, it.of_group(person).id, start, end, OVERRIDE, reason=why)
        it.tell([person, *relieved], "duty_changed", change=row.id)
        return row.id


def _check_times(start: datetime, end: datetime, now: datetime) -> None:
    if end <= start:
        raise BadInput(_("This ends before it begins."))
    if end <= now:
        raise BadInput(_("This time has passed already."))
    if end - start > queries.LONGEST:
        days = queries.LONGEST.days
        raise BadInput(_("For more than %(n)d days please change the rota.", n=days))


def _change(
    it: _Doing, person: int, start: datetime, end: datetime, kind: str, **more: Any
) -> DutyChange:
    row = DutyChange(
        group_id=it.party.id,
        person_id=person,
        start_at=start,
        end_at=end,
        kind=kind,
        made_by_id=it.actor.id,
        made_at=it.now,
        **more,
    )
    it.session.add(row)
    it.session.flush()
    return row


def withdraw_change(id: int, *, actor: Person, now: datetime) -> str:
    """Let a change hold no longer, what is past of it stays; gives the group's key.

    Of a swap both of its changes go. Raises NotFound, NotAllowed and Refused.
    """
    with _doing(_key_of(DutyChange, id), actor, now) as it:
        it.check_keeps()
        row = it.session.get_one(DutyChange, id, populate_existing=True)
        if row.withdrawn_at or row.end_at <= now:
            raise Refused(_("This change is over already."))
        of_swap = DutyChange.swap_id == row.swap_id if row.swap_id else sa.false()
        both = it.session.scalars(
            sa.select(DutyChange).where(sa.or_(DutyChange.id == id, of_swap))
        ).all()
        for one in both:
            if one.withdrawn_at is None and one.end_at > now:
                one.withdrawn_at, one.withdrawn_by_id = now, it.actor.id
        it.session.flush()
        then = [
            turn.person for one in both for turn in it.turns(max(one.start_at, now), one.end_at)
        ]
        it.tell([*then, *(one.person_id for one in both)], "duty_changed", change=id)
        return it.party.key


def _key_of(model: type[DutyChange | DutySwap], id: int) -> str:
    """Give the key of the group that something belongs to; raises NotFound."""
    query = sa.select(Group.key).join(model, model.group_id == Group.id).where(model.id == id)
    found = db.session().scalar(query)
    if found is None:
        raise NotFound(_("There is no such change, or it is not for you."))
    return found


# Swapping


def ask_swap(
    key: str,
    start: datetime,
    other: int,
    other_start: datetime | None,
    note: str,
    *,
    actor: Person,
    now: datetime,
) -> int:
    """Ask somebody of the group to take one's own turn, for one of theirs or for nothing.

    Gives the swap's id. Raises BadInput and Refused.
    """
    with _doing(key, actor, now) as it:
        mine = it.turn(start, it.actor.id)
        if other == it.actor.id:
            raise BadInput(_("Please choose somebody else."))
        it.of_group(other)
        theirs = it.turn(other_start, other) if other_start else None
        for swap in queries.open_swaps(it.session, now, DutySwap.group_id == it.party.id):
            if swap.asker_id == it.actor.id and swap.start_at == mine.start:
                raise Refused(_("You have asked for this turn already: wait, or withdraw that."))
        row = DutySwap(
            group_id=it.party.id,
            asker_id=it.actor.id,
            other_id=other,
            start_at=mine.start,
            end_at=mine.end,
            other_start_at=theirs.start if theirs else None,
            other_end_at=theirs.end if theirs else None,
            note=_line(note) or None,
            asked_at=now,
        )
        it.session.add(row)
        it.session.flush()
        it.tell([other], "swap_asked", swap=row.id)
        return row.id


def answer_swap(id: int, agreed: bool, *, actor: Person, now: datetime) -> str:
    """Agree to a swap, so that both turns change hands at once, or refuse it.

    Gives the group's key. Raises NotFound and Refused.
    """
    with _doing(_key_of(DutySwap, id), actor, now) as it:
        row = _waiting(it, id, DutySwap.other_id)
        row.state, row.ended_at = (AGREED if agreed else REFUSED), now
        if agreed:
            _hand_over(it, row)
            it.tell([row.asker_id, it.lead()], "swap_agreed", swap=row.id)
        else:
            it.tell([row.asker_id], "swap_refused", swap=row.id)
        return it.party.key


def withdraw_swap(id: int, *, actor: Person, now: datetime) -> str:
    """Ask for a swap no longer; gives the group's key. Raises NotFound and Refused."""
    with _doing(_key_of(DutySwap, id), actor, now) as it:
        row = _waiting(it, id, DutySwap.asker_id)
        row.state, row.ended_at = WITHDRAWN, now
        return it.party.key


def _waiting(it: _Doing, id: int, whose: sa.ColumnElement[int] | Any) -> DutySwap:
    """Give a swap to who answers it, or asked for it; raises NotFound and Refused."""
    query = sa.select(DutySwap).where(DutySwap.id == id, whose == it.actor.id)
    row = it.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(_("There is no such change, or it is not for you."))
    if row.state != ASKED:
        raise Refused(_("This was answered already, or is no longer asked for."))
    return row


def _hand_over(it: _Doing, row: DutySwap) -> None:
    """Step: let both turns change hands, as far as they are still to come."""
    given = [(row.asker_id, row.other_id, row.start_at, row.end_at)]
    if row.other_start_at and row.other_end_at:
        given.append((row.other_id, row.asker_id, row.other_start_at, row.other_end_at))
    for before, after, start, end in given:
        start = max(start, it.now)
        has = {turn.person for turn in it.turns(start, end)} if start < end else set()
        if has != {before}:
            raise Refused(_("The rota has changed meanwhile: this can't be swapped any more."))
        it.of_group(after)
    for _before, after, start, end in given:
        _change(it, after, max(start, it.now), end, SWAP, swap_id=row.id)


# Another rota


def changed(session: Session, key: str, said: dict[str, Any] | None) -> dict[str, Any]:
    """Step: give the set-up's document with another rota of a group; None takes it away."""
    data = editing.document(session)
    entry = {word: it for word, it in data["groups"][key].items() if word != "rota"}
    data["groups"][key] = entry | ({"rota": said} if said else {})
    return data


def publish(
    key: str, said: dict[str, Any] | None, *, actor: Person, now: datetime, revision: int
) -> bool:
    """Publish a group's rota as DESK.yaml would have it; whoever's next turns change is told.

    Says whether anything changed. Raises NotAllowed, BadFile, Refused and Stale.
    """
    session, actor_id = db.session(), actor.id
    party = directory(session).by_key.get(key)
    if party is None or party.is_partner:
        raise NotFound(_("There is no such group."))
    it = _Doing(session, directory(session), party, actor, now)
    it.check_keeps()
    before = it.turns(now, now + TOLD)

    def then(session: Session) -> None:
        setup = directory(session)
        person = session.get_one(Person, actor_id)
        later = _Doing(session, setup, setup.party(it.party.ref), person, now)
        later.tell(_moved(before, later.turns(now, now + TOLD)), "duty_changed")

    data = changed(session, key, said)
    editing.publish(data, now, revision, by=actor_id, then=then)
    return directory(db.session()).revision != revision


def _moved(before: list[Turn], after: list[Turn]) -> set[int | None]:
    """Give those who have other turns than they had."""
    one, two = ({(it.person, it.start, it.end) for it in turns} for turns in (before, after))
    return {person for person, _start, _end in one ^ two}


def _line(text: str, missing: str = "") -> str:
    """Check a line of text; raises BadInput."""
    found = " ".join(text.split())
    found = "".join(letter for letter in found if letter.isprintable())
    if not found and missing:
        raise BadInput(missing)
    if len(found) > REASON:
        raise BadInput(_("This text is too long: %(n)d characters at most.", n=REASON))
    return found
