"""The mails themselves as they came in: kept first of all, and for a while once settled."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from servicedesk import pulse
from servicedesk.bridge.models import SET_ASIDE, ReceivedMail
from servicedesk.db import db, transaction

KEPT = timedelta(days=90)  # after it was taken, dropped or decided
BEGUN = timedelta(days=1)  # what is not whole by then never will be
AT_ONCE = 500


def keep(raw: bytes, recipient: str | None = None) -> str:
    """Keep a mail so that it outlasts a power cut; gives its name, the same for the same mail."""
    name = hashlib.sha256(raw).hexdigest()
    if recipient:
        _write(_recipient(name), recipient.encode())
    _write(_place(name), raw)
    return name


def _write(path: Path, said: bytes) -> None:
    """Write a file whole or not at all."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(f".{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(said)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def content(name: str) -> bytes | None:
    """Give a mail as it came in; None where it is kept no longer."""
    try:
        return _place(name).read_bytes()
    except FileNotFoundError:
        return None


def remove(name: str) -> None:
    """Throw away what came in."""
    with suppress(OSError):
        _place(name).unlink(missing_ok=True)
        _recipient(name).unlink(missing_ok=True)


def untaken(before: datetime) -> Iterator[tuple[bytes, str | None]]:
    """Give the mails, each with its recipient, kept before an instant and taken by nobody.

    What lies there from before this desk began is another desk's.
    """
    begun = pulse.last(db.session(), pulse.BEGUN)
    since = begun.timestamp() if begun else 0
    old = [p for p in _root().glob("*.eml") if since <= _changed(p) < before.timestamp()]
    for start in range(0, len(old), AT_ONCE):
        some = old[start : start + AT_ONCE]
        query = sa.select(ReceivedMail.kept).where(ReceivedMail.kept.in_([p.stem for p in some]))
        known = set(db.session.scalars(query))
        for path in some:
            if path.stem not in known and (raw := content(path.stem)) is not None:
                yield raw, _said_recipient(path.stem)


def prune(now: datetime) -> int:
    """Throw away the mails that were settled long ago, but for their row; gives how many."""
    settled = sa.func.coalesce(ReceivedMail.decided_at, ReceivedMail.received_at)
    with transaction() as session:
        old = list(
            session.scalars(
                sa.select(ReceivedMail)
                .where(
                    ReceivedMail.pruned_at.is_(None),
                    ReceivedMail.state != SET_ASIDE,
                    settled < now - KEPT,
                )
                .limit(AT_ONCE)
            )
        )
        for row in old:
            row.pruned_at = now
    for row in old:
        remove(row.kept)
    _sweep_parts(now - BEGUN)
    return len(old)


def _sweep_parts(before: datetime) -> None:
    """Remove what a process began to write and then left."""
    for part in _root().glob("*.part"):
        if _changed(part) < before.timestamp():
            part.unlink(missing_ok=True)


def _root() -> Path:
    return Path(current_app.config["DESK_VAR"]) / "mail-in"


def _place(name: str) -> Path:
    return _root() / f"{name}.eml"


def _recipient(name: str) -> Path:
    return _root() / f"{name}.to"


def _said_recipient(name: str) -> str | None:
    path = _recipient(name)
    return path.read_text(errors="replace") if path.exists() else None


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
