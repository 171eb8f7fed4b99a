"""Every kind of mail, in both languages, as text and as HTML."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask_babel import force_locale, gettext

from servicedesk import outbox
from servicedesk.db import transaction
from servicedesk.escalation import commands as escalation
from servicedesk.escalation.work import commands as work
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.dates import promises
from servicedesk.incidents.dates.promises import Answer
from servicedesk.incidents.exclusions.commands import ask_for, settle
from servicedesk.incidents.exclusions.effects import Wanted
from servicedesk.incidents.models import Comment, DateChange, Incident
from servicedesk.mail import (
    for_hands,
    for_majors,
    for_oncall,
    for_report_approval,
    for_reports,
    for_signals,
)
from servicedesk.mail.digest import summarize
from servicedesk.mail.letter import NotToBeSent
from servicedesk.mail.letters import LETTERS
from tests.cast import Desk, at
from tests.mail.mailbox import Mailroom, Received
from tests.support.clock import Clock

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

Room = Mailroom
Written = Callable[[Room, int], Received]
WISH = Due(day=date(2026, 11, 30))
FRIDAY = "Fri 27 Nov 2026", "2026年11月27日(金)"


def do(
    room: Room, act: Any, n: int, *args: Any, by: str = "ito", when: str = "10:00", **m: Any
) -> None:
    room.desk.do(act, n, *args, by=by, when=when, **m)


def last(room: Room, kind: str, to: str = "emi") -> Received:
    """Write the last message of a kind that the desk has queued by itself."""
    rows = room.queued(kind)
    reader = room.desk.id(to)
    return room.write([row.id for row in rows if row.person_id == reader][-1])


def received(room: Room, n: int) -> Received:
    return last(room, "received")


def logged_for(room: Room, n: int) -> Received:
    room.desk.log(by="ito", requester=room.desk.id("emi"), channel="mail")
    return last(room, "received")


def reply(room: Room, n: int) -> Received:
    do(room, commands.comment, n, "reply", "We look\n\nat it")
    return last(room, "reply")


def question(room: Room, n: int) -> Received:
    do(room, commands.hold, n, "requester", question="Which floor?")
    return last(room, "question")


def reminder(room: Room, n: int) -> Received:
    question(room, n)
    return room.letter("reminder", "emi", n)


def promised(room: Room, n: int) -> Received:
    do(room, commands.promise, n, Due(day=date(2026, 11, 27)), reason="A part is missing")
    return last(room, "promised")


def agreed(room: Room, n: int) -> Received:
    do(room, commands.promise, n, WISH)
    return last(room, "promised")


def wish(room: Room, n: int) -> Received:
    do(room, commands.wish, n, Due(day=date(2026, 11, 27)), reason="As said by phone")
    return last(room, "wish")


def _declined(room: Room, kind: str, to: str) -> Received:
    """To whoever works on it, in the language of the test."""
    room.change(to, mail=f"{to}@kita.example", language=_language(room))
    change = room.desk.rows(DateChange, 1)[-1]
    answer = Answer(False, "Too late for the fair", Due(day=date(2026, 11, 28)))
    room.desk.do(promises.answer, 1, change.kind, change.n, answer, by="emi", when="11:00")
    return last(room, kind, to)


def promise_declined(room: Room, n: int) -> Received:
    do(room, commands.take, n)
    promised(room, n)
    return _declined(room, "promise_declined", "ito")


def wish_declined(room: Room, n: int) -> Received:
    """Nobody has taken it: the lead of the group that has it is told."""
    wish(room, n)
    return _declined(room, "wish_declined", "sato")


def solved(room: Room, n: int) -> Received:
    do(room, commands.resolve, n, "solved", "A new switch")
    return last(room, "solved")


def solved_for_watcher(room: Room, n: int) -> Received:
    room.change("taro", mail="taro@kita.example", language=_language(room))
    do(room, commands.watch, n, room.desk.id("taro"))
    do(room, commands.resolve, n, "solved", "A new switch")
    return last(room, "solved", "taro")


def no_answer(room: Room, n: int) -> Received:
    do(room, commands.resolve, n, "no_answer", "-")
    return last(room, "no_answer")


def cancelled(room: Room, n: int) -> Received:
    other = room.desk.log(title="zqother", by="taro")
    do(room, commands.cancel, n, duplicate_of=other)
    return last(room, "cancelled")


def approved(room: Room, n: int) -> Received:
    return room.letter("approved", "emi", n)


def not_approved(room: Room, n: int) -> Received:
    do(room, commands.comment, n, "reply", "Too expensive")
    (comment,) = room.desk.rows(Comment, n)
    return room.letter("not_approved", "emi", n, comment=comment.id)


def _language(room: Room) -> str | None:
    with room.desk.session() as session:
        found: str | None = session.scalar(sa.text("select language from person where key = 'emi'"))
        return found


def _to_approve(room: Room, kind: str, n: int) -> Received:
    room.change("taro", mail="taro@kita.example", language=_language(room))
    with room.desk.app.app_context(), transaction() as session:
        asked = {"approver_id": room.desk.id("taro"), "approval": "asked"}
        session.execute(sa.update(Incident).where(Incident.number == n).values(asked))
    room.desk.tampered = True
    return room.letter(kind, "taro", n, link="approval")


def approval_asked(room: Room, n: int) -> Received:
    return _to_approve(room, "approval_asked", n)


def approval_reminder(room: Room, n: int) -> Received:
    return _to_approve(room, "approval_reminder", n)


def _speaking(room: Room) -> None:
    """A company at its address is told in the desk's language."""
    with room.desk.app.app_context(), transaction() as session:
        said = sa.text("update desk set language = :l, revision = revision + 1")
        session.execute(said, {"l": _language(room)})


def handed_off(room: Room, n: int) -> Received:
    _speaking(room)
    shared: dict[str, Any] = {"answer_by": at("Fri 10:00"), "share_requester": True}
    do(room, escalation.hand_off, n, "netone", note="Please look at the line", **shared)
    (note,) = room.queued("handed_off")
    return room.write(note.id)


def partner_wrote(room: Room, n: int) -> Received:
    _speaking(room)
    do(room, escalation.hand_off, n, "netone", note="Please look at the line")
    do(room, escalation.write, n, 1, "zqline", when="10:10")
    return room.write(room.queued("partner_wrote")[0].id)


def handoff_over(room: Room, n: int) -> Received:
    _speaking(room)
    do(room, escalation.hand_off, n, "netone", note="zqnote")
    do(room, escalation.note_ticket, n, 1, "NO-1", by="kim", when="10:10")
    do(room, escalation.recall, n, 1, when="10:20")
    return room.write(room.queued("handoff_over")[0].id)


def work_wrote(room: Room, n: int) -> Received:
    _speaking(room)
    do(room, work.request, n, "netone", "Check the cable")
    do(room, work.write, n, 1, "zqline", when="10:10")
    return room.write(room.queued("work_wrote")[0].id)


def rule(room: Room, n: int) -> Received:
    said = {"policy": "usual", "step": "half", "due": "2026-11-26T03:00:00Z"}
    return room.letter("rule", "emi", n, kind_of_clock="resolution", amount=75, **said)


def rule_of_waiting(room: Room, n: int) -> Received:
    do(room, escalation.hand_off, n, "network", note="Please look")
    said = {"policy": "usual", "step": "slow", "due": "2026-11-26T03:00:00Z"}
    said |= {"handed_to": room.desk.ref("network")}
    return room.letter("rule", "emi", n, kind_of_clock="unaccepted", amount=5400, **said)


def _excluded(room: Room, n: int, by: str) -> int:
    room.change(by, mail=f"{by}@kita.example", language=_language(room))
    out = Wanted(at("09:10"), at("09:40"), ("resolution",))
    return room.desk.do(ask_for, n, out, "The power was cut", by="ito", when="13:00")


def exclusion_asked(room: Room, n: int) -> Received:
    _excluded(room, n, "ueda")
    return last(room, "exclusion_asked", "ueda")


def exclusion_approved(room: Room, n: int) -> Received:
    do(room, settle, n, _excluded(room, n, "ito"), True, "So it was", by="ueda", when="13:30")
    return last(room, "exclusion_decided", "ito")


def exclusion_refused(room: Room, n: int) -> Received:
    do(room, settle, n, _excluded(room, n, "ito"), False, "It was on", by="ueda", when="13:30")
    return last(room, "exclusion_decided", "ito")


def digest(room: Room, n: int) -> Received:
    room.change("emi", channels={"news": "digest"})
    do(room, commands.comment, n, "reply", "We look at it")
    with room.desk.app.app_context():
        summarize(at("Fri 08:00"))
    return last(room, "digest")


def bundle(room: Room, n: int) -> Received:
    do(room, commands.comment, n, "reply", "We look at it")
    ids = [room.queued("reply")[-1].id, room.queue("approved", "emi", n)]
    with room.desk.app.app_context(), transaction() as session:
        outbox.queue_bundle(session, room.desk.id("emi"), ids, now=at("12:00"), whys=["quiet"])
    return last(room, "bundle")


def invitation(room: Room, n: int) -> Received:
    return room.letter("invitation", "emi", link="invitation")


def reset(room: Room, n: int) -> Received:
    return room.letter("reset", "emi", link="reset")


NAME = {"name": "Ito Ren"}
RULED = {"step": "half", "policy": "usual", "clock": "Resolution", "percent": 75}
DESK = {"desk": "Kita Electric IT"}
EXCLUDED = {
    "name": "Ito Ren",
    "start": ("Thu 26 Nov 2026, 09:10 JST", "2026年11月26日(木) 09:10 JST"),
    "end": ("Thu 26 Nov 2026, 09:40 JST", "2026年11月26日(木) 09:40 JST"),
}

# kind, how it comes about, and some of what it says: sentences to be translated, or texts that
# stand there in any language; dates come in English and Japanese
CASES: list[tuple[str, Written, list[Any]]] = [
    ("received", received, [
        "We have your report, and look at it soon.", "Internet access",
        ("Thu 26 Nov 2026, 10:00 JST", "2026年11月26日(木) 10:00 JST"),  # of 60 minutes from 9
    ]),
    ("received", logged_for, [("%(name)s has logged this for you.", NAME)]),
    ("reply", reply, [("%(name)s has answered you.", NAME), "We look", "at it"]),
    ("question", question, [
        ("%(name)s needs an answer from you.", NAME), "Which floor?",
        "Until then the work waits.",
    ]),
    ("reminder", reminder, ["We still wait for your answer.", "Which floor?"]),
    ("promised", promised, [
        FRIDAY, "A part is missing", "Say whether it suits you",
        ("Mon 30 Nov 2026", "2026年11月30日(月)"),
    ]),
    ("promised", agreed, ["This is the date that you asked for."]),
    ("wish", wish, [FRIDAY, "As said by phone", "Until you confirm it, the date before counts."]),
    ("promise_declined", promise_declined, [
        ("%(name)s declined the date promised: %(date)s.", {"name": "Endo Emi", "date": FRIDAY}),
        "Too late for the fair", "Promise another date",
        ("Sat 28 Nov 2026", "2026年11月28日(土)"),  # which date would do
    ]),
    ("wish_declined", wish_declined, [
        (
            "%(name)s declined the date that the desk had noted: %(date)s.",
            {"name": "Endo Emi", "date": FRIDAY},
        ),
        "Too late for the fair", "Look at the dates",
    ]),
    ("solved", solved, [
        "We think that it is solved. Is it?", "A new switch",
        ("Thu 3 Dec 2026, 18:00 JST", "2026年12月3日(木) 18:00 JST"),
    ]),
    ("solved", solved_for_watcher, [
        "The desk has solved it.", "You get this because you watch it.",
    ]),
    ("no_answer", no_answer, [
        "We have ended the work on this: there was no answer to our question.",
    ]),
    ("cancelled", cancelled, [("%(name)s has cancelled it.", NAME)]),
    ("approved", approved, ["Your request was approved: the work goes on."]),
    ("not_approved", not_approved, [
        "Your request was not approved: the work on it has ended.", "Too expensive",
    ]),
    ("approval_asked", approval_asked, [
        ("%(name)s asks for something that needs your approval.", {"name": "Endo Emi"}),
        "zqtext", "Sales",
    ]),
    ("approval_reminder", approval_reminder, [
        ("A request by %(name)s still waits for your approval.", {"name": "Endo Emi"}),
    ]),
    ("handed_off", handed_off, [
        ("%(desk)s has handed this to your company.", DESK), "NetOne Inc.",
        "zqtext", "Please look at the line", "emi@kita.example", "03-0000-0001",
        ("Fri 27 Nov 2026, 10:00 JST", "2026年11月27日(金) 10:00 JST"),  # the answer wished
        ("Thu 26 Nov 2026, 11:00 JST", "2026年11月26日(木) 11:00 JST"),  # accepting, by contract
    ]),
    ("partner_wrote", partner_wrote, [
        ("%(name)s has written to you.", {"name": "Ito Ren"}), "zqline",
    ]),
    ("handoff_over", handoff_over, [
        ("%(desk)s has taken back what was handed to your company.", DESK), "NO-1",
    ]),
    ("work_wrote", work_wrote, [
        ("%(name)s has written to you.", {"name": "Ito Ren"}), "zqline", "Check the cable",
    ]),
    ("rule", rule, [
        ("%(percent)d %% of the time for “%(clock)s” is used.", RULED), "half", "usual",
        ("Thu 26 Nov 2026, 12:00 JST", "2026年11月26日(木) 12:00 JST"),
    ]),
    ("rule", rule_of_waiting, [
        ("By the same rule it was handed to %(name)s.", {"name": "Network team"}), "slow",
    ]),
    ("exclusion_asked", exclusion_asked, [
        ("%(name)s asks that the time from %(start)s to %(end)s does not count.", EXCLUDED),
        "The power was cut", "Internet access",
    ]),
    ("exclusion_decided", exclusion_approved, [
        (
            "%(name)s approved that the time from %(start)s to %(end)s does not count.",
            {**EXCLUDED, "name": "Ueda Rin"},
        ),
        "So it was",
    ]),
    ("exclusion_decided", exclusion_refused, [
        "You get this because you asked for it.", "It was on",
    ]),
    ("invitation", invitation, [
        ("You get this because an administrator of %(desk)s has invited you.", DESK), "emi",
    ]),
    ("reset", reset, ["The link can be used once."]),
    ("bundle", bundle, [
        "What came for you in your quiet hours",
        ("%(name)s has answered you.", {"name": "Ito Ren"}),
        "You get this because it was reported by you or for you.", "Read and answer",
        "Your request was approved: the work goes on.", "See all of them",
    ]),
    ("digest", digest, [
        "What there is since the last summary", ("%(name)s has answered you.", {"name": "Ito Ren"}),
        "You get this because it was reported by you or for you.", "Read and answer",
    ]),
]  # fmt: skip


def test_every_kind_is_among_them() -> None:
    elsewhere = {
        *for_hands.LETTERS, *for_majors.LETTERS, *for_oncall.LETTERS, *for_signals.LETTERS,
        *for_report_approval.LETTERS, *for_reports.LETTERS,
    }  # fmt: skip
    assert {kind for kind, _written, _said in CASES} == set(LETTERS) - elsewhere


def in_language(desk: Desk, said: Any, language: str) -> str:
    if isinstance(said, tuple) and isinstance(said[1], str):
        return str(said[language == "ja"])
    sentence, values = said if isinstance(said, tuple) else (said, {})
    with desk.app.app_context(), force_locale(language):
        dated = {name: said for name, said in values.items() if isinstance(said, tuple)}
        values = {**values, **{name: both[language == "ja"] for name, both in dated.items()}}
        if "clock" in values:
            values = {**values, "clock": gettext(values["clock"])}
        return str(gettext(sentence, **values))


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    ("written", "said"), [c[1:] for c in CASES], ids=[c[1].__name__ for c in CASES]
)
def test_it_says_the_same_as_text_and_as_html(
    desk: Desk, mailroom: Mailroom, written: Written, said: list[Any], language: str
) -> None:
    """E6: what, why, and one button to act."""
    mailroom.change("emi", language=language)
    mail = written(mailroom, desk.log(description="zqtext", wish=WISH))
    for each in said:
        sentence = in_language(desk, each, language)
        assert sentence in mail.text
        assert sentence in mail.shown
    assert mail.link.startswith("http://127.0.0.1:8000/")
    assert f'<html lang="{language}">' in mail.html
    assert mail.message["Content-Language"] == language
    assert "None" not in mail.text + mail.shown


@pytest.mark.parametrize("written", [received, reply, question, agreed])
def test_the_button_leads_to_the_incident(desk: Desk, mailroom: Mailroom, written: Written) -> None:
    mail = written(mailroom, desk.log(wish=WISH))
    assert mail.link == "http://127.0.0.1:8000/incidents/INC-00000001"


@pytest.mark.parametrize("written", [promise_declined, wish_declined])
def test_the_button_leads_to_where_the_desk_answers(
    desk: Desk, mailroom: Mailroom, written: Written
) -> None:
    """E6: one button to act."""
    mail = written(mailroom, desk.log(wish=WISH))
    act = "promise" if written is promise_declined else "wish"
    assert mail.link == f"http://127.0.0.1:8000/incidents/INC-00000001/{act}"


@pytest.mark.parametrize("written", [promised, wish, solved, no_answer, invitation, reset])
def test_a_link_needs_no_signing_in(desk: Desk, mailroom: Mailroom, written: Written) -> None:
    mail = written(mailroom, desk.log(wish=WISH))
    path = mail.link.removeprefix("http://127.0.0.1:8000")
    page = desk.visit().get(path, follow_redirects=True)
    assert (page.status_code, "/sign-in" in page.request.path) == (200, False)


def test_an_approver_decides_by_the_link(desk: Desk, mailroom: Mailroom) -> None:
    assert "/approve/" in approval_asked(mailroom, desk.log()).link


def test_the_same_message_has_the_same_link(desk: Desk, mailroom: Mailroom) -> None:
    """E5: sent twice it is the same mail."""
    solved(mailroom, desk.log())
    (note,) = mailroom.queued("solved")
    first, again = mailroom.write(note.id), mailroom.write(note.id)
    assert first.message.as_bytes() == again.message.as_bytes()


def test_what_is_overtaken_asks_no_more(desk: Desk, mailroom: Mailroom) -> None:
    """§4: it was reopened before the mail went out."""
    n = desk.log()
    do(mailroom, commands.resolve, n, "solved", "A new switch")
    do(mailroom, commands.reopen, n, by="emi", when="10:10")
    mail = last(mailroom, "solved")
    assert "The desk has solved it." in mail.text
    assert mail.link == "http://127.0.0.1:8000/incidents/INC-00000001"


def test_an_offer_is_not_sent_after_the_next_one(desk: Desk, mailroom: Mailroom) -> None:
    """Two offers before a mail went out: the later one is told."""
    n = desk.log(wish=WISH)
    promised(mailroom, n)
    later = Due(day=date(2026, 12, 4))
    do(mailroom, commands.promise, n, later, when="10:10", reason="Later still")
    first, second = mailroom.queued("promised")
    with pytest.raises(NotToBeSent, match="overtaken"):
        mailroom.write(first.id)
    assert "Fri 4 Dec 2026" in mailroom.write(second.id).text


def test_an_offer_that_was_answered_asks_no_more(desk: Desk, mailroom: Mailroom) -> None:
    n = desk.log(wish=WISH)
    promised(mailroom, n)
    offer = desk.rows(DateChange, n)[-1].n
    do(mailroom, commands.answer_promise, n, offer, True, by="emi", when="10:10")
    mail = last(mailroom, "promised")
    assert "Please say whether it suits you." not in mail.text
    assert mail.link == "http://127.0.0.1:8000/incidents/INC-00000001"


def test_a_watcher_is_not_asked(desk: Desk, mailroom: Mailroom) -> None:
    mailroom.change("taro", mail="taro@kita.example")
    n = desk.log(wish=WISH)
    do(mailroom, commands.watch, n, desk.id("taro"))
    promised(mailroom, n)
    mail = last(mailroom, "promised", "taro")
    assert mail.link == "http://127.0.0.1:8000/incidents/INC-00000001"
    assert "suits you" not in mail.text


@pytest.mark.parametrize("written", [reminder, wish, approval_asked, invitation])
def test_what_nobody_needs_to_do_any_more_is_not_asked_for(
    desk: Desk, mailroom: Mailroom, clock: Clock, written: Written
) -> None:
    n = desk.log(wish=WISH)
    written(mailroom, n)
    if written is not approval_asked:
        do(mailroom, commands.cancel, n, consent=True)
    with desk.app.app_context(), transaction() as session:
        session.execute(sa.update(Incident).values(approval="granted"))
        session.execute(sa.update(DateChange).values(state="current"))
    desk.tampered = True
    clock.advance(days=30)
    with pytest.raises(NotToBeSent, match="overtaken"):
        mailroom.write(mailroom.queued(written.__name__)[-1].id)


def test_a_first_answer_that_was_given_is_not_announced(desk: Desk, mailroom: Mailroom) -> None:
    """C13: logging a call while talking to the requester is a response."""
    desk.log(by="ito", requester=desk.id("emi"), channel="phone")
    mail = last(mailroom, "received")
    assert "First answer by" not in mail.text
    assert "Target for solving it: Mon 30 Nov 2026, 18:00 JST" in mail.text


def test_a_long_text_is_not_quoted_to_its_end(desk: Desk, mailroom: Mailroom) -> None:
    n = desk.log()
    do(mailroom, commands.comment, n, "reply", "long " * 1000 + "zqend")
    mail = last(mailroom, "reply")
    assert "zqend" not in mail.text + mail.html
    assert mail.text.count("long") == 400
    assert "The whole text stands on the page." in mail.text
    assert "The whole text stands on the page." in mail.shown


def test_texts_are_text_in_html_too(desk: Desk, mailroom: Mailroom) -> None:
    n = desk.log(title="<b>Zq</b> & co")
    do(mailroom, commands.comment, n, "reply", '<script>alert("x")</script>\n<img src=x>')
    mail = last(mailroom, "reply")
    assert "<script" not in mail.html
    assert "<img" not in mail.html
    assert "<b>Zq" not in mail.html
    assert '> <script>alert("x")</script>' in mail.text


def test_nothing_is_fetched_from_elsewhere(desk: Desk, mailroom: Mailroom) -> None:
    """No pictures, no tracking: the addresses in it are the button's and that of the choice."""
    mail = received(mailroom, desk.log())
    assert mail.html.count("http") == mail.html.count("<a ") == 2
    assert not any(word in mail.html for word in ("<img", "<link", "url(", "@import", "src="))


def test_everybody_reads_dates_in_their_own_zone(desk: Desk, mailroom: Mailroom) -> None:
    mailroom.change("emi", zone="Europe/Berlin")
    assert "Thu 26 Nov 2026, 02:00 CET" in received(mailroom, desk.log()).text


def test_a_partner_learns_who_asks_only_where_that_is_shared(
    desk: Desk, mailroom: Mailroom
) -> None:
    """H8: requester's name and contact only if shared."""
    mailroom.change("kim", password_hash="can sign in")
    do(mailroom, escalation.hand_off, desk.log(), "netone", note="Please look")
    mail = mailroom.write(mailroom.queued("handed_off")[0].id)
    assert mail.to == "support@netone.example"
    assert "Endo" not in mail.text + mail.html
    assert mail.link == "http://127.0.0.1:8000/hand-offs/INC-00000001/1"


def test_links_begin_with_the_address_of_the_desk(desk: Desk, mailroom: Mailroom) -> None:
    desk.app.config["DESK_URL"] = "https://desk.kita.example"
    mail = received(mailroom, desk.log())
    assert mail.link == "https://desk.kita.example/incidents/INC-00000001"
    assert mail.id.endswith("@desk.kita.example>")


def test_a_clock_that_rests_has_no_date(desk: Desk, mailroom: Mailroom, clock: Clock) -> None:
    """C5: while paused, a clock has no due instant."""
    n = desk.log()
    do(mailroom, commands.hold, n, "requester", question="Which floor?")
    assert "Target:" not in rule(mailroom, n).text
