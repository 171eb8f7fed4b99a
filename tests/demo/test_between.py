"""What the demo shows of hand-offs between groups and partners, by commands at their instants."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from servicedesk.bridge.models import ReceivedMail, ReplyAddress
from servicedesk.bridge.queries import BOXES, count, page
from servicedesk.escalation.returns import FREE
from servicedesk.incidents.models import OPEN, Comment, HandOff, Incident, ReturnProposal
from servicedesk.incidents.models import WorkRequest as Work
from servicedesk.incidents.search import found
from servicedesk.journal import EventRow
from servicedesk.partners.meetings import queries as meetings
from servicedesk.people import companies
from servicedesk.people.models import Partner, Person
from servicedesk.setup import reasons
from servicedesk.setup.snapshot import directory
from tests.support.clock import NOW

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("demo")]
Condition = sa.ColumnElement[bool]
IS_OPEN = Incident.state.in_(OPEN)
TO_PARTNER = HandOff.receiver.startswith("partner:")


def person(history: Session, key: str) -> Person:
    return history.scalars(sa.select(Person).where(Person.key == key)).one()


def company(history: Session, key: str) -> Partner:
    return history.scalars(sa.select(Partner).where(Partner.key == key)).one()


CASES: list[tuple[str, Condition]] = [
    ("a partner's question that waits", TO_PARTNER & HandOff.asked_at.is_not(None)),
    ("a partner's question that was answered", TO_PARTNER & (HandOff.questions > 0)
        & HandOff.asked_at.is_(None) & (HandOff.state == "accepted")),
    ("a group's question that was answered", ~TO_PARTNER & (HandOff.questions > 0)),
    ("an answer that was refused", (HandOff.refusals > 0) & (HandOff.state == "accepted")),
    ("one that was given again", (HandOff.refusals > 0) & (HandOff.state == "answered")),
    ("nudges, and a date that has passed", (HandOff.nudges >= 3) & (HandOff.answer_by < NOW)
        & HandOff.ended_at.is_(None)),
    ("one sent back past the partner", (HandOff.state == "sent_back")
        & (HandOff.returns_to != HandOff.sender)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "condition"), CASES, ids=[name for name, _said in CASES])
def test_there_is_one(history: Session, name: str, condition: Condition) -> None:
    """H2, H4."""
    assert history.scalars(sa.select(HandOff.id).where(condition).limit(1)).all(), name


def test_returns_wait_were_allowed_and_refused(history: Session) -> None:
    """H5."""
    rows = history.scalars(sa.select(ReturnProposal)).all()
    states = Counter(row.state for row in rows)
    assert states["asked"] == states["refused"] == 1
    assert states["allowed"] >= 1
    assert all(row.decision for row in rows if row.state == "refused")


def test_no_second_return_went_without_its_lead(history: Session) -> None:
    """H5."""
    many = sa.select(Incident.id).where(Incident.returns > FREE, Incident.priority != "P1")
    decided = sa.select(EventRow.incident_id).where(EventRow.kind == "return.allowed")
    leads = {directory(history).party(f"group:{n}").lead for n in range(1, 8)}
    for id in history.scalars(many.where(Incident.id.not_in(decided))):
        query = sa.select(HandOff.sent_by_id).where(HandOff.incident_id == id, HandOff.is_return)
        assert set(list(history.scalars(query))[FREE:]) <= leads


def test_work_is_asked_side_by_side(history: Session) -> None:
    """H6."""
    query = sa.select(Work).join(Incident).where(IS_OPEN)
    rows = history.scalars(query).all()
    assert {row.state for row in rows} >= {"sent", "accepted", "done", "sent_back"}
    assert {row.receiver.partition(":")[0] for row in rows} == {"group", "partner"}
    assert [row for row in rows if row.must_finish and row.ended_at is None]
    assert [row for row in rows if row.due and row.due < NOW and row.ended_at is None]
    assert max(Counter(row.incident_id for row in rows).values()) >= 4


def test_a_partner_works_by_mail_alone(history: Session) -> None:
    """H7."""
    koyo = company(history, "koyo")
    assert (koyo.members, bool(koyo.mail)) == ([], True)
    rows = history.scalars(sa.select(HandOff).where(HandOff.receiver == f"partner:{koyo.id}")).all()
    assert {row.state for row in rows} >= {"sent", "accepted", "answered"}
    ended = [row.id for row in rows if row.state == "answered"]
    lines = sa.select(Comment).where(Comment.handoff_id.in_(ended), Comment.by_mail)
    assert {line.partner_id for line in history.scalars(lines)} == {koyo.id}
    readers = set(history.scalars(sa.select(ReplyAddress.reader)))
    assert readers == {f"partner:{koyo.id}"}


def test_mails_wait_for_a_decision_for_several_reasons(history: Session) -> None:
    """H7."""
    mori = person(history, "mori")
    boxes = {box: page(history, mori, box).rows for box in BOXES}
    assert {row.reason for row in boxes["waiting"]} == {
        "wrong-sender", "ended", "nobody-vouches", "unknown-sender",
    }  # fmt: skip
    assert count(history, mori) == 4
    assert [len(boxes["decided"]), len(boxes["dropped"])] == [1, 1]
    taken = sa.select(sa.func.count()).where(ReceivedMail.state == "taken")
    assert (history.scalar(taken) or 0) >= 6


def test_a_partners_own_number_is_found(history: Session) -> None:
    """H7."""
    text = "HN-88352"
    query = sa.select(HandOff.incident_id).where(HandOff.partner_ticket == text)
    hits = sa.select(Incident.id).where(found(text, person(history, "ito")))
    assert history.scalars(hits).all() == history.scalars(query).all()


def test_contracts_hold_and_one_has_ended(history: Session) -> None:
    setup = directory(history)
    today = NOW.date()
    over = [party.key for party in setup.parties.values() if not party.takes(today)]
    assert over == ["asama"]
    dated = [party for party in setup.parties.values() if party.valid_from]
    assert len(dated) >= 3


def test_companies_look_after_their_people(history: Session) -> None:
    for key in ("hoshino", "tsukuba", "minato", "kawasaki"):
        assert len(company(history, key).members) >= 2
    hina = person(history, "hoshino-nohara")
    assert [one.key for one in companies.administered(history, hina)] == ["hoshino"]
    changes = set(history.scalars(sa.select(companies.CompanyChange.what)))
    assert changes >= {companies.ADDED, companies.DISABLED}


def test_a_meeting_was_held_last_month_and_the_next_is_prepared(history: Session) -> None:
    setup, koyo = directory(history), company(history, "koyo")
    draft, held = meetings.listed(history, [koyo.id])
    assert (held.day.isoformat(), held.is_draft, draft.is_draft) == ("2026-10-23", False, True)
    sheet = meetings.sheet(history, setup, held, NOW)
    assert len([item for item in sheet.items if item.next_action]) == 2
    assert {one.done for one in sheet.decisions} == {True, False}
    coming = meetings.sheet(history, setup, draft, NOW)
    assert len(coming.decisions) == 1  # what is not done comes up again
    assert draft.day > NOW.date()


def test_people_hear_of_news_in_different_ways(history: Session) -> None:
    said = [channels for channels in history.scalars(sa.select(Person.channels)) if channels]
    chosen = {word for one in said for word in one.values() if isinstance(word, str)}
    assert chosen >= {"digest", "none"}


def test_there_are_reasons_of_its_own(history: Session) -> None:
    more = directory(history).more
    offered = [reason.key for reason in reasons.offered(more)]
    assert {"contract", "again"} <= set(offered)
    assert [reason.key for reason in reasons.listed(more) if reason.retired] == ["phone"]
    used = set(history.scalars(sa.select(HandOff.reason).distinct()))
    assert used <= {*offered, None}


def test_it_was_kept_in_the_order_in_which_it_happened(history: Session) -> None:
    query = sa.select(EventRow.happened_at, EventRow.recorded_at).where(
        EventRow.recorded_at < NOW - timedelta(minutes=10)
    )
    rows = history.execute(query).all()
    assert rows
    assert all(happened <= recorded for happened, recorded in rows)
