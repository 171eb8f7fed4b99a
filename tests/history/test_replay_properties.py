"""Whatever another system did: an import against a second, plain reading of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, pairwise

import hypothesis
from hypothesis import strategies as st

from servicedesk.incidents.models import Holding
from tests.cast import at
from tests.history.histories import LATER, History
from tests.support.torture import enough

ON_ONE_DESK = hypothesis.settings(
    max_examples=enough(40, 400),
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
OPEN = ("new", "in_progress", "on_hold")
PAUSES = ("requester", "change")  # of the agreement of printing
KEYS = count()

GAPS = st.sampled_from([0, 0, 1, 600, 3600, 30 * 3600])
STATES = ("", "new", "in_progress", "resolved", "closed", "cancelled")
STATE = st.one_of(
    st.sampled_from(STATES).map(lambda state: {"state": state}),
    st.sampled_from(["requester", "change", "delivery"]).map(
        lambda hold: {"state": "on_hold", "hold": hold}
    ),
)
MORE = st.fixed_dictionaries(
    {},
    optional={
        "group": st.sampled_from(["desk", "network", "netone", "printco"]),
        "assignee": st.sampled_from(["ito", "-", "a0001"]),
        "impact": st.sampled_from("123"),
        "requested_due": st.sampled_from(["2026-11-27", "-", "2026-11-20T10:00:00+09:00"]),
        "replied": st.sampled_from("01"),
        "service": st.just("printing"),
    },
)
CHANGES = st.builds(lambda state, more: {**state, **more}, STATE, MORE)
STEPS = st.lists(st.tuples(GAPS, CHANGES), min_size=1, max_size=12)
Steps = list[tuple[int, dict[str, str]]]


def write(history: History, steps: Steps) -> list[tuple[datetime, dict[str, str]]]:
    """Write the rows; give them with their instants, every cell filled in."""
    history.rows.clear()
    key, now = f"k{next(KEYS)}", at("09:00")
    full = {"state": "new", "hold": "", "group": "desk"}
    told = []
    for n, (gap, cells) in enumerate(steps):
        now += timedelta(seconds=gap if n else 0)
        cells = {name: text for name, text in cells.items() if text}
        if not n:
            cells = {"service": "printing", "requester": "emi", "state": "new"} | cells
        history.rows.append({"incident": key, "at": now.isoformat(), **cells})
        full = {**full, **cells}
        told.append((now, dict(full)))
    return told


def stretches(
    told: list[tuple[datetime, dict[str, str]]],
) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each stretch of open time: its seconds, and the row that says what was so."""
    for (start, cells), (end, _next) in pairwise([*told, (at(LATER), {})]):
        if cells["state"] in OPEN:
            yield int((end - start).total_seconds()), cells


@ON_ONE_DESK
@hypothesis.given(steps=STEPS)
def test_an_import_says_what_the_rows_say(history: History, steps: Steps) -> None:
    """H1: every open second has one holder; C4, C12: counted is what is open and not paused."""
    told = write(history, steps)
    history.replay()
    desk, open_time = history.desk, list(stretches(told))
    n = history.number(history.rows[0]["incident"])
    held: dict[str, int] = {}
    for seconds, cells in open_time:
        waits = cells["state"] == "on_hold" and cells["hold"] == "requester"
        holder = "requester" if waits else desk.ref(cells["group"])
        held[holder] = held.get(holder, 0) + seconds
    found: dict[str, int] = {}
    for row in desk.rows(Holding, n):
        seconds = int(((row.end or at(LATER)) - row.start).total_seconds())
        found[row.holder] = found.get(row.holder, 0) + seconds
    assert {k: v for k, v in found.items() if v} == {k: v for k, v in held.items() if v}
    counted = sum(
        seconds
        for seconds, cells in open_time
        if cells["state"] != "on_hold" or cells["hold"] not in PAUSES
    )
    clock = desk.clock(n, "resolution")
    running = int((at(LATER) - clock.counted_at).total_seconds()) if clock.running else 0
    assert (clock.counted_seconds or 0) + running == counted
    assert desk.incident(n).state == told[-1][1]["state"]
    handoffs = sum(one["group"] != two["group"] for (_a, one), (_b, two) in pairwise(told))
    assert desk.incident(n).handoff_count == handoffs


@ON_ONE_DESK
@hypothesis.given(steps=STEPS)
def test_an_import_is_sound_and_adds_nothing_twice(history: History, steps: Steps) -> None:
    """C6: the check finds nothing; the contract: running it twice adds nothing."""
    write(history, steps)
    assert history.replay().incidents == 1
    assert history.replay().incidents == 0
    assert history.desk.differences() == []
