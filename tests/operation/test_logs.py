"""The log says what happened, and nothing of what people wrote."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from servicedesk import db, logs, times
from servicedesk.app import create_app
from servicedesk.people import access
from servicedesk.people.models import Person
from servicedesk.scheduler import Job, _within
from tests.cast import Desk, page_of
from tests.people.signing import csrf, sign_in
from tests.support.checkout import ROOT

WORD = "zqword"


class Kept(logging.Handler):
    """Keeps the lines that would be written."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.setFormatter(logs.formatter(form))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def said(self, logger: str) -> list[dict[str, Any]]:
        return [each for each in map(json.loads, self.lines) if each["logger"] == logger]


Keep = Callable[[str], Kept]


@pytest.fixture
def keep() -> Iterator[Keep]:
    """Keep everything that is logged, however unimportant."""
    root, kept = logging.getLogger(), list[Kept]()
    before = root.level

    def add(form: str) -> Kept:
        kept.append(Kept(form))
        root.addHandler(kept[-1])
        root.setLevel(logging.DEBUG)
        return kept[-1]

    yield add
    root.setLevel(before)
    for handler in kept:
        root.removeHandler(handler)


# Requests


@pytest.mark.backends("sqlite")
def test_each_request_is_a_line(desk: Desk, keep: Keep) -> None:
    """The route instead of the address, the person's id instead of a name."""
    n = desk.log()
    visitor, kept = desk.visit("ito"), keep("json")
    visitor.get(page_of(n))
    (line,) = kept.said("servicedesk.requests")
    assert line.pop("ms") >= 0
    assert datetime.fromisoformat(line.pop("at")).tzinfo == UTC
    assert line == {
        "level": "INFO",
        "logger": "servicedesk.requests",
        "said": "request",
        "method": "GET",
        "route": "/incidents/<incident:number>",
        "person": desk.id("ito"),
        "status": 200,
    }


@pytest.mark.backends("sqlite")
def test_what_is_asked_all_the_time_is_told_on_demand_only(app: Flask, keep: Keep) -> None:
    kept = keep("json")
    for path in ("/healthz", "/readyz", "/static/desk.css"):
        app.test_client().get(path).close()
    assert {line["level"] for line in kept.said("servicedesk.requests")} == {"DEBUG"}


@pytest.mark.backends("sqlite")
def test_an_address_that_is_none_and_a_method_that_is_none_are_not_repeated(
    app: Flask, keep: Keep
) -> None:
    kept = keep("json")
    app.test_client().open(f"/{WORD}", method=WORD.upper())
    (line,) = kept.said("servicedesk.requests")
    assert (line["method"], line["route"], line["person"]) == ("other", None, None)
    assert WORD not in "".join(kept.lines).lower()


def wander(desk: Desk) -> None:
    """Leave the word wherever one can: in texts, searches, addresses, names, passwords."""
    visitor = desk.visit("ito")
    n = desk.log()
    desk.visit("emi").post(
        "/incidents/new", title=WORD, description=WORD, service=WORD, impact="2", urgency="2"
    )
    for path in ("reply", "note"):
        file = (BytesIO(WORD.encode()), f"{WORD}.txt")
        visitor.post(page_of(n, path), body=f"{WORD}\n{WORD}", files=file)
    visitor.get(f"/incidents?q={WORD}")
    visitor.get(f"/incidents/{WORD}")
    visitor.get(f"/files/1/{WORD}.txt").close()
    visitor.get(f"/people?q={WORD}")
    for path in (f"/solved/{WORD}", f"/approve/{WORD}", f"/reset/{WORD}", f"/invitation/{WORD}"):
        desk.visit().get(path)
    client = desk.app.test_client()
    sign_in(client, WORD, f"{WORD}{WORD}")
    sign_in(client, "ito", WORD, after=f"/incidents?q={WORD}")
    form = {"csrf_token": csrf(client), "key": "ito", "password": WORD}
    client.post("/sign-in?next=/" + WORD, data=form, headers={"X-Forwarded-For": WORD})


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("form", logs.FORMS)
def test_nothing_that_people_wrote_is_in_it(desk: Desk, keep: Keep, form: str) -> None:
    kept = keep(form)
    wander(desk)
    desk.tampered = True
    lines = [line for line in kept.lines if WORD in line]
    assert len(kept.lines) > 12
    assert lines == []


# Errors


@pytest.fixture
def broken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose workbench fails, quoting what it was given."""

    def fail(**_given: object) -> None:
        try:
            raise KeyError(WORD)
        except KeyError as error:
            raise ValueError(f"cannot use {WORD}") from error

    monkeypatch.setitem(desk.app.view_functions, "incidents.workbench", fail)
    desk.app.config["PROPAGATE_EXCEPTIONS"] = False
    desk.app.testing = False
    return desk


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("form", logs.FORMS)
def test_an_error_is_told_by_its_type_and_place(broken: Desk, keep: Keep, form: str) -> None:
    kept = keep(form)
    assert broken.visit("ito").get(f"/incidents?q={WORD}").status_code == 500
    text = "\n".join(kept.lines)
    assert WORD not in text
    for said in ("builtins.ValueError", "builtins.KeyError", "test_logs.py", "/incidents"):
        assert said in text


def test_a_value_that_the_database_quotes_is_not_in_it(
    session: Any, keep: Keep, backend: str
) -> None:
    """PostgreSQL says which key is there already."""
    kept = keep("json")
    try:
        with db.transaction():
            session.add_all([Person(key=WORD, name="X"), Person(key=WORD, name="Y")])
    except sa.exc.IntegrityError as error:
        logging.getLogger("servicedesk.test").error("failed", exc_info=error)
    (line,) = kept.said("servicedesk.test")
    assert WORD not in json.dumps(line)
    assert line["error"]["type"] == "sqlalchemy.exc.IntegrityError"
    assert (
        line["error"]["behind"]["code"]
        == {"postgresql": "23505", "sqlite": "SQLITE_CONSTRAINT"}[backend]
    )


@pytest.mark.backends("sqlite")
def test_what_libraries_say_is_told_by_its_place_alone(keep: Keep) -> None:
    """The web server writes addresses into its messages."""
    kept = keep("text")
    logging.getLogger("waitress").info(f"Client disconnected while serving /l/{WORD}")  # noqa: G004
    assert WORD not in kept.lines[0]
    assert "test_logs:" in kept.lines[0]


def test_a_line_is_a_line(keep: Keep) -> None:
    kept = keep("text")
    logging.getLogger("servicedesk.test").info("one\ntwo")
    assert kept.lines[0].count("\n") == 0


# Work


@pytest.mark.backends("sqlite")
def test_a_job_is_a_line_when_something_came_of_it(app: Flask, keep: Keep) -> None:
    from datetime import timedelta

    from servicedesk.mail.deliver import Delivered

    kept = keep("json")
    for done in (None, 0, Delivered(), 3, Delivered(sent=1)):
        _within(app, Job("test", timedelta(1), lambda _now, done=done: done))()  # type: ignore[misc]
    said = kept.said("servicedesk.work")
    assert [line["level"] for line in said] == ["DEBUG"] * 3 + ["INFO"] * 2
    assert {line["job"] for line in said} == {"test"}


# The whole


@pytest.mark.backends("sqlite")
@pytest.mark.slow
def test_a_process_writes_json_to_standard_error(database_url: str, tmp_path: Any) -> None:
    code = """
from servicedesk.app import create_app
app = create_app({"TESTING": False})
app.test_client().get("/sign-in?next=/zqword")
app.test_client().get("/readyz")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"DATABASE_URL": database_url, "DESK_VAR": str(tmp_path), "LOG_FORMAT": "json"},
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = map(json.loads, done.stderr.splitlines())
    assert (line["route"], line["status"]) == ("/sign-in", 200)


# When the database does not answer


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("asked", "said"),
    [("en", "cannot be reached"), ("ja", 'lang="ja"'), ("fr", "cannot be reached")],
)
def test_without_its_database_the_desk_says_so_in_the_browsers_language(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, asked: str, said: str
) -> None:
    @access.public
    def unreachable(**_given: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception(WORD))

    monkeypatch.setitem(desk.app.view_functions, "people.sign_in", unreachable)
    answer = desk.app.test_client().get("/sign-in", headers={"Accept-Language": asked})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert said in answer.text
    assert WORD not in answer.text


@pytest.mark.backends("sqlite")
def test_that_page_asks_no_database(tmp_path: Any) -> None:
    app = create_app(
        {"DATABASE_URL": "postgresql+psycopg://u@127.0.0.1:1/d", "DESK_VAR": str(tmp_path)}
    )
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["since"] = "token", int(times.now().timestamp())
    answer = client.get("/home", headers={"Accept-Language": "ja"})
    assert (answer.status_code, 'lang="ja"' in answer.text) == (503, True)
