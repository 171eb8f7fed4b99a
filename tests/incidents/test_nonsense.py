"""What no database can hold is refused with a page, and is no failure of the desk."""

from __future__ import annotations

import pytest

from tests.cast import Desk, page_of
from tests.support.clock import Clock

pytestmark = pytest.mark.usefixtures("clock")

HUGE = "9" * 20
ADDRESSES = [
    ("ito", "/incidents?holder=%00", 200),
    ("ito", "/incidents?priority=P1%00&type=%00&service=%00&only=%00", 200),
    ("ito", "/incidents.csv?holder=%00", 200),
    ("ito", "/people?q=%00e", 200),
    ("ito", f"/files/{HUGE}/router.txt", 404),
    ("kim", f"/inbox?box=ended&after={HUGE}", 200),
    ("kim", f"/hand-offs/INC-00000001/{HUGE}", 404),
    ("kim", f"/incidents/INC-00000001/hand-offs/{HUGE}/answer", 404),
    ("root", "/people/all/%00", (400, 404)),
]


@pytest.mark.parametrize(("who", "address", "status"), ADDRESSES)
def test_an_address_with_nonsense_is_answered(
    desk: Desk, who: str, address: str, status: int | tuple[int, ...]
) -> None:
    desk.log()
    allowed = status if isinstance(status, tuple) else (status,)
    assert desk.visit(who).get(address).status_code in allowed


def test_a_form_with_nonsense_is_answered(desk: Desk, clock: Clock) -> None:
    n = desk.log()
    visitor = desk.visit("ito")
    # PostgreSQL takes no NUL; SQLite finds nobody of that key
    assert visitor.post("/log", caller="emi\0", channel="phone").status_code in (303, 400)
    stale = visitor.post(page_of(n, "take"), version=HUGE)
    assert (stale.status_code, desk.assignee(n)) == (303, None)


NUMBERED = [  # a form with a number in it that is nobody's
    ("root", "/admin/messages/again", "message"),
    ("ito", "/log/INC-00000001/same", "of"),
]


@pytest.mark.parametrize(("who", "address", "name"), NUMBERED)
def test_a_number_beyond_what_the_database_can_hold_is_nobodys(
    desk: Desk, who: str, address: str, name: str
) -> None:
    desk.log()
    answer = desk.visit(who).post(address, **{name: HUGE})
    assert 300 <= answer.status_code < 500
