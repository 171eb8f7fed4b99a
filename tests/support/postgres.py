"""A PostgreSQL server of our own: started in a temporary folder, gone without a trace."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.support.memory import quick_folder

USER = "desk"
# Nothing here has to survive a power cut.
SETTINGS = {
    "autovacuum": "off",
    "dynamic_shared_memory_type": "mmap",  # inside the folder, so that it goes with it
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "max_wal_senders": "0",
    "synchronous_commit": "off",
    "timezone": "UTC",
    "wal_level": "minimal",
}


class CannotStart(Exception):
    """The server did not come up; the message carries its log."""


@dataclass(frozen=True)
class Server:
    """A running server: trusted over its private socket, a password over TCP."""

    folder: Path
    port: int
    password: str

    def url(self, database: str) -> str:
        """Address a database over the Unix socket."""
        return f"postgresql+psycopg://{USER}@/{database}?host={quote(str(self.folder))}&port={self.port}"

    def tcp_url(self, database: str) -> str:
        """Address a database over TCP on 127.0.0.1."""
        return f"postgresql+psycopg://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: sql.SQL | sql.Composed) -> None:
        """Run one statement outside any transaction, in the server's own database."""
        with self._connect() as connection:
            connection.execute(statement)

    def create(self, database: str, template: str = "template0") -> str:
        """Create a database as the copy of another and give its address."""
        statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
        names = (sql.Identifier(database), sql.Identifier(template))
        self.execute(sql.SQL(statement).format(*names))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever is still connected to it."""
        statement = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
        self.execute(sql.SQL(statement).format(sql.Identifier(database)))

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=USER, dbname="postgres", autocommit=True
        )


def programs() -> Path | None:
    """Find the folder of the newest server programs: Debian's own folder, then the PATH."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = sorted(debian, key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb") or _configured()
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


def _configured() -> str | None:
    config = shutil.which("pg_config")
    if config is None:
        return None
    folder = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True).stdout
    return shutil.which("initdb", path=folder.strip())


@contextmanager
def running(folder_of_programs: Path) -> Iterator[Server]:
    """Start a server and stop it at the end, however the end comes."""
    with restartable(folder_of_programs) as (server, _restart):
        yield server


Restart = Callable[[signal.Signals], None]


@contextmanager
def restartable(folder_of_programs: Path, **more: str) -> Iterator[tuple[Server, Restart]]:
    """Start a server that can be started again: after SIGINT in order, after SIGQUIT crashed."""
    with quick_folder("desk-pg-") as folder:
        server = Server(folder, _free_port(), secrets.token_hex(16))
        _prepare(server, folder_of_programs)
        there = [_start(server, folder_of_programs, SETTINGS | more)]

        def restart(how: signal.Signals) -> None:
            _stop(there[0], how)
            there[0] = _start(server, folder_of_programs, SETTINGS | more)
            _wait(server, there[0])

        try:
            _wait(server, there[0])
            yield server, restart
        finally:
            _stop(there[0])


def _prepare(server: Server, programs: Path) -> None:
    secret = server.folder / "password"
    secret.write_text(server.password)
    if (account := _account()) is not None:
        for path in (server.folder, secret):
            os.chown(path, account.pw_uid, account.pw_gid)
    command = [str(programs / "initdb"), "--pgdata", str(server.folder / "data"), "--no-sync"]
    command += ["--username", USER, "--pwfile", str(secret), "--encoding=UTF8", "--locale=C.UTF-8"]
    command += ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"]
    made = subprocess.run(
        _as_other(command), check=False, cwd=server.folder, capture_output=True, text=True
    )
    if made.returncode:
        raise CannotStart(made.stderr)


def _start(server: Server, programs: Path, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    command = [str(programs / "postgres"), "-D", str(server.folder / "data")]
    command += ["-k", str(server.folder), "-p", str(server.port)]
    command += [f"--{name}={value}" for name, value in settings.items()]
    with (server.folder / "log").open("wb") as log:
        return subprocess.Popen(
            _as_other(command),
            cwd=server.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests; they stop the server
        )


def _wait(server: Server, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        try:
            server.execute(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    raise CannotStart((server.folder / "log").read_text())


def _stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGQUIT) -> None:
    process.send_signal(how)  # SIGQUIT: at once, as the data is thrown away
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _as_other(command: list[str]) -> list[str]:
    """Have the server leave with us even when we are killed, and never run it as root."""
    setpriv = shutil.which("setpriv")
    account = _account()
    if setpriv is None or not sys.platform.startswith("linux"):
        return command
    prefix = [setpriv, "--pdeathsig=QUIT"]
    if account is not None:
        prefix += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return [*prefix, *command]


def _account() -> pwd.struct_passwd | None:
    """Choose who runs the server in place of root; None where we are somebody else already."""
    if os.geteuid() != 0:
        return None
    names = {account.pw_name for account in pwd.getpwall()}
    return pwd.getpwnam("postgres" if "postgres" in names else "nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
