"""A mail server of our own that hands each mail to a command, as Postfix's pipe does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Pipe:
    """Runs `flask desk mail-in` for each recipient; what is not taken is to be sent again."""

    settings: Mapping[str, str]
    port: int = 0
    statuses: list[int] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        for each in envelope.rcpt_tos:
            status, _said = mail_in(self.settings, envelope.content, each)
            self.statuses.append(status)
            if status:
                return "451 4.3.0 not now" if status == os.EX_TEMPFAIL else "554 5.3.0 not at all"
        return "250 OK"


def mail_in(
    settings: Mapping[str, str], content: bytes, recipient: str | None = None
) -> tuple[int, str]:
    """Run the command as a mail server does; gives its exit status and what it said."""
    done = subprocess.run(
        command(recipient),
        input=content,
        capture_output=True,
        check=False,
        env=os.environ | settings,
        cwd=ROOT,
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def command(recipient: str | None = None) -> list[str]:
    """Give the words of the command."""
    words = [sys.executable, "-m", "flask", "desk", "mail-in"]
    return [*words, "--recipient", recipient] if recipient else words


@contextmanager
def piping(settings: Mapping[str, str]) -> Iterator[Pipe]:
    """Serve until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        pipe = Pipe(settings, int(probe.getsockname()[1]))
    controller = Controller(pipe, hostname="127.0.0.1", port=pipe.port)
    controller.start()
    try:
        yield pipe
    finally:
        controller.stop()
