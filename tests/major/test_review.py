"""The review: its figures, its picture, its paper."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from servicedesk.errors import BadInput
from servicedesk.incidents import commands
from servicedesk.incidents.models import MajorIncident
from servicedesk.major import commands as major
from servicedesk.major import drawing
from servicedesk.major.commands import Action
from servicedesk.major.drawing import Picture, Row
from servicedesk.major.paper import figures
from tests.cast import Desk, at
from tests.escalation.ruled import sweep
from tests.incidents.touring import of_pdf
from tests.major.played import HEADLINE, link, row_of, running
from tests.support.clock import Clock

SAID = {"what": "A switch failed", "cause": "Age", "better": "Replace at five years"}


def over(desk: Desk) -> int:
    """Play one with an update in time, one missed, one late, and its end."""
    number = running(desk)
    link(desk, number)
    desk.do(major.update, number, "A switch is replaced", by="ito", when="09:40")
    sweep(desk, "10:10")
    desk.do(major.update, number, "It takes longer", by="ito", when="10:20")
    desk.do(commands.resolve, number, "solved", "Replaced", by="ito", when="10:40")
    return number


def test_its_figures_run_round_the_clock(desk: Desk) -> None:
    story = desk.story(over(desk))
    found = figures(story, story.majors[-1])
    assert (found.to_confirm, found.to_resolve, found.lasted) == (20 * 60, 100 * 60, 80 * 60)
    assert (found.updates, found.in_rhythm, found.missed) == (2, 1, 1)


def test_actions_are_kept_with_who_and_until_when(desk: Desk) -> None:
    number = over(desk)
    wanted = [Action("Replace the others", "Abe Mio", date(2026, 12, 11)), Action("Tell the sites")]
    desk.do(major.review, number, SAID, wanted, by="ito", when="11:00")
    assert row_of(desk, number).review["actions"] == [
        {"text": "Replace the others", "who": "Abe Mio", "until": "2026-12-11"},
        {"text": "Tell the sites", "who": "", "until": ""},
    ]


@pytest.mark.parametrize("wanted", [[Action(" ", "Abe")], [Action("x")] * 21])
def test_an_action_says_something_and_there_are_not_too_many(
    desk: Desk, wanted: list[Action]
) -> None:
    number = over(desk)
    with pytest.raises(BadInput):
        desk.do(major.review, number, SAID, wanted, by="ito", when="11:00")
    assert row_of(desk, number).review == {}


@pytest.mark.backends("sqlite")
def test_the_paper_says_it_all_in_both_languages(desk: Desk, clock: Clock) -> None:
    number = over(desk)
    wanted = [Action("Replace the others", "Abe Mio", date(2026, 12, 11))]
    desk.do(major.review, number, SAID, wanted, by="ito", when="11:00")
    visitor = desk.visit("ito")
    path = f"/major/INC-{number:08d}/review.pdf?language="
    answer = visitor.get(f"{path}en")
    clock.advance(hours=3)
    again = visitor.get(f"{path}en")
    assert answer.data == again.data  # the same content, the same bytes
    text = " ".join(of_pdf(answer.data).split())
    for words in (HEADLINE, *SAID.values(), "Replace the others", "It takes longer", "1 of 2"):
        assert words in text
    assert "11 Dec 2026" in text
    assert "1 h 40 min" in text
    japanese = visitor.get(f"{path}ja")
    assert HEADLINE in of_pdf(japanese.data)
    assert "2026/12/11" in of_pdf(japanese.data)


@pytest.mark.backends("sqlite")
def test_the_form_keeps_what_was_written_and_offers_more_lines(desk: Desk) -> None:
    number = over(desk)
    visitor, path = desk.visit("ito"), f"/major/INC-{number:08d}/review"
    assert visitor.get(path).text.count('name="actions-') == 9
    first = {"actions-0-text": "Replace the others", "actions-0-until": "2026-12-11"}
    assert visitor.post(path, what="").status_code == 422
    assert visitor.post(path, **SAID, **first).status_code == 303
    page = visitor.get(path).text
    assert page.count('name="actions-') == 12
    assert 'value="Replace the others"' in page
    assert row_of(desk, number).review["actions"][0]["until"] == "2026-12-11"


@pytest.mark.backends("sqlite")
def test_who_alone_is_no_action(desk: Desk) -> None:
    number = over(desk)
    path = f"/major/INC-{number:08d}/review"
    answer = desk.visit("ito").post(path, **SAID, **{"actions-0-who": "Abe Mio"})
    assert answer.status_code == 422
    assert "Please say what is to be done." in answer.text
    assert 'value="Abe Mio"' in answer.text


@pytest.mark.backends("sqlite")
def test_there_is_no_review_of_what_goes_on(desk: Desk) -> None:
    number = running(desk)
    visitor = desk.visit("ito")
    for path in ("review", "review.pdf"):
        assert visitor.get(f"/major/INC-{number:08d}/{path}").status_code == 409
    assert desk.rows(MajorIncident, number)[0].review == {}


# The picture


def picture(minutes: int, *rows: Row) -> Picture:
    return Picture("x", at("09:00"), at("09:00") + timedelta(minutes=minutes), "Asia/Tokyo", rows)


@pytest.mark.parametrize("minutes", [0, 1, 7, 45, 90, 500, 3000, 20_000, 200_000, 3_000_000])
def test_marks_are_few_and_in_order(minutes: int) -> None:
    found = drawing.marks(at("09:07"), at("09:07") + timedelta(minutes=minutes), "Asia/Tokyo")
    assert len(found) <= drawing.TICKS + 1
    assert found == sorted(set(found))


def test_marks_stand_where_the_clock_reads_well() -> None:
    found = drawing.marks(at("09:07"), at("11:20"), "Asia/Tokyo")
    assert [f"{one:%H:%M}" for one in found] == ["09:30", "10:00", "10:30", "11:00"]


def test_the_picture_is_the_same_letters_and_escapes_names() -> None:
    rows = (
        Row("<b>&", "holder", [(at("09:00"), at("09:30"))]),
        Row("x", "major", (), [at("09:10")]),
    )
    first, second = (drawing.draw(picture(60, *rows), lambda _at: "<") for _n in range(2))
    assert first == second
    assert "<b>" not in first
    assert "&lt;b&gt;&amp;" in first


def test_long_names_are_cut_by_their_width() -> None:
    drawn = drawing.draw(picture(60, Row("経営企画本部情報システム部門", "holder")), lambda _at: "")
    assert "経営企画本部情報シ…" in drawn
