"""E5: what can wait waits for the end of quiet hours, and for room among so many an hour."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.incidents.models import Incident
from servicedesk.mail.calm import LIMIT, QUIET
from servicedesk.oncall.queries import who
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from tests.cast import Desk, at
from tests.mail.mailbox import Mailroom, set_desk
from tests.mail.post_office import PostOffice
from tests.mail.storms import NIGHT, RULE, fire, log, round_of
from tests.oncall.turns import give_rota
from tests.support.clock import Clock

sqlite = pytest.mark.backends("sqlite")


@pytest.fixture(autouse=True)
def _at_nine(clock: Clock) -> None:
    clock.now = at("09:00")


@sqlite
def test_what_can_wait_waits_for_the_end_of_quiet_hours(
    desk: Desk, room: Mailroom, clock: Clock, office: PostOffice
) -> None:
    """Each person's own, in their own zone; then it is one mail."""
    room.change("emi", channels={"quiet": NIGHT}, zone="Europe/Stockholm")
    (n,) = log(desk)
    clock.now = at("Fri 04:30")  # 20:30 there
    room.queue("reply", "emi", n)
    room.queue("approved", "emi", n)
    assert room.deliver().sent == 0
    assert {(row.bundle_at, row.held_for) for row in room.queued()} == {(at("Fri 15:00"), QUIET)}
    assert round_of(room, clock, "Fri 14:59") == 0
    assert round_of(room, clock, "Fri 15:00") == 1
    assert "What came for you in your quiet hours" in office.mails[0].text


@sqlite
@pytest.mark.parametrize(
    ("to", "kind", "more"),
    [
        ("sato", "rule", {"impact": 1, "urgency": 1}),
        ("emi", "reset", {}),
        ("emi", "received", {}),
    ],
)
def test_what_is_urgent_comes_in_quiet_hours_too(
    desk: Desk, room: Mailroom, clock: Clock, to: str, kind: str, more: dict[str, int]
) -> None:
    set_desk(desk, quiet={**NIGHT, "weekends": True})
    (n,) = log(desk, 1, **more)
    clock.now = at("Sat 23:00")
    room.queue(kind, to, n, link="reset" if kind == "reset" else None, **RULE)
    clock.advance(seconds=20)
    assert room.deliver().sent == 1


@sqlite
def test_what_is_due_before_the_end_of_quiet_hours_comes(
    desk: Desk, room: Mailroom, clock: Clock
) -> None:
    set_desk(desk, quiet=NIGHT)
    soon, late = log(desk, 2)
    for n, due in ((soon, at("Fri 06:30")), (late, at("Fri 07:30"))):
        with desk.app.app_context(), transaction() as session:
            dates = {"target_due": due, "requested_due": None, "promised_due": None}
            session.execute(sa.update(Incident).where(Incident.number == n).values(dates))
    desk.tampered = True
    clock.now = at("21:00")
    fire(room, "sato", soon, late)
    clock.advance(minutes=1)
    assert room.deliver().sent == 1
    assert [row.sent_at is not None for row in room.queued("rule")] == [True, False]
    assert room.queued("rule")[1].bundle_at == at("Fri 07:00")


@sqlite
def test_the_desks_hours_are_those_of_who_has_none_but_not_a_partners(
    desk: Desk, room: Mailroom, clock: Clock
) -> None:
    set_desk(desk, quiet={**NIGHT, "weekends": True})
    room.change("ueda", channels={"quiet": False})
    room.change("abe", channels={"quiet": {"from": "12:00", "to": "13:00"}})
    room.change("park", mail="park@printco.example")
    (n,) = log(desk)
    clock.now = at("Sat 10:00")
    for key in ("sato", "ueda", "abe", "park"):
        room.queue("reply", key, n)
    assert room.deliver().sent == 3
    assert [row.bundle_at for row in room.queued()] == [at("Mon 07:00"), None, None, None]


@sqlite
def test_whoever_is_on_call_has_no_quiet_hours_for_their_group(
    desk: Desk, room: Mailroom, clock: Clock
) -> None:
    """E1: who is on call now; a lead without a rota sleeps."""
    give_rota(desk)
    set_desk(desk, quiet=NIGHT)
    network, printing = desk.log(), desk.log(service="printing")
    with desk.app.app_context(), transaction() as session:
        ref = desk.ref("network")
        session.execute(sa.update(Incident).where(Incident.number == network).values(given_to=ref))
        session.execute(sa.delete(Notification))
    desk.tampered = True
    clock.now = at("23:00")
    with desk.session() as session:
        person = who(session, desk.setup(), ref, clock.now)
        key = session.get_one(Person, person).key
    room.change(key, mail=f"{key}@kita.example")
    for to in (key, "sato"):
        fire(room, to, network, printing)
    clock.advance(minutes=1)
    assert room.deliver().sent == 1
    sent = [(row.person_id, row.incident_id) for row in room.queued("rule") if row.sent_at]
    assert sent == [(desk.id(key), desk.incident(network).id)]


# So many an hour


def test_beyond_so_many_an_hour_the_rest_goes_together(
    desk: Desk, room: Mailroom, clock: Clock
) -> None:
    """Nothing is dropped; what lets in is never counted out."""
    set_desk(desk, most_mails=3)
    room.change("ueda", channels={"most": 2})
    (n,) = log(desk)
    for key, count in (("emi", 5), ("ueda", 2), ("sato", 1)):
        for _ in range(count):
            room.queue("reply", key, n)
    assert room.deliver().sent == 3 + 2 + 1
    assert [row.held_for for row in room.queued() if row.bundle_at] == [LIMIT, LIMIT]
    clock.advance(minutes=30)
    room.queue("reply", "emi", n)
    room.queue("reply", "ueda", n)
    room.queue("reset", "emi", link="reset")
    assert room.deliver().sent == 1
    clock.advance(minutes=29)
    assert room.deliver().sent == 0
    clock.advance(minutes=1)
    assert room.deliver().sent == 2  # one with three for Emi, the one that waited for Ueda
    assert all(row.sent_at or row.digest_id for row in room.queued())
    (held,) = room.queued("bundle")
    assert [row.digest_id for row in room.queued("reply")].count(held.id) == 3
