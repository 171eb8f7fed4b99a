"""The check recomputes everything from the journal and names each difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.db import transaction
from servicedesk.escalation.commands import hand_off
from servicedesk.history.check import Found, check
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.models import DateChange, HandOff, Holding, Incident
from servicedesk.journal import EventRow
from servicedesk.setup.models import Counter
from servicedesk.sla.models import ClockRow
from tests.cast import Desk, at


@pytest.fixture
def told(desk: Desk) -> Desk:
    """One incident of some length, and a second one that nobody tampers with."""
    n = desk.log(when="09:00", wish=Due(at=at("Fri 12:00")))
    desk.do(commands.take, n, by="ito", when="09:10")
    desk.do(hand_off, n, "netone", note="Please look", by="ito", when="10:00")
    desk.do(commands.hold, n, "requester", by="ito", when="11:00", question="Is it back?")
    desk.do(commands.comment, n, "reply", "Yes", by="emi", when="11:30")
    desk.log(when="09:00")
    return desk


def tamper(desk: Desk, change: Callable[[Session], object]) -> None:
    """Change the database behind the desk's back."""
    desk.tampered = True
    with desk.session(), transaction() as session:
        change(session)


def found(desk: Desk, *, repair: bool = False, now: str = "2027-01-15 10:00") -> Found:
    with desk.session():
        return check(now=at(now), repair=repair)


def row(session: Session, model: type[Any], **values: object) -> Any:
    """Find a row of the first incident."""
    query = sa.select(model).filter_by(incident_id=1, **values)
    return session.scalars(query.order_by(model.id)).first()


def test_nothing_is_found_where_nothing_is_wrong(told: Desk) -> None:
    """C6: recomputes every clock from the journal and must find no difference."""
    for now in ("11:30", "18:00", "2027-01-15 10:00", "2020-01-01 00:00"):
        result = found(told, now=now)
        assert (result.incidents, result.differences, result.repaired) == (2, [], 0)


# The journal


def change(**values: object) -> Callable[[Session], None]:
    """Change the journal's third line."""

    def act(session: Session) -> None:
        for name, value in values.items():
            setattr(row(session, EventRow, seq=3), name, value)

    return act


@pytest.mark.parametrize(
    "values",
    [
        {"data": {"assignee": 4711}},
        {"kind": "incident.closed"},
        {"happened_at": at("09:09")},
        {"recorded_at": at("09:09")},
        {"actor_id": 1},
        {"before": "0" * 64},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_line_of_the_journal_shows(told: Desk, values: dict[str, object]) -> None:
    """§3: each event carries the hash of the one before it, so a changed line shows."""
    tamper(told, change(**values))
    first, *rest = found(told).differences
    assert first.startswith("INC-00000001: event ")
    assert "the journal was changed here or before" in first
    assert not [line for line in rest if line.startswith("INC-00000002")]


@pytest.mark.parametrize("seq", [1, 3])
def test_a_missing_line_shows(told: Desk, seq: int) -> None:
    """§3: so a missing line shows."""
    tamper(told, lambda session: session.delete(row(session, EventRow, seq=seq)))
    assert found(told).differences[0].startswith(f"INC-00000001: event {seq}: the journal was")


def test_a_missing_last_line_shows(told: Desk) -> None:
    """§3: the incident keeps the hash of its last line."""
    last = len(told.events(1))
    tamper(told, lambda session: session.delete(row(session, EventRow, seq=last)))
    first = found(told).differences[0]
    said = f"event {last - 1}: the journal's last line was changed or is missing"
    assert first == f"INC-00000001: {said}"


def test_a_changed_last_line_shows(told: Desk) -> None:
    last = len(told.events(1))

    def act(session: Session) -> None:
        row(session, EventRow, seq=last).actor_id = told_by
        session.flush()

    told_by = told.id("taro")
    tamper(told, act)
    assert "the journal's last line was changed" in found(told).differences[0]


def test_an_added_line_shows(told: Desk) -> None:
    def act(session: Session) -> None:
        last = row(session, EventRow, seq=3)
        more = {name: getattr(last, name) for name in ("kind", "happened_at", "recorded_at")}
        session.add(EventRow(incident_id=1, seq=99, data={}, before=last.before, **more))

    tamper(told, act)
    assert "the journal was changed here or before" in found(told).differences[0]


def test_a_changed_journal_is_never_repaired_into_truth(told: Desk) -> None:
    """A repair follows the journal; one that was changed says nothing to follow."""
    tamper(told, change(data={"assignee": told.id("sato")}))
    assert found(told, repair=True).repaired == 0
    assert told.assignee(1) is None  # handed off


# The rows


def set_on(model: type[Any], values: dict[str, Any], **which: object) -> Callable[[Session], None]:
    def act(session: Session) -> None:
        for name, value in values.items():
            setattr(row(session, model, **which), name, value)

    return act


DIFFERENCES: list[tuple[Callable[[Session], object], str]] = [
    (set_on(ClockRow, {"counted_seconds": 7}, kind="response"), "clock response: counted_seconds"),
    (set_on(ClockRow, {"state": "met"}, kind="resolution"), "clock resolution: state is met"),
    (set_on(ClockRow, {"due_at": at("Wed 12:00")}, kind="resolution"), "clock resolution: due_at"),
    (set_on(ClockRow, {"target_seconds": 5}, kind="resolution"), "resolution: target_seconds"),
    (set_on(ClockRow, {"breached_at": at("10:30")}, kind="response"), "response: breached_at"),
    (set_on(ClockRow, {"late_from": None}, kind="requested"), "clock requested: "),
    (lambda s: s.delete(row(s, ClockRow, kind="resolution")), "clock resolution: is missing"),
    (
        lambda s: setattr(row(s, ClockRow, kind="resolution"), "kind", "promised"),
        "follows from nothing",
    ),
    (set_on(Holding, {"end": at("10:30")}, n=1), "holding 1: end is"),
    (set_on(Holding, {"holder": "group:2"}, n=1), "holding 1: holder is group:2"),
    (lambda s: s.delete(row(s, Holding, n=2)), "holding 2: is missing"),
    (set_on(HandOff, {"state": "answered"}, n=1), "handoff 1: state is answered"),
    (set_on(HandOff, {"is_return": True}, n=1), "handoff 1: is_return is True"),
    (set_on(DateChange, {"due": at("Mon 12:00")}), "date_change 2: due is"),
]
INCIDENT = {
    "state": "closed", "priority": "P1", "holder": "requester", "given_to": "group:2",
    "version": 99, "handoff_count": 3, "returns": 1, "reopened": 2, "assignee_id": 1,
    "requested_due": at("Mon 12:00"), "first_requested_due": None, "next_due": at("Mon 12:00"),
    "late_from": at("Mon 12:00"), "target_kind": "answer", "held_since": at("09:00"),
    "first_response_at": at("09:30"), "confidential": True, "changed_at": at("09:00"),
}  # fmt: skip


def on_incident(name: str) -> Callable[[Session], None]:
    return lambda session: setattr(session.get_one(Incident, 1), name, INCIDENT[name])


@pytest.mark.parametrize(("act", "said"), DIFFERENCES, ids=[said for _act, said in DIFFERENCES])
def test_a_changed_row_shows_and_is_repaired(
    told: Desk, act: Callable[[Session], object], said: str
) -> None:
    """C6: the stored row is a cache; `--repair` brings it up to the journal."""
    tamper(told, act)
    differences = found(told).differences
    assert said in " ".join(differences)
    assert {line.partition(":")[0] for line in differences} == {"INC-00000001"}
    assert found(told, repair=True).repaired == 1
    assert found(told).differences == []


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("name", list(INCIDENT))
def test_a_changed_incident_shows_and_is_repaired(told: Desk, name: str) -> None:
    """C6: so do the incident's own columns."""
    tamper(told, on_incident(name))
    assert any(f"incident: {name} is" in line for line in found(told).differences)
    found(told, repair=True)
    assert found(told).differences == []


def test_looking_repairs_nothing(told: Desk) -> None:
    tamper(told, on_incident("priority"))
    assert found(told).differences == found(told).differences != []


def test_a_repair_says_what_it_found(told: Desk) -> None:
    """Contract: exit 1 and the list where they differ."""
    tamper(told, on_incident("priority"))
    result = found(told, repair=True)
    assert result.differences == ["INC-00000001: incident: priority is P1, the journal says P3"]


@pytest.mark.parametrize("last", [0, 1])
def test_a_counter_that_would_give_a_number_twice_shows(told: Desk, last: int) -> None:
    """Contract: counters too."""

    def act(session: Session) -> None:
        session.get_one(Counter, "incident").last = last

    tamper(told, act)
    assert found(told).differences == [f"counter: is {last}, the highest number is 2"]
    found(told, repair=True)
    assert found(told).differences == []
    assert told.log() == 3


def test_a_missing_counter_shows(told: Desk) -> None:
    tamper(told, lambda session: session.execute(sa.delete(Counter)))
    assert found(told).differences == ["counter: is None, the highest number is 2"]
    found(told, repair=True)
    assert told.log() == 3


def test_what_was_recorded_ahead_of_the_clock_is_checked_as_of_then(told: Desk) -> None:
    """Contract: as at the later of now and the last recorded event."""
    told.do(commands.take, 2, by="ito", when="2027-03-01 10:00")
    assert found(told, now="09:00").differences == []


@pytest.mark.backends("sqlite")
def test_a_check_goes_on_over_many_incidents(told: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servicedesk.history.check.AT_ONCE", 2)
    for _ in range(3):
        told.log()
    tamper(told, lambda session: setattr(session.get_one(Incident, 5), "priority", "P1"))
    result = found(told, repair=True)
    assert (result.incidents, result.repaired) == (5, 1)
    assert "INC-00000005: incident: priority" in result.differences[0]
