from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from servicedesk.people.absence import DEPUTIES, asked, stands_in_for
from servicedesk.people.models import Person

DAY = date(2026, 11, 26)


def chain(session: Session, *states: str) -> list[Person]:
    """Make people, each the deputy of the one before: `here`, `away` or `gone`."""
    people: list[Person] = []
    for n, state in reversed(list(enumerate(states))):
        deputy = people[0].id if people else None
        away = DAY if state == "away" else None
        one = Person(key=f"p{n}", name=f"P{n}", deputy_id=deputy, absent_from=away)
        one.active = state != "gone"
        session.add(one)
        session.flush()
        people.insert(0, one)
    return people


@pytest.mark.parametrize(
    ("states", "place"),
    [
        ("here here", 0),
        ("away here", 1),
        ("gone here", 1),
        ("away away here", 2),
        ("away gone here", 2),
        ("away", 0),
        ("away away", 0),
        ("away gone", 0),
        ("gone away", 1),
        ("gone", None),
        ("gone gone", None),
    ],
)
def test_whoever_is_not_there_is_skipped_for_the_deputy(
    session: Session, states: str, place: int | None
) -> None:
    people = chain(session, *states.split())
    found = asked(session, people[0].id, DAY)
    assert found is (None if place is None else people[place])


def test_nobody_is_asked_for_whom_nobody_knows(session: Session) -> None:
    assert asked(session, 7, DAY) is None


@pytest.mark.parametrize(
    ("begun", "lasts", "place"),
    [(0, 0, 1), (-3, None, 1), (-3, -1, 0), (1, None, 0), (None, 3, 0)],
)
def test_an_absence_has_a_first_and_a_last_day(
    session: Session, begun: int | None, lasts: int | None, place: int
) -> None:
    people = chain(session, "here", "here")
    people[0].absent_from = None if begun is None else DAY + timedelta(days=begun)
    people[0].absent_until = None if lasts is None else DAY + timedelta(days=lasts)
    session.flush()
    assert asked(session, people[0].id, DAY) is people[place]
    theirs = {people[1].id} | ({people[0].id} if place else set())
    assert stands_in_for(session, people[1], DAY) == theirs


def test_deputies_of_each_other_who_are_both_away_are_asked_themselves(session: Session) -> None:
    one, other = chain(session, "away", "away")
    other.deputy_id = one.id
    session.flush()
    assert asked(session, one.id, DAY) is one
    assert asked(session, other.id, DAY) is other
    assert stands_in_for(session, one, DAY) == {one.id}


def test_a_chain_of_deputies_is_followed_so_far(session: Session) -> None:
    people = chain(session, *["away"] * (DEPUTIES + 1), "here")
    assert asked(session, people[0].id, DAY) is people[0]
    assert asked(session, people[1].id, DAY) is people[-1]
    assert stands_in_for(session, people[-1], DAY) == {one.id for one in people[1:]}


def test_who_stands_in_is_whoever_is_asked(session: Session) -> None:
    """A deputy stands in for several, and for those for whom they in turn stand in."""
    states = ["here", "away", "gone", "away", "here", "gone", "away"]
    people = chain(session, "here")
    for n, state in enumerate(states[1:], start=1):
        one = Person(key=f"q{n}", name=f"Q{n}", absent_from=DAY if state == "away" else None)
        one.active = state != "gone"
        session.add(one)
        people.append(one)
    session.flush()
    for one, deputy in zip(people[1:], (0, 1, 0, 0, 3, 4), strict=True):
        one.deputy_id = people[deputy].id
    session.flush()
    for one in people:
        wanted = {p.id for p in people if asked(session, p.id, DAY) is one} | {one.id}
        assert stands_in_for(session, one, DAY) == wanted
    assert len(stands_in_for(session, people[0], DAY)) == 5
