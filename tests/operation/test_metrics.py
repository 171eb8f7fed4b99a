"""Numbers for watchers, in the text form of Prometheus."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from servicedesk import outbox, pulse
from servicedesk.db import transaction
from tests.cast import Desk, page_of
from tests.support.clock import NOW, Clock

LINE = re.compile(r'[a-z_]+(\{([a-z]+="[^"\n]*",?)+\})? \d+')


def numbers(desk: Desk) -> dict[str, int]:
    text = desk.visit().get("/metrics").text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    return {name: int(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_it_counts_what_waits_and_how_long(desk: Desk, clock: Clock) -> None:
    desk.log(when="14:04")
    before = numbers(desk)
    with desk.session(), transaction() as session:
        outbox.queue(session, "reply", now=NOW - timedelta(hours=1), person=desk.id("emi"))
    with desk.session():
        pulse.beat("sweep", NOW - timedelta(minutes=2))
    found = numbers(desk)
    assert found["desk_incidents_open"] == 1
    assert found["desk_messages_waiting"] == before["desk_messages_waiting"] + 1
    assert found["desk_messages_oldest_seconds"] == 3600
    assert found['desk_work_age_seconds{work="sweep"}'] == 120


@pytest.mark.backends("sqlite")
def test_it_counts_requests_by_route_and_status(desk: Desk, clock: Clock) -> None:
    n = desk.log()
    name = 'desk_requests_total{method="GET",route="/incidents/<incident:number>",status="200"}'
    before = numbers(desk).get(name, 0)
    for _ in range(3):
        desk.visit("ito").get(page_of(n))
    desk.visit("ito").get("/zqword")
    found = numbers(desk)
    assert found[name] == before + 3
    assert "zqword" not in str(found)


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("token", "headers", "address", "status"),
    [
        ("", {}, "127.0.0.1", 200),
        ("", {}, "::1", 200),
        ("", {}, "192.0.2.1", 404),
        ("", {"X-Forwarded-For": "192.0.2.1"}, "127.0.0.1", 404),
        ("secret", {}, "127.0.0.1", 404),
        ("secret", {"Authorization": "Bearer wrong"}, "127.0.0.1", 404),
        ("secret", {"Authorization": "Bearer sécret"}, "127.0.0.1", 404),
        ("secret", {"Authorization": "Bearer secret"}, "192.0.2.1", 200),
    ],
)
def test_who_may_read_them(
    desk: Desk, token: str, headers: dict[str, str], address: str, status: int
) -> None:
    """Whoever has the token; without one, who asks on this machine and not through a proxy."""
    desk.app.config["METRICS_TOKEN"] = token
    answer = desk.app.test_client().get(
        "/metrics", headers=headers, environ_base={"REMOTE_ADDR": address}
    )
    assert answer.status_code == status
