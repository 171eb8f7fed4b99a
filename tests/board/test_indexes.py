"""Lists that grow for years: which indexes they are read by, and how often they are counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.db import db
from tests.cast import Desk
from tests.support.clock import Clock
from tests.support.statements import counted

pytestmark = pytest.mark.backends("sqlite")
LISTS = {
    "/inbox?box=ended": ("kim", "ix_handoff_receiver_ended"),
    "/work-requests": ("kim", "ix_work_request_receiver_ended"),
    "/work-requests?box=ended": ("kim", "ix_work_request_receiver_ended"),
    "/board/work-requests": ("ueda", "ix_work_request_open"),
    "/mail/set-aside?box=decided": ("sato", "ix_received_mail_decided"),
    "/mail/set-aside?box=dropped": ("sato", "ix_received_mail_state"),
    "/incidents?view=bounced": ("ueda", "ix_handoff_sent_back"),
}


@contextmanager
def plans(desk: Desk) -> Iterator[list[str]]:
    """Give a list that the plan of each query over a page is added to until the block ends."""
    found: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.endswith("OFFSET ?"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.append(" ".join(row[-1] for row in cursor.fetchall()))

    with desk.app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", explain)


@pytest.mark.usefixtures("clock")
def test_each_list_is_read_by_its_index(desk: Desk) -> None:
    """Nothing of what ended long ago is looked at, or sorted, for the first page of a list."""
    for address, (who, index) in LISTS.items():
        visitor = desk.visit(who)
        with plans(desk) as said:
            assert visitor.get(address).status_code == 200
        assert [plan for plan in said if index in plan], (address, said)
        if "=ended" in address or "set-aside" in address:  # in the order of the index
            assert not [plan for plan in said if "TEMP B-TREE FOR ORDER" in plan], address


def test_what_has_ended_is_counted_once(desk: Desk, clock: Clock) -> None:
    """Those shown and those that are confidential together; and nobody holds them."""
    visitor = desk.visit("ueda")
    with counted(desk) as statements:
        assert visitor.get("/incidents?view=done").status_code == 200
    ended = [one for one in statements if "state NOT IN" in one]
    assert len([one for one in ended if "count(" in one]) == 1
    assert len(ended) == 2  # and the page itself
