"""Whatever is done with major incidents, in whatever order: the rows follow from the journal."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from servicedesk.errors import DeskError
from servicedesk.incidents import commands
from servicedesk.incidents.models import MajorIncident
from servicedesk.major import commands as major
from servicedesk.major.resolving import resolve_with_linked
from tests.cast import Desk, at
from tests.escalation.ruled import sweep
from tests.mail.mailbox import Mailroom
from tests.support.torture import enough

STAFF, PEOPLE = ("ito", "sato", "abe", "mori", "ueda"), ("emi", "taro")
SAID = {"what": "A switch failed", "cause": "", "better": ""}
Deed = Callable[["Player", int, int], Any]


class Player:
    """Somebody who does this and that; what is refused is left."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.dice = desk, random.Random(seed)
        self.now = at("09:00")
        self.numbers = [desk.log(by=self.dice.choice(PEOPLE), title=str(n)) for n in range(5)]

    def play(self) -> None:
        """Do one thing, a while after the one before."""
        self.now += timedelta(minutes=self.dice.choice((1, 4, 11)))
        one, two = self.dice.choice(self.numbers[:2]), self.dice.choice(self.numbers)
        try:
            self.dice.choice(DEEDS)(self, one, two)
        except DeskError:
            return

    def do(self, act: Callable[..., Any], *args: Any, by: str = "", **more: Any) -> Any:
        who = by or self.dice.choice(STAFF)
        return self.desk.call(act, *args, by=who, when=self.now, **more)

    def last(self, number: int) -> int:
        majors = self.desk.story(number).majors
        return majors[-1].n if majors else 0


def confirm(it: Player, one: int, _two: int) -> None:
    who = it.desk.id(it.dice.choice(STAFF))
    said = {"headline": "Disturbed", "coordinator": who, "minutes": it.dice.choice((5, 30))}
    it.do(major.confirm, one, it.last(one), by="sato", **said)


def run_sweep(it: Player, _one: int, _two: int) -> None:
    sweep(it.desk, it.now)


def propose(it: Player, one: int, _two: int) -> None:
    it.do(major.propose, one, "Many call")


def update(it: Player, one: int, _two: int) -> None:
    it.do(major.update, one, "News", it.dice.choice((None, 10)))


def link(it: Player, one: int, two: int) -> None:
    it.do(major.link, two, one)


def join(it: Player, one: int, _two: int) -> None:
    it.numbers.append(it.do(major.me_too, one, by=it.dice.choice(PEOPLE)))


DEEDS: tuple[Deed, ...] = (
    *[propose] * 3,
    *[confirm] * 4,
    *[update] * 4,
    *[link] * 4,
    *[join] * 2,
    *[run_sweep] * 3,
    lambda it, one, _two: it.do(major.refuse, one, it.last(one), "No"),
    lambda it, one, _two: it.do(major.coordinate, one, it.desk.id("abe")),
    lambda it, one, _two: it.do(major.stand_down, one, "Over"),
    lambda it, one, _two: it.do(major.review, one, SAID),
    lambda it, one, _two: it.do(major.unlink, one),
    lambda it, one, _two: it.do(resolve_with_linked, one, "solved", "Done"),
    lambda it, one, _two: it.do(commands.resolve, one, "solved", "Done"),
    *[lambda it, one, _two: it.do(commands.reopen, one)] * 3,
)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(*enough((1,), (40,))))
def test_rows_follow_from_the_journal_whatever_is_done(desk: Desk, seed: int) -> None:
    """C6, E3: no difference, no two at once, and nobody is told the same twice."""
    player = Player(desk, seed)
    for _n in range(enough(50, 200)):
        player.play()
    assert desk.differences() == []
    for number in set(player.numbers):
        story, row = desk.story(number), desk.incident(number)
        states = [one.state for one in desk.rows(MajorIncident, number)]
        assert sum(state in ("proposed", "confirmed") for state in states) <= 1
        assert not (story.part_of and story.major)
        assert row.major_id == story.part_of
    once = Counter(
        (row.kind, row.person_id, row.incident_id, row.data.get("n"))
        for row in Mailroom(desk).queued()
        if row.kind in ("major_update", "major_over")
    )
    kinds = {kind for number in set(player.numbers) for kind in desk.kinds(number)}
    assert {"major.confirmed", "major.updated", "incident.linked"} <= kinds  # it was played
    assert max(once.values()) == 1
