"""One's own incidents: warned of a promise that is later than the wish, sorted and narrowed."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from servicedesk.incidents import commands, queries
from servicedesk.incidents.acts import Due
from servicedesk.incidents.dates.promises import Answer, answer
from servicedesk.incidents.models import DateChange
from tests.cast import Desk, at, page_of

pytestmark = [pytest.mark.backends("sqlite"), pytest.mark.usefixtures("clock")]

FRIDAY, TUESDAY = Due(day=date(2026, 11, 27)), Due(day=date(2026, 12, 1))


def home(desk: Desk, address: str = "/home") -> str:
    return re.sub(r"\s+", " ", unescape(desk.visit("emi").get(address).text))


def promised(desk: Desk, due: Due = TUESDAY) -> int:
    n = desk.log(wish=FRIDAY)
    desk.do(commands.promise, n, due, by="ito", when="10:00", reason="The part comes late")
    return n


def said(desk: Desk, n: int, accept: bool) -> None:
    change = next(row for row in desk.rows(DateChange, n) if row.kind == "promised")
    desk.do(answer, n, "promised", change.n, Answer(accept), by="emi", when="11:00")


def test_a_promise_later_than_the_wish_warns_and_asks(desk: Desk) -> None:
    """D2: the wish stays what it was; the requester is asked about the later date."""
    n = promised(desk)
    page = home(desk)
    assert "You asked for Fri 27; we can promise Tue 1. Is that all right?" in page
    assert "Answer about the date" in page
    assert "card-warning is-soon" in page
    assert "is-soon" in desk.visit("emi").get(page_of(n)).text


def test_declined_it_warns_still_and_accepted_no_more(desk: Desk) -> None:
    """D3: the requester accepts or declines."""
    declined, accepted = promised(desk), promised(desk)
    said(desk, declined, accept=False)
    said(desk, accepted, accept=True)
    page = home(desk)
    assert page.count("Promised for Tue 1: later than Fri 27, which you asked for.") == 1
    assert page.count("card-warning") == 1
    assert "Answer about the date" not in page


@pytest.mark.parametrize("due", [FRIDAY, Due(at=at("Fri 23:59:59")), Due(at=at("Fri 10:00"))])
def test_a_promise_in_time_warns_of_nothing(desk: Desk, due: Due) -> None:
    """D1: within the day that was asked for is in time."""
    promised(desk, due)
    assert "is-soon" not in home(desk)


def test_what_has_ended_warns_of_nothing(desk: Desk) -> None:
    n = promised(desk)
    desk.do(commands.resolve, n, "solved", "Done", by="ito", when="11:00")
    assert "card-warning" not in home(desk)


# Sorted and narrowed


def many(desk: Desk) -> None:
    for ahead in (3, None, 1, 5, 2, 4):
        desk.log(wish=Due(day=date(2026, 11, 26 + ahead)) if ahead and ahead < 5 else None)


def shown(page: str) -> list[int]:
    return [
        int(n)
        for n in re.findall(r'<h3 class="request-title"><a href="/incidents/INC-0*(\d+)', page)
    ]


def test_more_than_a_handful_can_be_sorted_and_narrowed(desk: Desk) -> None:
    """D5: what has no wish comes last. Screens: sorting, filters in the address."""
    desk.log(by="taro", wish=FRIDAY)
    assert "own-filters" not in home(desk)
    many(desk)
    page = home(desk)
    assert "own-filters" in page
    assert shown(page) == [7, 6, 5, 4, 3, 2]
    assert shown(home(desk, "/home?sort=requested")) == [4, 6, 2, 7, 3, 5]
    assert shown(home(desk, "/home?sort=-requested")) == [7, 2, 6, 4, 5, 3]
    assert shown(home(desk, "/home?requested=week&sort=requested")) == [4, 6, 2]
    assert shown(home(desk, "/home?requested=none")) == [5, 3]
    assert "Nothing has these dates" in home(desk, "/home?promised=overdue")
    assert shown(home(desk, "/home?requested=x&sort=y&promised_from=z")) == [7, 6, 5, 4, 3, 2]


def test_thousands_come_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages by cursor, in the order that is asked for, and with the count of all."""
    monkeypatch.setattr(queries, "PAGE", 2)
    many(desk)
    seen, address = [], "/home?sort=requested"
    while address:
        page = home(desk, address)
        assert '<span class="count">6</span>' in page
        seen += shown(page)
        further = re.search(r'href="([^"]*)" rel="next"', page)
        address = further[1] if further else ""
    assert seen == [3, 5, 1, 6, 2, 4]
