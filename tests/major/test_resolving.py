"""With a major incident is resolved what belongs to it: each once, whatever happens meanwhile."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from servicedesk.incidents import commands
from servicedesk.major import commands as major
from servicedesk.major.resolving import resolve_all, resolve_with_linked
from servicedesk.selection import commands as selection
from servicedesk.selection.models import Chosen
from tests.cast import Desk, at, page_of
from tests.major.played import link, running

SAID = ("solved", "Switch replaced")


def states(desk: Desk, *numbers: int) -> list[str]:
    return [desk.incident(n).state for n in numbers]


def lines(desk: Desk) -> list[tuple[str, str]]:
    with desk.session() as session:
        return [(one.state, one.why) for one in session.scalars(sa.select(Chosen))]


def test_what_belongs_to_it_is_resolved_with_the_same_words(desk: Desk) -> None:
    number = running(desk)
    others = [link(desk, number, title=title) for title in ("No mail", "No web")]
    desk.do(resolve_with_linked, number, *SAID, by="ito", when="10:00")
    assert states(desk, number, *others) == ["resolved"] * 3
    assert [desk.incident(n).resolution_text for n in others] == ["Switch replaced"] * 2
    assert [desk.incident(n).resolution_code for n in others] == ["solved"] * 2


def test_what_a_killed_process_left_is_done_once(desk: Desk) -> None:
    """Noted with the resolution itself; each line is an act and a mark in one transaction."""
    number = running(desk)
    others = [link(desk, number, title=str(n)) for n in range(3)]
    found = desk.do(resolve_all, number, *SAID, by="ito", when="10:00")
    assert states(desk, number, *others) == ["resolved", "new", "new", "new"]
    with desk.session():
        first = iter((False, True))
        assert selection.go_on(found, at("10:00"), lambda: next(first)) == 1
    with desk.session():
        assert selection.finish(at("10:05")) == 2
    with desk.session():
        assert selection.finish(at("10:06")) == 0
    assert [desk.kinds(n).count("incident.resolved") for n in others] == [1, 1, 1]


def test_of_a_confidential_one_the_others_get_no_word(desk: Desk) -> None:
    """§9: its texts stay with who may see it."""
    number = running(desk, confidential=True)
    other = link(desk, number)
    desk.do(resolve_with_linked, number, *SAID, by="ito", when="10:00")
    assert states(desk, number, other) == ["resolved"] * 2
    assert desk.incident(other).resolution_text is None
    assert "Switch replaced" not in desk.visit("taro").get(page_of(other)).text


def test_one_that_cannot_be_resolved_stops_no_other(desk: Desk) -> None:
    number = running(desk)
    one, two = link(desk, number, title="No mail"), link(desk, number, title="No web")
    desk.do(commands.cancel, one, by="taro", when="09:50")
    found = desk.do(resolve_all, number, *SAID, by="ito", when="10:00")
    with desk.session():
        selection.go_on(found, at("10:00"))
    assert states(desk, one, two) == ["cancelled", "resolved"]


def test_what_was_changed_or_unlinked_meanwhile(desk: Desk) -> None:
    """A line more is no reason to leave it open; who no longer belongs to it is."""
    number = running(desk)
    written, alone = link(desk, number, title="No mail"), link(desk, number, title="No web")
    found = desk.do(resolve_all, number, *SAID, by="ito", when="10:00")
    desk.do(commands.comment, written, "reply", "Still?", by="taro", when="10:01")
    desk.do(major.unlink, alone, by="ito", when="10:01")
    with desk.session():
        selection.go_on(found, at("10:02"))
    assert states(desk, written, alone) == ["resolved", "new"]
    assert lines(desk)[1] == ("not_done", "It does not belong to the major incident any more.")


def test_what_is_opened_again_stops_the_rest(desk: Desk) -> None:
    number = running(desk)
    other = link(desk, number)
    found = desk.do(resolve_all, number, *SAID, by="ito", when="10:00")
    desk.do(commands.reopen, number, by="emi", when="10:01")
    with desk.session():
        selection.go_on(found, at("10:02"))
    assert states(desk, number, other) == ["in_progress", "new"]


def test_reopening_opens_nothing_else(desk: Desk) -> None:
    number = running(desk)
    other = link(desk, number)
    desk.do(resolve_with_linked, number, *SAID, by="ito", when="10:00")
    desk.do(commands.reopen, number, by="emi", when="10:05")
    assert states(desk, number, other) == ["in_progress", "resolved"]


def test_what_one_may_not_see_stays_as_it_is(desk: Desk) -> None:
    """§9: a confidential one of others is not resolved by who does not see it."""
    number = running(desk)
    hidden = link(desk, number, service="payroll")
    desk.do(resolve_with_linked, number, *SAID, by="mori", when="10:00")
    assert states(desk, number, hidden) == ["resolved", "new"]


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("ticked", [True, False])
def test_the_dialog_offers_it(desk: Desk, ticked: bool) -> None:
    number = running(desk)
    other = link(desk, number)
    visitor = desk.visit("ito")
    page = visitor.get(page_of(number, "resolve")).text
    assert "Also resolve what belongs to it" in page
    assert "1 open incident belongs to it" in page
    more = {"linked": "y"} if ticked else {}
    said = {"code": "solved", "text": "Switch replaced", **more}
    assert visitor.post(page_of(number, "resolve"), **said).status_code == 303
    assert states(desk, number, other) == ["resolved", "resolved" if ticked else "new"]


@pytest.mark.backends("sqlite")
def test_the_dialog_of_any_other_incident_does_not(desk: Desk) -> None:
    number = desk.log()
    visitor = desk.visit("ito")
    assert "Also resolve" not in visitor.get(page_of(number, "resolve")).text
    said = {"code": "solved", "text": "Restarted", "linked": "y"}
    assert visitor.post(page_of(number, "resolve"), **said).status_code == 303
