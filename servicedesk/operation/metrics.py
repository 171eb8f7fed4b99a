"""What a watcher counts, in Prometheus' text form: requests of this process, and what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from threading import Lock

from servicedesk.operation.state import State, Waiting

Labels = tuple[tuple[str, str], ...]


class Requests:
    """Counts the requests of this process; kept by route, so that their number is bounded."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[Labels] = Counter()

    def count(self, method: str, route: str | None, status: int) -> None:
        """Count one."""
        with self._lock:
            self._counts[
                ("method", method), ("route", route or "none"), ("status", str(status))
            ] += 1

    def counts(self) -> Mapping[Labels, int]:
        """Give what was counted so far."""
        with self._lock:
            return dict(self._counts)


def text(requests: Requests, state: State, now: datetime) -> str:
    """Write everything that is known."""
    return "".join(f"{line}\n" for line in _lines(requests, state, now))


def _lines(requests: Requests, state: State, now: datetime) -> Iterator[str]:
    yield from _metric(
        "desk_requests_total", "counter", "Requests that this process answered.",
        sorted(requests.counts().items()),
    )  # fmt: skip
    yield from _gauge("desk_incidents_open", "Open incidents.", state.open)
    yield from _gauge("desk_messages_given_up", "Messages not tried again.", state.given_up)
    yield from _gauge("desk_mails_set_aside", "Mails waiting for a person.", state.set_aside)
    yield from _waiting("messages", state.messages, now)
    yield from _waiting("steps", state.steps, now)
    ages = [((("work", name),), _age(at, now)) for name, at in state.pulses.items() if at]
    yield from _metric("desk_work_age_seconds", "gauge", "Since a work was last done.", ages)


def _waiting(what: str, waiting: Waiting, now: datetime) -> Iterator[str]:
    yield from _gauge(f"desk_{what}_waiting", f"Due {what}.", waiting.count)
    yield from _gauge(f"desk_{what}_failing", f"Due {what} tried in vain.", waiting.failing)
    age = _age(waiting.since, now) if waiting.since else 0
    yield from _gauge(f"desk_{what}_oldest_seconds", f"Age of the oldest of the {what}.", age)


def _age(at: datetime, now: datetime) -> int:
    return max(0, int((now - at).total_seconds()))


def _gauge(name: str, help_: str, value: int) -> Iterator[str]:
    yield from _metric(name, "gauge", help_, [((), value)])


def _metric(
    name: str, kind: str, help_: str, values: Iterable[tuple[Labels, int]]
) -> Iterator[str]:
    yield f"# HELP {name} {help_}"
    yield f"# TYPE {name} {kind}"
    for labels, value in values:
        said = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
        yield f"{name}{{{said}}} {value}" if said else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
