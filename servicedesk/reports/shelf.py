"""Keeps the last few reports worked out in memory: a page, its lists and its PDF are one report."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from servicedesk.reports import contents as whole
from servicedesk.reports.contents import Contents
from servicedesk.reports.periods import Period
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from servicedesk.setup.directory import Directory

MOST = 4
LARGEST = 50_000  # incidents; what is larger is worked out each time

T = TypeVar("T")
_kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
_lock = Lock()


def contents(
    session: Session, setup: Directory, period: Period, scope: Scope, *, now: datetime,
    known: Knowledge,
) -> Contents:  # fmt: skip
    """Give a report as it follows from what is known; the same question has the same answer."""
    at = whole.judged_at(period, setup, now)
    key = (str(session.get_bind().engine.url), setup.revision, period, scope, known.event, at)
    return keep(
        key,
        lambda: whole.work_out(session, setup, period, scope, now=now, known=known),
        lambda made: len(made.facts),
    )


def keep(key: tuple[Any, ...], make: Callable[[], T], size: Callable[[T], int]) -> T:
    """Give what is kept under a key, or make and keep it."""
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            kept: T = _kept[key]
            return kept
    made = make()
    if size(made) <= LARGEST:
        with _lock:
            _kept[key] = made
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    return made


def clear() -> None:
    """Forget everything, for when a database was replaced under the same address."""
    _kept.clear()


def moment(now: datetime, known: Knowledge) -> datetime:
    """Give the instant that pages are judged at: the minute, but nothing known lies after it."""
    minute = now.replace(second=0, microsecond=0)
    return max(minute, known.at) if known.at else minute
