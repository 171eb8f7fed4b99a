"""People for tests, and how they come to be signed in."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from servicedesk import db, times
from servicedesk.people.models import Person

PASSWORD = "correct horse battery"


def person(app: Flask, key: str, *roles: str, **more: Any) -> int:
    """Make a person; gives the id."""
    from servicedesk.people import passwords

    fields = {"name": key.title(), "password_hash": passwords.hashed(PASSWORD), **more}
    with app.app_context(), db.transaction() as session:
        row = Person(key=key, roles=list(roles), **fields)
        session.add(row)
        session.flush()
        return row.id


def csrf_of(answer: TestResponse) -> str:
    """Give the token in the forms of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)
    assert found, answer.text
    return found[1]


def csrf(client: FlaskClient, **how: Any) -> str:
    """Give the token that the forms of who is not signed in carry."""
    return csrf_of(client.get("/sign-in", **how))


def sign_in(
    client: FlaskClient, key: str, password: str = PASSWORD, after: str | None = None, **how: Any
) -> TestResponse:
    """Fill in the sign-in page."""
    form = {"key": key, "password": password, "csrf_token": csrf(client, **how)}
    return client.post("/sign-in", data=form, query_string={"next": after} if after else {}, **how)


def come_in(client: FlaskClient, key: str) -> None:
    """Be signed in without the page."""
    with client.application.app_context():
        token = db.db.session.query(Person.session_token).filter_by(key=key).scalar()
    with client.session_transaction() as session:
        session.permanent = True
        session["_user_id"], session["since"] = token, int(times.now().timestamp())
