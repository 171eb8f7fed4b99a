"""One's own page: language, zone, deputy, absence, password."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from servicedesk import db
from servicedesk.people.models import Partner, Person
from servicedesk.sla.models import Agreement
from tests.people.signing import PASSWORD, come_in, csrf_of, person, sign_in
from tests.support.clock import Clock

NEW = "a brand new password"


@pytest.fixture(autouse=True)
def _signed_in(client: FlaskClient, alice: int, clock: Clock) -> None:
    come_in(client, "alice")


def send(client: FlaskClient, place: str = "/profile", **form: str) -> TestResponse:
    return client.post(place, data={"csrf_token": csrf_of(client.get("/profile")), **form})


def row(app: Flask, key: str = "alice") -> Person:
    with app.app_context():
        found = db.db.session.execute(sa.select(Person).filter_by(key=key)).scalar_one()
        db.db.session.expunge(found)
        return found


def test_the_page_shows_what_the_desk_knows(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), db.transaction() as session:
        boss = Person(key="boss", name="Boss Bo", roles=["manager"])
        session.add(boss)
        session.flush()
        values = {"mail": "alice@a.example", "department": "Sales", "manager_id": boss.id}
        session.execute(sa.update(Person).where(Person.key == "alice").values(values))
    text = client.get("/profile").text
    for word in ("Alice", "alice@a.example", "Sales", "Boss Bo", "Employee"):
        assert word in text


def test_a_language_holds_at_once(app: Flask, client: FlaskClient) -> None:
    done = send(client, language="ja")
    assert done.status_code == 303
    assert '<html lang="ja"' in client.get("/profile").text
    assert row(app).language == "ja"
    assert send(client, language="").status_code == 303
    assert '<html lang="en"' in client.get("/profile").text


def test_a_zone_is_one_of_those_there_are(app: Flask, client: FlaskClient) -> None:
    assert send(client, zone=" Europe/Berlin ").status_code == 303
    assert row(app).zone == "Europe/Berlin"
    refused = send(client, zone="Berlin")
    assert refused.status_code == 422
    assert "no such time zone" in refused.text
    assert row(app).zone == "Europe/Berlin"
    assert 'value="Asia/Tokyo"' in refused.text


def test_a_language_that_is_not_there_is_refused(app: Flask, client: FlaskClient) -> None:
    assert send(client, language="xx").status_code == 422


@pytest.mark.parametrize("said", ["bob", "BOB", "Tanaka Bob", "Tanaka　Bob", " Tanaka  Bob "])
def test_a_deputy_is_named_by_key_or_name(app: Flask, client: FlaskClient, said: str) -> None:
    bob = person(app, "bob", "employee", name="Tanaka Bob")
    assert send(client, deputy=said).status_code == 303
    assert row(app).deputy_id == bob
    assert 'value="Tanaka Bob"' in client.get("/profile").text
    send(client, deputy="")
    assert row(app).deputy_id is None


def test_nobody_stands_in_who_is_not_there(app: Flask, client: FlaskClient) -> None:
    person(app, "gone", "employee", active=False)
    person(app, "kim", "partner")
    for key in ("one", "two"):
        person(app, key, "employee", name="Same Name")
    for said in ("nobody", "gone", "alice", "kim"):
        refused = send(client, deputy=said)
        assert refused.status_code == 422
        assert "nobody of this name" in refused.text
        assert f'value="{said}"' in refused.text
    assert "Several people" in send(client, deputy="Same Name").text
    assert send(client, deputy="two").status_code == 303
    assert 'value="two"' in client.get("/profile").text


def test_a_partner_sees_and_names_people_of_their_company_alone(
    app: Flask, client: FlaskClient
) -> None:
    ids = {key: person(app, key, "partner", name=f"{key} Name") for key in ("kim", "lee", "park")}
    with app.app_context(), db.transaction() as session:
        contract = Agreement(kind="uc", key="netone")
        session.add(contract)
        session.flush()
        company = Partner(key="netone", name="NetOne", agreement_id=contract.id)
        company.members = [session.get_one(Person, ids[key]) for key in ("kim", "lee")]
        session.add(company)
    come_in(client, "kim")
    text = client.get("/profile").text
    assert "lee Name" in text
    assert "park Name" not in text
    assert "Alice" not in text
    for said in ("park", "alice"):
        assert send(client, deputy=said).status_code == 422
    assert send(client, deputy="lee").status_code == 303


def test_an_absence_stands_above_every_page_and_can_be_ended(
    app: Flask, client: FlaskClient
) -> None:
    send(client, absent_from="2026-11-26", absent_until="2026-11-30")
    assert row(app).absent_until == date(2026, 11, 30)
    page = client.get("/home")
    assert "You are marked as away until Mon 30." in page.text
    assert "Nobody stands in for you." in page.text
    form = {"csrf_token": csrf_of(page), "next": "/home"}
    assert client.post("/profile/back", data=form).location == "/home"
    assert "marked as away" not in client.get("/home").text
    assert (row(app).absent_from, row(app).absent_until) == (None, None)


def test_an_absence_to_come_is_not_one_yet(client: FlaskClient, clock: Clock) -> None:
    send(client, absent_from="2026-11-28", absent_until="2026-11-29")
    seen = []
    for _day in range(4):
        come_in(client, "alice")
        seen.append("marked as away" in client.get("/home").text)
        clock.advance(days=1)
    assert seen == [False, False, True, True]


@pytest.mark.parametrize(
    ("form", "days"),
    [
        ({"absent_from": "2026-11-27"}, (date(2026, 11, 27), None)),
        ({"absent_until": "2026-11-27"}, (date(2026, 11, 26), date(2026, 11, 27))),
        ({}, (None, None)),
    ],
)
def test_a_day_may_be_left_out(
    app: Flask, client: FlaskClient, form: dict[str, str], days: tuple[Any, Any]
) -> None:
    assert send(client, **form).status_code == 303
    assert (row(app).absent_from, row(app).absent_until) == days


@pytest.mark.parametrize(
    "form",
    [
        {"absent_from": "2026-11-27", "absent_until": "2026-11-26"},
        {"absent_from": "1900-01-01"},
        {"absent_from": "tomorrow"},
    ],
)
def test_an_absence_that_makes_no_sense_is_refused(
    app: Flask, client: FlaskClient, form: dict[str, str]
) -> None:
    assert send(client, **form).status_code == 422
    assert row(app).absent_from is None


def change(
    client: FlaskClient, old: str = PASSWORD, new: str = NEW, again: str = NEW
) -> TestResponse:
    return send(client, "/profile/password", old=old, password=new, again=again)


def test_a_password_is_changed_by_who_knows_the_old_one(app: Flask, client: FlaskClient) -> None:
    elsewhere = app.test_client()
    come_in(elsewhere, "alice")
    assert change(client).status_code == 303
    assert client.get("/profile").status_code == 200
    assert elsewhere.get("/profile").status_code == 302
    assert sign_in(app.test_client(), "alice", NEW).status_code == 303


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"old": "wrong password"}, "not your present password"),
        ({"new": "short", "again": "short"}, "at least 10"),
        ({"again": "something else"}, "not the same"),
    ],
)
def test_a_password_that_cannot_be_changed_stays(
    app: Flask, client: FlaskClient, form: dict[str, str], sentence: str
) -> None:
    send(client, zone="Europe/Berlin", language="en")
    refused = change(client, **form)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert 'value="Europe/Berlin"' in refused.text  # the other form is as it was
    assert sign_in(app.test_client(), "alice").status_code == 303


def test_the_old_password_can_not_be_guessed(client: FlaskClient) -> None:
    for _ in range(5):
        assert change(client, old="wrong password").status_code == 422
    assert change(client).status_code == 429


def test_there_is_no_profile_without_signing_in(app: Flask) -> None:
    assert app.test_client().get("/profile").status_code == 302
