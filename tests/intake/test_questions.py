"""What a service asks besides, and the answers as lines of the description."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from werkzeug.datastructures import MultiDict

from servicedesk.intake.forms import questions_form
from servicedesk.intake.questions import Answer, Question, is_answered, questions, with_answers
from tests.cast import Desk

ROOM = Question("room", "Room", required=True)
ASKED = [
    ROOM,
    Question("text", "Details", "lines"),
    Question("count", "How many", "number"),
    Question("day", "First day", "day"),
    Question("kind", "Kind", "choice", ("Red", "Blue")),
    Question("vpn", "VPN", "check"),
]


def test_answers_are_lines_below_the_description(desk: Desk) -> None:
    said: list[Answer] = ["3F", "one\ntwo", Decimal("2.5"), date(2026, 12, 1), "Red", True]
    with desk.session():
        text = with_answers("Since noon", zip(ASKED, said, strict=True))
    assert text == (
        "Since noon\n\nRoom: 3F\nDetails: one\n  two\nHow many: 2.5\nFirst day: 2026-12-01\n"
        "Kind: Red\nVPN: yes"
    )


def test_what_was_not_answered_leaves_no_line(desk: Desk) -> None:
    with desk.session():
        said = [(ROOM, ""), (ASKED[2], None), (ASKED[5], False)]
        assert with_answers("", said) == ""
        assert with_answers("", [(ROOM, "3F")]) == "Room: 3F"


def test_what_is_answered_is_not_asked_again() -> None:
    assert is_answered(ROOM, "Since noon\n\nRoom: 3F")
    assert not is_answered(ROOM, "Roommate: no")
    assert questions(None) == []


def test_a_form_asks_each_kind(desk: Desk) -> None:
    given = {"ask-q_room": "3F", "ask-q_count": "１２", "ask-q_day": "2026-12-01"}
    with desk.app.test_request_context():
        form = questions_form(ASKED, MultiDict(given | {"ask-q_kind": "Blue", "ask-q_vpn": "y"}))
        assert form.validate()
        answers = [answer for _question, answer in form.answers()]
    assert answers == ["3F", None, Decimal(12), date(2026, 12, 1), "Blue", True]


def test_a_form_refuses_what_is_no_answer(desk: Desk) -> None:
    given = {"ask-q_count": "many", "ask-q_day": "tomorrow", "ask-q_kind": "Green"}
    with desk.app.test_request_context():
        form = questions_form(ASKED, MultiDict(given))
        assert not form.validate()
        assert sorted(form.errors) == ["q_count", "q_day", "q_kind", "q_room"]
        assert questions_form([ROOM], MultiDict({"x": ""}), needed=False).validate()
