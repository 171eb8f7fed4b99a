"""People for tests, and how they come to be signed in."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from servicedesk import db, times
from servicedesk.people.models import Person

PASSWORD = "correct horse battery"


def person(app: Flask, key: str, *roles: str, **more: Any) -> int:
    """Make a person; gives the id."""
    from servicedesk.people import passwords

    fields = {"name": key.title(), "password_hash": passwords.hashed(PASSWORD), **more}
    with app.app_context(), db.transaction() as transaction:
        row = Person(key=key, roles=list(roles), **fields)
        transaction.add(row)
        transaction.flush()
        return row.id


def csrf_of(answer: TestResponse) -> str:
    """Give the token in the forms of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)
    assert found, answer.text
    return found[1]


def csrf(client: FlaskClient, **how: Any) -> str:
    """Give the token that the forms of who is not signed in carry."""
    return csrf_of(client.get("/sign-in", **how))


def token_for(client: FlaskClient) -> str:
    """Give the token that the forms of whoever this is carry, without a page."""
    with client.session_transaction() as kept, client.application.test_request_context():
        session.update({key: kept[key] for key in ("csrf_token",) if key in kept})
        token: str = generate_csrf()
        kept["csrf_token"] = session["csrf_token"]
    return token


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
    with client.session_transaction() as kept:
        kept.permanent = True
        kept["_user_id"], kept["since"] = token, int(times.now().timestamp())
