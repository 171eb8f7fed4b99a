"""Reads a mail in a child process, in bounded time and memory: a mail can be a bomb."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from flask import current_app

from servicedesk.bridge import child
from servicedesk.bridge.incoming import Enclosed, Incoming, Own, Unreadable

SECONDS: Final = 5  # of processor time
MEGABYTES: Final = 256
PATIENCE: Final = 30  # seconds of waiting: the machine may have other work
CHILD: Final = Path(child.__file__)
log = logging.getLogger(__name__)


def read(raw: bytes, recipient: str | None = None) -> Incoming:
    """Read a mail that the mail server was told to bring to `recipient`; raises Unreadable."""
    job = {"own": asdict(own()), "to": recipient, "seconds": SECONDS, "megabytes": MEGABYTES}
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD)],
            input=json.dumps(job).encode() + b"\n" + raw,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise Unreadable("slow") from None
    if done.returncode:
        raise Unreadable(_why(done.returncode, done.stderr))
    return _told(done.stdout)


def own() -> Own:
    """Say what the desk knows of itself."""
    config = current_app.config
    sender = config["MAIL_FROM"]
    addresses = [sender.address if sender else "service-desk@localhost", config["MAIL_INBOX"]]
    return Own(
        host=_host(config["DESK_URL"]),
        addresses=tuple(each.lower() for each in addresses if each),
        voucher=config["MAIL_VOUCHER"],
    )


def _host(url: str) -> str:
    """Give the host as the desk's message ids have it."""
    name = urlsplit(url).hostname or "localhost"
    return f"[{name}]" if ":" in name else name


def _why(status: int, said: bytes) -> str:
    if status == child.NO_MEMORY or b"MemoryError" in said:
        return "memory"
    if status < 0:  # ended by the limit of its time
        return "slow"
    error = said.decode("ascii", "replace").strip().rpartition("\n")[2][:60]
    log.error("mail: one could not be read: %s", error)
    return "broken"


def _told(output: bytes) -> Incoming:
    """Make of the child's output what it was there."""
    end = output.index(b"\n") + 1
    said: dict[str, Any] = json.loads(output[:end])
    files = []
    for each in said.pop("attachments"):
        start, end = end, end + each["size"]
        files.append(Enclosed(each["name"], each["media_type"], output[start:end]))
    lists: dict[str, Any] = {
        name: tuple(said.pop(name)) for name in ("recipients", "references", "faults")
    }
    return Incoming(**said, **lists, attachments=tuple(files))
