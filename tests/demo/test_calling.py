"""What the demo shows of rules that come again, duty, quiet hours, major incidents and webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.demo.major_cases import ORDERS, WIRELESS
from servicedesk.demo.opening import CHANGED
from servicedesk.escalation.acknowledging import PURPOSE
from servicedesk.incidents.models import OPEN, Firing, Incident, MajorIncident
from servicedesk.journal import EventRow
from servicedesk.mail import calm
from servicedesk.major import queries as majors
from servicedesk.oncall import queries as oncall
from servicedesk.oncall.models import AGREED, ASKED, OVERRIDE, SWAP, DutyChange, DutySwap
from servicedesk.outbox import Notification
from servicedesk.people.links import Link
from servicedesk.people.models import Person
from servicedesk.rulebook import compare, messages, today
from servicedesk.rulebook import queries as rulebook
from servicedesk.setup.models import Hook
from servicedesk.setup.snapshot import directory
from servicedesk.signals import queries as signals
from servicedesk.signals.models import Receiver
from tests.support.clock import NOW

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("demo")]
ZONE = "Asia/Tokyo"


def person(history: Session, key: str) -> Person:
    return history.scalars(sa.select(Person).where(Person.key == key)).one()


def firings(history: Session, *those: sa.ColumnElement[bool]) -> Sequence[Firing]:
    return history.scalars(sa.select(Firing).where(*those).order_by(Firing.due_at)).all()


def by_mail(history: Session) -> Link:
    used = Link.purpose == PURPOSE, Link.used_at.is_not(None)
    return history.scalars(sa.select(Link).where(*used)).one()


# Rules


def test_a_rule_comes_again_now_and_nobody_has_answered(history: Session) -> None:
    """E1."""
    last = firings(history, Firing.step == "silent", Firing.due_at > NOW - timedelta(hours=1))[-1]
    one, two = firings(history, Firing.step == "silent", Firing.incident_id == last.incident_id)
    assert (one.cycle, two.cycle) == ("1", "1#2")
    assert two.due_at - one.due_at == timedelta(minutes=20)
    assert one.told == [person(history, "kawai").id]
    assert two.told == [person(history, "kubota").id]
    assert (one.acknowledged_at, two.acknowledged_at) == (None, None)
    assert history.get_one(Incident, one.incident_id).state in OPEN


def test_somebody_took_responsibility_by_mail_on_the_page_and_by_taking(history: Session) -> None:
    """E1."""
    link = by_mail(history)
    acts = history.execute(
        sa.select(EventRow.incident_id, EventRow.seq, EventRow.actor_id, EventRow.happened_at)
        .where(EventRow.kind == "step.acknowledged")
    ).all()  # fmt: skip
    assert (link.incident_id, link.person_id) in {(a.incident_id, a.actor_id) for a in acts}
    beside = {
        a.incident_id: set(history.scalars(sa.select(EventRow.kind).where(
            EventRow.incident_id == a.incident_id, EventRow.happened_at == a.happened_at)))
        for a in acts
    }  # fmt: skip
    taken = [kinds for kinds in beside.values() if "incident.assigned" in kinds]
    assert taken
    assert len(taken) < len(beside)  # the others by mail, or on the page
    assert person(history, "ito").id in {a.actor_id for a in acts}


def test_a_rule_that_found_its_holder_closed_told_who_was_on_call(history: Session) -> None:
    """E1: outside of hours."""
    setup = directory(history)
    link = by_mail(history)
    told = firings(history, Firing.incident_id == link.incident_id, Firing.step == "late")[0]
    erp = setup.by_key["erp"]
    assert not setup.calendar_of(erp.ref, told.due_at).is_open(told.due_at)
    assert told.told == [oncall.who(history, setup, erp.ref, told.due_at)]


def test_no_rule_fired_before_it_was_published(history: Session) -> None:
    """E3."""
    known = rulebook.one(history, "urgent")
    assert known is not None
    former, present = known.versions
    assert present.by == "Kubota Satoru"
    assert timedelta(days=13) < NOW - present.at < timedelta(days=15)
    assert abs(NOW - present.at - CHANGED) < timedelta(days=1)
    changes = {it.key: it.sort for it in compare.differences(former.steps, present.steps)}
    assert changes == {
        "late": "added", "silent": "added", "breach": "changed", "unassigned": "changed",
    }  # fmt: skip
    added = Firing.policy == "urgent", Firing.step.in_(("late", "silent"))
    done = firings(history, *added, Firing.fired_at.is_not(None))
    assert len(done) >= 6
    assert min(row.due_at for row in done) > present.at


def test_the_rules_have_done_something_today_and_something_failed(history: Session) -> None:
    manager = person(history, "kubota")
    overview = today.overview(history, ZONE, NOW)
    assert overview.fired >= 4
    rows, _later = messages.unsent(history, manager, None)
    assert {row.to for row in rows} == {"Operations chat (運用チャット)"}


# On call


def test_a_swap_was_agreed_and_another_is_asked(history: Session) -> None:
    rows = {row.state: row for row in history.scalars(sa.select(DutySwap))}
    assert set(rows) == {AGREED, ASKED}
    asked = oncall.open_swaps(history, NOW)
    assert [row.asker_id for row in asked] == [person(history, "nagai").id]
    changes = history.scalars(sa.select(DutyChange).where(DutyChange.kind == SWAP)).all()
    assert {row.swap_id for row in changes} == {rows[AGREED].id}
    assert len(changes) == 2


def test_somebody_covers_now_and_somebody_will(history: Session) -> None:
    setup = directory(history)
    rows = history.scalars(sa.select(DutyChange).where(DutyChange.kind == OVERRIDE)).all()
    assert sorted(row.start_at <= NOW < row.end_at for row in rows) == [False, True]
    now = next(row for row in rows if row.start_at <= NOW)
    standing = oncall.standings(history, setup, [setup.by_key["network"]], NOW)[0]
    assert (standing.duty and standing.duty.id, standing.change) == (now.person_id, now.id)
    assert all(row.reason for row in rows)


# Calm


def test_messages_wait_for_the_end_of_quiet_hours(history: Session) -> None:
    """E5."""
    waiting = history.scalars(
        sa.select(Notification).where(Notification.bundle_at.is_not(None))
    ).all()
    assert {row.held_for for row in waiting} == {calm.QUIET}
    assert {row.person_id for row in waiting} == {person(history, "nagai").id}
    assert len(waiting) == 2
    assert min(row.bundle_at for row in waiting if row.bundle_at) > NOW


# Major incidents


def major(history: Session, headline: str) -> MajorIncident:
    return history.scalars(sa.select(MajorIncident).where(MajorIncident.headline == headline)).one()


def test_one_is_over_was_told_of_and_is_reviewed(history: Session) -> None:
    one = major(history, ORDERS)
    assert (one.state, one.updates, one.missed) == ("over", 3, 1)
    room = majors.room(history, person(history, "kubota"), one.incident.number)
    assert room is not None
    assert (len(room.linked), len(room.updates)) == (6, 4)  # the last word is one
    assert {each.state for each in room.linked} <= {"resolved", "closed"}
    assert {"what", "cause", "better", "actions"} <= set(one.review or {})
    assert one.incident.logged_at.month == 10  # last month's report has it


def test_one_goes_on_with_an_update_due_soon(history: Session) -> None:
    one = major(history, WIRELESS)
    assert (one.state, one.updates, one.missed) == ("confirmed", 2, 0)
    assert one.coordinator_id == person(history, "ito").id
    assert one.update_due is not None
    assert timedelta(minutes=2) < one.update_due - NOW < timedelta(minutes=10)
    assert one.incident.state in OPEN
    linked = history.scalars(sa.select(Incident).where(Incident.major_id == one.incident_id)).all()
    assert len(linked) == 5
    assert {each.state for each in linked} <= set(OPEN)


def test_everybody_reads_of_it_and_some_are_concerned(history: Session) -> None:
    found = {key: majors.known(history, person(history, key)) for key in ("sato", "noda")}
    assert [one.headline for one in found["sato"]] == [WIRELESS]
    assert "Hoshino Networks" in found["sato"][0].said
    assert [found["sato"][0].own, bool(found["noda"][0].own)] == [None, True]


def test_one_waits_for_a_decision_and_one_was_refused(history: Session) -> None:
    rows = history.scalars(sa.select(MajorIncident)).all()
    waiting = [row for row in rows if row.state == "proposed" and row.incident.state in OPEN]
    refused = [row for row in rows if row.state == "refused"]
    assert [len(waiting), len(refused)] == [1, 1]
    assert waiting[0].reason
    assert refused[0].decision


# Webhooks


def test_webhooks_call_nobody(history: Session) -> None:
    rows = {row.hook.key: row for row in signals.rows(history, directory(history))}
    assert {key: row.state for key, row in rows.items()} == {
        "ops-chat": "off", "control-room": "unset",
    }  # fmt: skip
    assert rows["ops-chat"].steps == ("urgent · late",)
    calls = history.scalars(sa.select(Notification).where(Notification.hook_id.is_not(None))).all()
    assert not [row for row in calls if row.waits_until]
    assert sorted(bool(row.sent_at) for row in calls) == [False, False, True]
    receiver = history.scalars(sa.select(Receiver)).one()
    assert receiver.url.startswith("https://chat.asagiri.example/")
    assert history.get_one(Hook, receiver.hook_id).key == "ops-chat"
