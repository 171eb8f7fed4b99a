"""The desk's settings: each is an environment variable, read once at the start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, default, reader and meaning."""

    name: str
    default: str
    read: Callable[[str], Any]
    meaning: str


SETTINGS = (
    Setting("DATABASE_URL", "sqlite:///var/desk.db", _database, "which database to use"),
    Setting("DESK_VAR", "var", _text, "folder for attachments, reports and the secret key"),
    Setting("SECRET_KEY", "", _text, "signs sessions and digests; made and kept when empty"),
    Setting("COOKIE_SECURE", "no", _yes_no, "send cookies over HTTPS only"),
    Setting("PROXIES", "0", _count, "how many trusted proxies stand in front"),
    Setting("SESSION_HOURS", "12", _whole, "hours after which one has to sign in again"),
    Setting("UPLOAD_MB", "20", _whole, "largest file that can be attached, in MB"),
    Setting("REPORT_SECONDS", "300", _whole, "longest time that making one PDF may take"),
    Setting("REPORT_MB", "2048", _whole, "largest memory that making one PDF may take, in MB"),
    Setting("LOG_LEVEL", "INFO", _level, "how much is written to the log"),
)


def read(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Read all settings from the environment; raises BadSetting."""
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = environ.get(setting.name, "") or setting.default
        try:
            values[setting.name] = setting.read(text)
        except ValueError as error:
            raise BadSetting(f"{setting.name}={text!r}: {error}") from None
    return values


def complete(values: Mapping[str, Any]) -> dict[str, Any]:
    """Add what follows from the settings: absolute paths, the kept secret key, Flask's names."""
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
