"""Two hundred mails that lie, are broken or are bombs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bridge import hostile, reader

SEED = int(os.environ.get("SEED") or 20261122)


@pytest.fixture(scope="module")
def outcomes() -> list[dict[str, Any]]:
    """Read them all in one child that is as limited as the sandbox; gives what it says of each."""
    command = [sys.executable, str(Path(reader.__file__)), str(SEED)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=200)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_there_are_two_hundred_and_each_is_read(outcomes: list[dict[str, Any]]) -> None:
    assert len(outcomes) >= 200
    assert [each["name"] for each in outcomes if "unreadable" in each] == []


def test_none_is_taken_for_somebody_elses(outcomes: list[dict[str, Any]]) -> None:
    """H7: forged senders and tricks with names: no sender, or the forger's own address."""
    senders = {each["name"]: each["sender"] for each in outcomes if not each["forged"]}
    assert {name: sender for name, sender in senders.items() if sender == hostile.VICTIM} == {}
    assert hostile.EVIL in senders.values()


def test_nobody_vouches_for_a_forged_one(outcomes: list[dict[str, Any]]) -> None:
    """H7: where the victim's own address stands in the From line, our server did not say yes."""
    forged = [each for each in outcomes if each["forged"]]
    assert {each["sender"] for each in forged} == {hostile.VICTIM}
    assert [each["name"] for each in forged if each["vouched"]] == []


def test_none_takes_long_or_much(outcomes: list[dict[str, Any]]) -> None:
    """H7: at most 5 seconds and 256 MB each, measured in the child."""
    slow = {each["name"]: each["seconds"] for each in outcomes if each["seconds"] > 5}
    assert slow == {}
    assert max(each["megabytes"] for each in outcomes) < 256


def test_what_is_read_is_bounded(outcomes: list[dict[str, Any]]) -> None:
    for each in outcomes:
        assert len(each["text"]) <= 20_000
        assert len(each["recipients"]) <= 100
        assert len(each["references"]) <= 50
        assert len(each["attachments"]) <= 50
        assert "\x00" not in json.dumps(each)
