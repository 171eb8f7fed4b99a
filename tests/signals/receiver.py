"""A receiver of webhooks for tests: keeps what it gets, and fails as it is told."""

from __future__ import annotations

import shutil
import socket
import ssl
import struct
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from threading import Event, Thread
from typing import Any

from servicedesk.signals.calling import Terms
from tests.support.required import lacking

HERE = (ip_network("127.0.0.0/8"),)
BREAKS = ("", "before", "after", "inside")  # nowhere, before it has it, after, in the answer


def terms(longest: float = 5.0) -> Terms:
    """Let calls reach this machine."""
    return Terms(HERE, http=True, longest=longest)


@dataclass(frozen=True)
class Got:
    """A call as it came."""

    path: str
    headers: dict[str, str]  # in small letters
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """What was called, and how it answers."""

    port: int = 0
    secure: bool = False
    got: list[Got] = field(default_factory=list)
    status: int = 204
    answer: dict[str, str] = field(default_factory=dict)  # headers
    text: bytes = b""
    breaks: Callable[[], str] = lambda: ""
    drip: float = 0.0  # seconds between the letters of its answer
    calls: int = 0  # connections that brought a request
    gate: Event | None = None  # it answers once that is set

    def url(self, host: str = "127.0.0.1", path: str = "/zqpath/zqkey?zq=query") -> str:
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{host}:{self.port}{path}"

    def arrived(self) -> Counter[str]:
        return Counter(each.id for each in self.got)


def nobody() -> str:
    """Give an address of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}/zqpath"


@contextmanager
def opened(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Open a receiver on a free port."""
    found = Receiver(secure=context is not None)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(found))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # lines that break
    if context:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    found.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"receiver": receiver})


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        receiver = self.receiver
        receiver.calls += 1
        how = receiver.breaks()
        if how != "before":
            wanted = int(self.headers["Content-Length"])
            body = self.rfile.read(wanted)
            if len(body) < wanted:  # the line was cut: it never had it
                return
            said = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append(Got(self.path, said, body))
        if how == "inside":
            self.wfile.write(b"HTTP/1.1 20")
        if how:
            _break_off(self)
            return
        if receiver.gate:
            receiver.gate.wait(30)
        with suppress(OSError):
            self._answer(receiver)

    def _answer(self, receiver: Receiver) -> None:
        head = {"Content-Length": str(len(receiver.text)), **receiver.answer}
        lines = [f"HTTP/1.1 {receiver.status} So", *(f"{k}: {v}" for k, v in head.items())]
        whole = "\r\n".join([*lines, "", ""]).encode() + receiver.text
        step = 1 if receiver.drip else len(whole)
        for n in range(0, len(whole), step):
            self.wfile.write(whole[n : n + step])
            time.sleep(receiver.drip)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _break_off(handler: BaseHTTPRequestHandler) -> None:
    """End the connection at once, with a reset."""
    line = handler.connection
    with suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    with suppress(OSError):
        line.close()


# Certificates


@dataclass(frozen=True)
class Authority:
    """Signs certificates; `root` is what clients may trust."""

    folder: Path
    root: Path

    def issued(self, name: str, days: int = 2) -> ssl.SSLContext:
        """Give the server's side of a certificate for a name."""
        key, asked = self.folder / f"{name}.key", self.folder / f"{name}.csr"
        signed, more = self.folder / f"{name}.pem", self.folder / f"{name}.ext"
        more.write_text(f"subjectAltName=DNS:{name}\n")
        _openssl(f"req -new {NEW_KEY} -subj /CN={name} -keyout {key} -out {asked}")
        keys = f"-CA {self.root} -CAkey {self.folder / 'root.key'} -CAcreateserial"
        _openssl(f"x509 -req -in {asked} {keys} -days {days} -extfile {more} -out {signed}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(signed, key)
        return context


NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"


def authority(folder: Path) -> Authority:
    """Make a certificate authority."""
    if shutil.which("openssl") is None:
        lacking("no openssl is installed")
    root = folder / "root.pem"
    what = "-x509 -days 2 -subj /CN=Root -addext keyUsage=critical,keyCertSign"
    _openssl(f"req {NEW_KEY} {what} -keyout {folder / 'root.key'} -out {root}")
    return Authority(folder, root)


def _openssl(command: str) -> None:
    subprocess.run(["openssl", *command.split()], check=True, capture_output=True)
