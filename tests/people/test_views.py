from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from servicedesk import db, times
from servicedesk.people import access, commands
from servicedesk.people.models import Person
from servicedesk.people.permissions import Act
from tests.people.signing import come_in, csrf, csrf_of, person, sign_in
from tests.support.clock import Clock


@pytest.fixture
def app(app: Flask) -> Flask:
    """The desk with a page for whoever may see incidents."""
    app.add_url_rule("/page", "page", access.requires(Act.SEE_INCIDENT)(seen))
    return app


def seen() -> str:
    return "seen"


def is_in(client: FlaskClient) -> bool:
    return client.get("/page").status_code == 200


def test_signing_in_opens_the_desk(client: FlaskClient, alice: int) -> None:
    assert not is_in(client)
    done = sign_in(client, "alice")
    assert (done.status_code, done.location) == (303, "/")
    assert is_in(client)


def test_one_is_led_back_to_the_page_that_was_asked_for(client: FlaskClient, alice: int) -> None:
    asked = client.get("/page?q=%E5%8F%97").location
    form = {"key": "alice", "password": "correct horse battery", "csrf_token": csrf(client)}
    done = client.post(asked or "", data=form)
    assert done.location == "/page?q=%E5%8F%97"


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_never_leads_elsewhere(client: FlaskClient, alice: int, target: str) -> None:
    assert sign_in(client, "alice", after=target).location == "/"


def test_a_wrong_password_keeps_the_name_and_says_one_sentence(
    client: FlaskClient, alice: int
) -> None:
    done = sign_in(client, "alice", "wrong password")
    assert done.status_code == 422
    assert "Name or password is wrong." in done.text
    assert 'value="alice"' in done.text
    assert "wrong password" not in done.text
    assert not is_in(client)


def test_unknown_and_inactive_people_get_the_very_same_page(
    app: Flask, client: FlaskClient, alice: int
) -> None:
    person(app, "bobby", "agent", active=False)
    pages = set()
    for key, password in (("alice", "wrong password"), ("bobby", "correct horse battery")):
        pages.add(neutral(sign_in(client, key, password).text.replace(key, "…")))
    pages.add(neutral(sign_in(client, "nobody").text.replace("nobody", "…")))
    assert len(pages) == 1


def neutral(page: str) -> str:
    return re.sub(r'name="csrf_token"[^>]*>', "", page)


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("missing", ["key", "password"])
def test_an_empty_field_is_asked_for(client: FlaskClient, alice: int, missing: str) -> None:
    form = {"key": "alice", "password": "x", "csrf_token": csrf(client)} | {missing: ""}
    done = client.post("/sign-in", data=form)
    assert done.status_code == 422
    assert "Please enter your" in done.text


def test_too_many_attempts_answer_429_and_let_nobody_in(client: FlaskClient, alice: int) -> None:
    for _ in range(5):
        assert sign_in(client, "alice", "wrong password").status_code == 422
    done = sign_in(client, "alice")
    assert done.status_code == 429
    assert done.headers["Retry-After"] == "900"
    assert "Too many attempts" in done.text
    assert not is_in(client)


def test_who_is_in_already_is_not_asked_again(client: FlaskClient, alice: int) -> None:
    come_in(client, "alice")
    assert client.get("/sign-in?next=/page").location == "/page"


def test_the_session_before_signing_in_is_not_carried_over(client: FlaskClient, alice: int) -> None:
    before = csrf(client)
    with client.session_transaction() as session:
        session["planted"], token = 1, session["csrf_token"]
    sign_in(client, "alice")
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != token
    form = {"csrf_token": before}
    assert client.post("/sign-out", data=form).status_code == 400


def cookie(client: FlaskClient) -> str:
    return sign_in(client, "alice").headers["Set-Cookie"]


def test_the_cookie_is_for_this_desk_alone_and_ends(client: FlaskClient, alice: int) -> None:
    said = cookie(client)
    assert said.startswith("desk=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(said.split("; "))
    assert "Expires=" in said
    assert "remember_token" not in said


@pytest.mark.backends("sqlite")
class TestBehindHttps:
    @pytest.fixture
    def settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        return {**settings, "COOKIE_SECURE": True}

    def test_cookies_are_sent_over_https_only(self, client: FlaskClient, alice: int) -> None:
        here = "https://desk.example"
        https: Any = {"base_url": here, "headers": {"Referer": f"{here}/sign-in"}}
        answers = [sign_in(client, "alice", **https)]
        form = {"theme": "dark", "csrf_token": csrf_of(client.get("/nowhere", **https))}
        answers.append(client.post("/preferences", data=form, **https))
        said = [cookie for done in answers for cookie in done.headers.getlist("Set-Cookie")]
        assert {cookie.partition("=")[0] for cookie in said} == {"desk", "theme"}
        assert all("Secure" in cookie.split("; ") for cookie in said)


def test_signing_out_ends_the_session(client: FlaskClient, alice: int) -> None:
    sign_in(client, "alice")
    done = client.post("/sign-out", data={"csrf_token": csrf_of(client.get("/nowhere"))})
    assert done.location == "/sign-in"
    assert not is_in(client)


def test_signing_out_is_no_link(client: FlaskClient, alice: int) -> None:
    come_in(client, "alice")
    assert client.get("/sign-out").status_code == 405
    assert is_in(client)


def test_a_new_password_signs_out_everywhere(app: Flask, alice: int) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here, "alice")
    sign_in(there, "alice")
    assert is_in(here)
    with app.app_context():
        commands.set_password(key="alice", password="another password", now=times.now())
    assert not is_in(here)
    assert not is_in(there)


def test_who_leaves_is_signed_out_at_once(app: Flask, client: FlaskClient, alice: int) -> None:
    sign_in(client, "alice")
    with app.app_context(), db.transaction() as session:
        session.execute(sa.update(Person).values(active=False))
    assert not is_in(client)


def test_rights_that_are_taken_away_are_gone_at_once(
    app: Flask, client: FlaskClient, alice: int
) -> None:
    sign_in(client, "alice")
    with app.app_context(), db.transaction() as session:
        session.execute(sa.update(Person).values(roles=[]))
    assert client.get("/page").status_code == 404


def test_a_session_ends_after_its_hours_however_busy_it_was(
    client: FlaskClient, alice: int, clock: Clock
) -> None:
    sign_in(client, "alice")
    for _ in range(12):
        clock.advance(hours=1)
        assert is_in(client)
    clock.advance(seconds=1)
    assert not is_in(client)


def test_a_cookie_that_was_changed_is_nobody(app: Flask, client: FlaskClient, alice: int) -> None:
    sign_in(client, "alice")
    kept = client.get_cookie("desk")
    assert kept is not None
    other = app.test_client()
    other.set_cookie("desk", kept.value[:-2] + ("AA" if kept.value[-2:] != "AA" else "BB"))
    assert not is_in(other)


@pytest.mark.backends("sqlite")
def test_every_form_needs_its_token(app: Flask, client: FlaskClient) -> None:
    """CSRF: whatever changes something refuses a form that was not ours."""
    changing = [
        rule for rule in app.url_map.iter_rules() if rule.methods and "POST" in rule.methods
    ]
    assert {rule.rule for rule in changing} >= {"/sign-in", "/sign-out", "/preferences"}
    for rule in changing:
        done = client.post(address(app, rule), data={"key": "alice"})
        assert (rule.rule, done.status_code) == (rule.rule, 400)


def address(app: Flask, rule: Rule) -> str:
    converters = rule._converters.items()
    values = {name: min(getattr(converter, "items", ["1"])) for name, converter in converters}
    with app.test_request_context():
        return app.url_map.bind("").build(rule.endpoint, values, method="POST")


def prefer(client: FlaskClient, **what: str) -> TestResponse:
    return client.post("/preferences", data={"csrf_token": csrf(client), **what})


def test_before_signing_in_a_language_is_kept_in_the_session(
    client: FlaskClient, alice: int
) -> None:
    done = prefer(client, language="ja", next="/sign-in?next=/page")
    assert done.location == "/sign-in?next=/page"
    assert '<html lang="ja"' in client.get("/sign-in").text
    sign_in(client, "alice")
    assert '<html lang="ja"' in client.get("/nowhere").text


def test_who_is_signed_in_keeps_a_language_of_their_own(
    app: Flask, client: FlaskClient, alice: int
) -> None:
    come_in(client, "alice")
    form = {"csrf_token": csrf_of(client.get("/nowhere")), "language": "ja"}
    assert client.post("/language", data=form).status_code == 303
    assert '<html lang="ja"' in client.get("/nowhere").text
    with app.app_context():
        assert db.db.session.scalars(sa.select(Person.language)).one() == "ja"


@pytest.mark.backends("sqlite")
def test_a_theme_is_kept_in_a_cookie_until_it_is_automatic_again(client: FlaskClient) -> None:
    prefer(client, theme="dark")
    assert 'data-theme="dark"' in client.get("/sign-in").text
    prefer(client, theme="auto")
    assert "data-theme" not in client.get("/sign-in").text


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("what", [{"language": "xx"}, {"theme": "pink"}])
def test_a_language_or_theme_that_is_not_there_is_refused(
    client: FlaskClient, what: dict[str, str]
) -> None:
    assert prefer(client, **what).status_code == 400


@pytest.mark.backends("sqlite")
def test_preferences_never_lead_elsewhere(client: FlaskClient) -> None:
    assert prefer(client, theme="dark", next="//evil.example").location == "/"
