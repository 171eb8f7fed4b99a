"""What of the desk's state is fine, and what the administrator has to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from servicedesk import formats
from servicedesk.operation.state import Database, Disk, State

LATE = timedelta(minutes=5)  # the scheduler comes by several times a minute
OLD_BACKUP = timedelta(hours=26)  # one a day, and some time for making it
LEAST_SHARE, LEAST_BYTES = 0.1, 1024**3


@dataclass(frozen=True)
class Line:
    """One thing that was looked at: how it is, whether that is fine, and what to do if not."""

    label: str
    value: str
    at: datetime | None = None
    advice: str = ""  # empty: fine

    @property
    def is_fine(self) -> bool:
        """Say whether there is nothing to look at."""
        return not self.advice


def lines(state: State, database: Database, disk: Disk, now: datetime) -> list[Line]:
    """Judge everything, what the desk does by itself first."""
    return [
        *_work(state, now),
        *_queues(state, now),
        Line(_("Open incidents"), str(state.open)),
        *_place(database, disk),
    ]


def _work(state: State, now: datetime) -> Iterator[Line]:
    run = _("Nothing is done by itself: start flask desk serve, or flask desk worker.")
    names = {"sweep": _("Last sweep"), "mail": _("Last time that mail was looked after")}
    for name, label in names.items():
        last = state.pulses[name]
        late = last is None or now - last > LATE
        yield Line(label, _ago(last, now), last, run if late else "")
    if last := state.pulses.get("mail-in"):  # only where mail is fetched at all
        advice = _("The mailbox cannot be reached: the log says why.")
        yield Line(_("Last fetching of mail"), _ago(last, now), last, advice * (now - last > LATE))
    last = state.pulses["backup"]
    old = last is None or now - last > OLD_BACKUP
    advice = _("Have flask desk backup run once a day.") if old else ""
    yield Line(_("Last backup"), _ago(last, now), last, advice)


def _ago(last: datetime | None, now: datetime) -> str:
    if last is None:
        return _("Never")
    if now - last < timedelta(minutes=1):
        return _("Just now")
    return _("%(time)s ago", time=formats.lasting(int((now - last).total_seconds())))


def _queues(state: State, now: datetime) -> Iterator[Line]:
    messages, steps = state.messages, state.steps
    advice = _("They should be gone within a minute.") if _is_late(messages.since, now) else ""
    if messages.failing:
        advice = ngettext(
            "%(num)s was tried in vain and is tried again.",
            "%(num)s were tried in vain and are tried again.",
            messages.failing,
        )
    yield Line(_("Messages that wait"), _since(messages.count, messages.since, now), None, advice)
    advice = _("See below why; then try again.") if state.given_up else ""
    yield Line(_("Messages given up"), str(state.given_up), None, advice)
    advice = _("They should be done within a minute.") if _is_late(steps.since, now) else ""
    if steps.failing:
        advice = _("Some fail each time: the log says why.")
    yield Line(_("Steps that are due"), _since(steps.count, steps.since, now), None, advice)


def _is_late(since: datetime | None, now: datetime) -> bool:
    return since is not None and now - since > LATE


def _since(count: int, since: datetime | None, now: datetime) -> str:
    if since is None:
        return str(count)
    waited = formats.lasting(max(0, int((now - since).total_seconds())))
    return _("%(n)s, the oldest for %(time)s", n=count, time=waited)


def _place(database: Database, disk: Disk) -> Iterator[Line]:
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    kind = f"{names[database.kind]} {database.version.split()[0]}"
    yield Line(_("Database"), f"{kind}, {size(database.bytes)}")
    other = database.schema != database.wanted
    advice = _("This version wants %(wanted)s: run flask desk init.", wanted=database.wanted)
    yield Line(_("Schema"), database.schema or "–", None, advice if other else "")
    full = disk.free < LEAST_BYTES or disk.free < disk.total * LEAST_SHARE
    said = _("%(free)s free of %(total)s", free=size(disk.free), total=size(disk.total))
    yield Line(_("Disk of the files"), said, None, _("Make room.") if full else "")


def size(count: int) -> str:
    """Write a number of bytes: `340 kB`, `3.0 MB`, `1.4 TB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
