"""A wish is answered by the desk, and the answer by the requester: on the page or from the mail."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from werkzeug.test import TestResponse

from servicedesk.errors import NotAllowed, NotFound, Refused, Stale
from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.dates import promises
from servicedesk.incidents.dates.promises import Answer
from servicedesk.incidents.models import Comment, DateChange
from servicedesk.people.links import Link
from tests.cast import Desk, at, page_of
from tests.incidents.approving import send_away, tokens
from tests.support.clock import Clock

pytestmark = pytest.mark.usefixtures("clock")

FRIDAY, LATER = Due(day=date(2026, 11, 27)), Due(day=date(2026, 12, 1))


def text(answer: TestResponse) -> str:
    """Give what a page says, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def offered(desk: Desk, reason: str = "The part comes then") -> tuple[int, int]:
    """Offer another date than the one asked for; gives the number, and which date it is."""
    n = desk.log(wish=FRIDAY)
    desk.do(commands.promise, n, LATER, by="ito", when="10:00", reason=reason)
    return n, desk.rows(DateChange, n)[-1].n


def noted(desk: Desk) -> tuple[int, int]:
    """Note another wish on the requester's word."""
    n = desk.log(wish=FRIDAY)
    desk.do(commands.wish, n, LATER, by="ito", when="10:00", reason="She called")
    return n, desk.rows(DateChange, n)[-1].n


def change(desk: Desk, number: int, n: int) -> DateChange:
    return next(row for row in desk.rows(DateChange, number) if row.n == n)


def link_of(desk: Desk, number: int) -> str:
    """Give the address in the newest mail about a date."""
    return f"/date/{tokens(desk, number, 'promise')[-1]}"


# The dialog


def test_the_dialog_offers_the_earliest_date_with_its_reason(desk: Desk) -> None:
    """§5: at 14:05 the desk has 3 h 55 left of 8 h; then the network team's and NetOne's time."""
    page = desk.visit("ito").get(page_of(desk.log(wish=FRIDAY), "promise"))
    said = text(page)
    for line in (
        "The wish (Fri 27) can be kept if it is solved where it is (Today 18:00)",
        "not if it has to go to the end of the path (Tue 1, 18:00).",
        "Agree with the wish: Fri 27",
        "Offer the earliest date: Tue 1",
        "Service desk: 3 h 55 left of 8 h, until Today 18:00",
        "Network team: 8 h by its target, until Fri 27, 18:00",
        "NetOne Inc.: 2 d by contract, until Tue 1, 18:00",
        "That is after the target for solving it (Mon 30, 18:00).",
        "By their working hours 1 Dec is the earliest day that we can be sure of.",
    ):
        assert line in said, said
    assert 'value="2026-12-01"' in page.text


@pytest.mark.parametrize(
    ("service", "wish", "line"),
    [
        ("internet", LATER, "The wish (Tue 1) can be kept: earliest Tue 1, 18:00."),
        ("internet", Due(at=at("17:00")), "can't be kept: earliest Tue 1, 18:00."),
        ("internet", None, "Nothing was asked for. Earliest: Tue 1, 18:00."),
        ("printing", LATER, "PrintCo Ltd.: no target, so it says nothing"),
    ],
)
def test_it_says_whether_the_wish_can_be_kept(
    desk: Desk, service: str, wish: Due | None, line: str
) -> None:
    n = desk.log(service=service, wish=wish)
    assert line in text(desk.visit("ito").get(page_of(n, "promise")))


def test_what_waits_for_the_requester_can_t_begin_before_the_answer(desk: Desk) -> None:
    """C4, C5: and the customer's target rests."""
    n = desk.log(wish=FRIDAY)
    desk.do(commands.hold, n, "requester", question="Which room?", by="ito", when="10:00")
    said = text(desk.visit("ito").get(page_of(n, "promise")))
    assert "It can't begin before the requester has answered; counted from now." in said
    assert "This counts from your answer to our question." in said
    assert "target for solving it" not in said


def test_a_party_that_is_over_has_nothing_left(desk: Desk, clock: Clock) -> None:
    n = desk.log(wish=LATER)
    clock.advance(hours=20, minutes=55)  # Friday 11:00: 10 h counted of 8
    said = text(desk.visit("ito").get(page_of(n, "promise")))
    assert "Service desk: nothing left of 8 h, 2 h 00 over" in said


def test_the_reason_is_in_the_requesters_language(desk: Desk) -> None:
    """The agent reads English, the requester Japanese."""
    send_away(desk, "emi", language="ja")
    page = desk.visit("ito").get(page_of(desk.log(wish=FRIDAY), "promise"))
    assert '<html lang="en"' in page.text
    reason = re.findall(r'name="offered_reason"[^>]*>([^<]*)<', page.text)[0]
    assert "12/1(火)" in html.unescape(reason)


def test_agreeing_with_the_wish_is_one_button(desk: Desk) -> None:
    """§5: whatever else was begun to be typed; D1: a day stays a day."""
    n = desk.log(wish=FRIDAY)
    sent = {"agree": "1", "day": "20", "time": "", "reason": "zq", "offered_reason": "zq"}
    version = str(desk.incident(n).version)
    answer = desk.visit("ito").post(page_of(n, "promise"), version=version, **sent)
    assert answer.status_code == 303
    (_wish, promise) = desk.rows(DateChange, n)
    assert (promise.kind, promise.day, promise.reason) == ("promised", FRIDAY.day, None)
    assert desk.events(n)[-1].data["agrees"] is True
    assert "Agree with the wish" not in text(desk.visit("ito").get(page_of(n, "promise")))


def test_agreeing_with_an_instant_promises_that_instant(desk: Desk) -> None:
    n = desk.log(wish=Due(at=at("Mon 12:00")))
    desk.visit("ito").post(page_of(n, "promise"), version="", agree="1")
    promise = desk.rows(DateChange, n)[-1]
    assert (promise.kind, promise.day, promise.due) == ("promised", None, at("Mon 12:00"))


def test_there_is_nothing_to_agree_with_where_nothing_was_asked_for(desk: Desk) -> None:
    n = desk.log()
    answer = desk.visit("ito").post(page_of(n, "promise"), version="", agree="1")
    assert answer.status_code == 422
    assert "Nothing was asked for: please choose a day." in text(answer)


def test_offering_the_earliest_date_is_one_button(desk: Desk) -> None:
    """§5: with the reason as the agent left it; the requester is asked."""
    n = desk.log(wish=FRIDAY)
    sent = {"offered": "2026-12-01", "offered_reason": "Three teams", "day": "", "reason": ""}
    assert desk.visit("ito").post(page_of(n, "promise"), version="", **sent).status_code == 303
    promise = desk.rows(DateChange, n)[-1]
    assert (promise.day, promise.reason) == (date(2026, 12, 1), "Three teams")
    said = text(desk.visit("emi").get(page_of(n)))
    assert "We can promise Tue 1. Is that all right?" in said
    assert "Three teams" in said


def test_a_date_that_is_not_the_wish_needs_a_reason(desk: Desk) -> None:
    n = desk.log(wish=FRIDAY)
    sent = {"offered": "2026-12-01", "offered_reason": " "}
    answer = desk.visit("ito").post(page_of(n, "promise"), version="", **sent)
    assert answer.status_code == 422
    assert "Please say why another date" in text(answer)
    assert desk.kinds(n)[-1] == "wish.set"


def test_without_a_button_of_its_own_a_day_is_needed(desk: Desk) -> None:
    n = desk.log(wish=FRIDAY)
    answer = desk.visit("ito").post(page_of(n, "promise"), version="", day="", reason="Later")
    assert answer.status_code == 422
    assert "Please choose a day." in text(answer)


def test_over_somebody_elses_change_a_button_does_nothing(desk: Desk) -> None:
    """§4: the wish was revised meanwhile: it is not the old one that is agreed with."""
    n = desk.log(wish=FRIDAY)
    version = str(desk.incident(n).version)
    desk.do(commands.wish, n, LATER, by="emi", when="10:00")
    answer = desk.visit("ito").post(page_of(n, "promise"), version=version, agree="1")
    assert answer.status_code == 409
    assert "Requested date: Tue 1" in text(answer)
    assert "promise.set" not in desk.kinds(n)


def test_what_was_declined_can_be_offered_again(desk: Desk) -> None:
    n, date_n = offered(desk)
    desk.do(commands.answer_promise, n, date_n, False, by="emi", when="11:00")
    desk.do(commands.promise, n, LATER, by="ito", when="11:30", reason="Really not before")
    assert desk.kinds(n)[-1] == "promise.set"


def test_who_may_not_read_it_gets_no_dialog(desk: Desk) -> None:
    """§9: of a confidential one others get nothing; the requester does not promise."""
    n = desk.log(wish=FRIDAY, confidential=True)
    seen = {
        who: desk.visit(who).get(page_of(n, "promise")).status_code
        for who in ("ito", "mori", "emi", "ueda", "taro")
    }
    assert seen == {"ito": 200, "mori": 404, "emi": 403, "ueda": 404, "taro": 404}


# The answer, signed in


def test_declining_says_why_and_which_date_would_do(desk: Desk) -> None:
    """D3: why is a reply, the date a revision of the wish by the requester; all are kept."""
    n, date_n = offered(desk)
    emi = desk.visit("emi")
    path = page_of(n, "dates", str(date_n), "promised")
    assert path in emi.get(page_of(n)).text
    assert "Which day would do?" in text(emi.get(path))
    sent = {"answer": "decline", "text": "The fair begins", "day": "2026-11-30", "time": "12:00"}
    answer = emi.post(path, **sent)
    assert (answer.status_code, answer.location) == (303, page_of(n))
    (comment,) = desk.rows(Comment, n)
    assert (comment.kind, comment.body, comment.author_id) == (
        "reply",
        "The fair begins",
        desk.id("emi"),
    )
    assert desk.kinds(n)[-3:] == ["comment.added", "promise.declined", "wish.set"]
    assert desk.events(n)[-2].data == {"n": date_n, "comment": comment.id}
    kept = [(d.kind, d.state, d.answer, d.reason) for d in desk.rows(DateChange, n)]
    assert kept == [
        ("requested", "superseded", None, None),
        ("promised", "current", "declined", "The part comes then"),
        ("requested", "current", None, "The fair begins"),
    ]
    incident = desk.incident(n)
    assert (incident.requested_due, incident.first_requested_day) == (
        at("Mon 12:00"),
        FRIDAY.day,  # D4: the headline stays
    )


def test_declining_needs_no_words(desk: Desk) -> None:
    n, date_n = offered(desk)
    path = page_of(n, "dates", str(date_n), "promised")
    assert desk.visit("emi").post(path, answer="decline").status_code == 303
    assert desk.kinds(n)[-1] == "promise.declined"
    assert desk.rows(Comment, n) == []
    assert desk.incident(n).requested_day == FRIDAY.day


def test_the_same_date_as_before_is_no_new_wish(desk: Desk) -> None:
    n, date_n = offered(desk)
    path = page_of(n, "dates", str(date_n), "promised")
    desk.visit("emi").post(path, answer="decline", day="2026-11-27", text="As I said")
    assert desk.kinds(n)[-1] == "promise.declined"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"answer": "decline", "day": "2026-11-20"}, "The date wished for must lie ahead."),
        ({"answer": "decline", "day": "next week"}, "Not a valid date"),
        ({"answer": ""}, "Please choose one of the two."),
    ],
)
def test_a_refused_answer_keeps_what_was_typed(
    desk: Desk, sent: dict[str, str], sentence: str
) -> None:
    """Screens: errors say what to do; nothing of it was done."""
    n, date_n = offered(desk)
    path = page_of(n, "dates", str(date_n), "promised")
    answer = desk.visit("emi").post(path, text="The fair begins", **sent)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "The fair begins" in answer.text
    assert desk.kinds(n)[-1] == "promise.set"


def test_accepting_over_something_newer_shows_it_first(desk: Desk) -> None:
    """§4: refused with what changed as far as it is hers; sent again it goes through."""
    n, date_n = offered(desk)
    version = str(desk.incident(n).version)
    desk.do(commands.comment, n, "note", "A secret", by="ito", when="10:10")
    desk.do(commands.comment, n, "reply", "We may be earlier", by="ito", when="10:20")
    emi, path = desk.visit("emi"), page_of(n, "dates", str(date_n), "promised")
    answer = emi.post(path, answer="accept", version=version)
    assert answer.status_code == 409
    assert "Ito Ren wrote: We may be earlier" in text(answer)
    assert "A secret" not in text(answer)
    again = re.findall(r'name="version" value="(\d+)"', answer.text)[0]
    assert emi.post(path, answer="accept", version=again).status_code == 303
    assert change(desk, n, date_n).answer == "accepted"


def test_a_date_is_answered_by_its_requester_alone(desk: Desk) -> None:
    """§9: the desk can't answer for her, strangers find nothing."""
    n, date_n = offered(desk)
    path = page_of(n, "dates", str(date_n), "promised")
    for who, status in {"ito": 403, "ueda": 403, "taro": 404, "root": 404, "kim": 404}.items():
        visitor = desk.visit(who)
        assert (who, visitor.get(path).status_code) == (who, status)
        assert (who, visitor.post(path, answer="accept").status_code) == (who, status)
    assert change(desk, n, date_n).answer is None


def test_of_a_confidential_one_too(desk: Desk) -> None:
    n = desk.log(wish=FRIDAY, confidential=True)
    desk.do(commands.promise, n, LATER, by="ito", when="10:00", reason="zq")
    path = page_of(n, "dates", str(desk.rows(DateChange, n)[-1].n), "promised")
    seen = {who: desk.visit(who).get(path).status_code for who in ("emi", "mori", "ueda", "taro")}
    assert seen == {"emi": 200, "mori": 404, "ueda": 404, "taro": 404}


def test_there_is_no_page_for_a_date_that_is_not_there(desk: Desk) -> None:
    n, date_n = offered(desk)
    emi = desk.visit("emi")
    for path in (("1", "promised"), (str(date_n), "requested"), ("99", "promised")):
        assert emi.get(page_of(n, "dates", *path)).status_code == 404


def test_a_date_that_has_passed_is_not_accepted_any_more(desk: Desk) -> None:
    n, date_n = offered(desk)
    with pytest.raises(Refused, match="has passed"):
        desk.do(commands.answer_promise, n, date_n, True, by="emi", when="2026-12-02 09:00")


def test_a_reply_of_the_answer_ends_the_waiting_for_her(desk: Desk) -> None:
    """§4: a requester's reply ends *requester* by itself."""
    n, date_n = offered(desk)
    desk.do(commands.hold, n, "requester", question="Which room?", by="ito", when="10:30")
    desk.do(promises.answer, n, "promised", date_n, Answer(False, "No"), by="emi", when="11:00")
    assert desk.incident(n).state == "in_progress"


# The answer from the mail


def test_opening_the_link_does_nothing(desk: Desk) -> None:
    """§5: link scanners do no harm; the page says what is offered and why, and asks."""
    n, _date = offered(desk)
    version = desk.incident(n).version
    for _again in range(2):
        page = desk.visit().get(link_of(desk, n))
        assert page.status_code == 200
        for line in ("We can promise Tue 1.", "The part comes then", "No network", "Fri 27"):
            assert line in text(page)
    assert desk.incident(n).version == version


@pytest.mark.parametrize(("answer", "kind"), [("accept", "accepted"), ("decline", "declined")])
def test_one_click_answers_as_the_requester_and_once(desk: Desk, answer: str, kind: str) -> None:
    n, date_n = offered(desk)
    path, stranger = link_of(desk, n), desk.visit()
    assert stranger.post(path, answer=answer).status_code == 303
    last = desk.events(n)[-1]
    assert (last.kind, last.actor, last.data["n"]) == (f"promise.{kind}", desk.id("emi"), date_n)
    page = stranger.get(path)
    assert f"You {kind} this date: Today 14:05." in text(page)
    assert "The part comes then" not in page.text
    for again in ("accept", "decline"):
        used = stranger.post(path, answer=again)
        assert used.status_code == 404
        assert f"You {kind} this date" in text(used)
    assert desk.events(n)[-1].seq == last.seq


def test_declining_by_the_link_says_why_and_which_date_would_do(desk: Desk) -> None:
    """D3: as on the page."""
    n, _date = offered(desk)
    sent = {"answer": "decline", "text": "Too late", "day": "2026-11-30", "time": ""}
    assert desk.visit().post(link_of(desk, n), **sent).status_code == 303
    assert desk.rows(Comment, n)[0].body == "Too late"
    assert desk.incident(n).requested_day == date(2026, 11, 30)


def test_the_desks_revision_is_confirmed_by_the_link(desk: Desk) -> None:
    """D3: it counts once the requester has confirmed it, before the old date."""
    n, date_n = noted(desk)
    path, stranger = link_of(desk, n), desk.visit()
    assert "We noted that you now need it by Tue 1. Is that right?" in text(stranger.get(path))
    assert stranger.post(path, answer="accept").status_code == 303
    assert desk.incident(n).requested_day == LATER.day
    assert desk.events(n)[-1].kind == "wish.confirmed"
    assert change(desk, n, date_n).state == "current"
    assert "You accepted this date" in text(stranger.get(path))


def test_the_desks_revision_is_declined_by_the_link(desk: Desk) -> None:
    n, date_n = noted(desk)
    sent = {"answer": "decline", "text": "I never said so"}
    assert desk.visit().post(link_of(desk, n), **sent).status_code == 303
    assert (desk.incident(n).requested_day, change(desk, n, date_n).state) == (
        FRIDAY.day,
        "declined",
    )


def test_after_the_old_date_nothing_is_confirmed(desk: Desk, clock: Clock) -> None:
    """D3: the link ends with it, and says so kindly."""
    n, _date = noted(desk)
    path = link_of(desk, n)
    clock.advance(days=2)
    page = desk.visit().get(path)
    assert page.status_code == 200
    assert "The time for an answer has passed." in text(page)
    assert desk.visit().post(path, answer="accept").status_code == 404
    assert desk.incident(n).requested_day == FRIDAY.day


def test_a_link_lasts_as_long_as_it_can_be_answered(desk: Desk) -> None:
    """D1, D3: up to the offered date, or to the old one; 30 days at most."""
    for make, ends in ((offered, at("Tue 24:00")), (noted, at("Fri 24:00"))):
        n, _date = make(desk)
        (link,) = (row for row in desk.rows(Link, n) if row.purpose == "promise")
        assert link.ends_at == ends
    n = desk.log()
    desk.do(commands.promise, n, Due(day=date(2027, 3, 1)), by="ito", when="10:00")
    (link,) = (row for row in desk.rows(Link, n) if row.purpose == "promise")
    assert link.ends_at == at("10:00") + timedelta(days=30)


def test_an_agreement_is_not_asked_about(desk: Desk) -> None:
    n = desk.log(wish=FRIDAY)
    desk.do(commands.promise, n, FRIDAY, by="ito", when="10:00")
    assert tokens(desk, n, "promise") == []


def test_the_link_of_an_earlier_offer_says_so_kindly(desk: Desk) -> None:
    n, _date = offered(desk)
    first = link_of(desk, n)
    wednesday = Due(day=date(2026, 12, 2))
    desk.do(commands.promise, n, wednesday, by="ito", when="11:00", reason="Even later")
    page = desk.visit().get(first)
    assert "There is a newer date since: please use the newest mail." in text(page)
    assert "No network" not in page.text
    assert desk.visit().post(first, answer="accept").status_code == 409
    assert desk.visit().post(link_of(desk, n), answer="accept").status_code == 303
    assert [d.answer for d in desk.rows(DateChange, n)] == [None, None, "accepted"]


def test_answered_on_the_page_the_link_says_so(desk: Desk) -> None:
    n, date_n = offered(desk)
    desk.do(commands.answer_promise, n, date_n, True, by="emi", when="11:00")
    assert "You accepted this date: Today 11:00." in text(desk.visit().get(link_of(desk, n)))
    assert desk.visit().post(link_of(desk, n), answer="decline").status_code == 409


def test_of_what_has_ended_the_link_asks_nothing(desk: Desk) -> None:
    """§4: what is resolved has no date to be promised any more."""
    n, date_n = offered(desk)
    desk.do(commands.resolve, n, "solved", "Plugged in", by="ito", when="11:00")
    page = desk.visit().get(link_of(desk, n))
    assert "The work on it has ended" in text(page)
    assert "The part comes then" not in page.text
    assert desk.visit().post(link_of(desk, n), answer="accept").status_code == 409
    assert change(desk, n, date_n).answer is None


def test_a_link_whose_time_is_over_sends_to_the_page(desk: Desk, clock: Clock) -> None:
    n = desk.log()
    desk.do(commands.promise, n, Due(day=date(2027, 3, 1)), by="ito", when="10:00")
    path = link_of(desk, n)
    clock.advance(days=31)
    assert "The time of this link is over" in text(desk.visit().get(path))
    assert desk.visit().post(path, answer="accept").status_code == 404


def test_what_was_written_since_is_read_first(desk: Desk) -> None:
    """§4: every move checks the version that it was based on."""
    n, _date = offered(desk)
    version, path = desk.incident(n).version, link_of(desk, n)
    desk.do(commands.comment, n, "reply", "One more thing", by="ito", when="11:00")
    with desk.session(), pytest.raises(Stale):
        promises.answer_by_link(path[6:], Answer(True), now=at("14:00"), version=version)
    answer = desk.visit().post(path, answer="accept", version=str(version))
    assert answer.status_code == 409
    assert "Ito Ren wrote: One more thing" in text(answer)


def test_a_link_is_used_once_however_many_click(desk: Desk) -> None:
    n, _date = offered(desk)
    (token,) = tokens(desk, n, "promise")

    def click(nth: int) -> bool:
        with desk.session():
            try:
                promises.answer_by_link(token, Answer(nth % 2 == 0), now=at("12:00"))
            except NotFound:
                return False
            return True

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(click, range(4))) == [False, False, False, True]
    answers = [kind for kind in desk.kinds(n) if kind in promises.ANSWERS]
    assert len(answers) == 1


def test_who_left_answers_nothing(desk: Desk) -> None:
    n, _date = offered(desk)
    send_away(desk, "emi", active=False)
    assert desk.visit().get(link_of(desk, n)).status_code == 404
    assert desk.visit().post(link_of(desk, n), answer="accept").status_code == 404


def test_who_is_away_answers_all_the_same(desk: Desk) -> None:
    """As with *is it solved?*: the wish is the requester's own."""
    n, date_n = offered(desk)
    send_away(desk, "emi")
    assert desk.visit().post(link_of(desk, n), answer="accept").status_code == 303
    assert change(desk, n, date_n).answer == "accepted"


def test_a_new_requester_is_not_asked_by_the_old_ones_link(desk: Desk) -> None:
    n, _date = offered(desk)
    (token,) = tokens(desk, n, "promise")
    with desk.session() as session:
        desk.tampered = True
        row = session.get_one(type(desk.incident(n)), desk.incident(n).id)
        row.requester_id = desk.id("taro")
        session.commit()
        with pytest.raises(NotFound):
            promises.answer_by_link(token, Answer(True), now=at("12:00"))
    assert desk.visit().get(f"/date/{token}").status_code == 404


def test_forged_and_misused_links_say_nothing(desk: Desk) -> None:
    n, _date = offered(desk)
    (token,) = tokens(desk, n, "promise")
    for path in (f"/date/{token}x", "/date/nothing", f"/solved/{token}", f"/approve/{token}"):
        assert desk.visit().get(path).status_code == 404


def test_the_form_has_its_own_token(desk: Desk) -> None:
    n, date_n = offered(desk)
    answer = desk.visit().client.post(link_of(desk, n), data={"answer": "accept"})
    assert answer.status_code == 400
    assert change(desk, n, date_n).answer is None


def test_the_page_speaks_the_requesters_language(desk: Desk) -> None:
    n, _date = offered(desk)
    send_away(desk, "emi", language="ja")
    assert '<html lang="ja"' in desk.visit().get(link_of(desk, n)).text


# What is seen of it afterwards


def test_the_dates_history_says_who_answered_when_and_why(desk: Desk) -> None:
    """D3: kept with who, when, why: for the promise, its answer and the new wish."""
    n, date_n = offered(desk)
    answer = Answer(False, "The fair begins", Due(day=date(2026, 11, 30)))
    desk.do(promises.answer, n, "promised", date_n, answer, by="emi", when="11:00")
    said = text(desk.visit("ito").get(page_of(n)))
    for line in (
        "Tue 1 current · Ito Ren, Today 10:00 · The part comes then",
        "declined by Endo Emi, Today 11:00: The fair begins",
        "Mon 30 current · Endo Emi, Today 11:00 · The fair begins",
        "The requester declined the date promised",
        "Promised: Tue 1, declined by the requester Today 11:00.",  # on the life line
    ):
        assert line in html.unescape(said), said


def test_an_accepted_one_is_said_so_everywhere(desk: Desk) -> None:
    n, date_n = offered(desk)
    unanswered = text(desk.visit("ito").get(page_of(n)))
    assert "not answered yet" in unanswered
    desk.do(commands.answer_promise, n, date_n, True, by="emi", when="11:00")
    said = text(desk.visit("ito").get(page_of(n)))
    for line in (
        "accepted by Endo Emi, Today 11:00",
        "The requester accepted the date promised",
        "Promised: Tue 1, accepted by the requester Today 11:00.",
    ):
        assert line in said
    assert "not answered yet" not in said


def test_the_requester_decides_while_a_partner_has_it(desk: Desk) -> None:
    """C14: the dates are the desk's and hers, whoever holds it."""
    n, date_n = offered(desk)
    desk.do(hand_off, n, "netone", note="Please look", by="ito", when="11:00")
    assert desk.visit().post(link_of(desk, n), answer="accept").status_code == 303
    with pytest.raises(NotAllowed):
        desk.do(commands.answer_promise, n, date_n, True, by="ito", when="12:00")
