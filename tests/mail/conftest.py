"""The desk with the cast at it, and what goes out of it as mail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cast import Desk, cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.mail.mailbox import Mailroom
from tests.mail.post_office import PostOffice
from tests.mail.storms import opened

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]


@pytest.fixture
def mailroom(desk: Desk) -> Mailroom:
    """What is queued at the desk, and what it reads like."""
    return Mailroom(desk)


@pytest.fixture
def room(desk: Desk, mailroom: Mailroom) -> Mailroom:
    """The same, where who works at the desk has an address."""
    for key in ("sato", "ito", "abe", "ueda"):
        mailroom.change(key, mail=f"{key}@kita.example")
    return mailroom


@pytest.fixture
def office(desk: Desk) -> Iterator[PostOffice]:
    """A mail server that the desk hands its mail to."""
    with opened(desk) as office:
        yield office
