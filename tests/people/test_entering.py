"""Invitations and forgotten passwords: single use, in time, and nothing to learn from answers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from servicedesk import db
from servicedesk.errors import NotFound, Refused
from servicedesk.outbox import Notification
from servicedesk.people import attempts, commands, entering, links, passwords
from servicedesk.people.entering import LinkOver
from servicedesk.people.links import Link
from servicedesk.people.models import Person
from tests.people.signing import PASSWORD, come_in, csrf_of, person, sign_in
from tests.support.clock import Clock

HOME = "192.0.2.1"
NEW = "a brand new password"


@pytest.fixture
def bob(app: Flask) -> int:
    """Somebody with an address and a password."""
    return person(app, "bob", "employee", mail="Bob@a.example")


@pytest.fixture
def carol(app: Flask) -> int:
    """Somebody with an address who was never here."""
    return person(app, "carol", "employee", mail="carol@a.example", password_hash=None)


def queued(session: Session) -> list[tuple[str, int | None]]:
    session.rollback()
    rows = session.execute(sa.select(Notification.kind, Notification.person_id))
    return [(kind, id) for kind, id in rows]


def token(app: Flask) -> str:
    """Give the token that the last mail carries."""
    with app.app_context():
        link = db.db.session.scalars(sa.select(Link).order_by(Link.id.desc())).first()
        assert link is not None
        return links.token(link)


# Invitations


def test_everybody_with_an_address_and_no_password_is_invited_once(
    app: Flask, session: Session, alice: int, bob: int, carol: int, now: datetime
) -> None:
    person(app, "dan", "employee", mail="dan@a.example", password_hash=None, active=False)
    person(app, "eve", "employee", password_hash=None)
    assert entering.invite(now=now) == 1
    assert queued(session) == [("invitation", carol)]
    assert session.get_one(Person, carol).invited_at == now
    link = session.scalars(sa.select(Link)).one()
    assert (link.person_id, link.ends_at) == (carol, now + timedelta(days=14))
    assert entering.invite(now=now) == 0
    assert entering.invite(now=now, again=True) == 1


def test_a_second_invitation_ends_the_first(
    app: Flask, session: Session, carol: int, now: datetime
) -> None:
    entering.invite(now=now)
    first = token(app)
    entering.invite(now=now, key="carol")
    with pytest.raises(LinkOver):
        entering.behind(session, first, "invitation", now)
    assert entering.behind(session, token(app), "invitation", now).id == carol


def test_who_cannot_be_invited_is_said(
    app: Flask, session: Session, alice: int, bob: int, now: datetime
) -> None:
    person(app, "dan", "employee", mail="dan@a.example", active=False)
    for key, words in (("alice", "no mail"), ("bob", "a password already"), ("dan", "disabled")):
        with pytest.raises(Refused, match=words):
            entering.invite(now=now, key=key)
    with pytest.raises(NotFound):
        entering.invite(now=now, key="nobody")


@pytest.mark.backends("postgresql")  # SQLite, in the same process, takes one row at a time
def test_many_are_invited_in_few_statements(app: Flask, session: Session, now: datetime) -> None:
    with db.transaction() as writing:
        rows = [{"key": f"p{n}", "name": "P", "mail": f"p{n}@a.example"} for n in range(1200)]
        writing.execute(sa.insert(Person), rows)
    statements = count_statements(session)
    assert entering.invite(now=now) == 1200
    assert len(statements) < 60


def count_statements(session: Session) -> list[str]:
    found: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement.partition(" ")[0])

    event.listen(session.get_bind(), "before_cursor_execute", count)
    return found


# Forgotten passwords


@pytest.mark.parametrize("said", ["bob", " BOB ", "bob@a.example", "Bob@A.Example", "ｂｏｂ"])
def test_a_link_goes_to_whoever_has_the_name_or_the_address(
    session: Session, bob: int, now: datetime, said: str
) -> None:
    entering.ask_reset(said=said, address=HOME, now=now)
    assert queued(session) == [("reset", bob)]
    link = session.scalars(sa.select(Link)).one()
    assert (link.purpose, link.ends_at) == ("reset", now + timedelta(hours=1))


@pytest.mark.parametrize(
    "said", ["alice", "dan", "nobody", "shared@a.example", "", "\0", "x" * 999]
)
def test_for_anybody_else_nothing_is_sent(
    app: Flask, session: Session, alice: int, bob: int, now: datetime, said: str
) -> None:
    person(app, "dan", "employee", mail="dan@a.example", active=False)
    for key in ("one", "two"):
        person(app, key, "employee", mail="shared@a.example")
    entering.ask_reset(said=said, address=HOME, now=now)
    assert queued(session) == []
    assert session.scalars(sa.select(Link)).all() == []


def test_the_work_is_the_same_whether_there_is_anybody(
    session: Session, bob: int, now: datetime
) -> None:
    statements = count_statements(session)
    seen = []
    for said in ("bob", "nobody", "bob@a.example", "nobody@a.example"):
        entering.ask_reset(said=said, address=HOME, now=now)
        seen.append([word for word in statements if word not in ("RELEASE", "ROLLBACK")])
        statements.clear()
    assert seen[0] == seen[1] == seen[2] == seen[3]
    assert "INSERT" in seen[0]


def test_a_new_link_ends_the_one_before(
    app: Flask, session: Session, bob: int, now: datetime
) -> None:
    entering.ask_reset(said="bob", address=HOME, now=now)
    first = token(app)
    entering.ask_reset(said="bob", address=HOME, now=now)
    with pytest.raises(LinkOver):
        entering.behind(session, first, "reset", now)


def test_links_are_asked_for_as_often_as_signing_in_is_tried(
    session: Session, bob: int, now: datetime
) -> None:
    for said in ("bob", "nobody"):
        for _ in range(attempts.PER_KEY):
            entering.ask_reset(said=said, address=HOME, now=now)
        with pytest.raises(attempts.TooManyAttempts):
            entering.ask_reset(said=said.upper(), address=HOME, now=now)
    assert commands.sign_in(key="bob", password=PASSWORD, address=HOME, now=now).id == bob
    for n in range(attempts.PER_ADDRESS - 10):
        entering.ask_reset(said=f"guess-{n}", address=HOME, now=now)
    with pytest.raises(attempts.TooManyAttempts):
        entering.ask_reset(said="another", address=HOME, now=now)


def ask(client: FlaskClient, said: str) -> TestResponse:
    form = {"said": said, "csrf_token": csrf_of(client.get("/forgot"))}
    return client.post("/forgot", data=form)


def test_the_answer_is_the_same_whether_there_is_anybody(client: FlaskClient, bob: int) -> None:
    seen = set()
    for said in ("bob", "bob@a.example", "nobody", "nobody@a.example"):
        done = ask(client, said)
        text = client.get(done.location or "").text
        seen.add((done.status_code, done.location, "on its way" in text))
    assert seen == {(303, "/forgot?sent=1", True)}


def test_too_many_requests_are_told_to_wait(client: FlaskClient) -> None:
    for _ in range(attempts.PER_KEY):
        assert ask(client, "nobody").status_code == 303
    done = ask(client, "nobody")
    assert (done.status_code, done.headers["Retry-After"]) == (429, "900")


# The page behind the link


@pytest.fixture
def reset(app: Flask, clock: Clock, bob: int) -> str:
    """Bob was sent a link."""
    with app.app_context():
        entering.ask_reset(said="bob", address=HOME, now=clock())
    return token(app)


def open_link(client: FlaskClient, token: str, purpose: str = "reset") -> TestResponse:
    return client.get(f"/{purpose}/{token}", follow_redirects=True)


def choose(
    client: FlaskClient, page: TestResponse, password: str = NEW, **more: str
) -> TestResponse:
    form = {"password": password, "again": password, "csrf_token": csrf_of(page), **more}
    return client.post("/password", data=form)


def test_looking_at_the_page_does_not_use_the_link_up(client: FlaskClient, reset: str) -> None:
    for _ in range(3):
        page = open_link(client, reset)
        assert page.status_code == 200
        assert 'value="bob"' in page.text
    assert choose(client, page).status_code == 303


def test_the_link_stands_in_no_page_and_no_shared_cache(
    client: FlaskClient, reset: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        first = client.get(f"/reset/{reset}")
        page = client.get(first.location or "")
    assert first.location == "/password"
    assert reset not in page.text + caplog.text
    for answer in (first, page):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_new_password_signs_in_here_and_out_everywhere_else(
    app: Flask, client: FlaskClient, reset: str
) -> None:
    elsewhere = app.test_client()
    come_in(elsewhere, "bob")
    assert elsewhere.get("/profile").status_code == 200
    done = choose(client, open_link(client, reset))
    assert (done.status_code, done.location) == (303, "/")
    assert client.get("/profile").status_code == 200
    assert elsewhere.get("/profile").status_code == 302
    assert sign_in(app.test_client(), "bob", PASSWORD).status_code == 422
    assert sign_in(app.test_client(), "bob", NEW).status_code == 303


def test_an_invitation_lets_somebody_in_for_the_first_time(
    app: Flask, client: FlaskClient, carol: int, clock: Clock
) -> None:
    with app.app_context():
        entering.invite(now=clock())
    page = open_link(client, token(app), "invitation")
    assert "Welcome, Carol" in page.text
    assert choose(client, page).status_code == 303
    assert client.get("/profile").status_code == 200


def test_whoever_was_signed_in_before_is_not_any_more(
    app: Flask, client: FlaskClient, alice: int, reset: str
) -> None:
    come_in(client, "alice")
    choose(client, open_link(client, reset))
    assert "Bob" in client.get("/profile").text


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"password": "short", "again": "short"}, "at least 10 characters"),
        ({"again": "something else"}, "not the same"),
        ({"password": "", "again": ""}, "Please enter a password"),
        ({"password": "x" * 201, "again": "x" * 201}, "longer than 200"),
    ],
)
def test_a_password_that_will_not_do_does_not_use_the_link_up(
    client: FlaskClient, reset: str, form: dict[str, str], sentence: str
) -> None:
    refused = choose(client, open_link(client, reset), **form)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert choose(client, open_link(client, reset)).status_code == 303


def test_a_link_is_good_for_once(app: Flask, client: FlaskClient, reset: str) -> None:
    page = open_link(client, reset)
    choose(client, page)
    other = app.test_client()
    assert open_link(other, reset).status_code == 410
    assert sign_in(app.test_client(), "bob", NEW).status_code == 303


def test_a_link_ends(client: FlaskClient, reset: str, clock: Clock) -> None:
    page = open_link(client, reset)
    clock.advance(hours=1)
    over = choose(client, page)
    assert over.status_code == 410
    assert "no longer works" in over.text
    assert "/forgot" in over.text


def test_choosing_a_password_ends_all_links_to_one(
    app: Flask, client: FlaskClient, carol: int, clock: Clock
) -> None:
    with app.app_context():
        entering.invite(now=clock())
        invitation = token(app)
        entering.ask_reset(said="carol", address=HOME, now=clock())
    choose(client, open_link(client, token(app)))
    assert open_link(app.test_client(), invitation, "invitation").status_code == 410


@pytest.mark.parametrize("forged", ["x", "W10.abc", "%00", "x" * 3000])
def test_a_forged_link_is_over(client: FlaskClient, reset: str, forged: str) -> None:
    assert open_link(client, forged).status_code == 410
    assert open_link(client, reset, "invitation").status_code == 410


def test_without_a_link_there_is_no_password_to_choose(client: FlaskClient) -> None:
    assert client.get("/password").status_code == 410


def test_who_has_left_does_not_come_in_by_a_link(
    app: Flask, client: FlaskClient, reset: str
) -> None:
    page = open_link(client, reset)
    with app.app_context(), db.transaction() as session:
        session.execute(sa.update(Person).values(active=False))
    assert choose(client, page).status_code == 410


def test_of_many_who_use_a_link_at_the_same_moment_one_does(
    app: Flask, reset: str, clock: Clock
) -> None:
    together, done, over = Barrier(6), [], []

    def use(n: int) -> None:
        with app.app_context():
            together.wait()
            try:
                entering.enter(token=reset, purpose="reset", password=f"{NEW} {n}", now=clock())
                done.append(n)
            except LinkOver:
                over.append(n)
            finally:
                db.db.session.remove()

    threads = [Thread(target=use, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(done), len(over)) == (1, 5)
    with app.app_context():
        stored = db.db.session.query(Person.password_hash).filter_by(key="bob").scalar()
        assert passwords.matches(stored, f"{NEW} {done[0]}")


def test_passwords_are_hashed_outside_of_transactions(
    app: Flask, reset: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing takes long, and would hold the one writer of SQLite meanwhile."""
    inside = []
    real = passwords.hashed

    def hashed(password: str) -> str:
        inside.append(bool(db.db.session().info.get("writes")))
        return real(password)

    monkeypatch.setattr(passwords, "hashed", hashed)
    with app.app_context():
        entering.enter(token=reset, purpose="reset", password=NEW, now=clock())
        commands.set_password(key="bob", password=PASSWORD, now=clock())
        commands.change_password(key="bob", old=PASSWORD, new=NEW, address=HOME, now=clock())
    assert inside == [False, False, False]


@pytest.fixture(autouse=True)
def _left(app: Flask) -> Iterator[None]:
    yield
    with app.app_context():
        db.db.session.remove()
