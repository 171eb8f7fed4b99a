"""F9: what is due is made and mailed once, whoever does it or is killed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk import outbox
from servicedesk.db import db
from servicedesk.errors import DeskError, NotFound, Refused
from servicedesk.people.models import Person
from servicedesk.reports import approvals
from servicedesk.reports import commands as reports
from servicedesk.reports.models import Approval
from servicedesk.reports.schedules import commands, running
from servicedesk.setup.snapshot import directory
from tests.cast import at
from tests.mail.mailbox import set_desk
from tests.reports.schedules.room import BOARD, DUE, Room

sqlite = pytest.mark.backends("sqlite")
UEDA = ("report_ready", "ueda")
LATER = "2026-12-03 08:31"  # the lease of who was killed at DUE has ended
PARTNERS = "netone: {scope: 'partner:netone', people: [ueda, kim]}"


class Killed(BaseException):
    """The process ends here."""


def killed(*_args: Any, **_how: Any) -> Any:
    raise Killed


def broken(*_args: Any, **_how: Any) -> Any:
    raise DeskError("No fonts.")


def test_a_report_is_sealed_and_mailed_on_its_day_once(room: Room) -> None:
    """F9: on the third working day, to who is named and to who subscribed."""
    room.load(BOARD)
    assert room.run("2026-12-03 07:59").planned == 0
    done = room.run(DUE)
    assert (done.planned, done.sent, room.told()) == (1, 1, [UEDA])
    assert room.sealed() == [("2026-11", "en", 1)]
    run = room.run_of()
    assert (run.done_at, run.next_at, run.count) == (at(DUE), None, 1)
    room.run("2026-12-03 08:01", "2026-12-04 08:00", "2026-12-30 08:00")
    assert room.told() == [UEDA]


@sqlite
def test_what_was_due_before_the_schedule_was_there_is_not_sent(room: Room) -> None:
    room.load(BOARD, when="2026-12-03 09:00")
    assert room.run("2026-12-03 09:01", "2026-12-31 09:00").planned == 0


@sqlite
@pytest.mark.usefixtures("made")
def test_each_missed_period_is_made_up_once(room: Room) -> None:
    """F9: the desk was down from November to February."""
    room.load(BOARD)
    assert room.run("2027-02-20 03:00").sent == 3
    assert [run.period for run in room.runs()] == ["2026-11", "2026-12", "2027-01"]
    assert room.run("2027-02-20 03:01").sent == 0
    assert room.told() == [UEDA] * 3


@pytest.mark.parametrize(
    "place", [pytest.param("make", marks=sqlite), "queue", pytest.param("mark", marks=sqlite)]
)
def test_who_is_killed_anywhere_leaves_one_mail_each(
    room: Room, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """F9: after sealing, while mails are queued, before the run is marked."""
    room.load("board: {people: [ueda], languages: [en, ja]}")
    with monkeypatch.context() as patch:
        if place == "make":
            patch.setattr(running, "send", killed)
        elif place == "queue":
            patch.setattr(outbox, "queue", killed)
        else:
            patch.setattr(outbox, "queue", after(outbox.queue))
        with pytest.raises(Killed):
            room.run(DUE)
    assert room.told() == []
    room.run("2026-12-03 08:29")  # whoever was killed might still be at work
    assert room.told() == []
    room.run(LATER, "2026-12-03 09:30")
    assert room.told() == [UEDA]
    assert room.sealed() == [("2026-11", "en", 1), ("2026-11", "ja", 1)]


def after(step: Any) -> Any:
    """Die right after a step."""

    def dying(*args: Any, **how: Any) -> Any:
        step(*args, **how)
        raise Killed

    return dying


@sqlite
def test_killed_between_two_languages_it_goes_on_with_the_same_revision(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.load("board: {people: [ueda], languages: [en, ja]}")
    make, made = reports.make, list[Any]()

    def once(*args: Any, **how: Any) -> Any:
        if made:
            raise Killed
        made.append(make(*args, **how))
        return made[0]

    with monkeypatch.context() as patch:
        patch.setattr(reports, "make", once)
        with pytest.raises(Killed):
            room.run(DUE)
    room.desk.log(when="2026-12-03 08:10")  # known later, and no matter for November
    room.run(LATER)
    assert room.sealed() == [("2026-11", "en", 1), ("2026-11", "ja", 1)]
    assert room.told() == [UEDA]


def test_several_workers_send_it_once(room: Room) -> None:
    room.load(BOARD, "two: {people: [ueda], every: quarter, day: 1}", when="2026-12-20 09:00")

    def work(_n: int) -> int:
        with room.desk.app.app_context():
            try:
                return running.run(at("2027-01-06 08:00")).sent
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(work, range(4)))
    assert (sent, room.told()) == (2, [UEDA, UEDA])


@sqlite
@pytest.mark.usefixtures("made")
def test_two_who_work_on_the_same_run_send_it_once(room: Room) -> None:
    """F9: one was stopped for longer than its lease, and goes on."""
    room.load(BOARD)
    room.run(DUE)
    run = room.run_of()
    with room.desk.session():
        assert running.send(run.id, run.reports, at(LATER)) is False
        running.fail(run.id, "late", at(LATER))
    assert room.told() == [UEDA]
    assert room.run_of().error is None


@sqlite
def test_what_fails_is_tried_again_with_growing_pauses_and_told_after_the_third_time(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F9: the owner and the administrators, once."""
    room.load(BOARD)
    pauses = []
    with monkeypatch.context() as patch:
        patch.setattr(reports, "make", broken)
        when = at(DUE)
        for _n in range(8):
            with room.desk.session():
                assert running.run(when).failed == 1
            run = room.run_of()
            assert run.next_at
            assert run.error == "No fonts."
            pauses.append(run.next_at - when)
            told = [("report_failed", "ueda"), ("report_failed", "root")]
            assert room.told() == (told if len(pauses) >= 3 else [])
            when = run.next_at
    assert pauses == [timedelta(minutes=m) for m in (5, 15, 60, 240, 720, 1440, 1440, 1440)]
    with room.desk.session():
        running.run(when)
    assert room.told()[2:] == [UEDA]
    assert room.run_of().error is None


@sqlite
def test_who_is_killed_each_time_is_told_of_too(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F9: making it needs more memory than there is."""
    room.load(BOARD)
    monkeypatch.setattr(reports, "make", killed)
    for hour in (8, 9, 10, 11, 12):
        with pytest.raises(Killed):
            room.run(f"2026-12-03 {hour:02}:00")
    assert sorted(room.told()) == [("report_failed", "root"), ("report_failed", "ueda")]


@sqlite
def test_one_that_fails_does_not_stop_the_others(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.load("a: {people: [ueda], scope: 'group:desk'}", "b: {people: [ueda]}")
    make = reports.make

    def fail(asked: Any, **how: Any) -> Any:
        return make(asked, **how) if asked.scope.name == "all" else broken()

    monkeypatch.setattr(reports, "make", fail)
    done = room.run(DUE)
    assert (done.sent, done.failed) == (1, 1)


@sqlite
def test_what_was_sealed_by_hand_is_what_is_sent(room: Room) -> None:
    """F6: with what the manager said to it; later facts are for revision 2, not for the mail."""
    room.load(BOARD)
    with room.desk.session() as session:
        asked = reports.read(directory(session), "2026-11")
        reports.make(asked, now=at("2026-12-02 10:00"))
    room.desk.log(when="2026-11-26 09:00")
    room.run(DUE)
    assert room.sealed() == [("2026-11", "en", 1)]


APPROVED = "board: {people: [ueda], owner: ueda, seal: approved}"


def seal(room: Room, when: str) -> None:
    with room.desk.session() as session:
        asked = reports.read(directory(session), "2026-11")
        author = session.scalars(sa.select(Person).filter_by(key="ueda")).one()
        reports.make(asked, now=at(when), author=author)


@sqlite
def test_with_nobody_to_approve_it_waits_until_somebody_has_sealed_it(room: Room) -> None:
    """F9: who can is told once."""
    room.load(APPROVED)
    assert room.run(DUE).waiting == 1
    room.run("2026-12-03 08:05", "2026-12-03 08:10", "2026-12-04 08:00")
    assert (room.told(), room.sealed()) == ([("report_waiting", "ueda")], [])
    seal(room, "2026-12-04 09:00")
    room.run("2026-12-04 09:10")
    assert room.told() == [("report_waiting", "ueda"), UEDA]


@sqlite
def test_with_an_approver_the_desk_seals_it_and_sends_it_once_approved(room: Room) -> None:
    """F9: never before."""
    room.load(APPROVED)
    set_desk(room.desk, reports={"approver": "ueda"})
    assert room.run(DUE).waiting == 1
    assert room.sealed() == [("2026-11", "en", 1)]
    assert UEDA not in room.told()
    answer(room, "2026-12-03 09:00", approved=True)
    room.run("2026-12-03 09:30")
    assert room.told()[-1] == UEDA


def answer(room: Room, when: str, *, approved: bool) -> None:
    with room.desk.session() as session:
        (it,) = session.scalars(sa.select(Approval).filter_by(state="asked"))
        said = approvals.Answer(approved=approved, reason="The second figure.")
        approver = session.get_one(Person, it.approver_id)
        approvals.decide(it.id, said, actor=approver, now=at(when))


@sqlite
@pytest.mark.parametrize("schedule", [APPROVED, BOARD])
def test_what_was_not_approved_is_not_sent_whatever_the_schedule_waits_for(
    room: Room, schedule: str
) -> None:
    """F6, F9: but its next revision is, once that is approved; who can seal it was told."""
    room.load(schedule)
    set_desk(room.desk, reports={"approver": "ueda"})
    with room.desk.session() as session:
        reports.make(reports.read(directory(session), "2026-11"), now=at("2026-12-01 10:00"))
    answer(room, "2026-12-01 11:00", approved=False)
    assert room.run(DUE).waiting == 1
    assert room.run_of().waits == "refused"
    with room.desk.session() as session:
        asked = reports.read(directory(session), "2026-11")
        reports.make(asked, now=at("2026-12-03 09:00"), again=1)
    room.run("2026-12-03 09:10")
    assert (UEDA in room.told()) == (schedule == BOARD)
    answer(room, "2026-12-03 10:00", approved=True)
    room.run("2026-12-03 10:10")
    assert room.told().count(UEDA) == 1
    assert [revision for *_others, revision in room.sealed()] == [1, 2]


@sqlite
@pytest.mark.usefixtures("made")
def test_a_paused_schedule_plans_and_sends_nothing_and_makes_nothing_up(room: Room) -> None:
    room.load(BOARD)
    room.act(commands.pause, "board", "ueda", at("2026-12-02 08:00"), paused=True)
    assert room.run(DUE).planned == 0
    with pytest.raises(Refused):
        room.act(commands.run_now, "board", "ueda", at(DUE))
    room.act(commands.pause, "board", "ueda", at("2026-12-10 08:00"), paused=False)
    assert room.run("2026-12-10 08:01").planned == 0
    assert room.run("2027-01-07 08:00").planned == 1


@sqlite
@pytest.mark.usefixtures("made")
def test_run_now_makes_the_last_period_before_its_day_and_not_again_on_it(room: Room) -> None:
    room.load(BOARD)
    room.act(commands.run_now, "board", "ueda", at("2026-12-01 10:00"))
    assert room.told() == []  # never in a request
    room.run("2026-12-01 10:00", DUE)
    assert room.told() == [UEDA]
    with pytest.raises(Refused):
        room.act(commands.run_now, "board", "ueda", at("2026-12-04 10:00"))


@sqlite
@pytest.mark.usefixtures("made")
def test_run_now_leaves_out_nothing_that_was_missed_before(room: Room) -> None:
    """F9: somebody is quicker than the scheduler after a month without the desk."""
    room.load(BOARD)
    room.act(commands.run_now, "board", "ueda", at("2027-01-20 10:00"))
    room.run("2027-01-20 10:00")
    assert [run.period for run in room.runs()] == ["2026-11", "2026-12"]
    assert room.told() == [UEDA] * 2


@sqlite
def test_what_is_being_made_is_not_begun_again_by_hand(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.load(BOARD)
    monkeypatch.setattr(running, "send", killed)
    with pytest.raises(Killed):
        room.run(DUE)
    with pytest.raises(Refused):
        room.act(commands.run_now, "board", "ueda", at("2026-12-03 08:10"))


@sqlite
def test_what_was_removed_meanwhile_is_given_up_and_not_made_up_once_it_is_back(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.load(BOARD)
    with monkeypatch.context() as patch:
        patch.setattr(reports, "make", broken)
        room.run(DUE)
    room.load(when="2026-12-04 09:00")
    room.run("2026-12-04 09:01")
    room.load(BOARD, when="2027-01-20 09:00")
    assert room.run("2027-01-20 09:01", "2027-02-03 08:00").sent == 1
    assert [(run.period, bool(run.done_at)) for run in room.runs()] == [
        ("2026-11", False),
        ("2027-01", True),
    ]


@sqlite
@pytest.mark.usefixtures("made")
def test_another_beginning_of_the_fiscal_year_makes_nothing_up(room: Room) -> None:
    """F9: quarters that end in other months were due before those that were sent."""
    room.load("board: {people: [ueda], every: quarter}", when="2026-06-20 09:00")
    room.run("2027-01-06 08:00")
    sent = [run.period for run in room.runs()]
    assert sent == ["2026-04..2026-06", "2026-07..2026-09", "2026-10..2026-12"]
    set_desk(room.desk, fiscal_year_from=3)
    assert room.run("2027-01-07 08:00").planned == 0
    room.run("2027-03-03 08:00")
    assert [run.period for run in room.runs()] == [*sent, "2026-12..2027-02"]


@sqlite
def test_who_is_named_no_more_when_it_is_sent_gets_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.load(BOARD)
    with monkeypatch.context() as patch:
        patch.setattr(reports, "make", broken)
        room.run(DUE)
    room.load("board: {name: For the board}", when="2026-12-03 08:02")
    room.run("2026-12-03 08:05")
    assert (room.told(), room.run_of().count) == ([], 0)


@sqlite
@pytest.mark.usefixtures("made")
def test_a_schedule_that_comes_at_other_times_makes_nothing_up(room: Room) -> None:
    """From a month to a quarter: the one that ended in December was due before that."""
    room.load(BOARD, when="2026-12-20 09:00")
    room.run("2027-01-06 08:00")
    room.load("board: {people: [ueda], every: quarter}", when="2027-01-10 09:00")
    room.run("2027-01-10 09:01")
    assert room.told() == [UEDA]


@sqlite
@pytest.mark.usefixtures("made")
def test_people_subscribe_and_unsubscribe(room: Room) -> None:
    """F9: whoever may see it; for others there is no such schedule."""
    room.load("board: {name: For the board}")
    room.subscribe("ueda")
    for other in ("ito", "emi", "kim"):
        with pytest.raises(NotFound):
            room.subscribe(other)
    room.run(DUE)
    room.subscribe("ueda", wants=False)
    room.run("2027-01-07 08:00")
    assert room.told() == [UEDA]
    assert [run.count for run in room.runs()] == [1, 0]


@sqlite
@pytest.mark.usefixtures("made")
def test_a_company_gets_its_own_report_and_no_other(room: Room) -> None:
    """§9: nor by standing in the file."""
    others = ("printco: {scope: 'partner:printco', people: [kim]}", "all: {people: [kim]}")
    room.load(PARTNERS, *others)
    for schedule in ("printco", "all"):
        with pytest.raises(NotFound):
            room.subscribe("kim", schedule)
    room.run(DUE)
    assert sorted(room.told()) == [("report_ready", "kim"), UEDA]


@sqlite
def test_another_scope_meanwhile_is_not_sent_to_its_readers(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """§9: a run is about what its schedule was about when it was due."""
    room.load(PARTNERS)
    with monkeypatch.context() as patch:
        patch.setattr(reports, "make", broken)
        room.run(DUE)
    room.load("netone: {scope: 'partner:printco', people: [ueda, park]}", when="2026-12-03 08:02")
    room.run("2026-12-03 08:05")
    assert room.told() == [UEDA]
