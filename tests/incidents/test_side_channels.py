"""What somebody may not read answers nothing either: not by counts, marks, order or work done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.db import db
from servicedesk.escalation import commands as escalation
from tests.cast import Desk, Visitor
from tests.incidents.marked import WORDS, both, tell
from tests.incidents.touring import alike, said

pytestmark = pytest.mark.usefixtures("clock")

SEARCHES = (
    "/search?q={}", "/search?q={}&show=open", "/search?q={}+network", "/home?q={}",
    "/home?q={}&show=ended", "/incidents?q={}", "/incidents?view=all&q={}",
    "/incidents?view=done&q={}", "/incidents.csv?q={}", "/incidents.csv?view=all&q={}",
    "/people?q={}", "/people/all?q={}", "/log?q={}", "/incidents/new?title={}",
    "/inbox?q={}", "/work-requests?q={}",
)  # fmt: skip

# Which words are nobody's to these, of what is open to the desk and of what is confidential.
UNHEARD = {
    "emi": ("zqnote", "zqcause", "zqcategory", "zqnetthread", "zqticket"),
    "taro": ("zqtitle", "zqreply", "zqnote"),
    "root": ("zqtitle", "zqreply", "zqnote"),
    "kim": ("zqnote", "zqreply", "zqprintthread", "zqasked"),
    "park": ("zqnote", "zqreply", "zqnetthread", "zqticket"),
}
UNHEARD_OF_THE_CONFIDENTIAL = {
    "mori": ("zqtitle", "zqdescription", "zqnote", "zqticket", "zqcategory"),
    "ueda": ("zqtitle", "zqdescription", "zqnote", "zqticket", "zqcategory"),
}


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Keep the statements that are sent to the database, without their values."""
    sent: list[str] = []

    def keep(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", keep)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", keep)


def answered(visitor: Visitor, address: str, word: str) -> tuple[int, str, int]:
    """Give status, page and number of statements of a search, without the word itself."""
    path = address.format(word)
    with counted(visitor.client.application) as sent, visitor.get(path) as answer:
        return answer.status_code, alike(said(answer), word), len(sent)


def nobodys(word: str) -> str:
    """Give a word of the same length that is in no text at all."""
    return word.replace("zq", "qz")


def same_as_nobodys(desk: Desk, who: str, words: tuple[str, ...]) -> None:
    visitor = desk.visit(who)
    for address in SEARCHES:
        visitor.get(address.format("first"))  # what is noted at a first visit is noted now
        for word in words:
            asked, nothing = (answered(visitor, address, w) for w in (word, nobodys(word)))
            assert asked == nothing, (address, word)


@pytest.mark.parametrize("who", UNHEARD)
def test_a_word_that_one_may_not_read_is_searched_like_one_that_is_nowhere(
    desk: Desk, who: str
) -> None:
    """§9: search, counts and autocompletion ask where everything does."""
    assert set(UNHEARD[who]) <= WORDS
    both(desk)
    same_as_nobodys(desk, who, UNHEARD[who])


@pytest.mark.parametrize("who", UNHEARD_OF_THE_CONFIDENTIAL)
def test_a_word_of_what_is_confidential_is_searched_like_one_that_is_nowhere(
    desk: Desk, who: str
) -> None:
    """§9: others, managers too, see number and figures, never title or text."""
    both(desk, {"confidential": True}, {"service": "payroll"})
    same_as_nobodys(desk, who, UNHEARD_OF_THE_CONFIDENTIAL[who])


def test_a_search_finds_what_it_should(desk: Desk) -> None:
    """The tests above can fail: whoever may read the word gets another answer."""
    tell(desk, confidential=True)
    visitor = desk.visit("ito")
    for address in ("/search?q={}", "/incidents?view=all&q={}", "/incidents.csv?view=all&q={}"):
        found, nothing = (answered(visitor, address, word) for word in ("zqnote", "qznote"))
        assert found != nothing


def test_what_one_may_not_see_does_not_move_the_pages_of_a_search(desk: Desk) -> None:
    """§9: neither the count nor where a page ends tells of more."""
    for n in range(30):
        desk.log(title=f"Shared word {n}", confidential=bool(n % 2))
    seen = desk.visit("mori").get("/search?q=shared").text
    assert [f"Shared word {n}" in seen for n in range(3)] == [False, False, False]
    assert sum(f"INC-{n:08d}" in seen for n in range(1, 31)) == 15
    assert "15" in seen
    assert "30" not in seen.partition("<main")[2].partition("INC-")[0]


@pytest.mark.parametrize("who", ["taro", "kim", "root"])
def test_a_number_that_is_somebody_elses_is_like_one_that_is_nobodys(desk: Desk, who: str) -> None:
    """§1: not even whether there is one."""
    n = desk.log()
    desk.do(escalation.hand_off, n, "printco", note="Please look", by="ito", when="09:10")
    visitor = desk.visit(who)
    addresses = (
        "/search?q={}", "/incidents/{}", "/incidents/{}/preview", "/incidents/{}/wish",
        "/incidents/{}/continue", "/log/{}", "/approvals/{}", "/hand-offs/{}/1",
        "/incidents/{}/hand-off", "/incidents/{}/hand-offs/1/answer",
        "/incidents/{}/hand-offs/1/recall", "/incidents/{}/hand-offs/1/accept",
    )  # fmt: skip
    there, nowhere = f"INC-{n:08d}", "INC-00000999"
    for address in addresses:
        one, other = (answered(visitor, address, number) for number in (there, nowhere))
        assert one == other, address
