"""E1 to E4: a year of a desk, its rules made by chance, against a reference of every minute."""

from __future__ import annotations

import os
import random
from datetime import timedelta

import pytest

from servicedesk.escalation import sweep as sweeping
from servicedesk.incidents import catching_up
from tests.cast import Desk
from tests.escalation import year_acts, year_ruled
from tests.escalation.year_ruled import RuledYear
from tests.history import simulated
from tests.support.torture import enough

INCIDENTS = int(os.environ.get("INCIDENTS") or enough(12, 500))
LENGTH = timedelta(days=enough(30, 365))
SEED = int(os.environ.get("SEED") or 2026)
KINDS = {*year_ruled.CLOCKS, *year_ruled.WAITS, "again", "passed", "by itself"}


@pytest.fixture
def living(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let people do more than elsewhere, and sweeps take few incidents at once."""
    monkeypatch.setattr(simulated, "ACTS", year_acts.ACTS)
    monkeypatch.setattr(simulated, "DOINGS", year_acts.DOINGS)
    monkeypatch.setattr(simulated, "YEAR", LENGTH)
    monkeypatch.setattr(sweeping, "AT_ONCE", 3)
    monkeypatch.setattr(sweeping, "PAUSE", 0.0)
    monkeypatch.setattr(catching_up, "PAUSE", 0.0)


@pytest.mark.slow
@pytest.mark.usefixtures("living")
@pytest.mark.backends(*enough(["sqlite"], ["sqlite", "postgresql"]))
def test_what_rules_do_in_a_year_is_what_a_look_at_every_minute_says(desk: Desk) -> None:
    """E1 to E4: the same steps in the same order with the same instants, none twice, none left."""
    year = RuledYear(desk, random.Random(SEED), INCIDENTS, length=LENGTH)
    year.begin()
    for row in year_acts.ROWS * 2:  # for sure, whatever comes by chance
        year_acts.in_a_row(year, row)
    year.live(1)
    year.settle()
    print(f"\nSEED={SEED}: {dict(sorted(year.done.items()))}\n{dict(sorted(year.counts.items()))}")
    if INCIDENTS >= 500:
        assert year.counts.keys() == KINDS
