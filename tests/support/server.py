"""The desk served on a free port, in a thread of the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


@dataclass(frozen=True)
class LiveServer:
    """Where the served desk is found; `app` is the one that serves."""

    app: Flask
    port: int

    @property
    def address(self) -> str:
        """The address of the desk, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        """The address of a page."""
        return self.address + path


class _Quiet(WSGIRequestHandler):
    """Keeps the request log out of the tests' output."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def serving(app: Flask) -> Iterator[LiveServer]:
    """Serve until the block ends."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield LiveServer(app, server.port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
