"""Reminds people of a turn on call before it begins; once, however many do it or are killed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.oncall import queries
from servicedesk.oncall.queries import Book
from servicedesk.oncall.rota import Turn
from servicedesk.people.absence import asked
from servicedesk.setup.directory import Party
from servicedesk.setup.snapshot import directory_if_any
from servicedesk.times import iso, local_day


def remind(now: datetime) -> int:
    """E5: queue a reminder of each turn that begins within so many hours; gives how many.

    Whoever is away then is not reminded but who stands in for them, else the lead. A turn is named
    by its group, its beginning and who has it: its reminder is unique.
    """
    ahead = timedelta(hours=current_app.config["DUTY_REMINDER"])
    if not ahead:
        return 0
    with transaction() as session:
        setup = directory_if_any(session)
        if setup is None:
            return 0
        parties = [party for party in queries.groups(setup) if party.rota]
        book = queries.book(session, setup, parties, now, now + ahead)
        soon = [(party, turn) for party in parties for turn in _soon(book, party, ahead)]
        return sum(_remind(session, book, party, turn, now) for party, turn in soon)


def _soon(book: Book, party: Party, ahead: timedelta) -> Iterator[Turn]:
    """Give the turns that begin within the book's time, but for who goes on, or was told just now.

    Of a change that was made as shortly before, its people were told when it was made.
    """
    before: Turn | None = None
    told = {row.id for row in book.changes.get(party.id, ()) if row.made_at > row.start_at - ahead}
    for turn in book.turns(party):
        goes_on = before and (before.person, before.end) == (turn.person, turn.start)
        if turn.start > book.start and not goes_on and turn.change not in told:
            yield turn
        before = turn


def _remind(session: Session, book: Book, party: Party, turn: Turn, now: datetime) -> bool:
    """Step: queue a reminder, unless there was one; says whether."""
    there = turn.person and asked(session, turn.person, local_day(turn.start, book.setup.zone))
    reader = there.id if there else party.lead
    start = iso(turn.start)
    return reader is not None and outbox.queue_once(
        session,
        f"duty {party.id} {turn.person} {start}",
        "duty_soon",
        now=now,
        person=reader,
        group=party.id,
        whose=turn.person,
        start=start,
        end=iso(turn.end),
    )
