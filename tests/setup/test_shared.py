"""The real desk of 649 groups, and the calendars of the agreed cases."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_file
from tests.setup.examples import NOTHING, load, set_up

SHARED = Path(__file__).parents[3] / "shared"


def shared(path: str) -> Path:
    if not SHARED.exists():
        pytest.skip("../shared is not beside this checkout")
    return SHARED / path


@pytest.mark.slow
def test_the_desk_of_649_groups_is_loaded_and_comes_back(session: Session, now: datetime) -> None:
    path = shared("data/vinst/desk.yaml")
    assert len(load_file(path, now=now)) == 1 + 2 + 649 + 1 + 1 + 1439
    assert load_file(path, now=now) == NOTHING
    desk = set_up(session)
    assert len(desk.by_key) == 649
    assert [desk.party(ref).key for ref in desk.services_by_key["vinst"].path] == ["g97"]
    dumped = dump()
    assert load(dumped, now) == NOTHING
    assert dump() == dumped


def test_a_file_of_calendars_alone_is_a_desk(session: Session, now: datetime) -> None:
    path = shared("vectors/calendars.yaml")
    load_file(path, now=now)
    desk = set_up(session)
    assert len(desk.calendars) == 16
    assert not desk.by_key
    assert load(dump(), now) == NOTHING
