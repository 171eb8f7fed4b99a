"""§4: *Is it solved?* answered from the mail; a closed incident goes on under a new number."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from servicedesk import journal
from servicedesk.db import transaction
from servicedesk.errors import NotAllowed, NotFound, Refused, Stale
from servicedesk.incidents import approvals, commands, solved
from servicedesk.incidents.approvals import Answer
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.models import Comment, label
from servicedesk.people import links
from servicedesk.reports.facts import About, derive
from servicedesk.setup.snapshot import directory
from tests.cast import Desk, at, page_of
from tests.incidents.approving import send_away, want_approval
from tests.support.clock import Clock


def resolved(desk: Desk, text: str = "Plugged in again") -> int:
    n = desk.log(description="It is dark")
    desk.do(commands.resolve, n, "solved", text, by="ito", when="10:00")
    return n


def token(desk: Desk, number: int, **more: Any) -> str:
    """Make the link that stands in the mail about a resolution."""
    incident = desk.incident(number)
    said: dict[str, Any] = {"now": at("10:00"), "lasts": timedelta(days=7), **more}
    with desk.session(), transaction() as session:
        link = links.make(
            session,
            "solved",
            person=incident.requester_id,
            incident=incident.id,
            cycle=incident.reopened,
            **said,
        )
        return links.token(link)


def path_of(desk: Desk, number: int, **more: Any) -> str:
    return f"/solved/{token(desk, number, **more)}"


def test_opening_the_page_does_nothing(desk: Desk, clock: Clock) -> None:
    """§4: link scanners do nothing; the page says what was done and asks."""
    n = resolved(desk)
    version = desk.incident(n).version
    page = desk.visit().get(path_of(desk, n))
    assert page.status_code == 200
    for text in ("Is it solved?", "No network", "Plugged in again", "It is not solved"):
        assert text in page.text
    assert desk.incident(n).version == version


def test_it_is_solved(desk: Desk, clock: Clock) -> None:
    """§4: resolved to closed, as the requester; a second use says what is so."""
    n = resolved(desk)
    path, stranger = path_of(desk, n), desk.visit()
    assert stranger.post(path, answer="solved").status_code == 303
    last = desk.events(n)[-1]
    assert (last.kind, last.actor) == ("incident.closed", desk.id("emi"))
    page = stranger.get(path).text
    assert "It was closed: Today 14:05." in page
    assert "Plugged in again" not in page
    assert stranger.post(path, answer="solved").status_code == 404
    assert stranger.post(path, answer="not").status_code == 404
    assert desk.incident(n).state == "closed"


def test_it_is_not_solved(desk: Desk, clock: Clock) -> None:
    """§4, C12: one click, also from the mail; what is still wrong is a reply."""
    n = resolved(desk)
    path, stranger = path_of(desk, n), desk.visit()
    assert stranger.post(path, answer="not", text="Still dark").status_code == 303
    incident, comment = desk.incident(n), desk.rows(Comment, n)[0]
    assert (incident.state, incident.reopened) == ("in_progress", 1)
    assert (comment.kind, comment.body, comment.author_id) == (
        "reply",
        "Still dark",
        desk.id("emi"),
    )
    assert "It was opened again" in stranger.get(path).text


def test_the_link_of_an_earlier_resolution_answers_nothing(desk: Desk, clock: Clock) -> None:
    n = resolved(desk)
    path = path_of(desk, n)
    desk.do(commands.reopen, n, by="emi", when="11:00")
    assert "It was opened again" in desk.visit().get(path).text
    desk.do(commands.resolve, n, "solved", "Now", by="ito", when="12:00")
    page = desk.visit().get(path).text
    assert "use the newest mail" in page
    assert desk.visit().post(path, answer="solved").status_code == 409
    assert desk.incident(n).state == "resolved"


def test_what_was_written_since_is_read_first(desk: Desk, clock: Clock) -> None:
    """§4: every move checks the version that it was based on."""
    n = resolved(desk)
    version = desk.incident(n).version
    said = token(desk, n)
    desk.do(commands.comment, n, "reply", "One more thing", by="ito", when="11:00")
    with desk.session(), pytest.raises(Stale):
        solved.confirm(said, now=at("14:00"), version=version)
    answer = desk.visit().post(f"/solved/{said}", answer="solved", version=str(version))
    assert answer.status_code == 409
    assert "Somebody changed this" in answer.text


def test_a_closed_one_goes_on_under_a_new_number(desk: Desk, clock: Clock) -> None:
    """§4: a closed incident is not reopened but continued by a linked new one, once."""
    n = resolved(desk)
    path, stranger = path_of(desk, n), desk.visit()
    desk.do(commands.close, n, by="emi", when="11:00")
    page = stranger.get(path).text
    assert "Continue under a new number" in page
    assert "Plugged in again" not in page
    assert stranger.post(path, answer="not").status_code == 409
    assert stranger.post(path, answer="continue", text=" ").status_code == 422
    assert stranger.post(path, answer="continue", text="Dark again").status_code == 303
    new = desk.incident(n + 1)
    assert (new.title, new.description, new.parent_id, new.requester_id) == (
        "No network",
        "Dark again",
        desk.incident(n).id,
        desk.id("emi"),
    )
    assert desk.kinds(n)[-1] == "incident.continued"
    assert stranger.post(path, answer="continue", text="Dark again").status_code == 404


def test_a_link_is_used_once_however_many_click(desk: Desk) -> None:
    """§4: single use; the others are told so, and nothing is logged twice."""
    n = resolved(desk)
    said = token(desk, n)
    desk.do(commands.close, n, by="emi", when="11:00")

    def click(_nth: int) -> bool:
        with desk.session():
            try:
                solved.go_on_by_link(said, "Dark again", now=at("12:00"))
            except NotFound:
                return False
            return True

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(click, range(4))) == [False, False, False, True]
    assert desk.story(n).continued == 1


def test_a_link_whose_time_is_over_answers_nothing(desk: Desk, clock: Clock) -> None:
    n = resolved(desk)
    path = path_of(desk, n, lasts=timedelta(hours=1))
    page = desk.visit().get(path)
    assert (page.status_code, "answer" in page.text) == (200, False)
    assert "Plugged in again" not in page.text
    assert desk.visit().post(path, answer="solved").status_code == 404
    assert desk.incident(n).state == "resolved"


def test_who_left_answers_nothing(desk: Desk, clock: Clock) -> None:
    n = resolved(desk)
    path = path_of(desk, n)
    send_away(desk, "emi", active=False)
    assert desk.visit().get(path).status_code == 404
    assert desk.visit().post(path, answer="solved").status_code == 404
    assert desk.incident(n).state == "resolved"


def test_forged_and_misused_links_say_nothing(desk: Desk, clock: Clock) -> None:
    n = resolved(desk)
    said = token(desk, n)
    for path in (f"/solved/{said}x", "/solved/nothing", f"/approve/{said}"):
        assert desk.visit().get(path).status_code == 404


def test_the_form_has_its_own_token(desk: Desk, clock: Clock) -> None:
    n = resolved(desk)
    answer = desk.visit().client.post(path_of(desk, n), data={"answer": "solved"})
    assert answer.status_code == 400
    assert desk.incident(n).state == "resolved"


def test_the_page_speaks_the_requesters_language(desk: Desk, clock: Clock) -> None:
    n = resolved(desk)
    send_away(desk, "emi", language="ja")
    page = desk.visit().get(path_of(desk, n)).text
    assert '<html lang="ja"' in page


# going on, signed in


def test_the_requester_goes_on_with_what_is_closed(desk: Desk, clock: Clock) -> None:
    n = resolved(desk)
    desk.do(commands.close, n, by="emi", when="11:00")
    emi = desk.visit("emi")
    assert "Continue under a new number" in emi.get(page_of(n)).text
    answer = emi.post(page_of(n, "continue"), text="Dark again")
    assert answer.status_code == 303
    assert answer.location.endswith(label(n + 1))
    assert "Continued as" in emi.get(page_of(n)).text
    assert label(n) in emi.get(page_of(n + 1)).text


@pytest.mark.parametrize("state", ["resolved", "in_progress"])
def test_only_what_is_closed_goes_on(desk: Desk, state: str) -> None:
    n = resolved(desk)
    if state == "in_progress":
        desk.do(commands.reopen, n, by="emi", when="10:30")
    with pytest.raises(Refused, match="Possible"):
        desk.do(solved.continue_, n, by="emi", when="11:00", text="Again")


def test_strangers_do_not_go_on_with_it(desk: Desk) -> None:
    n = resolved(desk)
    desk.do(commands.close, n, by="emi", when="11:00")
    with pytest.raises(NotFound):
        desk.do(solved.continue_, n, by="taro", when="11:00", text="Again")
    with pytest.raises(NotAllowed):
        desk.do(solved.continue_, n, by="ueda", when="11:00", text="Again")


def test_what_is_continued_counts_as_reopened(desk: Desk) -> None:
    """§4, F4: reopened or continued under a new number."""
    n = resolved(desk)
    desk.do(commands.close, n, by="emi", when="11:00")
    desk.do(solved.continue_, n, by="ito", when="12:00", text="She rang again")
    old, new = desk.incident(n), desk.incident(n + 1)
    assert (old.state, old.closed_at, old.resolved_at) == ("closed", at("11:00"), at("10:00"))
    assert (new.requester_id, new.logged_by_id, new.channel) == (
        desk.id("emi"),
        desk.id("ito"),
        "desk",
    )
    assert desk.story(n).continued == 1
    with desk.session() as session:
        work = follow(journal.read(session, old.id), directory(session))
    assert derive(work, About(n), at("18:00")).reopened == 1


def test_what_was_approved_is_not_asked_for_again(desk: Desk) -> None:
    want_approval(desk)
    n = desk.log(service="laptop")
    desk.do(approvals.decide, n, Answer(True), by="ueda", when="09:30")
    desk.do(commands.resolve, n, "solved", "There", by="ito", when="10:00")
    desk.do(commands.close, n, by="emi", when="11:00")
    desk.do(solved.continue_, n, by="emi", when="12:00", text="It broke")
    assert desk.incident(n + 1).state == "new"


# what was said of it before


def test_after_reopening_the_resolution_is_an_earlier_one(desk: Desk, clock: Clock) -> None:
    """§4: with its own time; what is open has no resolution."""
    n = resolved(desk)
    desk.do(commands.reopen, n, by="emi", when="11:00")
    for who in ("emi", "ito"):
        page = desk.visit(who).get(page_of(n)).text
        assert "<b>Earlier resolution</b>" in page
        assert "<b>Resolution</b>" not in page
    desk.do(commands.resolve, n, "solved", "A new cable", by="ito", when="12:00")
    page = desk.visit("emi").get(page_of(n)).text
    assert "<b>Resolution</b>" in page
    assert "A new cable" in page
