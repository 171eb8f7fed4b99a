"""E1 to E4: when steps of a policy are due, and what they do, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.escalation import commands as escalation
from servicedesk.escalation.firing import fire
from servicedesk.history.export import Tables
from servicedesk.history.replay import replay
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.incidents.models import Firing, Incident, NextStep, label
from tests.cast import Desk, at, page_of
from tests.escalation.ruled import fired, give_policy, sweep, told

WARN = "{key: warn, when: {clock: resolution, at: 75}, tell: [assignee, holder-lead]}"
BREACH = "{key: breach, when: {clock: resolution, at: 100}, tell: [desk-lead, manager]}"
CLIMB = "{key: climb, when: {unaccepted: 60}, for: {priority: [P1, P2]}, hand_off: next}"


def urgent(desk: Desk, **more: Any) -> int:
    """Report something of P1: response within 15, resolution within 240 working minutes."""
    return desk.log(when="09:00", impact=1, urgency=1, **more)


# Shares of clocks


def test_a_share_of_a_clock_is_due_when_so_much_is_counted(desk: Desk) -> None:
    """E1: 75 % of 240 minutes from 09:00 on is 12:00, the end of the morning."""
    give_policy(desk, WARN)
    n = urgent(desk)
    sweep(desk, "11:59")
    assert fired(desk, n) == []
    sweep(desk, "12:00")
    assert fired(desk, n) == [("warn", at("12:00"))]


def test_a_late_sweep_fires_with_the_instant_at_which_it_became_due(desk: Desk) -> None:
    """E3: late by days, nothing is left out."""
    give_policy(desk, WARN, BREACH)
    n = urgent(desk)
    sweep(desk, "Mon 10:00")
    assert fired(desk, n) == [("warn", at("12:00")), ("breach", at("14:00"))]
    assert {row.fired_at for row in desk.rows(Firing, n)} == {at("Mon 10:00")}


def test_what_was_fired_is_not_fired_again(desk: Desk) -> None:
    """E3: once in a cycle."""
    give_policy(desk, WARN)
    n = urgent(desk)
    sweep(desk, "12:00")
    assert sweep(desk, "17:00").fired == 0
    assert len(fired(desk, n)) == 1


def test_while_a_clock_is_paused_nothing_is_due(desk: Desk) -> None:
    """E4: paused since: nothing happens, and the stored instant is corrected."""
    give_policy(desk, BREACH)
    n = urgent(desk)
    desk.do(commands.hold, n, "requester", by="ito", when="10:00", question="Which room?")
    sweep(desk, "17:00")
    assert fired(desk, n) == []
    desk.do(commands.comment, n, "reply", "Room 3", by="emi", when="Fri 09:00")
    sweep(desk, "Fri 11:59")
    assert fired(desk, n) == []
    sweep(desk, "Fri 13:00")
    assert fired(desk, n) == [("breach", at("Fri 12:00"))]


def test_what_is_resolved_before_the_sweep_comes_fires_nothing(desk: Desk) -> None:
    """E4: resolved since."""
    give_policy(desk, WARN)
    n = urgent(desk)
    desk.do(commands.resolve, n, "solved", "Restarted", by="ito", when="13:30")
    sweep(desk, "15:00")
    assert fired(desk, n) == []


def test_a_share_passed_when_a_clock_is_retargeted_is_due_then(desk: Desk) -> None:
    """E1, C9: P3's two days become P1's 240 minutes after four hours."""
    give_policy(desk, WARN)
    n = desk.log(when="09:00")
    desk.do(commands.prioritise, n, 1, 1, by="sato", when="15:00")
    sweep(desk, "15:00")
    assert fired(desk, n) == [("warn", at("15:00"))]


def test_a_lower_priority_in_time_moves_what_is_due(desk: Desk) -> None:
    """E4: re-targeted since."""
    give_policy(desk, WARN)
    n = urgent(desk)
    desk.do(commands.prioritise, n, 2, 2, by="sato", when="10:00", reason="One desk only")
    sweep(desk, "17:00")
    assert fired(desk, n) == []


def test_a_share_above_the_whole_is_counted_on_after_the_breach(desk: Desk) -> None:
    """E1: 150 % of 240 minutes."""
    give_policy(desk, "{key: worse, when: {clock: resolution, at: 150}, tell: [manager]}")
    n = urgent(desk)
    sweep(desk, "17:00")
    assert fired(desk, n) == [("worse", at("16:00"))]


def test_reopening_begins_a_new_cycle(desk: Desk) -> None:
    """E3: the cycle is the reopening; what had passed before is due at the reopening."""
    give_policy(desk, WARN)
    n = urgent(desk)
    sweep(desk, "12:00")
    desk.do(commands.resolve, n, "solved", "Restarted", by="ito", when="13:00")
    desk.do(commands.reopen, n, by="emi", when="15:00")
    sweep(desk, "16:00")
    assert fired(desk, n) == [("warn", at("12:00")), ("warn", at("15:00"))]


def test_a_pause_begins_no_new_cycle(desk: Desk) -> None:
    """E3: pauses and changes of priority start none."""
    give_policy(desk, WARN)
    n = urgent(desk)
    sweep(desk, "12:00")
    desk.do(commands.hold, n, "requester", by="ito", when="13:10", question="Which room?")
    desk.do(commands.comment, n, "reply", "Room 3", by="emi", when="13:20")
    desk.do(commands.prioritise, n, 1, 2, by="sato", when="13:30", reason="Less urgent")
    sweep(desk, "Fri 17:00")
    assert [step for step, _due in fired(desk, n)] == ["warn"]


def test_each_holder_has_a_cycle_of_its_own(desk: Desk) -> None:
    """E3: the party and the reopening for `holding`."""
    give_policy(desk, "{key: slow, when: {clock: holding, at: 50}, tell: [holder-lead]}")
    n = desk.log(when="09:00")
    sweep(desk, "14:30")
    desk.do(escalation.hand_off, n, "network", by="ito", when="15:00", note="The switch is down")
    sweep(desk, "Mon 10:00")
    assert fired(desk, n) == [("slow", at("14:00")), ("slow", at("Fri 10:00"))]
    assert told(desk, n) == ["sato", "abe"]


def test_shares_of_a_wish_are_counted_from_logging(desk: Desk) -> None:
    """E1: half of the time from 09:00 to 17:00."""
    give_policy(desk, "{key: half, when: {clock: requested, at: 50}, tell: [assignee]}")
    n = desk.log(when="09:00", wish=Due(at=at("17:00")))
    sweep(desk, "16:00")
    assert fired(desk, n) == [("half", at("13:00"))]


# Waiting


def test_what_nobody_accepts_climbs(desk: Desk) -> None:
    """E1: not accepted for 60 working minutes: handed to the next step of the path."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    desk.do(escalation.hand_off, n, "network", by="ito", when="11:30", note="The switch is down")
    sweep(desk, "13:29")
    assert desk.holders(n) == ["desk", "network"]
    sweep(desk, "13:30")
    assert desk.holders(n) == ["desk", "network", "netone"]
    assert fired(desk, n) == [("climb", at("13:30"))]
    assert desk.handoff(n, 2).note == "Handed on by the rule “climb”."


def test_a_step_is_only_for_what_it_is_said_to_be_for(desk: Desk) -> None:
    """E1: for what: priority."""
    give_policy(desk, CLIMB)
    n = desk.log(when="09:00")
    desk.do(escalation.hand_off, n, "network", by="ito", when="09:30", note="The switch is down")
    sweep(desk, "17:00")
    assert fired(desk, n) == []


def test_next_at_the_end_of_the_path_tells_the_lead(desk: Desk) -> None:
    """E1: `next` at the end of the path tells the holder's lead; of a partner's, the desk's."""
    give_policy(desk, CLIMB)
    n = urgent(desk)
    desk.do(escalation.hand_off, n, "netone", by="ito", when="09:00", note="Your line is down")
    sweep(desk, "10:00")
    assert fired(desk, n) == [("climb", at("10:00"))]
    assert (desk.holders(n), told(desk, n)) == (["netone"], ["sato"])


def test_what_nobody_takes_is_told_once_a_holding(desk: Desk) -> None:
    """E1, E3: not assigned for a working time; the cycle is the holding."""
    give_policy(desk, "{key: loose, when: {unassigned: 30}, tell: [holder-lead]}")
    n = desk.log(when="11:45")
    sweep(desk, "13:15")
    assert fired(desk, n) == [("loose", at("13:15"))]
    desk.do(commands.take, n, by="ito", when="13:20")
    desk.do(commands.assign, n, None, by="ito", when="13:30")
    sweep(desk, "17:00")
    assert len(fired(desk, n)) == 1


def test_what_is_taken_in_time_is_not_told(desk: Desk) -> None:
    give_policy(desk, "{key: loose, when: {unassigned: 30}, tell: [holder-lead]}")
    n = desk.log(when="09:00")
    desk.do(commands.take, n, by="ito", when="09:29")
    sweep(desk, "17:00")
    assert fired(desk, n) == []


def test_each_touch_begins_the_waiting_anew(desk: Desk) -> None:
    """E3: the last touch for `untouched`; what the requester writes is none by the desk."""
    give_policy(desk, "{key: cold, when: {untouched: 60}, tell: [assignee, holder-lead]}")
    n = desk.log(when="09:00")
    desk.do(commands.comment, n, "note", "Looking", by="ito", when="09:30")
    desk.do(commands.comment, n, "reply", "Any news?", by="emi", when="10:00")
    sweep(desk, "10:30")
    desk.do(commands.comment, n, "note", "Still looking", by="ito", when="11:00")
    sweep(desk, "17:00")
    assert fired(desk, n) == [("cold", at("10:30")), ("cold", at("12:00"))]


def test_what_is_on_hold_waits_for_something_else(desk: Desk) -> None:
    """E1, E4: the time on hold doesn't count as untouched."""
    give_policy(desk, "{key: cold, when: {untouched: 60}, tell: [holder-lead]}")
    n = desk.log(when="09:00")
    desk.do(commands.hold, n, "delivery", by="ito", when="09:30", until=at("15:00"))
    sweep(desk, "14:59")
    assert fired(desk, n) == []
    sweep(desk, "17:00")
    assert fired(desk, n) == [("cold", at("16:00"))]


def test_a_wish_is_warned_of_before_the_last_working_moment(desk: Desk) -> None:
    """E1, D1: 240 working minutes before Friday 18:00."""
    give_policy(desk, "{key: near, when: {wish: 240}, tell: [holder-lead]}")
    n = desk.log(when="09:00", wish=Due(day=at("Fri 00:00").date()))
    sweep(desk, "Fri 13:59")
    assert fired(desk, n) == []
    sweep(desk, "Fri 14:00")
    assert fired(desk, n) == [("near", at("Fri 14:00"))]


def test_a_wish_that_is_near_at_once_is_warned_of_at_once(desk: Desk) -> None:
    give_policy(desk, "{key: near, when: {wish: 240}, tell: [holder-lead]}")
    n = desk.log(when="16:00", wish=Due(at=at("17:00")))
    sweep(desk, "16:00")
    assert fired(desk, n) == [("near", at("16:00"))]


def test_a_wish_for_a_closed_day_is_warned_of_before_the_desk_closes(desk: Desk) -> None:
    """E1, D1: Sunday is planned for by Friday 18:00; D2: the wish itself stays on Sunday."""
    give_policy(desk, "{key: near, when: {wish: 240}, tell: [holder-lead]}")
    n = desk.log(when="09:00", wish=Due(day=at("Sun 00:00").date()))
    sweep(desk, "Mon 09:00")
    assert fired(desk, n) == [("near", at("Fri 14:00"))]
    assert desk.incident(n).requested_due == at("Mon 00:00")


NEAR = "{key: near, when: {promise: 240}, tell: [holder-lead]}"


@pytest.mark.parametrize(
    ("promise", "due"),
    [
        (Due(day=at("Fri 00:00").date()), "Fri 14:00"),
        (Due(day=at("Sun 00:00").date()), "Fri 14:00"),
        (Due(at=at("Fri 10:00")), "15:00"),
        (Due(at=at("Fri 22:00")), "Fri 14:00"),
        (Due(at=at("12:00")), "10:00"),  # near at once
    ],
)
def test_a_promise_is_warned_of_as_a_wish_is(desk: Desk, promise: Due, due: str) -> None:
    """E1, D1: so many working minutes before the last working moment at or before it."""
    give_policy(desk, NEAR)
    n = desk.log(when="09:00")
    desk.do(commands.promise, n, promise, by="ito", when="10:00", reason="By then")
    assert fired(desk, n) == []
    sweep(desk, "Mon 09:00")
    assert fired(desk, n) == [("near", at(due))]
    assert told(desk, n) == ["sato"]


def test_without_a_promise_nothing_is_near(desk: Desk) -> None:
    """E1: a rule for promises has nothing to do with the wish."""
    give_policy(desk, NEAR)
    n = desk.log(when="09:00", wish=Due(at=at("12:00")))
    sweep(desk, "Mon 09:00")
    assert fired(desk, n) == []


def test_another_promise_moves_the_warning(desk: Desk) -> None:
    """E4: before acting the step is derived again: the date that counts is the current one."""
    give_policy(desk, NEAR)
    n = desk.log(when="09:00")
    desk.do(commands.promise, n, Due(at=at("17:00")), by="ito", when="10:00", reason="By then")
    later = Due(at=at("Fri 17:00"))
    desk.do(commands.promise, n, later, by="ito", when="10:30", reason="A day later")
    sweep(desk, "Thu 17:00")
    assert fired(desk, n) == []
    sweep(desk, "Fri 13:00")
    assert fired(desk, n) == [("near", at("Fri 12:00"))]


# Telling


def test_each_is_told_once_whatever_they_are(desk: Desk) -> None:
    """E1: who is assignee and lead at once."""
    give_policy(desk, WARN)
    n = urgent(desk)
    desk.do(commands.take, n, by="sato", when="09:10")
    sweep(desk, "12:00")
    assert told(desk, n) == ["sato"]


def test_the_manager_is_the_leads(desk: Desk) -> None:
    give_policy(desk, BREACH)
    n = urgent(desk)
    sweep(desk, "14:00")
    assert told(desk, n) == ["sato", "ueda"]


def test_a_step_with_nobody_to_tell_still_fires(desk: Desk) -> None:
    """E1."""
    give_policy(desk, "{key: warn, when: {clock: resolution, at: 75}, tell: [assignee]}")
    n = urgent(desk)
    sweep(desk, "12:00")
    assert (len(fired(desk, n)), told(desk, n)) == (1, [])


def test_a_priority_can_be_raised(desk: Desk) -> None:
    give_policy(desk, "{key: up, when: {unassigned: 60}, do: {priority: up}}")
    n = desk.log(when="09:00")
    sweep(desk, "10:00")
    assert (desk.incident(n).priority, desk.incident(n).urgency) == ("P2", 1)


def test_a_named_group_can_be_handed_to(desk: Desk) -> None:
    give_policy(desk, "{key: over, when: {unassigned: 60}, hand_off: network}")
    n = desk.log(when="09:00")
    sweep(desk, "10:00")
    assert desk.holders(n) == ["desk", "network"]


# What is kept


def test_only_what_comes_by_itself_has_a_next_step(desk: Desk) -> None:
    """E2: a sweep reads only what is due."""
    give_policy(desk, WARN)
    n, printer = urgent(desk), desk.log(service="printing", when="09:00")
    assert [row.at for row in _next(desk, n)] == [at("12:00")]
    assert _next(desk, printer) == []


def _next(desk: Desk, number: int) -> list[NextStep]:
    with desk.session() as session:
        row = session.get(NextStep, desk.incident(number).id)
        return [row] if row else []


def test_a_new_rule_is_for_what_is_to_come(desk: Desk) -> None:
    """What would be due already when a policy is loaded is noted as passed."""
    give_policy(desk)
    n = urgent(desk)
    give_policy(desk, WARN, BREACH, when="13:30")
    sweep(desk, "13:30")
    assert fired(desk, n) == []
    sweep(desk, "17:00")
    assert fired(desk, n) == [("breach", at("14:00"))]


def test_a_rule_that_stood_before_fires_after_another_is_added(desk: Desk) -> None:
    give_policy(desk, WARN)
    n = urgent(desk)
    give_policy(desk, WARN, BREACH, when="13:30")
    sweep(desk, "13:30")
    assert fired(desk, n) == [("warn", at("12:00"))]


def test_firing_makes_no_form_stale(desk: Desk) -> None:
    """A rule that tells somebody changes nothing for who is editing."""
    give_policy(desk, WARN)
    n = urgent(desk)
    version = desk.incident(n).version
    sweep(desk, "12:00")
    desk.do(commands.take, n, by="ito", when="13:00", version=version)
    assert desk.assignee(n) == "ito"


def test_one_bad_incident_holds_up_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    give_policy(desk, WARN)
    bad, good = urgent(desk), urgent(desk)
    id = desk.incident(bad).id

    def trip(session, incident, act, due):  # type: ignore[no-untyped-def]
        if incident.id == id:
            raise ZeroDivisionError
        fire(session, incident, act, due)

    monkeypatch.setattr("servicedesk.escalation.sweep.fire", trip)
    swept = sweep(desk, "12:00")
    assert (fired(desk, bad), swept.failed) == ([], 1)
    assert fired(desk, good) == [("warn", at("12:00"))]


# Histories

HISTORY = """\
incident,at,state,hold,group,assignee,impact,urgency,service,title,requester,requested_due,\
promised_due,replied
A,2026-11-26T09:00:00+09:00,in_progress,,desk,ito,1,1,internet,No network,emi,,,1
B,2026-11-26T13:30:00+09:00,new,,desk,,3,3,internet,Slow,emi,,,
"""


def imported(desk: Desk, folder: Path) -> int:
    """Import a history that ends at 13:30; give the number of its incident A."""
    path = folder / "history.csv"
    path.write_text(HISTORY)
    with desk.session() as session:
        replay(path, now=at("Mon 09:00"))
        return session.scalars(sa.select(Incident.number).filter_by(external_id="A")).one()


def test_a_history_fires_nothing_and_is_live_from_its_end_on(desk: Desk, tmp_path: Path) -> None:
    """What was due at the end of a history is noted as passed."""
    give_policy(desk, WARN, BREACH)
    n = imported(desk, tmp_path)
    assert (fired(desk, n), told(desk, n)) == ([], [])
    sweep(desk, "Mon 10:00")
    assert fired(desk, n) == [("breach", at("14:00"))]
    assert ("warn", None) in [(row.step, row.fired_at) for row in desk.rows(Firing, n)]


def test_noting_what_had_passed_is_no_touch(desk: Desk, tmp_path: Path) -> None:
    """E1, E3: what a history left untouched is not due once more because that was noted."""
    give_policy(desk, "{key: cold, when: {untouched: 15}, tell: [holder-lead]}")
    n = imported(desk, tmp_path)
    sweep(desk, "Mon 10:00")
    assert fired(desk, n) == []
    assert [row.fired_at for row in desk.rows(Firing, n)] == [None]


def test_firings_are_exported_without_those_that_had_passed(desk: Desk, tmp_path: Path) -> None:
    give_policy(desk, WARN, BREACH)
    n = imported(desk, tmp_path)
    sweep(desk, "Mon 10:00")
    with desk.session() as session:
        lines = list(Tables(session, desk.setup(), at("Mon 10:00")).firings())
    assert [(line["number"], line["step"], line["due_at"]) for line in lines] == [
        (label(n), "breach", at("14:00"))
    ]


def test_many_sweep_at_once_and_each_step_is_done_once(desk: Desk) -> None:
    """E3: any number of workers may sweep at the same time."""
    give_policy(desk, WARN, BREACH)
    numbers = [urgent(desk) for _ in range(24)]
    with ThreadPoolExecutor(4) as pool:
        swept = list(pool.map(lambda _: sweep(desk, "17:00"), range(4)))
    assert (sum(s.fired for s in swept), sum(s.failed for s in swept)) == (48, 0)
    for n in numbers:
        assert fired(desk, n) == [("warn", at("12:00")), ("breach", at("14:00"))]
        assert told(desk, n) == ["sato", "sato", "ueda"]


def test_the_page_says_which_rule_told_whom(desk: Desk) -> None:
    give_policy(desk, BREACH)
    n = urgent(desk)
    sweep(desk, "14:00")
    page = desk.visit("ito").get(page_of(n)).text
    assert "Rule “breach” told Sato Yui, Ueda Rin" in page
    assert "Rule “breach”" not in desk.visit("emi").get(page_of(n)).text
