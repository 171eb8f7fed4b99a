"""The desk with the cast at it, webhooks, and a receiver of our own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cast import Desk, cast_in_postgres, cast_in_sqlite, database_url, desk
from tests.signals import receiver
from tests.signals.hooked import Hooked
from tests.signals.receiver import Authority, Receiver
from tests.support.clock import Clock

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority of our own."""
    return receiver.authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def there() -> Iterator[Receiver]:
    """A receiver on a free port, over plain HTTP."""
    with receiver.opened() as found:
        yield found


@pytest.fixture
def secure(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver with a certificate for hook.example, whose authority is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))
    with receiver.opened(authority.issued("hook.example")) as found:
        yield found


@pytest.fixture
def hooked(desk: Desk, clock: Clock) -> Hooked:
    """The desk's webhooks, and what is queued for them."""
    return Hooked(desk)
