"""What if, over a database: as it was is what the report says."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from servicedesk.escalation.commands import hand_off
from servicedesk.incidents import commands
from servicedesk.incidents.acts import Due
from servicedesk.reports import contents, queries
from servicedesk.reports.periods import Period, read_period
from servicedesk.reports.scopes import Scope, read_scope
from servicedesk.whatif import comparing
from servicedesk.whatif import queries as whatif
from servicedesk.whatif.alternative import Changes, alternative
from servicedesk.whatif.comparing import COMPARED, Comparison
from tests.cast import Desk, at
from tests.incidents.told import ROUND
from tests.whatif.judged import terms

NOVEMBER = read_period("2026-11", "Asia/Tokyo")
NOW = at("2027-01-15 10:00")
HARSH = Changes(agreements={"standard": terms(ROUND, targets={"response": 1, "resolution": 2})})


def some(desk: Desk) -> None:
    """Some incidents, one handed to a partner, one late, one with a wish, one of December."""
    first = desk.log(when="Thu 09:00", wish=Due(at=at("Thu 18:00")))
    desk.do(hand_off, first, "netone", note="Please look", by="ito", when="Thu 10:00")
    desk.do(commands.resolve, first, by="ito", when="Fri 12:00", code="solved", text="Done.")
    second = desk.log(when="Thu 10:00", service="printing")
    desk.do(commands.resolve, second, by="ito", when="Fri 11:00", code="solved", text="Done.")
    desk.log(when="Thu 11:00")
    desk.log(when="2026-12-02 10:00")


def compared(
    session: Session, setup: Any, changes: Changes, scope: Scope, period: Period = NOVEMBER
) -> Comparison:
    known = queries.latest_knowledge(session)
    question = comparing.ask(alternative(setup, changes), period, scope, now=NOW, known=known)
    return comparing.compare(session, question)


def test_as_it_was_is_what_the_report_says(desk: Desk) -> None:
    """F1, F3: one definition of a figure, whoever asks; of a part of the desk too."""
    some(desk)
    setup = desk.setup()
    with desk.session() as session:
        for said in ("all", "group:desk", "partner:netone", "service:internet", "department:Sales"):
            scope = read_scope(said, setup)
            report = contents.work_out(session, setup, NOVEMBER, scope, now=NOW)
            found = compared(session, setup, HARSH, scope)
            assert {id: found.pairs[id].before for id in COMPARED} == {
                id: report.results[id] for id in COMPARED
            }, said


def test_harsher_targets_are_missed_by_all_that_they_are_for(desk: Desk) -> None:
    """C10: and by nothing else."""
    some(desk)
    with desk.session() as session:
        found = compared(session, desk.setup(), HARSH, Scope())
    assert found.incidents == 3
    after = found.pairs["sla.resolution"].after
    assert (after.numerator, after.denominator) == (0, 3)
    assert {each.number for each in found.turned} <= {1, 3}


def test_what_ended_before_or_came_after_the_period_is_not_even_read(desk: Desk) -> None:
    some(desk)
    early = desk.log(when="2026-10-05 10:00")
    when = "2026-10-05 11:00"
    desk.do(commands.resolve, early, by="ito", when=when, code="solved", text="Done.")
    with desk.session() as session:
        assert whatif.size(session, NOVEMBER) == 3
        known = whatif.newest(session)
        told = list(whatif.histories(session, known, NOVEMBER))
    assert [about.number for about, _events in told] == [1, 2, 3]
    assert [event.seq for event in told[0][1]] == list(range(1, len(told[0][1]) + 1))


def test_what_was_not_known_yet_does_not_count(desk: Desk) -> None:
    """F6: a question is about a state of knowledge."""
    number = desk.log(when="Thu 09:00")
    with desk.session() as session:
        known = whatif.newest(session)
    desk.do(commands.resolve, number, by="ito", when="Thu 12:00", code="solved", text="Done.")
    with desk.session() as session:
        ((_about, events),) = whatif.histories(session, known, NOVEMBER)
    assert "incident.resolved" not in [event.kind for event in events]
