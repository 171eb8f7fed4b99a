"""The rows follow from the journal, whatever people do; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import hypothesis
from hypothesis import strategies as st

from servicedesk import journal
from servicedesk.db import transaction
from servicedesk.errors import DeskError
from servicedesk.escalation import commands as escalation
from servicedesk.incidents import commands, record
from servicedesk.incidents.acts import Due
from servicedesk.incidents.clocks import follow
from servicedesk.incidents.happenings import tell
from servicedesk.incidents.models import HandOff
from tests.cast import Desk, at
from tests.incidents.test_story_properties import STEPS, Step, play
from tests.support.torture import enough

ON_ONE_DESK = hypothesis.settings(
    max_examples=enough(25, 250),
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)


@ON_ONE_DESK
@hypothesis.given(steps=STEPS)
def test_the_journal_read_back_tells_the_same_story(desk: Desk, steps: list[Step]) -> None:
    """C6: a story and its clocks are a function of the events, stored or not."""
    it, second = play(steps, desk.setup())
    with desk.session(), transaction() as session:
        incident = record.add(session, it.act, second.now, title="No network")
        read = journal.read(session, incident.id)
    assert tell(read) == it.story
    assert follow(read, it.setup).states(second.now) == it.act.work.states(second.now)


LATER = at("2026-12-20 10:00")
ONE_DAY = Due(day=date(2026, 12, 20))
Doing = tuple[str, Callable[..., object], tuple[object, ...], dict[str, Any]]
DOINGS: list[Doing] = [
    ("ito", commands.take, (), {}),
    ("sato", commands.assign, (None,), {}),
    ("ito", commands.comment, ("reply", "Which room?"), {}),
    ("emi", commands.comment, ("reply", "Room 3"), {}),
    ("ito", commands.comment, ("note", "A cat again"), {}),
    ("ito", commands.hold, ("requester",), {"question": "Which room?"}),
    ("ito", commands.hold, ("delivery",), {"until": LATER}),
    ("ito", commands.resume, (), {}),
    ("ito", commands.resolve, ("solved", "Plugged in"), {}),
    ("emi", commands.close, (), {}),
    ("emi", commands.reopen, (), {"text": "Still nothing"}),
    ("emi", commands.cancel, (), {}),
    ("emi", commands.wish, (ONE_DAY,), {"reason": "The fair was moved"}),
    ("ito", commands.wish, (Due(at=LATER),), {"reason": "She called"}),
    ("ito", commands.promise, (ONE_DAY,), {"reason": "The part comes then"}),
    ("sato", commands.prioritise, (1, 1), {"reason": "The whole floor"}),
    ("sato", commands.prioritise, (3, 3), {"reason": "One person"}),
    ("ito", commands.reclassify, ("printing", "request"), {}),
    *(
        ("ito", escalation.hand_off, (party,), {"note": "Please look"})
        for party in ("desk", "network", "netone", "printco")
    ),
    ("?", escalation.accept, (1,), {}),
    ("?", escalation.answer, (1, "It was the cable"), {}),
    ("?", escalation.send_back, (1, "Not ours"), {}),
    ("ito", escalation.recall, (1,), {"reason": "Found it"}),
    ("?", escalation.write, (1, "Any news?"), {}),
]
RECEIVERS = {"group:1": "ito", "group:2": "abe", "partner:1": "kim", "partner:2": "park"}
GAPS = st.sampled_from([0, 1, 600, 3600, 20 * 3600])


@ON_ONE_DESK
@hypothesis.given(steps=st.lists(st.tuples(GAPS, st.sampled_from(DOINGS)), max_size=12))
def test_the_check_finds_nothing_whatever_people_do(
    desk: Desk, steps: list[tuple[int, Doing]]
) -> None:
    """C6, H1: after any acts, allowed or refused, the rows are what the journal says."""
    n, now = desk.log(), at("09:00")
    for gap, (by, act, what, how) in steps:
        now += timedelta(seconds=gap)
        if act.__module__ == escalation.__name__ and act is not escalation.hand_off:
            handoffs = desk.rows(HandOff, n)
            last = handoffs[-1] if handoffs else None
            by = RECEIVERS[last.receiver] if last and by == "?" else "ito"
            what = (last.n if last else 1, *what[1:])
        try:
            desk.do(act, n, *what, by=by, when=now, **how)
        except DeskError:
            continue
    assert desk.differences() == []
