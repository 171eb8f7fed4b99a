"""Links are unguessable, single use, and end."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.outbox import Notification
from servicedesk.people import links
from servicedesk.people.links import Link

HOUR = timedelta(hours=1)


def make(session: Session, now: datetime, person: int | None = None, purpose: str = "reset") -> str:
    with transaction() as writing:
        return links.token(links.make(writing, purpose, now=now, lasts=HOUR, person=person))


def test_a_token_finds_its_link_until_its_time_is_over(session: Session, now: datetime) -> None:
    token = make(session, now)
    last = now + HOUR - timedelta(seconds=1)
    assert links.find(session, token, "reset", last) is not None
    assert links.find(session, token, "reset", now + HOUR) is None


def test_a_token_is_for_one_purpose(session: Session, now: datetime) -> None:
    assert links.find(session, make(session, now), "invitation", now) is None


def test_a_forged_token_finds_nothing(app: Flask, session: Session, now: datetime) -> None:
    token = make(session, now)
    for forged in ("", "x", token[:-2] + "xx", "1.2.3", "\0", "é" + token):
        assert links.find(session, forged, "reset", now) is None
    app.config["SECRET_KEY"] = "another"
    assert links.find(session, token, "reset", now) is None


def test_the_token_stands_nowhere_in_the_database(session: Session, now: datetime) -> None:
    token = make(session, now)
    row = session.execute(sa.select(Link.__table__)).one()
    assert token not in repr(row)


def test_all_links_of_people_end_or_those_for_some_purposes(
    session: Session, now: datetime, alice: int
) -> None:
    reset, solved = make(session, now, alice), make(session, now, alice, "solved")
    other = make(session, now)
    with transaction() as writing:
        links.revoke_all(writing, [alice], now, "reset", "invitation")
    found = [links.find(session, token, "reset", now) for token in (reset, other)]
    assert [link is None for link in found] == [True, False]
    assert links.find(session, solved, "solved", now)
    with transaction() as writing:
        links.revoke_all(writing, [alice], now)
    assert links.find(session, solved, "solved", now) is None


def test_links_are_thrown_away_thirty_days_after_they_ended(
    session: Session, now: datetime, alice: int
) -> None:
    for age in (29, 31, 60):
        make(session, now - timedelta(days=age) - HOUR, alice)
    with transaction() as writing:
        late = links.make(writing, "solved", now=now - timedelta(days=90), lasts=HOUR)
        late.used_at = now - timedelta(days=1)
        old = writing.scalars(sa.select(Link).order_by(Link.ends_at)).all()
        outbox.queue(writing, "reset", now=now, person=alice, link=old[1].id)
    links.prune(now)
    assert session.scalar(sa.select(sa.func.count()).select_from(Link)) == 2
    assert session.scalars(sa.select(Notification.link_id)).all() == [None]
