"""What happens to incidents by itself, when its time has come."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

import sqlalchemy as sa

from servicedesk.escalation.sweep import sweep
from servicedesk.incidents import approvals, commands
from servicedesk.incidents.approvals import Answer
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from tests.cast import TOKYO, Desk, at
from tests.incidents.approving import send_away, tokens, want_approval


def waiting(desk: Desk, until: str = "11:00") -> int:
    n = desk.log(when="09:00")
    desk.do(commands.hold, n, "delivery", by="ito", when="10:00", until=at(until))
    return n


def asking(desk: Desk) -> int:
    n = desk.log(when="09:00")
    desk.do(commands.hold, n, "requester", by="ito", when="10:00", question="Which room?")
    return n


def pass_to(desk: Desk, when: str) -> None:
    """Let the desk do what is due by an instant."""
    with desk.session():
        sweep(at(when))


def happened(desk: Desk, number: int, since: int) -> list[tuple[str, str]]:
    """List what happened after an event, and when in Tokyo."""
    return [
        (event.kind, f"{event.at.astimezone(TOKYO):%m-%d %H:%M}")
        for event in desk.events(number)
        if event.seq > since
    ]


def told(desk: Desk, number: int, *kinds: str) -> list[tuple[str, str, int | None]]:
    """List who was told what, the how manieth time."""
    with desk.session() as session:
        query = sa.select(Notification.kind, Person.key, Notification.data)
        query = query.join(Person, Person.id == Notification.person_id)
        query = query.where(Notification.incident_id == desk.incident(number).id)
        rows = session.execute(query.where(Notification.kind.in_(kinds)).order_by(Notification.id))
        return [(kind, key, data.get("n")) for kind, key, data in rows]


def test_a_hold_ends_by_itself_at_the_instant_that_was_said(desk: Desk) -> None:
    """§4: on hold with an `until` that ends it by itself, however late the sweep is."""
    n = waiting(desk, until="11:00")
    with desk.session():
        assert sweep(at("16:45")).done == 1
    last = desk.events(n)[-1]
    assert (desk.incident(n).state, last.kind, last.at) == (
        "in_progress",
        "incident.started",
        at("11:00"),
    )


def test_a_hold_lasts_until_its_time(desk: Desk) -> None:
    n = waiting(desk, until="11:00")
    with desk.session():
        assert sweep(at("10:59")).done == 0
    assert desk.incident(n).state == "on_hold"


def test_a_hold_for_the_requester_waits_for_the_answer(desk: Desk) -> None:
    n = asking(desk)
    with desk.session():
        assert sweep(at("Fri 18:00")).done == 0
    assert desk.incident(n).state == "on_hold"


def test_two_sweeps_at_once_end_each_hold_once(desk: Desk) -> None:
    """E3: any number of workers may sweep at the same time."""
    numbers = [waiting(desk) for _ in range(6)]

    def sweep_too(_worker: int) -> int:
        with desk.session():
            return sweep(at("12:00")).done

    with ThreadPoolExecutor(3) as workers:
        assert sum(workers.map(sweep_too, range(3))) == len(numbers)
    assert all(desk.kinds(n).count("incident.started") == 1 for n in numbers)


# waiting for the requester


def test_two_reminders_then_it_is_resolved_as_no_answer_then_closed(desk: Desk) -> None:
    """§4: after two reminders without answer resolved as "no answer", counted apart."""
    n = asking(desk)
    asked = desk.incident(n).version
    for day in ("2026-12-01", "2026-12-04", "2026-12-09", "2026-12-16"):
        pass_to(desk, f"{day} 17:59")
        pass_to(desk, f"{day} 18:00")
    assert happened(desk, n, asked) == [
        ("requester.reminded", "12-01 18:00"),
        ("requester.reminded", "12-04 18:00"),
        ("incident.resolved", "12-09 18:00"),
        ("incident.closed", "12-16 18:00"),
    ]
    incident = desk.incident(n)
    assert (incident.state, incident.resolution_code) == ("closed", "no_answer")
    assert all(event.actor is None for event in desk.events(n)[asked:])
    assert told(desk, n, "reminder") == [("reminder", "emi", 1), ("reminder", "emi", 2)]


def test_an_answer_after_a_reminder_goes_on_with_the_work(desk: Desk) -> None:
    """§4: a requester's reply ends *requester* by itself; nothing comes any more."""
    n = asking(desk)
    pass_to(desk, "Tue 18:00")
    desk.do(commands.comment, n, "reply", "Room 3", by="emi", when="Wed 09:00")
    answered = desk.incident(n).version
    pass_to(desk, "2027-01-10 18:00")
    assert happened(desk, n, answered) == []


def test_a_desk_that_stood_still_reminds_before_it_gives_up(desk: Desk) -> None:
    """§4: two reminders that somebody had time to answer, whatever the desk was doing."""
    n = asking(desk)
    asked = desk.incident(n).version
    pass_to(desk, "2026-12-21 09:30")
    pass_to(desk, "2026-12-21 09:31")
    assert happened(desk, n, asked) == [("requester.reminded", "12-01 18:00")]
    pass_to(desk, "2026-12-24 18:00")
    assert [kind for kind, _at in happened(desk, n, asked)] == ["requester.reminded"] * 2
    assert desk.incident(n).state == "on_hold"


# what is resolved


def test_what_nobody_objects_to_is_closed(desk: Desk) -> None:
    """§4: resolved to closed by itself after the agreed working days, five here."""
    n = desk.log()
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when="10:00")
    pass_to(desk, "2026-12-03 17:59")
    assert desk.incident(n).state == "resolved"
    pass_to(desk, "2026-12-10 09:00")
    incident = desk.incident(n)
    assert incident.closed_at is not None
    assert (incident.state, incident.closed_at.astimezone(UTC)) == (
        "closed",
        at("2026-12-03 18:00").astimezone(UTC),
    )


# waiting for approval


def test_who_is_to_approve_is_reminded_and_in_absence_the_deputy(desk: Desk) -> None:
    """§3, §4: each mail has a link with which it can be decided."""
    want_approval(desk)
    n = desk.log(service="laptop", when="09:00")
    pass_to(desk, "2026-12-01 18:00")
    send_away(desk, "ueda")
    pass_to(desk, "2026-12-04 18:00")
    assert told(desk, n, "approval_asked", "approval_reminder") == [
        ("approval_asked", "ueda", None),
        ("approval_reminder", "ueda", None),
        ("approval_reminder", "taro", None),
    ]
    with desk.session():
        approvals.decide_by_link(tokens(desk, n)[-1], Answer(True), now=at("2026-12-07 09:00"))
    decided = desk.incident(n).version
    pass_to(desk, "2027-01-10 18:00")
    assert (desk.incident(n).approval, happened(desk, n, decided)) == ("granted", [])


# forms that are filled in meanwhile


def test_a_reminder_makes_no_form_stale(desk: Desk) -> None:
    """§4: what changes nothing for who is editing lets their form pass."""
    n = asking(desk)
    version = desk.incident(n).version
    pass_to(desk, "Tue 18:00")
    desk.do(commands.watch, n, desk.id("taro"), by="ito", when="Tue 18:05")
    assert desk.incident(n).version == version + 2
    desk.do(commands.resume, n, by="ito", when="Wed 09:00", version=version)
    assert desk.incident(n).state == "in_progress"
