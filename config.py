"""The desk's settings: each is an environment variable, read once at the start."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

ROOT = Path(__file__).resolve().parent


class BadSetting(Exception):
    """A setting cannot be used; the message says which and why."""


def _text(value: str) -> str:
    return value


def _whole(value: str, least: int = 1) -> int:
    if not value.isdecimal() or int(value) < least:
        raise ValueError(f"must be a whole number of at least {least}")
    return int(value)


def _count(value: str) -> int:
    return _whole(value, 0)


def _level(value: str) -> str:
    levels = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    if value.upper() not in levels:
        raise ValueError(f"must be one of {', '.join(levels)}")
    return value.upper()


def _log_format(value: str) -> str:
    if value.lower() not in ("text", "json"):
        raise ValueError("must be text or json")
    return value.lower()


def _yes_no(value: str) -> bool:
    words = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}
    if value.lower() not in words:
        raise ValueError("must be yes or no")
    return words[value.lower()]


def _database(value: str) -> str:
    scheme = urlsplit(value).scheme
    if scheme == "postgresql":
        return "postgresql+psycopg" + value.removeprefix("postgresql")
    if scheme not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("must start with sqlite:/// or postgresql+psycopg://")
    return value


def _split(value: str) -> SplitResult:
    """Take an address apart; raises ValueError for one that no machine can have."""
    try:
        parts = urlsplit(value)
        usable = parts.hostname and parts.path in ("", "/") and parts.port != 0
    except ValueError:  # its message may hold a part of a password
        usable = False
    if not usable or parts.query or parts.fragment or re.search(r"[\s\\]", value):
        raise ValueError("must name a host, with a port where needed, and no path") from None
    return parts


def _place(value: str) -> str:
    parts = _split(value)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        raise ValueError("must be https://HOST or http://HOST, with a port where needed")
    return f"{parts.scheme}://{parts.netloc.lower()}"


@dataclass(frozen=True)
class MailServer:
    """The server that mail is handed to."""

    security: str  # smtps: TLS at once; smtp: TLS where it is offered; smtp+plain: never
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


MAIL_PORTS = {"smtp": 25, "smtps": 465, "smtp+plain": 25}
SUBMISSION = 587  # of who signs in


def _mail_server(value: str) -> MailServer | None:
    if not value:
        return None
    parts = _split(value)
    if parts.scheme not in MAIL_PORTS:
        raise ValueError("must start with smtp://, smtps:// or smtp+plain://")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("must have both a user and a password, or neither")
    usual = SUBMISSION if user and parts.scheme == "smtp" else MAIL_PORTS[parts.scheme]
    return MailServer(parts.scheme, parts.hostname or "", parts.port or usual, user, password)


MAIL_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
)


@dataclass(frozen=True)
class Mailbox:
    """A mail address, and the name that is shown for it."""

    name: str
    address: str


def _mailbox(value: str) -> Mailbox | None:
    if not value:
        return None
    found = re.fullmatch(r"(?:([^<>@]*)<)?([^<>\s]+?)(>?)", value)
    name, address, end = found.groups() if found else (None, "", "")
    if not MAIL_ADDRESS.fullmatch(address) or (name is None) == bool(end):
        raise ValueError("must be desk@example.com or Name <desk@example.com>")
    return Mailbox((name or "").strip().strip('"'), address)


@dataclass(frozen=True)
class MailFolder:
    """The folder of a server that mail is fetched from."""

    security: str  # imaps: TLS at once; imap: STARTTLS, or nothing; imap+plain: never TLS
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"


IMAP_PORTS = {"imap": 143, "imaps": 993, "imap+plain": 143}


def _mail_folder(value: str) -> MailFolder | None:
    if not value:
        return None
    scheme, _, rest = value.partition("://")
    netloc, _, folder = rest.partition("/")
    parts = _split(f"{scheme}://{netloc}")
    if parts.scheme not in IMAP_PORTS:
        raise ValueError("must start with imaps://, imap:// or imap+plain://")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not user or not password:
        raise ValueError("must have a user and a password: imaps://USER:PASSWORD@HOST/FOLDER")
    named = unquote(folder) or "INBOX"
    port = parts.port or IMAP_PORTS[parts.scheme]
    return MailFolder(parts.scheme, parts.hostname or "", port, user, password, named)


def _voucher(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{0,255}", value):
        raise ValueError("must be the name in Authentication-Results, such as mx.example.com")
    return value.lower()


LONGEST_INBOX = 31  # left of the @: a token of 32 letters and a + have to fit behind it


def _inbox(value: str) -> str:
    if value and not MAIL_ADDRESS.fullmatch(value):
        raise ValueError("must be an address such as desk@example.com")
    if len(value.partition("@")[0]) > LONGEST_INBOX:
        raise ValueError(f"must have at most {LONGEST_INBOX} letters before the @")
    return value.lower()


def _networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(each) for each in re.split(r"[\s,]+", value) if each)
    except ValueError:
        raise ValueError("must be networks such as 10.1.2.0/24, fd00:1::/64") from None


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, default, reader and meaning."""

    name: str
    default: str
    read: Callable[[str], Any]
    meaning: str
    secret: bool = False  # its value is shown nowhere


SETTINGS = (
    Setting("DATABASE_URL", "sqlite:///var/desk.db", _database, "which database to use", True),
    Setting("DESK_VAR", "var", _text, "folder for attachments, reports and the secret key"),
    Setting("SECRET_KEY", "", _text, "signs sessions and digests; made and kept when empty", True),
    Setting("COOKIE_SECURE", "no", _yes_no, "send cookies over HTTPS only"),
    Setting("PROXIES", "0", _count, "how many trusted proxies stand in front"),
    Setting("SESSION_HOURS", "12", _whole, "hours after which one has to sign in again"),
    Setting("UPLOAD_MB", "20", _whole, "largest file that can be attached, in MB"),
    Setting("REPORT_SECONDS", "300", _whole, "longest time that making one PDF may take"),
    Setting("REPORT_MB", "2048", _whole, "largest memory that making one PDF may take, in MB"),
    Setting("DESK_URL", "http://127.0.0.1:8000", _place, "where people open the desk, for links"),
    Setting("MAIL_SERVER", "", _mail_server, "server that mail is handed to; empty: files", True),
    Setting("MAIL_FROM", "", _mailbox, "sender of mail; needed with MAIL_SERVER"),
    Setting("MAIL_SETTLE", "60", _count, "seconds in which many messages to one become one mail"),
    Setting("DUTY_REMINDER", "24", _count, "hours before a turn on call to remind of it; 0: never"),
    Setting("MAIL_INBOX", "", _inbox, "address for replies by mail; empty: none are taken"),
    Setting("MAIL_TRUST_SENDERS", "no", _yes_no, "take new mail that no server vouches for"),
    Setting("MAIL_IMAP", "", _mail_folder, "folder that mail is fetched from; empty: none", True),
    Setting("MAIL_VOUCHER", "", _voucher, "name by which our server says whether a sender is one"),
    Setting("HOOK_NETWORKS", "", _networks, "internal networks that webhooks may call"),
    Setting("HOOK_HTTP", "no", _yes_no, "let webhooks be called over http too"),
    Setting("LOG_LEVEL", "INFO", _level, "how much is written to the log"),
    Setting("LOG_FORMAT", "text", _log_format, "how its lines are written: text or json"),
    Setting("METRICS_TOKEN", "", _text, "who may read /metrics; empty: this machine alone", True),
)


def read(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Read all settings from the environment; raises BadSetting."""
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = environ.get(setting.name, "") or setting.default
        try:
            values[setting.name] = setting.read(text)
        except ValueError as error:
            shown = "…" if setting.secret else repr(text)
            raise BadSetting(f"{setting.name}={shown}: {error}") from None
    return values


def complete(values: Mapping[str, Any]) -> dict[str, Any]:
    """Add what follows from the settings: absolute paths, the kept secret key, Flask's names."""
    if values["MAIL_SERVER"] and not values["MAIL_FROM"]:
        raise BadSetting("MAIL_FROM: needed with MAIL_SERVER, such as desk@example.com")
    var = (ROOT / str(values["DESK_VAR"])).resolve()
    try:
        var.mkdir(parents=True, exist_ok=True)
        secret = values["SECRET_KEY"] or _kept_secret(var / "secret-key")
    except OSError as error:
        raise BadSetting(f"DESK_VAR={values['DESK_VAR']!r}: {error.strerror}") from None
    return {
        **values,
        "DESK_VAR": var,
        "SECRET_KEY": secret,
        "SQLALCHEMY_DATABASE_URI": _absolute(str(values["DATABASE_URL"])),
        "SESSION_COOKIE_SECURE": values["COOKIE_SECURE"],
        "MAX_CONTENT_LENGTH": (int(values["UPLOAD_MB"]) + 1) * 1024 * 1024,
    }


def _kept_secret(path: Path) -> str:
    """Read the secret key, making it first where there is none."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()


def _absolute(url: str) -> str:
    """Make a relative SQLite path relative to the checkout, wherever the command is run."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(prefix + "/") or url == prefix:
        return url
    path = ROOT / url.removeprefix(prefix)
    path.parent.mkdir(parents=True, exist_ok=True)
    return f"{prefix}{path}"
