"""The SQLite that the desk brings along."""

from __future__ import annotations

import pysqlite3
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session


def test_has_no_wal_reset_bug() -> None:
    assert pysqlite3.sqlite_version_info >= (3, 51, 3)


@pytest.mark.backends("sqlite")
def test_is_the_one_in_use(session: Session) -> None:
    used = session.execute(sa.text("SELECT sqlite_version()")).scalar_one()
    assert used == pysqlite3.sqlite_version
