from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from flask import Flask
from flask.testing import FlaskClient

from servicedesk.people import access
from servicedesk.people.permissions import Act, Reach
from tests.incidents.touring import alike
from tests.people.signing import come_in, person

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def app(app: Flask) -> Flask:
    """The desk with a page for managers, one for all but employees, and one that forgot to say."""
    managers = access.requires(Act.SEE_REPORTS)
    handed = access.requires(Act.SEE_INCIDENT, Reach.HANDED, Reach.ALL)
    app.add_url_rule("/for-managers", "for-managers", managers(page))
    app.add_url_rule("/handed", "handed", handed(page))
    app.add_url_rule("/forgotten", "forgotten", page, methods=["GET", "POST"])
    return app


def page() -> str:
    return "seen"


@pytest.mark.parametrize(
    ("role", "place", "status"),
    [
        ("manager", "/for-managers", 200),
        ("employee", "/for-managers", 404),
        ("partner", "/for-managers", 404),
        ("admin", "/for-managers", 404),
        ("manager", "/handed", 200),
        ("partner", "/handed", 200),
        ("employee", "/handed", 404),
    ],
)
def test_a_page_opens_to_those_who_may_do_its_act(
    app: Flask, client: FlaskClient, role: str, place: str, status: int
) -> None:
    person(app, "somebody", role)
    come_in(client, "somebody")
    assert client.get(place).status_code == status


def test_a_page_that_is_not_for_one_looks_like_one_that_is_not_there(
    app: Flask, client: FlaskClient, alice: int
) -> None:
    come_in(client, "alice")
    closed, missing = client.get("/for-managers"), client.get("/for-managersx")
    assert closed.status_code == missing.status_code == 404
    assert alike(closed.text, "/for-managers") == alike(missing.text, "/for-managersx")


@pytest.mark.parametrize("place", ["/for-managers", "/forgotten"])
def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(client: FlaskClient, place: str) -> None:
    sent = client.get(place, query_string={"q": "1&2"})
    assert sent.status_code == 302
    path, _, query = (sent.location or "").partition("?")
    assert path == "/sign-in"
    assert parse_qs(query) == {"next": [f"{place}?q=1%262"]}


def test_after_sending_a_form_one_is_not_led_back_to_where_it_went(
    app: Flask, client: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/forgotten").location == "/sign-in"


def test_a_page_that_is_not_there_is_not_worth_signing_in_for(client: FlaskClient) -> None:
    assert client.get("/nowhere").status_code == 404


def test_every_page_of_the_desk_says_who_may_open_it(app: Flask) -> None:
    ours = {name: view for name, view in app.view_functions.items() if name != "static"}
    silent = [
        name
        for name, view in ours.items()
        if not (hasattr(view, access.PUBLIC) or hasattr(view, access.ACT))
    ]
    assert silent == ["forgotten"]


@pytest.mark.parametrize("target", ["/", "/incidents?view=mine&q=a%20b", "/受付", "/a//b"])
def test_a_path_of_the_desk_is_local(target: str) -> None:
    assert access.local(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "incidents",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "https://evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
    ],
)
def test_whatever_could_lead_elsewhere_is_not_local(target: str | None) -> None:
    assert access.local(target) is None
