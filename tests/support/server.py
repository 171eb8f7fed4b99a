"""The desk served on a free port, in a thread of the test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


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


ANSWER = "tests.answer"


class _Handler(WSGIRequestHandler):
    """Keeps the request log out of the tests' output, and leaves no file open."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""

    def connection_dropped(
        self, error: BaseException, environ: WSGIEnvironment | None = None
    ) -> None:
        """Close what was being sent to a browser that has gone on; werkzeug may not get to it."""
        close = getattr((environ or {}).get(ANSWER), "close", None)
        if close:
            close()


def _kept(app: Flask) -> WSGIApplication:
    """Let the handler find what a request is answered with."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ[ANSWER] = found = app(environ, start)
        return found

    return answer


@contextmanager
def serving(app: Flask) -> Iterator[LiveServer]:
    """Serve until the block ends."""
    server = make_server("127.0.0.1", 0, _kept(app), threaded=True, request_handler=_Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield LiveServer(app, server.port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
