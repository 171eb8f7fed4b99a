"""F9: the mails of scheduled reports; who may have them is asked again when they are sent."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskCliRunner

from servicedesk.mail import for_reports
from servicedesk.mail.letter import NotToBeSent
from servicedesk.people.models import Person
from servicedesk.reports import approvals
from servicedesk.reports import commands as reports
from servicedesk.reports.models import Approval, Report
from servicedesk.reports.schedules import commands
from tests.cast import at
from tests.mail.mailbox import Received, set_desk
from tests.mail.post_office import opened
from tests.mail.storms import NIGHT
from tests.reports.schedules.room import BOARD, DUE, Room
from tests.support.clock import Clock

pytestmark = pytest.mark.backends("sqlite")
LARGEST = for_reports.LARGEST


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock.now = at(DUE)


def mail(room: Room, kind: str = "report_ready", n: int = 0) -> Received:
    return room.write(room.queued(kind)[n].id)


def files(mail: Received) -> list[tuple[str | None, bytes]]:
    return [
        (part.get_filename(), part.get_payload(decode=True))  # type: ignore[misc]
        for part in mail.message.iter_attachments()
    ]


def test_the_pdf_goes_with_the_mail_as_it_was_sealed(room: Room) -> None:
    room.load(BOARD)
    room.run(DUE)
    found = mail(room)
    ((name, data),) = files(found)
    assert name == "report-2026-11-en-r1.pdf"
    assert hashlib.sha256(data).hexdigest() in found.text
    assert found.subject == "Service report: November 2026 - Kita Electric IT"
    assert "“For the board”" in found.text
    assert "/reports/schedules/files/" in found.link


def test_written_again_it_is_the_same_mail(room: Room) -> None:
    """E5: byte by byte, with all its parts."""
    room.load(BOARD)
    room.run(DUE)
    assert mail(room).message.as_bytes() == mail(room).message.as_bytes()


def test_each_reader_gets_it_in_their_language_if_it_is_made_in_that(room: Room) -> None:
    room.load("board: {people: [ueda], languages: [en, ja]}")
    room.run(DUE)
    room.change("ueda", language="ja")
    assert files(mail(room))[0][0] == "report-2026-11-ja-r1.pdf"
    room.load("board: {people: [ueda], languages: [en]}")
    room.run("2027-01-07 08:00")
    assert files(mail(room, n=1))[0][0] == "report-2026-12-en-r1.pdf"


def test_a_partners_mail_brings_the_edition_of_their_company(room: Room) -> None:
    """§9: that it names nobody else is shown where it is made."""
    room.load(BOARD, "netone: {name: For NetOne, scope: 'partner:netone', people: [kim]}")
    room.run(DUE)
    (to_kim,) = [it for it in room.queued("report_ready") if it.person_id == room.desk.id("kim")]
    found = room.write(to_kim.id)
    ((name, data),) = files(found)
    assert name == "report-2026-11-partner-netone-en-r1.pdf"
    with room.desk.session() as session:
        row = session.scalars(sa.select(Report).filter_by(scope="partner:netone")).one()
        assert hashlib.sha256(data).hexdigest() == row.sha256
    assert "NetOne" in found.text
    room.change("kim", active=False)
    with pytest.raises(NotToBeSent):
        room.write(to_kim.id)


def test_what_is_too_large_or_wanted_so_comes_as_a_link(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F9: it needs signing in."""
    room.load(BOARD)
    room.run(DUE)
    monkeypatch.setattr(for_reports, "LARGEST", 100)
    found = mail(room)
    assert files(found) == []
    assert "signing in is needed" in found.text
    monkeypatch.undo()
    room.load("board: {people: [ueda], send: link}")
    assert files(mail(room)) == []


def test_what_waited_for_the_morning_comes_alone_with_its_file(room: Room, clock: Clock) -> None:
    """F9: one mail holds no files of several."""
    room.load("a: {at: '05:00', people: [ueda]}", "b: {at: '05:00', people: [ueda]}")
    set_desk(room.desk, quiet=NIGHT)
    clock.now = at("2026-12-03 05:00")
    room.run("2026-12-03 05:00")
    assert room.deliver().sent == 0
    clock.now = at("2026-12-03 07:00")
    assert room.deliver().sent == 2
    assert [len(files(found)) for found in room.files()] == [1, 1]


def test_who_left_or_lost_the_right_or_unsubscribed_meanwhile_gets_nothing(room: Room) -> None:
    """F9, §9: asked again at sending."""
    room.load(BOARD)
    room.run(DUE)
    (to_ueda,) = [it for it in room.queued("report_ready") if it.person_id == room.desk.id("ueda")]
    for change in ({"roles": ["employee"]}, {"active": False}):
        room.change("ueda", **change)
        with pytest.raises(NotToBeSent):
            room.write(to_ueda.id)
        room.change("ueda", roles=["manager"], active=True)
    room.subscribe("ueda", wants=False)
    with pytest.raises(NotToBeSent):
        room.write(to_ueda.id)


def test_a_sealed_file_that_was_changed_is_not_sent(room: Room) -> None:
    """F6."""
    room.load(BOARD)
    room.run(DUE)
    (file,) = Path(room.desk.app.config["DESK_VAR"], "reports").glob("*.pdf")
    file.write_bytes(b"%PDF other")
    with pytest.raises(reports.NotKept):
        mail(room)


def test_a_failure_says_which_period_why_and_when_it_is_tried_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.load(BOARD)
    monkeypatch.setattr(reports, "make", lambda *_a, **_h: 1 / 0)
    room.run(DUE, "2026-12-03 08:05", "2026-12-03 08:20")
    for n in range(2):
        text = mail(room, "report_failed", n).text
        assert "For the board" in text
        assert "November 2026" in text
        assert "ZeroDivisionError" in text
        assert "09:20" in text


def test_a_failure_that_was_put_right_meanwhile_is_not_told(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.load(BOARD)
    with monkeypatch.context() as patch:
        patch.setattr(reports, "make", lambda *_a, **_h: 1 / 0)
        room.run(DUE, "2026-12-03 08:05", "2026-12-03 08:20")
    room.run("2026-12-03 09:20")
    with pytest.raises(NotToBeSent):
        mail(room, "report_failed")


def test_who_can_seal_it_is_told_that_it_waits(room: Room) -> None:
    room.load("board: {name: For the board, people: [ueda], seal: approved}")
    room.run(DUE)
    found = mail(room, "report_waiting")
    assert found.link.endswith("/reports/2026-11")


def test_a_test_mail_comes_to_who_asks_for_it_alone(room: Room) -> None:
    """F9: without a report before the first, with the latest one afterwards."""
    room.load(BOARD)
    room.act(commands.send_test, "board", "ueda", at("2026-12-01 08:00"))
    assert files(mail(room, "report_test")) == []
    room.run(DUE)
    room.act(commands.send_test, "board", "ueda", at(DUE))
    again = mail(room, "report_test", 1)
    assert again.subject.startswith("Test: Service report: November 2026")
    assert files(again)[0][0] == "report-2026-11-en-r1.pdf"
    assert room.told().count(("report_test", "ueda")) == 2


def test_delivered_once_with_its_file(room: Room) -> None:
    """E5: the outbox of a desk without a mail server is a folder."""
    room.load(BOARD)
    room.run(DUE)
    assert room.deliver().sent == 1
    (found,) = room.files()
    assert found.to == "ueda@kita.example"
    assert len(files(found)) == 1


@pytest.mark.parametrize("size", [200_000, pytest.param(LARGEST, marks=pytest.mark.slow)])
def test_a_mail_server_that_takes_ten_megabytes_takes_the_largest_file(
    room: Room, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """F9, E5: through a real connection, unchanged; what is larger goes as a link."""
    pdf = random.Random(7).randbytes(size)
    monkeypatch.setattr(for_reports, "LARGEST", size)
    monkeypatch.setattr(reports, "read_newest", lambda _row: pdf)
    room.load("board: {name: For the board, people: [ueda]}")
    room.run(DUE)
    with opened(data_size_limit=size * 10 // 7) as office:
        room.desk.app.config["MAIL_SERVER"] = office.said()
        assert room.deliver().sent == 1
        pdf += b"1"
        room.run("2027-01-07 08:00")
        assert room.deliver().sent == 1
    with_file, with_link = office.mails
    assert [data for _name, data in files(with_file)] == [pdf[:-1]]
    assert files(with_link) == []


def test_it_says_whether_it_is_approved_where_somebody_is_asked(room: Room) -> None:
    """F9: `seal: itself` sends it before that."""
    room.load(BOARD)
    room.run(DUE)
    assert "approved" not in mail(room).text
    set_desk(room.desk, reports={"approver": "root"})
    room.run("2027-01-07 08:00")
    assert "not approved yet" in mail(room, n=1).text
    with room.desk.session() as session:
        (it,) = session.scalars(sa.select(Approval))
        root = session.get_one(Person, it.approver_id)
        yes = approvals.Answer(approved=True)
        approvals.decide(it.id, yes, actor=root, now=at("2027-01-07 09:00"))
    text = mail(room, n=1).text
    assert "approved" in text
    assert "not approved" not in text


def test_sweep_makes_and_mails_what_is_due(room: Room, runner: FlaskCliRunner) -> None:
    """F9: cron does as the scheduler does; reports are those of now, whatever it sweeps for."""
    room.load(BOARD)
    said = runner.invoke(args=["desk", "sweep", "--now", "2027-06-01T00:00:00Z"])
    assert "reports sent: 1" in said.stdout
    assert [found.subject for found in room.files()][-1].startswith("Service report: November")
    assert "reports" not in runner.invoke(args=["desk", "sweep"]).stdout
