"""Large reports are made beside requests."""

from __future__ import annotations

import fcntl
import multiprocessing
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from servicedesk.reports import commands, making
from servicedesk.reports.making import INTERRUPTED, RUNNING, Making
from servicedesk.reports.pdf import NotRendered
from tests.cast import Desk, Visitor
from tests.reports.test_remarks import later
from tests.support.clock import Clock

DRAFT = "/reports/2026-11/report.pdf"
SEAL = "/reports/2026-11/seal"

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture(name="ueda")
def ueda_(
    clock: Clock, desk: Desk, rendered: list[str], monkeypatch: pytest.MonkeyPatch
) -> Visitor:
    """The manager of a desk that has more incidents than a request should wait for."""
    desk.log(when="Thu 09:00", title="No network on floor 3")
    monkeypatch.setattr(making, "LARGE", 0)
    monkeypatch.setattr(making, "PATIENCE", 30)
    return desk.visit("ueda")


def test_what_is_quick_after_all_is_downloaded_at_once(ueda: Visitor) -> None:
    answer = ueda.get(DRAFT)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")


def test_a_large_draft_says_how_far_it_is_until_it_is_there(
    ueda: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for again meanwhile, it is not made twice."""
    go, drawn, draft = Event(), [], commands.draft

    def slowly(*given: Any) -> Any:
        drawn.append(1)
        go.wait(10)
        return draft(*given)

    monkeypatch.setattr(making, "PATIENCE", 0.05)
    monkeypatch.setattr(commands, "draft", slowly)
    for address in (DRAFT, DRAFT, f"{DRAFT}?made=waiting"):
        answer = ueda.get(address)
        assert answer.status_code == 202
        assert 'http-equiv="refresh"' in answer.text
    go.set()
    while (answer := ueda.get(f"{DRAFT}?made=waiting")).status_code == 202:
        pass
    assert "made=file" in answer.text
    assert ueda.get(f"{DRAFT}?made=file").data.startswith(b"%PDF")
    assert drawn == [1]


def test_one_that_fails_says_why_and_is_made_again_when_asked(
    ueda: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: Any) -> Any:
        raise NotRendered("Making the PDF took longer than 60 seconds.")

    with monkeypatch.context() as broken:
        broken.setattr(commands, "draft", fails)
        for address in (DRAFT, f"{DRAFT}?made=waiting"):
            assert "took longer than 60 seconds" in ueda.get(address).text
    assert ueda.get(DRAFT).data.startswith(b"%PDF")


def test_a_large_report_is_sealed_beside_the_request(
    clock: Clock, desk: Desk, ueda: Visitor
) -> None:
    """F6: in both languages."""
    assert ueda.get(SEAL).status_code == 404
    ueda = later(desk, clock)
    answer = ueda.post(SEAL)
    assert answer.headers["Location"] == SEAL
    ueda.get(SEAL)
    assert "Sealed as revision 1." in ueda.get("/reports/2026-11").text
    for language in ("en", "ja"):
        assert ueda.get(f"{DRAFT}?language={language}").data.startswith(b"%PDF")


def hold(folder: Path, held: Any, go: Any) -> None:
    """Be a process that makes something, and ends without a word."""
    lock = Making(folder)._lock(fcntl.LOCK_EX)
    held.set()
    go.wait(10)
    del lock


def test_what_a_process_was_making_is_interrupted_once_it_is_gone(tmp_path: Path) -> None:
    """Nothing is being made for ever."""
    others = multiprocessing.get_context("spawn")
    held, go = others.Event(), others.Event()
    process = others.Process(target=hold, args=(tmp_path, held, go))
    process.start()
    assert held.wait(20)
    assert Making(tmp_path).state == RUNNING
    process.kill()
    process.join()
    assert Making(tmp_path).state == INTERRUPTED


def test_only_the_last_ones_are_kept(tmp_path: Path) -> None:
    for n in range(making.KEPT + 3):
        (tmp_path / str(n)).mkdir()
    Making(tmp_path / "last")._tidy()
    assert len(list(tmp_path.iterdir())) == making.KEPT - 1
