"""A mail is read in a child process that is ended when it takes too long or too much."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from servicedesk.bridge import sandbox
from servicedesk.bridge.incoming import Unreadable

MAIL = b"From: ito@netone.example\r\nMessage-ID: <1@netone.example>\r\n\r\nHello"
CHILD = """
import json, sys
sys.path.insert(0, {root!r})
from servicedesk.bridge import child
job = json.loads(sys.stdin.buffer.readline())
child.limit(job["seconds"], job["megabytes"])
{act}
"""
pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def desk_here(app: Flask) -> Flask:
    return app


def other_child(path: Path, act: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have something else read mails."""
    root = str(Path(sandbox.__file__).parents[2])
    path.write_text(CHILD.format(root=root, act=act))
    monkeypatch.setattr(sandbox, "CHILD", path)


def test_what_the_child_found_comes_back_whole(desk_here: Flask) -> None:
    file = b"--b\r\nContent-Type: image/png; name=a.png\r\n\r\n\x00\n\xff\r\n--b--\r\n"
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n" + MAIL[:-5] + file
    with desk_here.app_context():
        found = sandbox.read(raw, "desk+t@kita.example")
    assert (found.sender, found.recipients) == ("ito@netone.example", ("desk+t@kita.example",))
    assert [(f.name, f.content) for f in found.attachments] == [("a.png", b"\x00\n\xff")]


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("while True: pass", "slow"),
        ("x = [b'x' * 1000] * 10**9", "memory"),
        ("import socket; socket.socket()", "broken"),
        ("import subprocess; subprocess.run(['true'])", "broken"),
        ("open({path!r}, 'w').write('x' * 10000)", "broken"),
    ],
)
def test_a_bomb_is_unreadable_and_the_desk_goes_on(
    desk_here: Flask, act: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H7: 5 seconds and 256 MB, no connection, no process, no file."""
    monkeypatch.setattr(sandbox, "SECONDS", 1)
    other_child(tmp_path / "child.py", act.format(path=str(tmp_path / "out")), monkeypatch)
    with desk_here.app_context(), pytest.raises(Unreadable) as refusal:
        sandbox.read(MAIL)
    assert refusal.value.reason == reason


def test_a_child_that_sleeps_is_ended(
    desk_here: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "PATIENCE", 0.5)
    other_child(tmp_path / "child.py", "import time; time.sleep(60)", monkeypatch)
    with desk_here.app_context(), pytest.raises(Unreadable, match="slow"):
        sandbox.read(MAIL)
