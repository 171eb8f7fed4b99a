"""Passwords: hashed with Argon2id, verified in the same time whoever is asked for."""

from __future__ import annotations

import threading
import unicodedata
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

from servicedesk.errors import BadInput

MINIMUM = 10  # characters

hasher = PasswordHasher()
# Each hash takes 64 MiB: many that sign in at once must not take a machine's memory.
_two_at_once = threading.BoundedSemaphore(2)


def _unmatchable() -> str:
    """Write a hash that no password has, and that takes as long to compare with."""
    salt, digest = (
        b64encode(bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


UNMATCHABLE = _unmatchable()


def hashed(password: str) -> str:
    """Hash a new password; raises BadInput for one that is too short."""
    text = _same_characters(password)
    if len(text) < MINIMUM:
        raise BadInput(_("A password needs at least %(n)d characters.", n=MINIMUM))
    with _two_at_once:
        return hasher.hash(text)


def matches(stored: str | None, password: str) -> bool:
    """Say whether a password is the one stored; without one stored that takes as long to deny."""
    try:
        with _two_at_once:
            return hasher.verify(stored or UNMATCHABLE, _same_characters(password))
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Say whether a hash was made with other parameters than are used now."""
    return hasher.check_needs_rehash(stored)


def _same_characters(password: str) -> str:
    """Full-width letters of a Japanese keyboard are the same password as plain ones."""
    return unicodedata.normalize("NFKC", password)
