"""What happens to incidents by itself, when its time has come."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from servicedesk.incidents import commands
from servicedesk.incidents.sweep import end_holds
from tests.cast import Desk, at


def waiting(desk: Desk, until: str = "11:00") -> int:
    n = desk.log(when="09:00")
    desk.do(commands.hold, n, "delivery", by="ito", when="10:00", until=at(until))
    return n


def test_a_hold_ends_by_itself_at_the_instant_that_was_said(desk: Desk) -> None:
    """§4: on hold with an `until` that ends it by itself, however late the sweep is."""
    n = waiting(desk, until="11:00")
    with desk.session():
        assert end_holds(at("16:45")) == 1
    last = desk.events(n)[-1]
    assert (desk.incident(n).state, last.kind, last.at) == (
        "in_progress",
        "incident.started",
        at("11:00"),
    )


def test_a_hold_lasts_until_its_time(desk: Desk) -> None:
    n = waiting(desk, until="11:00")
    with desk.session():
        assert end_holds(at("10:59")) == 0
    assert desk.incident(n).state == "on_hold"


def test_a_hold_for_the_requester_waits_for_the_answer(desk: Desk) -> None:
    n = desk.log(when="09:00")
    desk.do(commands.hold, n, "requester", by="ito", when="10:00", question="Which room?")
    with desk.session():
        assert end_holds(at("Wed 18:00")) == 0
    assert desk.incident(n).state == "on_hold"


def test_two_sweeps_at_once_end_each_hold_once(desk: Desk) -> None:
    """E3: any number of workers may sweep at the same time."""
    numbers = [waiting(desk) for _ in range(6)]

    def sweep(_worker: int) -> int:
        with desk.session():
            return end_holds(at("12:00"))

    with ThreadPoolExecutor(3) as workers:
        assert sum(workers.map(sweep, range(3))) == len(numbers)
    assert all(desk.kinds(n).count("incident.started") == 1 for n in numbers)
