"""`flask desk serve` and `flask desk worker`: the desk as a running process."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event
from types import FrameType
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from waitress.server import create_server

from servicedesk import scheduler
from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.people.models import Person

THREADS = 8

host_option = click.option("--host", default="127.0.0.1", show_default=True, help="To listen on.")
port_option = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="To listen on; 0 takes a free one.",
)


@click.command("serve")
@host_option
@port_option
@with_appcontext
def serve_command(host: str, port: int) -> None:
    """Run the web server and the scheduler in one process, for a small desk."""
    _check_database()
    serve(desk(), listen(host, port))


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Run the scheduler alone, beside web servers of their own."""
    _check_database()
    work(desk())


COMMANDS = (serve_command, worker_command)


def desk() -> Flask:
    """Give the application itself, for other threads."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


def _check_database() -> None:
    """Say at the start, and not on each page, that there is no desk; raises SQLAlchemyError."""
    db.session.query(Person.id).limit(1).all()


def listen(host: str, port: int) -> socket.socket:
    """Take a port, for serving later; raises BadInput where that is not possible."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return _bound(*found[0])
    except OSError as error:
        raise BadInput(_why_not(host, port, error)) from None


def serve(app: Flask, taken: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM."""
    with stoppable():
        server = _server(app, taken)
        db.session.remove()  # what this thread has read would hold the write-ahead log back
        with scheduler.running(app):
            click.echo(f"Serving {address(taken)} (Ctrl-C ends it).")
            server.run()
        server.close()


def work(app: Flask) -> None:
    """Run the scheduler until SIGINT or SIGTERM."""
    with stoppable():
        db.session.remove()
        with scheduler.running(app):
            click.echo("The scheduler runs (Ctrl-C ends it).")
            Event().wait()


def _server(app: Flask, taken: socket.socket) -> Any:
    behind_proxies = int(app.config["PROXIES"]) > 0
    return create_server(
        app,
        sockets=[taken],
        threads=THREADS,
        ident=None,
        # else the addresses that ProxyFix reads would not come through
        clear_untrusted_proxy_headers=not behind_proxies,
    )


def _bound(
    family: int, kind: int, protocol: int, _name: str, place: tuple[Any, ...]
) -> socket.socket:
    taken = socket.socket(family, kind, protocol)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(place)
        # Two that are bound and do not listen yet could share a port.
        taken.listen()
    except OSError:
        taken.close()
        raise
    return taken


def _why_not(host: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"--host {host}: there is no such address."
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use: end what listens there, or take another with --port."
    return f"Nothing can listen on {host}, port {port}: {error.strerror}."


def address(taken: socket.socket) -> str:
    """Write where a browser on this machine finds it."""
    host, port = taken.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


@contextmanager
def stoppable() -> Iterator[None]:
    """End the block, and with it the process, cleanly on SIGINT and SIGTERM."""
    before = {each: signal.signal(each, _interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
