"""What a report says, before it is put into words."""

from __future__ import annotations

from servicedesk.incidents import acts
from servicedesk.reports.contents import Contents
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from tests.incidents.told import Told, directory
from tests.reports.counted import facts, frame


def contents(code: str) -> Contents:
    it = Told("Thu 09:00")
    acts.resolve(it.at("Thu 10:00"), code)
    return Contents(frame(), Scope(), Knowledge(3), directory(), facts(it), draft=False)


def test_what_an_earlier_version_did_not_count_makes_no_difference_to_it() -> None:
    """F6: a figure that came later makes no new revision of what was sealed before."""
    solved, silent = contents("solved"), contents("no_answer")
    assert solved.digest != silent.digest
    assert solved.digest_as("1") == silent.digest_as("1")
    assert solved.digest_as("1") != solved.digest


def test_no_answer_is_counted_apart() -> None:
    """§4: resolved as no answer is resolved, and counted apart."""
    silent = contents("no_answer").results
    assert (silent["resolved"].value, silent["resolved.no_answer"].value) == (1, 1)
    assert contents("solved").results["resolved.no_answer"].value == 0


def test_columns_keep_their_order_and_new_ones_come_last() -> None:
    head = contents("solved").data["incidents.csv"].splitlines()[0].split(",")
    assert head[-2:] == ["resolved.no_answer", "sla.lowered"]
    assert head[14:17] == ["intake", "intake.cancelled", "resolved"]
