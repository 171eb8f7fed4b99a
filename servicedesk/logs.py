"""The log: a line for each request and each piece of work, and nothing of what people wrote.

What goes into a line is ids, routes, counts and places in the code. Addresses with their tokens and
searches stay out, and so do the messages of errors, which quote what was given: an error is told by
its type, its code and where it happened.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, g, request

FORMS = ("text", "json")
# Whose messages hold nothing of people; of all others only the place is told.
TRUSTED = ("servicedesk", "alembic", "apscheduler", "waitress.queue")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
QUIET = ("static", "health")  # asked all the time, by browsers and watchers
PLACES = 12  # at most, of an error
CHECKOUT = Path(__file__).resolve().parent.parent

requests = logging.getLogger("servicedesk.requests")
work = logging.getLogger("servicedesk.work")


def set_up(level: str, form: str) -> None:
    """Write the log to standard error; who has set up logging before is left alone."""
    root = logging.getLogger()
    if any(not isinstance(handler, _Stderr) for handler in root.handlers):
        return
    handler = _Stderr()
    handler.setFormatter(formatter(form))
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("alembic.runtime.migration").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Drop what is said on each look at the schema's version, by `/readyz` for one."""
    return not record.msg.startswith(("Context impl", "Will assume"))


def init_app(app: Flask) -> None:
    """Log what comes in; to be called before anything else is to happen with a request."""
    app.before_request(_begin)
    app.after_request(_tell)
    app.log_exception = _tell_error  # type: ignore[method-assign] # Flask's own tells the address


# Requests


def _begin() -> None:
    g.began = perf_counter()


def _tell(response: Response) -> Response:
    level = logging.DEBUG if is_quiet() else logging.INFO
    ms = round((perf_counter() - g.began) * 1000) if "began" in g else None
    requests.log(
        level,
        "request",
        extra={"fields": {**_asked(), "status": response.status_code, "ms": ms}},
    )
    return response


def is_quiet() -> bool:
    """Say whether this request is one of those that nobody wants to read about."""
    return (request.endpoint or "").partition(".")[0] in QUIET


def _asked() -> dict[str, Any]:
    return {"method": method(), "route": route(), "person": _person()}


def method() -> str:
    """Give the method of the request, if it is one."""
    return request.method if request.method in METHODS else "other"


def route() -> str | None:
    """Give the route of the request: the address without what is filled in."""
    return request.url_rule.rule if request.url_rule else None


def _person() -> int | None:
    """Give the id of who is signed in, without asking the database again."""
    state: Any = sa.inspect(g.get("_login_user"), raiseerr=False)
    identity = getattr(state, "identity", None)
    return int(identity[0]) if identity else None


def _tell_error(
    exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
) -> None:
    requests.error("failed", exc_info=exc_info, extra={"fields": _asked()})


# Work


@contextmanager
def working(name: str) -> Iterator[dict[str, object]]:
    """Log a piece of work with its time; `done` in the dictionary is what came of it."""
    began, said = perf_counter(), dict[str, object]()
    yield said
    took = perf_counter() - began
    level = logging.INFO if _came_of(said.get("done")) or took >= 1 else logging.DEBUG
    work.log(level, "job", extra={"fields": {"job": name, "ms": round(took * 1000)}})


def _came_of(done: object) -> bool:
    """Say whether anything came of it: a job comes round all day, mostly with nothing to do."""
    if is_dataclass(done) and not isinstance(done, type):
        return any(astuple(done))
    return bool(done)


# Lines


def formatter(form: str) -> logging.Formatter:
    """Give what turns records into lines: `text` or `json`."""
    return _Json() if form == "json" else _Text()


class _Stderr(logging.Handler):
    """Writes to standard error as it is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):  # closed: there is nobody to tell
            pass


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_line(record), ensure_ascii=False, default=str)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = _line(record)
        head = [line.pop(name) for name in ("at", "level", "logger", "said")]
        more = [f"{name}={_worded(value)}" for name, value in line.items() if value is not None]
        return " ".join(map(str, [*head, *more])).replace("\n", " ")


def _worded(value: object) -> str:
    if isinstance(value, dict):
        return "({})".format(" ".join(f"{name}={_worded(each)}" for name, each in value.items()))
    return ",".join(value) if isinstance(value, list) else str(value)


def _line(record: logging.LogRecord) -> dict[str, Any]:
    line = {
        "at": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "level": record.levelname,
        "logger": record.name,
        "said": _said(record),
        **getattr(record, "fields", {}),
    }
    error = record.exc_info[1] if record.exc_info else None
    return line | {"error": errors(error)} if error else line


def _said(record: logging.LogRecord) -> str:
    """Give a message that holds nothing of people, or the place where another was written."""
    if any(record.name == name or record.name.startswith(f"{name}.") for name in TRUSTED):
        return record.getMessage()
    return f"{record.module}:{record.lineno}"


def errors(error: BaseException) -> dict[str, Any]:
    """Tell an error without its message: its type, its code, where, and what was behind it."""
    said: dict[str, Any] = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    if code := _code(error):
        said["code"] = code
    said["at"] = _places(error)
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return said | {"behind": errors(behind)} if behind else said


def _code(error: BaseException) -> str | None:
    """Give what a database or the system calls it."""
    code = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    return code or (str(error.errno) if isinstance(error, OSError) else None)


def _places(error: BaseException) -> list[str]:
    walked = [(frame.f_code, number) for frame, number in traceback.walk_tb(error.__traceback__)]
    shown = walked[-PLACES:]
    return [f"{_short(code.co_filename)}:{number} {code.co_name}" for code, number in shown]


def _short(path: str) -> str:
    own = Path(path)
    if own.is_relative_to(CHECKOUT) and "site-packages" not in path:
        return str(own.relative_to(CHECKOUT))
    return path.rpartition("site-packages/")[2]
