"""Cheap hashes, and a desk with somebody in it."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from flask import Flask

from servicedesk.people import passwords
from tests.people.signing import person

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hasher", CHEAP)
    monkeypatch.setattr(passwords, "UNMATCHABLE", passwords._unmatchable())


@pytest.fixture
def alice(app: Flask) -> int:
    """An employee."""
    return person(app, "alice", "employee")
