"""Domain errors; the message is one clear sentence for the person who acted."""

from __future__ import annotations


class DeskError(Exception):
    """Something the desk refuses; nothing was changed."""

    status = 400


class BadInput(DeskError):
    """What was given cannot be used."""


class Refused(DeskError):
    """The move is not possible in the present state."""

    status = 409


class NotAllowed(DeskError):
    """The person may not do this."""

    status = 403


class NotFound(DeskError):
    """There is no such thing for this person."""

    status = 404


class Stale(DeskError):
    """Somebody changed the record after it was read."""

    status = 409

    def __init__(self, message: str, since: int) -> None:
        super().__init__(message)
        self.since = since
