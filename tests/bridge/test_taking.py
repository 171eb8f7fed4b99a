"""H7: what mails become, and what is set aside."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk import pulse
from servicedesk.bridge import store, taking
from servicedesk.bridge.models import ReceivedMail
from servicedesk.db import transaction
from servicedesk.escalation import commands as escalation
from servicedesk.escalation.work import commands as work_requests
from servicedesk.incidents import commands
from servicedesk.incidents.models import Attachment, Comment, Incident, WorkRequest
from servicedesk.outbox import Notification
from tests.bridge.letterbox import NETONE, Letterbox, mail
from tests.cast import at


def handed(letterbox: Letterbox, to: str = "netone", n: int = 1) -> tuple[int, str]:
    """Log an incident and hand it to a partner; gives the number and the address for replies."""
    number = letterbox.desk.log()
    hand_off(letterbox, number, to)
    return number, letterbox.address(number, to, n)


def hand_off(letterbox: Letterbox, number: int, to: str = "netone", when: str = "09:30") -> None:
    letterbox.desk.do(escalation.hand_off, number, to, by="ito", when=when, note="Please look")


def nothing_came_of_it(letterbox: Letterbox, number: int) -> bool:
    """Nobody wrote anything, and the hand-off stands as it was sent."""
    desk = letterbox.desk
    return not desk.rows(Comment, number) and desk.handoff(number).state == "sent"


# A partner's


def test_a_partners_reply_lands_in_the_thread_of_its_hand_off_and_accepts_it(
    letterbox: Letterbox,
) -> None:
    """H7: the reply lands in that hand-off's partner thread and nowhere else."""
    number, address = handed(letterbox)
    taken = letterbox.write(NETONE, address, "We look at it.", files={"log.pdf": b"%PDF-1.4 x"})
    assert (taken.state, taken.reason, taken.number) == ("taken", None, number)
    desk = letterbox.desk
    assert desk.handoff(number).state == "accepted"
    assert letterbox.lines(number) == ["We look at it."]
    assert not letterbox.lines(number, "reply") + letterbox.lines(number, "note")
    comment, company = letterbox.comment(number), int(desk.ref("netone").partition(":")[2])
    assert (comment.author_id, comment.partner_id, comment.by_mail) == (None, company, True)
    (file,) = desk.rows(Attachment, number)
    assert (file.name, file.comment_id) == ("log.pdf", comment.id)
    page = desk.visit("ito").get(f"/incidents/INC-{number:08d}").text
    assert "NetOne Inc., by mail" in page


def test_an_address_of_one_of_its_people_signs_with_their_name(letterbox: Letterbox) -> None:
    """H7: by a person if the address is one's, else by the company."""
    number, address = handed(letterbox)
    letterbox.change("kim", mail="Kim@netone.example")
    assert letterbox.write("kim@netone.example", address, "Mine").state == "taken"
    comment = letterbox.comment(number)
    assert (comment.author_id, comment.partner_id) == (letterbox.desk.id("kim"), None)
    event = next(e for e in letterbox.desk.events(number) if e.kind == "handoff.accepted")
    assert event.actor == letterbox.desk.id("kim")


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("text", "state", "holder"),
    [
        ("#answer\nRepaired.", "answered", "desk"),
        ("＃回答　直しました", "answered", "desk"),
        ("#ask\nWhich port?", "accepted", "desk"),
        ("#back not our line", "sent_back", "desk"),
        ("#accept", "accepted", "netone"),
        ("We look at it.", "accepted", "netone"),
    ],
)
def test_the_first_line_does_what_it_says(
    letterbox: Letterbox, text: str, state: str, holder: str
) -> None:
    """H2, H4, H7: answered, asked, sent back, accepted by the first line of a mail."""
    number, address = handed(letterbox)
    letterbox.write(NETONE, address, text)
    handoff, desk = letterbox.desk.handoff(number), letterbox.desk
    assert handoff.state == state
    assert desk.incident(number).holder == desk.ref(holder)
    assert (handoff.accepted_at is None) == (state == "sent_back")  # F2: sent back unaccepted


def test_an_answer_keeps_its_text_and_a_ticket_its_number(letterbox: Letterbox) -> None:
    """H4, H7: the answer's text, and the partner's own ticket number."""
    number, address = handed(letterbox)
    letterbox.write(NETONE, address, "#ticket NO-77\n#answer\nThe line is repaired.")
    handoff = letterbox.desk.handoff(number)
    assert (handoff.partner_ticket, handoff.outcome_text) == ("NO-77", "The line is repaired.")


@pytest.mark.backends("sqlite")
def test_what_cannot_be_done_or_kept_is_still_a_line(letterbox: Letterbox) -> None:
    """H7: a second question while one waits is a line; a program is left out, and named."""
    number, address = handed(letterbox)
    letterbox.write(NETONE, address, "#ask one?")
    letterbox.write(NETONE, address, "#ask two?")
    assert letterbox.lines(number) == ["one?", "#ask two?"]
    letterbox.write(NETONE, address, "see it", files={"run.exe": b"MZ\0\0\0", "a.pdf": b"%PDF-1"})
    assert letterbox.lines(number)[-1] == "see it\n\n[Files that were not kept: run.exe, a.pdf]"


def test_a_line_can_be_taken_as_the_answer_by_the_desk(letterbox: Letterbox) -> None:
    """H4: what a partner mailed without saying that it is the answer."""
    number, address = handed(letterbox)
    letterbox.write(NETONE, address, "It was the router; replaced.")
    desk, comment = letterbox.desk, letterbox.comment(number)
    page = desk.visit("ito")
    path = f"/incidents/INC-{number:08d}/comments/{comment.id}/answer"
    assert path in page.get(f"/incidents/INC-{number:08d}").text
    assert page.post(path).status_code == 303
    handoff = desk.handoff(number)
    assert (handoff.state, handoff.outcome_text) == ("answered", "It was the router; replaced.")
    assert page.post(path).status_code == 409
    assert desk.visit("emi").post(path).status_code == 404


def test_a_work_request_has_an_address_of_its_own(letterbox: Letterbox) -> None:
    """H6, H7: a reply about a work request lands in its thread; an answer says that it is done."""
    desk, number = letterbox.desk, letterbox.desk.log()
    desk.do(work_requests.request, number, "netone", "Check the cable", by="ito", when="09:30")
    letterbox.queue("work_wrote", "netone", number, n=1)
    address = letterbox.address(number, "netone")
    letterbox.write(NETONE, address, "Tomorrow.")
    letterbox.write(NETONE, address, "#answer\nReplaced it.", when="10:30")
    (request,) = desk.rows(WorkRequest, number)
    assert (request.state, request.result) == ("done", "Replaced it.")
    assert {row.work_request_id for row in desk.rows(Comment, number)} == {request.id}
    assert letterbox.write(NETONE, address, "And?").reason == "ended"


# 0 accepted as somebody else


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("sender", "more", "reason"),
    [
        (NETONE, {"vouched": "fail"}, "forged"),
        ('"support@netone.example" <eve@evil.example>', {}, "posing"),
        ("eve@evil.example", {}, "wrong-sender"),
        ("eve@netone.example", {}, "wrong-sender"),
        ("emi@kita.example", {}, "wrong-sender"),
        ("help@printco.example", {}, "wrong-sender"),
        ("support@netone.example.evil.example", {}, "wrong-sender"),
        ("ѕupport@netone.example", {}, "no-sender"),
        ("support@netone.example, eve@evil.example", {}, "no-sender"),
    ],
)
def test_nobody_is_taken_for_somebody_else(
    letterbox: Letterbox, sender: str, more: dict[str, Any], reason: str
) -> None:
    """H7: forged senders, names that show an address, a requester or other partner with a token."""
    number, address = handed(letterbox)
    raw = mail("x@x.example", address, "#answer It is me", **more)
    raw = raw.replace(b"From: x@x.example", f"From: {sender}".encode())
    raw = raw.replace(b"header.from=x.example", b"header.from=" + sender.encode()[-20:])
    taken = letterbox.take(raw)
    assert (taken.state, taken.reason) in {("set_aside", reason), ("set_aside", "forged")}
    assert nothing_came_of_it(letterbox, number)


@pytest.mark.backends("sqlite")
def test_a_token_is_good_for_one_hand_off_alone(letterbox: Letterbox) -> None:
    """H7: another partner's token with one's own address, a guessed one, an ended hand-off's."""
    number, address = handed(letterbox)
    letterbox.company("printco", mail="help@printco.example")
    other, theirs = handed(letterbox, "printco")
    assert letterbox.write("help@printco.example", address, "Mine").reason == "wrong-sender"
    assert letterbox.write(NETONE, theirs, "Mine").reason == "wrong-sender"
    assert letterbox.write(NETONE, "desk+aaaaaaaa@kita.example", "x").reason == "unknown-address"
    assert letterbox.write(NETONE, f"{address}, {theirs}", "x").reason == "several-addresses"
    assert nothing_came_of_it(letterbox, number)
    assert nothing_came_of_it(letterbox, other)
    letterbox.desk.do(escalation.recall, number, 1, by="ito", when="10:30")
    assert letterbox.write(NETONE, address, "Late", when="10:40").reason == "ended"
    hand_off(letterbox, number, when="10:50")
    assert letterbox.write(NETONE, address, "Reused", when="11:00").reason == "ended"
    assert not letterbox.desk.rows(Comment, number)


@pytest.mark.backends("sqlite")
def test_case_of_an_address_does_not_matter_as_mail_systems_fold_it(letterbox: Letterbox) -> None:
    _number, address = handed(letterbox)
    assert letterbox.write("Support@NetOne.example", address.upper(), "Hello").state == "taken"


# A requester's


def test_a_reply_of_the_requester_ends_the_waiting_for_them(letterbox: Letterbox) -> None:
    """§4, H7: as on the page: a reply in the incident that ends the hold for the requester."""
    desk, number = letterbox.desk, letterbox.desk.log()
    desk.do(commands.hold, number, "requester", by="ito", when="09:30", question="Which floor?")
    address = letterbox.address(number, "emi")
    taken = letterbox.write("emi@kita.example", address, "The third.")
    assert (taken.state, taken.number) == ("taken", number)
    assert letterbox.lines(number, "reply")[-1] == "The third."
    assert desk.incident(number).state == "in_progress"
    assert letterbox.comment(number).author_id == desk.id("emi")


@pytest.mark.backends("sqlite")
def test_only_the_requester_writes_by_their_address(letterbox: Letterbox) -> None:
    """H7: a watcher reads only, a stranger nothing; the number in a subject is the requester's."""
    desk, number = letterbox.desk, letterbox.desk.log()
    address = letterbox.address(number, "emi")
    letterbox.change("taro", mail="taro@kita.example")
    assert letterbox.write("taro@kita.example", address, "x").reason == "wrong-sender"
    desk.do(commands.watch, number, desk.id("taro"), by="ito", when="09:30")
    desk.do(commands.comment, number, "reply", "Hello", by="ito", when="09:40")
    watching = letterbox.address(number, "taro")
    assert letterbox.write("taro@kita.example", watching, "x").reason == "watcher"
    subject = f"Re: [INC-{number:08d}] No network"
    said = {"to": "desk@kita.example", "subject": subject}
    assert letterbox.write("taro@kita.example", text="x", **said).reason == "others-number"
    assert letterbox.write("emi@kita.example", text="More", **said).number == number
    assert letterbox.lines(number, "reply") == ["Hello", "More"]
    desk.do(commands.resolve, number, "solved", "Done", by="ito", when="10:30")
    desk.do(commands.close, number, by="emi", when="10:40")
    assert letterbox.write("emi@kita.example", address, "Again", when="10:50").reason == "closed"


def test_a_new_incident_comes_by_mail(letterbox: Letterbox) -> None:
    """H7: through the same command as the portal's; its acknowledgement can be answered."""
    taken = letterbox.write(
        "emi@kita.example", "desk@kita.example", "Internet is slow.", subject="Re: Slow",
        files={"speed.pdf": b"%PDF-1.4 x"},
    )  # fmt: skip
    desk, number = letterbox.desk, taken.number
    assert number
    incident = desk.incident(number)
    assert (incident.title, incident.description) == ("Slow", "Internet is slow.")
    assert (incident.channel, incident.requester.key) == ("mail", "emi")
    assert [file.name for file in desk.rows(Attachment, number)] == ["speed.pdf"]
    received = letterbox.sent("received", "emi")
    assert letterbox.address(number, "emi") in str(received.message["Reply-To"])


@pytest.mark.backends("sqlite")
def test_without_anybody_who_vouches_it_waits_for_a_person(letterbox: Letterbox) -> None:
    """H7: nobody vouches: set aside, unless the setting says that senders are to be trusted."""
    said = ("emi@kita.example", "desk@kita.example", "x")
    assert letterbox.write(*said, vouched=None).reason == "nobody-vouches"
    assert letterbox.write("eve@evil.example", *said[1:]).reason == "unknown-sender"
    letterbox.desk.app.config["MAIL_TRUST_SENDERS"] = True
    assert letterbox.write(*said, vouched=None).state == "taken"
    letterbox.change("kim", mail="kim@netone.example")
    assert letterbox.write("kim@netone.example", *said[1:]).reason == "no-address"
    letterbox.change("emi", active=False)
    assert letterbox.write(*said, vouched=None).reason == "unknown-sender"


# Once, whole, and nothing lost


def test_a_mail_that_comes_twice_is_one(letterbox: Letterbox) -> None:
    """H7, E5: by two ways, or again after a kill."""
    number, address = handed(letterbox)
    raw = mail(NETONE, address, "Once")
    first = letterbox.take(raw)
    again = letterbox.take(raw)
    other_way = letterbox.take(b"Received: from mx2.kita.example\r\n" + raw)
    assert (again.id, other_way.id) == (first.id, first.id)
    assert again.again
    assert other_way.again
    assert not first.again
    assert letterbox.lines(number) == ["Once"]
    kept = Path(letterbox.desk.app.config["DESK_VAR"]) / "mail-in"
    assert len(list(kept.glob("*.eml"))) == 1
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}


def test_a_mail_taken_by_several_at_once_is_one(letterbox: Letterbox) -> None:
    """H7, E5: any number of processes may take the same mail at the same instant."""
    number, address = handed(letterbox)
    raw = mail(NETONE, address, "Once")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _n: letterbox.take(raw), range(4)))
    assert len({taken.id for taken in found}) == 1
    assert sum(not taken.again for taken in found) == 1
    assert letterbox.lines(number) == ["Once"]


def test_what_was_kept_and_then_left_is_taken_later(
    letterbox: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H7, E5: killed between keeping and taking: the next round takes it, once."""
    number, address = handed(letterbox)
    raw = mail(NETONE, "undisclosed@kita.example", "Left behind")
    with letterbox.desk.app.app_context():
        monkeypatch.setattr(taking, "_take", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            taking.take(raw, now=at("10:00"), recipient=address)
        monkeypatch.undo()
        assert not letterbox.rows()
        assert [taking.retake(at("2036-01-01 10:00")) for _ in range(2)] == [1, 0]
    assert letterbox.lines(number) == ["Left behind"]


@pytest.mark.backends("sqlite")
def test_a_new_desk_takes_no_mail_of_the_desk_before_it(letterbox: Letterbox) -> None:
    """Where a database was deleted its folder of mails may still stand there."""
    with letterbox.desk.app.app_context():
        store.keep(mail("emi@kita.example", "desk@kita.example", "Old desk"))
        for begun, taken in (("2035-01-01 10:00", 0), ("2020-01-01 10:00", 1)):
            pulse.beat(pulse.BEGUN, at(begun))
            assert taking.retake(at("2036-01-01 10:00")) == taken


@pytest.mark.backends("sqlite")
def test_what_a_machine_wrote_changes_nothing(letterbox: Letterbox) -> None:
    """H7: automatic answers and the desk's own mail are noted and dropped."""
    number, address = handed(letterbox)
    away = letterbox.write(NETONE, address, "Away", Auto_Submitted="auto-replied")
    assert (away.state, away.reason) == ("dropped", "auto-reply")
    own = letterbox.sent("handed_off", "netone").message.as_bytes()
    assert letterbox.take(own).state == "dropped"
    assert nothing_came_of_it(letterbox, number)


def test_a_bounce_marks_the_message_that_did_not_arrive(letterbox: Letterbox) -> None:
    """E5: it stands with those that could not be sent."""
    _number, _address = handed(letterbox)
    with letterbox.desk.app.app_context(), transaction() as session:
        note = session.scalars(sa.select(Notification).filter_by(kind="handed_off")).one()
        note.sent_at, note.waits_until, id = at("09:40"), None, note.message_id
    raw = mail(
        "mailer-daemon@mx.netone.example", "desk@kita.example", f"<{id}@desk.kita.example>",
        "Undelivered Mail Returned to Sender", Return_Path="<>", X_Failed_Recipients=NETONE,
    )  # fmt: skip
    taken = letterbox.take(raw)
    assert (taken.state, taken.reason) == ("dropped", "bounce")
    with letterbox.desk.session() as session:
        note = session.scalars(sa.select(Notification).filter_by(kind="handed_off")).one()
        assert (note.error, note.sent_at, note.failed_at) == ("bounced", None, at("10:00"))


@pytest.mark.backends("sqlite")
def test_one_sender_writes_sixty_mails_an_hour_at_most(letterbox: Letterbox) -> None:
    """H7: loops of mail programs that say nothing of themselves end there."""
    _number, address = handed(letterbox)
    first = letterbox.write(NETONE, address, "0")
    with letterbox.desk.app.app_context(), transaction() as session:
        row = session.get_one(ReceivedMail, first.id)
        for n in range(59):
            said = {"kept": row.kept, "sender": NETONE, "received_at": at("09:55"), "subject": ""}
            session.add(ReceivedMail(digest=f"{n:064d}", state="taken", **said))
    assert letterbox.write(NETONE, address, "60").reason == "too-many"
    assert letterbox.write(NETONE, address, "61", when="11:30").state == "taken"


def test_what_is_settled_is_thrown_away_after_ninety_days(letterbox: Letterbox) -> None:
    """H7: the mail itself; that it came, and what became of it, is still known."""
    _number, address = handed(letterbox)
    letterbox.write(NETONE, address, "Taken")
    letterbox.write("eve@evil.example", address, "Set aside")
    with letterbox.desk.app.app_context():
        assert store.prune(at("2027-02-20 10:00")) == 0
        assert store.prune(at("2027-03-01 10:00")) == 1
    taken, aside = letterbox.rows()
    with letterbox.desk.session():
        assert (store.content(taken.kept), store.content(aside.kept) is None) == (None, False)


def test_no_incident_is_read_by_number_that_nobody_has(letterbox: Letterbox) -> None:
    taken = letterbox.write(
        "emi@kita.example", "desk@kita.example", "x", subject="INC-99999999999 and INC-77"
    )
    assert taken.state == "taken"
    with letterbox.desk.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Incident)) == 1
