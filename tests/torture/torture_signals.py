"""E5: lines to receivers are cut, and callers killed, at random; nothing is lost."""

from __future__ import annotations

import multiprocessing
import os
import random
import secrets
import time
from multiprocessing.process import BaseProcess

import pytest
import sqlalchemy as sa

from servicedesk.outbox import Notification
from tests.cast import Desk, cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.signals import receiver
from tests.signals.hooked import Hooked
from tests.signals.receiver import Receiver
from tests.torture.caller import LEASE, call
from tests.torture.cutting import Cutter, cut

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]

CALLERS, HOOKS = 3, 3
CALLS = int(os.environ.get("CALLS", "1500"))  # of each webhook
KILLS = int(os.environ.get("KILLS", "40"))
SEED = int(os.environ.get("SEED") or secrets.randbelow(10**6))
CUT, LONGEST_LINE = 0.2, 1200  # share of the lines, within so many bytes
ENDING = 0.05  # share of the calls that are taken and not answered
LONGEST = 3600  # seconds


@pytest.fixture
def hooked(desk: Desk) -> Hooked:
    return Hooked(desk)


class Ends:
    """Lets some lines end once the receiver has what it was called with."""

    def __init__(self, dice: random.Random) -> None:
        self.dice, self.count = dice, 0

    def __call__(self) -> str:
        ends = self.dice.random() < ENDING
        self.count += ends
        return "after" if ends else ""


def start(settings: dict[str, str]) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.torture.caller"])
    process = context.Process(target=call, args=(settings,), daemon=True)
    process.start()
    return process


def left(desk: Desk) -> int:
    waiting = Notification.waits_until.is_not(None)
    with desk.session() as session:
        return session.scalar(sa.select(sa.func.count()).where(waiting)) or 0


def torment(desk: Desk, settings: dict[str, str], dice: random.Random) -> int:
    """Kill a caller now and then until nothing is left; gives how many were killed."""
    callers, killed = [start(settings) for _ in range(CALLERS)], 0
    end = time.monotonic() + LONGEST
    try:
        while left(desk) and time.monotonic() < end:
            time.sleep(dice.uniform(0.2, 2.0))
            if killed < KILLS:
                unlucky = dice.randrange(CALLERS)
                callers[unlucky].kill()
                callers[unlucky].join()
                callers[unlucky] = start(settings)
                killed += 1
    finally:
        for caller in callers:
            caller.kill()
    return killed


def test_whatever_breaks_each_call_is_made_and_each_copy_is_the_same(
    hooked: Hooked, desk: Desk, backend: str
) -> None:
    """E5: at least once with the same id; what comes twice is bounded by what broke."""
    dice = random.Random(SEED)
    print(f"\nSEED={SEED} CALLS={CALLS} of {HOOKS} webhooks, KILLS={KILLS} on {backend}")
    names = ("DATABASE_URL", "DESK_VAR", "SECRET_KEY")
    settings = {name: str(desk.app.config[name]) for name in names} | {"LOG_LEVEL": "CRITICAL"}
    keys = [f"hook-{n}" for n in range(HOOKS)]
    hooked.give(*(f"{key}: {{titles: true}}" for key in keys))
    with receiver.opened() as there, cut(there.port, dice, CUT, LONGEST_LINE) as line:
        ends = Ends(random.Random(SEED))
        there.breaks = ends
        for key in keys:
            hooked.call_at(f"http://127.0.0.1:{line.port}/{key}", key)
        hooked.fill_all(keys, CALLS)
        began = time.monotonic()
        killed = torment(desk, settings, dice)
        seconds = time.monotonic() - began
        _verify(hooked, there, line, ends, killed, seconds)


def _verify(
    hooked: Hooked, there: Receiver, line: Cutter, ends: Ends, killed: int, seconds: float
) -> None:
    rows = hooked.queued(None)
    arrived = there.arrived()
    twice = sum(arrived.values()) - len(arrived)
    print(
        f"{len(rows)} calls in {seconds:.0f} s: {sum(arrived.values())} copies, {twice} made again;"
        f" {line.cuts} of {line.calls} lines cut, {ends.count} not answered,"
        f" {killed} callers killed, lease {LEASE.seconds} s"
    )
    assert len(rows) == CALLS * HOOKS
    assert not [row for row in rows if row.sent_at is None or row.failed_at]
    assert arrived.keys() == {f"msg_{row.message_id}" for row in rows}, "lost, or another id"
    assert len({(got.id, got.path, got.body) for got in there.got}) == len(arrived), "copies differ"
    assert 0 < twice <= HOOKS * killed + line.cuts + ends.count
    assert line.cuts
    assert killed == KILLS
