"""An IMAP server of our own, Dovecot: started in a temporary folder, gone without a trace."""

from __future__ import annotations

import grp
import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.support.memory import quick_folder

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
auth_failure_delay = 0
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
mail_fsync = never
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class CannotStart(Exception):
    """The server did not come up; the message carries its log."""


_numbers = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """A running server: everybody who signs in with its password has a mailbox of their own."""

    folder: Path
    port: int
    tls_port: int
    password: str

    def url(self, user: str, scheme: str = "imap+plain", folder: str = "") -> str:
        """Address a mailbox as MAIL_IMAP wants it."""
        port = self.tls_port if scheme == "imaps" else self.port
        return f"{scheme}://{user}:{quote(self.password)}@127.0.0.1:{port}/{quote(folder)}"

    @property
    def certificate(self) -> Path:
        """The certificate by which its TLS is trusted."""
        return self.folder / "cert.pem"

    def box(self) -> str:
        """Name a mailbox that nobody has used."""
        return f"box{next(_numbers)}"

    @contextmanager
    def open(self, user: str) -> Iterator[IMAPClient]:
        """Look into a mailbox, as a person would with a mail program."""
        line = IMAPClient("127.0.0.1", self.port, ssl=False)
        try:
            line.login(user, self.password)
            yield line
        finally:
            with suppress(OSError, IMAPClientError):
                line.logout()  # ends the connection as well

    def bring(self, user: str, *mails: bytes) -> None:
        """Put mails into a mailbox."""
        with self.open(user) as line:
            for each in mails:
                line.append("INBOX", each)

    def subjects(self, user: str, folder: str = "INBOX") -> list[str]:
        """List what lies in a folder."""
        with self.open(user) as line:
            if not line.folder_exists(folder):
                return []
            line.select_folder(folder, readonly=True)
            found = line.fetch(line.search(), ["ENVELOPE"])
            return [found[uid][b"ENVELOPE"].subject.decode() for uid in sorted(found)]


def program() -> str | None:
    """Find Dovecot; Debian keeps it off most PATHs."""
    return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def running(dovecot: str) -> Iterator[Server]:
    """Start a server and stop it at the end, however the end comes."""
    with quick_folder("desk-imap-") as folder:
        server = Server(folder, _free_port(), _free_port(), secrets.token_hex(8))
        _prepare(server)
        process = _start(server, dovecot)
        try:
            _wait(server, process)
            yield server
        finally:
            _stop(process)


def _prepare(server: Server) -> None:
    folder, account = server.folder, _account()
    tls = _certified(folder)
    said = CONFIG.format(
        folder=folder,
        ssl=f"yes\nssl_cert = <{folder}/cert.pem\nssl_key = <{folder}/key.pem" if tls else "no",
        user=account.pw_name,
        group=grp.getgrgid(account.pw_gid).gr_name,
        uid=account.pw_uid,
        gid=account.pw_gid,
        port=server.port,
        tls_port=server.tls_port,
    )
    (folder / "dovecot.conf").write_text(said)
    users = [f"{name}:{server.password}\n" for name in _names()]
    (folder / "users").write_text("".join(users))
    for name in ("run", "state", "mail", "home"):
        (folder / name).mkdir()
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)


def _names() -> list[str]:
    return [f"box{n}" for n in range(200)]


def _certified(folder: Path) -> bool:
    """Make a certificate for 127.0.0.1; False where there is no openssl."""
    if shutil.which("openssl") is None:
        return False
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    more = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    made = subprocess.run([*command.split(), *more, *files], capture_output=True, check=False)
    return made.returncode == 0


def _start(server: Server, dovecot: str) -> subprocess.Popen[bytes]:
    command = [dovecot, "-F", "-c", str(server.folder / "dovecot.conf")]
    with (server.folder / "said").open("wb") as said:
        return subprocess.Popen(
            _as_other(command),
            cwd=server.folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait(server: Server, process: subprocess.Popen[bytes], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        try:
            with server.open(_names()[0]):
                return
        except OSError:
            time.sleep(0.05)
    logs = [server.folder / name for name in ("said", "log")]
    raise CannotStart("\n".join(log.read_text()[-2000:] for log in logs if log.exists()))


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _as_other(command: list[str]) -> list[str]:
    """Have the server leave with us even when we are killed, and never run it as root."""
    setpriv = shutil.which("setpriv")
    if setpriv is None or not sys.platform.startswith("linux"):
        return command
    prefix = [setpriv, "--pdeathsig=TERM"]
    if os.geteuid() == 0:
        account = _account()
        prefix += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return [*prefix, *command]


def _account() -> pwd.struct_passwd:
    """Choose who runs the server in place of root."""
    return pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
