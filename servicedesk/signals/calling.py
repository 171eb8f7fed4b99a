"""Makes one call: to an address that was checked, within a time, without being led elsewhere."""

from __future__ import annotations

import io
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

from servicedesk.signals import places
from servicedesk.signals.places import BadPlace, Network, Place

LONGEST = 10.0  # seconds for all of it: looking up, connecting, sending, the answer
MOST_READ = 64 * 1024
# What Slack answers; of any other answer the status alone is kept: it may say anything.
CODES = frozenset(
    b"action_prohibited channel_is_archived channel_not_found invalid_blocks invalid_payload"
    b" invalid_token no_active_hooks no_service no_service_id no_team no_text"
    b" posting_to_general_channel_denied team_disabled too_many_attachments user_not_found".split()
)


class NotCalled(Exception):
    """A call did not go through; the message is a short reason without address and texts."""

    out_of_order = False  # the next call to this receiver would fail the same way


class OutOfReach(NotCalled):
    """The receiver cannot be reached at all."""

    out_of_order = True


class Answered(NotCalled):
    """It answered, but not that it has taken it."""

    def __init__(self, status: int, word: str, wait: int) -> None:
        super().__init__(f"answer: {status} {word}".rstrip())
        self.status = status
        self.wait = wait  # seconds; it wants to be left alone for so long
        self.out_of_order = status in (401, 403, 404, 410, 429, 503)


@dataclass(frozen=True)
class Terms:
    """What may be called, and how long it may take."""

    networks: Collection[Network] = ()
    http: bool = False
    longest: float = LONGEST


def look(url: str, terms: Terms) -> None:
    """Look whether an address may be called, and call nothing; raises NotCalled."""
    try:
        end = time.monotonic() + terms.longest
        _checked(places.read(url, http=terms.http), terms, end)
    except BadPlace as reason:
        raise OutOfReach(str(reason)) from None
    except TimeoutError:
        raise OutOfReach("time: too slow") from None


def call(url: str, headers: Mapping[str, str], body: bytes, terms: Terms) -> int:
    """Send a body to an address; gives the status of having taken it, or raises NotCalled."""
    end = time.monotonic() + terms.longest
    line: _Line | None = None
    try:
        place = places.read(url, http=terms.http)
        line = _open(place, terms, end)
        return _exchange(line, place, headers, body)
    except BadPlace as reason:
        raise OutOfReach(str(reason)) from None
    except ssl.SSLCertVerificationError as error:
        raise OutOfReach(f"certificate: {error.verify_code}") from None
    except TimeoutError:
        raise OutOfReach("time: too slow") from None
    except (OSError, HTTPException) as error:
        raise OutOfReach(f"line: {type(error).__name__}") from None
    finally:
        if line is not None:
            line.close()


def _open(place: Place, terms: Terms, end: float) -> _Line:
    """Connect to one of the very addresses that were checked: names are not asked again."""
    plain = _connected(_checked(place, terms, end), end)
    if not place.secure:
        return _Line(plain, end)
    try:
        plain.settimeout(_left(end))
        context = ssl.create_default_context()
        return _Line(context.wrap_socket(plain, server_hostname=place.host), end)
    except BaseException:
        plain.close()
        raise


Found = list[tuple[Any, Any, int, str, tuple[Any, ...]]]


def _checked(place: Place, terms: Terms, end: float) -> Found:
    found = _looked_up(place, end)
    places.checked([each[4][0] for each in found], terms.networks)
    return found


def _looked_up(place: Place, end: float) -> Found:
    """Ask for the addresses of a host, in a thread: nothing else can end a look-up in time."""
    answers: queue.SimpleQueue[Found | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            answers.put(OSError("no such host"))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=_left(end))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise BadPlace("address: no such host")
    return answer


def _connected(found: Found, end: float) -> socket.socket:
    """Connect to the first address that answers; each has its share of what is left."""
    problem: OSError = OSError()
    for n, (family, kind, protocol, _name, at) in enumerate(found):
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(_left(end) / (len(found) - n))
            plain.connect(at)
            return plain
        except OSError as error:
            plain.close()
            problem = error
    raise problem


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Line:
    """A connection all of whose reads and writes end in time, however slowly bytes come."""

    def __init__(self, plain: socket.socket, end: float) -> None:
        self.plain, self.end = plain, end

    def sendall(self, data: bytes) -> None:
        """Send everything."""
        left = memoryview(data)
        while left:
            self.plain.settimeout(_left(self.end))
            left = left[self.plain.send(left) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Give what the answer is read from."""
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self.plain.close()


class _Reader(io.RawIOBase):
    def __init__(self, line: _Line) -> None:
        self.line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.line.plain.settimeout(_left(self.line.end))
        return self.line.plain.recv_into(buffer)


def _exchange(line: _Line, place: Place, headers: Mapping[str, str], body: bytes) -> int:
    """Send the request and read the status; a body is read only where it may say why."""
    talk = HTTPConnection(place.host, place.port)
    talk.sock = line  # as far as it is used
    talk.putrequest("POST", place.target, skip_host=True, skip_accept_encoding=True)
    said = {"Host": place.authority, **headers, "Content-Length": str(len(body))}
    for name, value in {**said, "Connection": "close"}.items():
        talk.putheader(name, value)
    talk.endheaders(body)
    answer = talk.getresponse()
    if 200 <= answer.status < 300:
        return answer.status
    if 300 <= answer.status < 400:
        raise Answered(answer.status, "redirect", 0)
    raise Answered(answer.status, _word(answer), _wait(answer))


def _word(answer: HTTPResponse) -> str:
    """Give the code that an answer consists of, if it is a known one."""
    try:
        read = answer.read(MOST_READ).strip()
    except (OSError, HTTPException):
        return ""
    return read.decode("ascii") if read in CODES else ""


def _wait(answer: HTTPResponse) -> int:
    said = answer.headers.get("Retry-After", "").strip()
    return min(int(said), 3600) if re.fullmatch(r"[0-9]{1,9}", said) else 0
