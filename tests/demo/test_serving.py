"""`flask desk serve` and `flask desk worker` as processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from servicedesk import serving
from servicedesk.errors import BadInput
from tests.support.checkout import ROOT

pytestmark = pytest.mark.backends("sqlite")
Process = subprocess.Popen[str]
Start = Callable[..., Process]


@pytest.fixture
def start(settings: dict[str, Any]) -> Iterator[Start]:
    """Start `flask desk …` on this test's database; what still runs at the end is killed."""
    started: list[Process] = []

    def run(*arguments: str) -> Process:
        said = {k: str(v) for k, v in settings.items() if k != "TESTING"}
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "desk", *arguments],
            cwd=ROOT,
            env={**os.environ, **said, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def first_line(process: Process) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end(start: Start, sign: signal.Signals) -> None:
    process = start("serve", "--port", "0")
    line = first_line(process)
    assert line.startswith("Serving http://127.0.0.1:"), process.communicate()
    with urllib.request.urlopen(line.split()[1] + "/healthz") as answer:
        assert (answer.status, answer.headers.get("Server")) == (200, None)
    process.send_signal(sign)
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0


@pytest.mark.slow
def test_the_worker_runs_until_it_is_told_to_end(start: Start) -> None:
    process = start("worker")
    assert first_line(process) == "The scheduler runs (Ctrl-C ends it).\n"
    process.terminate()
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0


@pytest.mark.slow
def test_a_port_in_use_ends_with_one_line_and_status_2(start: Start) -> None:
    with serving.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        process = start("serve", "--port", str(port))
        out, said = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert said == f"Port {port} is in use: end what listens there, or take another with --port.\n"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("no.such.host.example", "--host no.such.host.example: there is no such address."),
        ("203.0.113.7", "Nothing can listen on 203.0.113.7, port 8000"),
    ],
)
def test_what_cannot_be_listened_on_is_refused(host: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        serving.listen(host, 8000)


@pytest.mark.parametrize(
    ("host", "address"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")]
)
def test_the_address_is_one_for_a_browser_here(host: str, address: str) -> None:
    try:
        taken = serving.listen(host, 0)
    except BadInput:
        pytest.skip("this machine has no such network")
    with taken:
        assert serving.address(taken) == f"http://{address}:{taken.getsockname()[1]}"
