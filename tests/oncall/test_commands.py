"""Taking over, swapping, publishing: who may, what becomes of it, and who is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from servicedesk.db import transaction
from servicedesk.errors import BadInput, DeskError, NotAllowed, NotFound, Refused, Stale
from servicedesk.oncall import commands
from servicedesk.oncall.models import AGREED, REFUSED, WITHDRAWN, DutyChange, DutySwap
from servicedesk.people.models import Person
from tests.cast import Desk, at
from tests.oncall.turns import ask, give_rota, rows, take_over, told, who

ABES, MORIS = "2026-11-23 09:00", "2026-11-30 09:00"  # their turns begin then


# Taking over


def test_somebody_takes_over_for_a_time_and_both_are_told(desk: Desk) -> None:
    give_rota(desk)
    take_over(desk, "mori", "18:00", "Fri 09:00", by="ueda")
    assert [who(desk, when) for when in ("17:59", "18:00", "Fri 08:59", "Fri 09:00")] == [
        "abe", "mori", "mori", "abe",
    ]  # fmt: skip
    assert told(desk) == [("duty_changed", "abe"), ("duty_changed", "mori")]
    assert rows(desk, DutyChange)[0].reason == "Away"


def test_whoever_does_it_is_not_told(desk: Desk) -> None:
    give_rota(desk)
    take_over(desk, "mori", "18:00", "Fri 09:00", by="abe")
    assert told(desk) == [("duty_changed", "mori")]


def test_of_a_time_that_has_begun_the_past_stays(desk: Desk) -> None:
    give_rota(desk)
    take_over(desk, "mori", "08:00", "12:00", when="10:00")
    assert (who(desk, "09:59"), who(desk, "10:00")) == ("abe", "mori")


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("person", "start", "end", "error"),
    [
        ("mori", "12:00", "12:00", BadInput),
        ("mori", "08:00", "09:00", BadInput),
        ("mori", "12:00", "2027-11-26 12:00", BadInput),
        ("ito", "12:00", "13:00", BadInput),
        ("kim", "12:00", "13:00", BadInput),
    ],
)
def test_what_makes_no_sense_is_refused(
    desk: Desk, person: str, start: str, end: str, error: type[DeskError]
) -> None:
    give_rota(desk)
    with pytest.raises(error):
        take_over(desk, person, start, end)
    assert rows(desk, DutyChange) == []


def test_a_group_without_a_rota_has_nothing_to_take_over(desk: Desk) -> None:
    give_rota(desk)
    with pytest.raises(Refused):
        take_over(desk, "ito", "12:00", "13:00", by="sato", group="desk")


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("by", ["mori", "ito", "sato"])
def test_only_its_lead_and_managers_change_a_groups_rota(desk: Desk, by: str) -> None:
    """§9: the lead of another group is none of this one's."""
    give_rota(desk)
    with pytest.raises(NotAllowed):
        take_over(desk, "mori", "12:00", "13:00", by=by)
    with pytest.raises(NotAllowed):
        desk.call(commands.publish, "network", None, by=by, when="12:00", revision=1)


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("by", ["emi", "kim", "root"])
def test_for_others_there_is_no_such_group(desk: Desk, by: str) -> None:
    give_rota(desk)
    with pytest.raises((NotFound, NotAllowed)):
        take_over(desk, "mori", "12:00", "13:00", by=by)


def test_the_leads_deputy_does_it_while_the_lead_is_away(desk: Desk) -> None:
    give_rota(desk)
    make_away(desk, "abe", deputy="mori")
    assert take_over(desk, "mori", "12:00", "13:00", by="mori")


def make_away(desk: Desk, key: str, deputy: str) -> None:
    with desk.session(), transaction() as session:
        person = session.scalars(sa.select(Person).where(Person.key == key)).one()
        person.absent_from, person.absent_until = at("09:00").date(), at("Fri 09:00").date()
        person.deputy_id = session.scalar(sa.select(Person.id).where(Person.key == deputy))


def test_a_change_that_is_withdrawn_holds_no_more_and_its_past_stays(desk: Desk) -> None:
    give_rota(desk)
    id = take_over(desk, "mori", "12:00", "18:00")
    desk.call(commands.withdraw_change, id, by="abe", when="15:00")
    assert [who(desk, when) for when in ("12:00", "14:59", "15:00")] == ["mori", "mori", "abe"]
    assert told(desk)[1:] == [("duty_changed", "mori")]
    with pytest.raises(Refused):
        desk.call(commands.withdraw_change, id, by="abe", when="15:01")
    with pytest.raises(NotFound):
        desk.call(commands.withdraw_change, 99, by="abe", when="15:01")


def test_a_change_that_is_withdrawn_before_it_begins_never_was(desk: Desk) -> None:
    give_rota(desk)
    id = take_over(desk, "mori", "12:00", "18:00")
    desk.call(commands.withdraw_change, id, by="abe", when="11:00")
    assert who(desk, "13:00") == "abe"


# Swapping


def test_two_swap_their_turns_and_both_change_hands_at_once(desk: Desk) -> None:
    give_rota(desk)
    id = ask(desk, "2026-12-07 09:00", "mori", MORIS)
    assert (who(desk, "2026-12-08 12:00"), told(desk)) == ("abe", [("swap_asked", "mori")])
    desk.call(commands.answer_swap, id, True, by="mori", when="11:00")
    assert who(desk, "2026-12-08 12:00") == "mori"
    assert who(desk, "2026-12-01 12:00") == "abe"
    assert told(desk)[1:] == [("swap_agreed", "abe")]
    assert rows(desk, DutySwap)[0].state == AGREED


def test_of_a_turn_that_has_begun_the_rest_is_swapped(desk: Desk) -> None:
    give_rota(desk)
    id = ask(desk, ABES, "mori", MORIS)
    desk.call(commands.answer_swap, id, True, by="mori", when="12:00")
    assert (who(desk, "11:59"), who(desk, "12:00")) == ("abe", "mori")


def test_a_turn_can_be_taken_for_nothing(desk: Desk) -> None:
    give_rota(desk)
    id = ask(desk, ABES, "mori", None)
    desk.call(commands.answer_swap, id, True, by="mori", when="12:00")
    assert len(rows(desk, DutyChange)) == 1


def test_what_is_refused_or_withdrawn_changes_nothing(desk: Desk) -> None:
    give_rota(desk)
    one, two = ask(desk, ABES, "mori", MORIS), ask(desk, MORIS, "abe", ABES, by="mori")
    desk.call(commands.answer_swap, one, False, by="mori", when="11:00")
    desk.call(commands.withdraw_swap, two, by="mori", when="11:00")
    assert [row.state for row in rows(desk, DutySwap)] == [REFUSED, WITHDRAWN]
    assert rows(desk, DutyChange) == []
    assert told(desk)[2:] == [("swap_refused", "abe")]
    with pytest.raises(Refused):
        desk.call(commands.answer_swap, one, True, by="mori", when="11:01")


def test_one_asks_for_ones_own_turn_only(desk: Desk) -> None:
    give_rota(desk)
    with pytest.raises(Refused):
        ask(desk, MORIS, "mori", ABES)  # Mori's
    with pytest.raises(Refused):
        ask(desk, ABES, "mori", ABES)  # which is not Mori's
    with pytest.raises(BadInput):
        ask(desk, ABES, "ito", None)  # of another group
    with pytest.raises(BadInput):
        ask(desk, ABES, "abe", None)


def test_nobody_asks_twice_for_the_same_turn(desk: Desk) -> None:
    give_rota(desk)
    ask(desk, ABES, "mori", MORIS)
    with pytest.raises(Refused):
        ask(desk, ABES, "mori", None)


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("by", ["abe", "ito", "ueda"])
def test_only_who_is_asked_answers(desk: Desk, by: str) -> None:
    """§9: neither who asks nor a manager agrees in somebody's name."""
    give_rota(desk)
    id = ask(desk, ABES, "mori", MORIS)
    with pytest.raises(NotFound):
        desk.call(commands.answer_swap, id, True, by=by, when="11:00")


def test_a_swap_that_the_rota_has_overtaken_is_refused(desk: Desk) -> None:
    give_rota(desk)
    id = ask(desk, ABES, "mori", MORIS)
    take_over(desk, "abe", "2026-12-01 12:00", "2026-12-01 18:00")
    with pytest.raises(Refused):
        desk.call(commands.answer_swap, id, True, by="mori", when="11:00")
    assert (rows(desk, DutySwap)[0].state, len(rows(desk, DutyChange))) == ("asked", 1)


def test_a_swap_that_is_withdrawn_by_the_lead_goes_as_a_whole(desk: Desk) -> None:
    give_rota(desk)
    id = ask(desk, "2026-12-07 09:00", "mori", MORIS)
    desk.call(commands.answer_swap, id, True, by="mori", when="11:00")
    desk.call(commands.withdraw_change, rows(desk, DutyChange)[0].id, by="ueda", when="12:00")
    assert who(desk, "2026-12-08 12:00") == "abe"
    assert who(desk, "2026-12-01 12:00") == "mori"


# Another rota


def publish(desk: Desk, said: dict[str, Any] | None, **how: Any) -> bool:
    how = {"by": "abe", "when": "12:00", "revision": desk.setup().revision, **how}
    return desk.call(commands.publish, "network", said, **how)


def test_a_lead_publishes_a_rota_and_whoever_it_moves_is_told(desk: Desk) -> None:
    give_rota(desk)
    assert publish(desk, {"from": "2026-11-30", "weeks": ["abe", "mori"]})
    assert (who(desk, "2026-11-26 13:00"), who(desk, "2026-12-01 12:00")) == ("abe", "abe")
    assert told(desk) == [("duty_changed", "mori")]


def test_publishing_the_same_changes_nothing_and_tells_nobody(desk: Desk) -> None:
    give_rota(desk)
    assert not publish(desk, {"from": "2026-11-09", "at": "09:00", "weeks": ["abe", "mori"]})
    assert told(desk) == []


def test_a_rota_is_not_published_over_a_newer_set_up(desk: Desk) -> None:
    give_rota(desk)
    with pytest.raises(Stale):
        publish(desk, {"from": "2026-11-30", "weeks": ["mori"]}, revision=1)


def test_of_two_who_end_a_swap_at_once_one_counts(desk: Desk) -> None:
    """Acts on a group's rota wait for each other, and look again."""
    give_rota(desk)
    id, start = ask(desk, ABES, "mori", MORIS), Barrier(2)

    def act(by: str) -> bool:
        start.wait()
        try:
            if by == "mori":
                desk.call(commands.answer_swap, id, True, by="mori", when="11:00")
            else:
                desk.call(commands.withdraw_swap, id, by="abe", when="11:00")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = dict(zip(("mori", "abe"), pool.map(act, ("mori", "abe")), strict=True))
    assert sorted(done.values()) == [False, True]
    assert rows(desk, DutySwap)[0].state == (AGREED if done["mori"] else WITHDRAWN)
    assert len(rows(desk, DutyChange)) == (2 if done["mori"] else 0)
