"""What an administrator is told about the desk itself, and what they can do about it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicedesk import outbox, pulse
from servicedesk.db import transaction
from servicedesk.incidents.models import NextStep
from servicedesk.operation.version import version
from servicedesk.outbox import Notification, Outcome
from servicedesk.setup.load import load_text
from tests.cast import Desk
from tests.support.clock import NOW, Clock


def lines(desk: Desk) -> dict[str, tuple[str, bool]]:
    """Read the page: what is said of each thing, and whether it is fine."""
    page = desk.visit("root").get("/admin/state").text
    body = page.partition("state-lines")[2].partition("</table>")[0]
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', body, re.DOTALL)
    return {what: (_words(said), "Look at this" not in said) for what, said in rows}


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def beat(desk: Desk, name: str, ago: timedelta) -> None:
    with desk.session():
        pulse.beat(name, NOW - ago)


def fail(desk: Desk, clock: Clock, *, for_good: bool) -> int:
    with desk.session():
        with transaction() as session:
            row = outbox.queue(session, "reply", now=NOW, person=desk.id("emi"))
            session.flush()
            id = row.id
        outbox.claim(clock(), "somebody")
        outbox.settle([Outcome(id, "550 no such mailbox", for_good)], clock())
    return id


def message(desk: Desk, id: int) -> Notification:
    with desk.session() as session:
        return session.get_one(Notification, id)


@pytest.mark.parametrize(
    ("name", "label", "fine", "late"),
    [
        ("sweep", "Last sweep", timedelta(minutes=4), timedelta(minutes=6)),
        ("mail", "Last time that mail was looked after", timedelta(minutes=4), timedelta(hours=1)),
        ("backup", "Last backup", timedelta(hours=25), timedelta(hours=27)),
    ],
)
def test_work_that_stays_away_is_to_be_looked_at(
    desk: Desk, clock: Clock, name: str, label: str, fine: timedelta, late: timedelta
) -> None:
    assert lines(desk)[label][0].startswith("Never")
    assert not lines(desk)[label][1]
    beat(desk, name, late)
    assert not lines(desk)[label][1]
    beat(desk, name, fine)
    assert lines(desk)[label][1]


def test_messages_that_wait_long_are_to_be_looked_at(desk: Desk, clock: Clock) -> None:
    with desk.session(), transaction() as session:
        outbox.queue(session, "reply", now=NOW, person=desk.id("emi"))
    assert lines(desk)["Messages that wait"][1]
    clock.advance(minutes=6)
    said, fine = lines(desk)["Messages that wait"]
    assert (said.startswith("1, the oldest for 6 min"), fine) == (True, False)


def test_a_message_that_was_given_up_is_tried_again(desk: Desk, clock: Clock) -> None:
    """With the Message-ID that it had."""
    id = fail(desk, clock, for_good=True)
    before = message(desk, id).message_id
    page = desk.visit("root").get("/admin/state").text
    assert "550 no such mailbox" in page
    assert not lines(desk)["Messages given up"][1]
    clock.advance(minutes=1)
    assert desk.visit("root").post("/admin/messages/again", message=str(id)).status_code == 303
    assert lines(desk)["Messages given up"][1]
    row = message(desk, id)
    assert (row.waits_until, row.failed_at, row.message_id) == (clock.now, None, before)
    with desk.session():
        assert outbox.claim(clock(), "another") == [id]


def test_all_that_failed_are_tried_again_at_once(desk: Desk, clock: Clock) -> None:
    ids = [fail(desk, clock, for_good=False), fail(desk, clock, for_good=True)]
    page = desk.visit("root")
    page.post("/admin/messages/again")
    assert [message(desk, id).waits_until for id in ids] == [clock.now] * 2
    assert "2 messages are tried again." in page.get("/admin/state").text


def test_what_is_just_being_sent_is_left_alone(desk: Desk, clock: Clock) -> None:
    """Else it would be sent twice."""
    id = fail(desk, clock, for_good=False)
    clock.advance(minutes=2)
    with desk.session():
        assert outbox.claim(clock(), "somebody") == [id]
    before = message(desk, id).waits_until
    desk.visit("root").post("/admin/messages/again", message=str(id))
    assert message(desk, id).waits_until == before


def test_what_was_sent_is_left_alone(desk: Desk, clock: Clock) -> None:
    id = fail(desk, clock, for_good=False)
    with desk.session():
        outbox.settle([outbox.Outcome(id)], clock())
    desk.visit("root").post("/admin/messages/again", message=str(id))
    assert message(desk, id).waits_until is None


def test_steps_that_stay_due_are_to_be_looked_at(desk: Desk, clock: Clock) -> None:
    desk.log()
    with desk.session(), transaction() as session:
        session.execute(sa.delete(NextStep))
        session.add(NextStep(incident_id=1, at=NOW - timedelta(minutes=1)))
    assert lines(desk)["Steps that are due"][1]
    clock.advance(minutes=10)
    said, fine = lines(desk)["Steps that are due"]
    assert (said.startswith("1, the oldest for 11 min"), fine) == (True, False)
    desk.tampered = True


def test_it_names_version_database_and_schema(desk: Desk, backend: str) -> None:
    said = lines(desk)
    assert {"sqlite": "SQLite 3.", "postgresql": "PostgreSQL 1"}[backend] in said["Database"][0]
    assert said["Schema"][1]
    assert said["Open incidents"][0].startswith("0")
    assert version() in desk.visit("root").get("/admin/state").text
    assert version().startswith("0.")


def test_another_schema_is_to_be_looked_at(desk: Desk) -> None:
    with desk.session(), transaction() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = 'older'"))
    said, fine = lines(desk)["Schema"]
    assert (said.startswith("older"), fine) == (True, False)


@pytest.mark.backends("sqlite")
def test_the_first_page_counts_what_is_to_be_looked_at(desk: Desk, clock: Clock) -> None:
    assert "3 to look at" in desk.visit("root").get("/admin/").text
    for name in ("sweep", "mail", "backup"):
        beat(desk, name, timedelta())
    assert "to look at" not in desk.visit("root").get("/admin/").text


@pytest.mark.backends("sqlite")
def test_the_set_up_comes_as_a_file_that_loads(desk: Desk, clock: Clock) -> None:
    answer = desk.visit("root").get("/admin/desk.yaml")
    assert "attachment" in answer.headers["Content-Disposition"]
    with desk.session():
        assert load_text(answer.text, "desk.yaml", now=NOW, dry_run=True) == ["nothing to change"]


@pytest.mark.backends("sqlite")
def test_only_an_administrator_finds_the_place(desk: Desk) -> None:
    for who in ("emi", "ito", "sato", "ueda"):
        page = desk.visit(who).get("/", follow_redirects=True).text
        assert "/admin/" not in page
    assert "/admin/" in desk.visit("root").get("/", follow_redirects=True).text
