"""A real history: what the board says of its flow, against the same counted in plain Python."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.board import flow, stays
from servicedesk.board.flow import Asked
from servicedesk.db import db
from servicedesk.people.models import Person
from servicedesk.reports.periods import read_period
from servicedesk.setup.snapshot import directory
from tests.cast import Visitor
from tests.people.signing import come_in
from tests.reports.test_vinst import database_url
from tests.support.vinst import FOLDER

__all__ = ["database_url"]

ZONE = "Europe/Stockholm"
WHOLE, MAY = read_period("2010-03..2012-05", ZONE), read_period("2012-05", ZONE)
NOW = datetime(2012, 7, 1, tzinfo=UTC)
ENDED = ("resolved", "closed", "cancelled")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.exists(), reason="../shared/data/vinst is not beside this checkout"
    ),
]


@dataclass
class Told:
    """What the rows say of hand-offs and visits, without any of the desk's own code."""

    moves: list[tuple[datetime, str, str, str, bool]] = field(default_factory=list)  # and returns
    visits: list[tuple[str, datetime, datetime | None]] = field(default_factory=list)


def plainly() -> Told:
    """Read the history, incident by incident."""
    told = Told()
    with (FOLDER / "history.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for key, mine in groupby(sorted(rows, key=itemgetter("incident")), itemgetter("incident")):
        _tell(told, key, list(mine))
    return told


def _tell(told: Told, key: str, rows: list[dict[str, str]]) -> None:
    group, state, hold, held, given, since = "", "", "", "", set[str](), None
    for row in rows:
        at = datetime.fromisoformat(row["at"])
        to = row["group"] or group
        if group and to != group:
            told.moves.append((at, key, group, to, to in given))
        group = to
        given.add(to)
        state = row["state"] or state
        hold = row["hold"] if state == "on_hold" and row["hold"] else hold
        holder = "" if state in ENDED else group
        if state == "on_hold" and hold == "requester":
            holder = "requester"
        if holder != held:
            if held and since != at:
                told.visits.append((held, since or at, at))
            held, since = holder, at
    if held:
        told.visits.append((held, since or NOW, None))


def in_may(at: datetime | None) -> bool:
    return at is not None and MAY.start <= at < MAY.end


@pytest.fixture
def boss(app: Flask) -> Iterator[Visitor]:
    """A manager at the desk with the whole history."""
    with app.app_context():
        person = db.session().scalars(sa.select(Person).order_by(Person.id).limit(1)).one()
        person.roles, key = ["manager"], person.key
        db.session().commit()
        client = app.test_client()
        come_in(client, key)
        yield Visitor(client)


def test_the_board_explains_the_history(boss: Visitor) -> None:
    """H2, H5, H1: who gave what to whom, where it bounced, and where it stayed."""
    told, session = plainly(), db.session()
    setup = directory(session)
    keys = {party.ref: party.key for party in setup.parties.values()}
    found = flow.ways(session, WHOLE, NOW)
    assert flow.by_direction(found) == {
        "up": 3245, "down": 1755, "across": 4454, "partner": 0, "from-partner": 0,
    }  # fmt: skip
    assert (flow.bounced(session, WHOLE), flow.whole(found).again) == (1258, 3286)

    may = flow.ways(session, MAY, NOW)
    moves = [move for move in told.moves if in_may(move[0])]
    assert {(keys[way.sender], keys[way.receiver]): way.counts.sent for way in may} == Counter(
        (sender, receiver) for _at, _key, sender, receiver, _again in moves
    )
    again = Counter(frozenset(move[2:4]) for move in moves if move[4])
    pairs = flow.ping_pong(may, 10_000)
    assert {frozenset((keys[p.one], keys[p.other])): p.again for p in pairs} == again
    bouncing = flow.bouncing(session, MAY, 10_000)
    assert {one.incident.external_id: one.again for one in bouncing} == Counter(
        move[1] for move in moves if move[4]
    )
    first = pairs[0]
    asked = Asked(MAY, first.one, first.other, either=True, again=True)
    assert flow.handoffs(session, setup, asked, None).total == first.again

    visits = Counter(
        holder for holder, start, end in told.visits
        if holder != "requester" and start < MAY.end
        and (end is None or end > MAY.end or in_may(end))
    )  # fmt: skip
    lasting = Counter(
        holder for holder, start, end in told.visits
        if holder != "requester" and start < MAY.end and (end is None or end > MAY.end)
    )  # fmt: skip
    there = stays.stays(session, setup, MAY, NOW, 10_000)
    assert {stay.party.key: stay.visits for stay in there} == visits
    assert {stay.party.key: stay.lasting for stay in there if stay.lasting} == lasting
    _pages_say_so(boss, len(moves), sum(again.values()), first.again)


def _pages_say_so(boss: Visitor, sent: int, again: int, most: int) -> None:
    page = boss.get("/board/flow?period=2012-05").text
    for address, number in (
        ("/board/hand-offs?period=2012-05", sent),
        ("/board/hand-offs?period=2012-05&again=1", again),
    ):
        assert f'href="{address.replace("&", "&amp;")}">{number}<' in page
        assert f"{number} hand-offs" in boss.get(address).text
    assert f"<b>{most}</b>" in page
    assert "D4" in page
