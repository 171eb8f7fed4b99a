"""The administrator's pages: the list of people, one of them, and lists read in."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from servicedesk import db
from servicedesk.errors import BadInput
from servicedesk.outbox import Notification
from servicedesk.people.models import Person
from servicedesk.people.register import queries
from servicedesk.people.register.packing import pack, unpack
from tests.people.signing import come_in, csrf_of, person
from tests.support.clock import Clock

HEAD = "key,name,mail,roles\n"


@pytest.fixture(autouse=True)
def _root(app: Flask, client: FlaskClient, clock: Clock) -> Iterator[None]:
    person(app, "root", "admin", name="Root Admin")
    come_in(client, "root")
    yield
    with app.app_context():
        db.db.session.remove()


def row(app: Flask, key: str) -> Person:
    with app.app_context():
        found = db.db.session.execute(sa.select(Person).filter_by(key=key)).scalar_one()
        db.db.session.expunge(found)
        return found


def keys(page: TestResponse) -> list[str]:
    return re.findall(r'href="/people/all/([a-z0-9-]+)"', page.text)


def post(client: FlaskClient, place: str, **form: str) -> TestResponse:
    return client.post(place, data={"csrf_token": csrf_of(client.get("/people/all")), **form})


def test_people_are_found_by_view_and_words(app: Flask, client: FlaskClient) -> None:
    person(app, "ito", "agent", name="伊藤 蓮", department="情報 100%")
    person(app, "new", "employee", mail="new@a.example", password_hash=None)
    person(app, "gone", "employee", active=False)
    assert keys(client.get("/people/all")) == ["ito", "new", "root"]
    assert keys(client.get("/people/all?view=never")) == ["new"]
    assert keys(client.get("/people/all?view=disabled")) == ["gone"]
    assert keys(client.get("/people/all?view=all")) == ["gone", "ito", "new", "root"]
    assert keys(client.get("/people/all?view=nonsense")) == ["ito", "new", "root"]
    for words in ("ITO", "伊藤", "情報", "蓮 100%", "%25"):
        assert keys(client.get(f"/people/all?q={words}".replace("100%", "100%25"))) == ["ito"]
    assert keys(client.get("/people/all?q=A.EXAMPLE")) == ["new"]
    assert "Nobody here" in client.get("/people/all?q=_").text


def test_pages_lead_on_and_back(app: Flask) -> None:
    with app.app_context():
        with db.transaction() as session:
            rows = [{"key": f"p{n:03}", "name": "P"} for n in range(7)]
            session.execute(sa.insert(Person), rows)
        session = db.db.session()
        seen, after = [], ""
        for _ in range(4):
            page = queries.page(session, "all", "p", after=after, size=3)
            seen.append([one.key for one in page.people])
            if page.after is None:
                break
            after = page.after
        assert seen == [["p000", "p001", "p002"], ["p003", "p004", "p005"], ["p006"]]
        assert page.before == "p006"
        back = queries.page(session, "all", "p", before=page.before, size=3)
        assert [one.key for one in back.people] == seen[1]
        first = queries.page(session, "all", "p", before=back.before or "", size=3)
        assert ([one.key for one in first.people], first.before) == (seen[0], None)


def test_somebody_is_invited_disabled_and_enabled(app: Flask, client: FlaskClient) -> None:
    person(app, "new", "employee", mail="new@a.example", password_hash=None)
    assert post(client, "/people/all/new/invite").location == "/people/all"
    with app.app_context():
        assert db.db.session.scalars(sa.select(Notification.kind)).all() == ["invitation"]
    other = app.test_client()
    come_in(other, "new")
    assert other.get("/profile").status_code == 200
    assert (
        post(client, "/people/all/new/disable", next="/people/all?q=x").location
        == "/people/all?q=x"
    )
    assert other.get("/profile").status_code == 302
    assert (row(app, "new").active, row(app, "new").barred) == (False, True)
    refused = post(client, "/people/all/new/invite")
    assert "is disabled" in client.get(refused.location or "").text
    post(client, "/people/all/new/enable")
    assert row(app, "new").active


def test_nobody_disables_themselves(app: Flask, client: FlaskClient) -> None:
    done = post(client, "/people/all/root/disable")
    assert "disable yourself" in client.get(done.location or "").text
    assert row(app, "root").active


def test_everybody_is_invited_at_once(app: Flask, client: FlaskClient) -> None:
    for n in range(3):
        person(app, f"p{n}", "employee", mail=f"p{n}@a.example", password_hash=None)
    assert "Invite 3 people" in client.get("/people/all").text
    post(client, "/people/invite")
    text = client.get("/people/all").text
    assert "3 people are invited" in text
    assert "Invite 3 people" not in text


def test_an_administrator_marks_somebody_as_away(
    app: Flask, client: FlaskClient, alice: int
) -> None:
    form = {"deputy": "root", "absent_from": "2026-11-26"}
    assert post(client, "/people/all/alice", **form).status_code == 303
    assert row(app, "alice").deputy_id == row(app, "root").id
    assert "marked as away" not in client.get("/people/all").text
    assert post(client, "/people/all/alice", zone="nowhere").status_code == 422
    assert post(client, "/people/all/nobody").status_code == 404


@pytest.mark.parametrize("role", ["employee", "agent", "lead", "manager", "partner"])
def test_the_pages_are_the_administrators_alone(app: Flask, client: FlaskClient, role: str) -> None:
    person(app, "other", role)
    come_in(client, "other")
    token = csrf_of(client.get("/nowhere"))
    for place in ("", "/root"):
        assert client.get(f"/people/all{place}").status_code == 404
    assert client.get("/people/import").status_code == 404
    for place in ("all/root", "all/root/disable", "all/root/enable", "all/root/invite", "invite"):
        done = client.post(f"/people/{place}", data={"csrf_token": token})
        assert (place, done.status_code) == (place, 404)
    for place in ("import", "import/apply"):
        assert client.post(f"/people/{place}", data={"csrf_token": token}).status_code == 404


# Lists read in


def upload(client: FlaskClient, text: str) -> TestResponse:
    file = (io.BytesIO(text.encode("cp932")), "社員.csv")
    form = {"csrf_token": csrf_of(client.get("/people/import")), "file": file}
    return client.post("/people/import", data=form)


def apply(client: FlaskClient, page: TestResponse, **more: str) -> TestResponse:
    carried = re.findall(r'name="(name|packed)"[^>]*value="([^"]*)"', page.text)
    form = {"csrf_token": csrf_of(page), **dict(carried), **more}
    return client.post("/people/import/apply", data=form)


LIST = HEAD + "ito,伊藤 蓮,ito@a.example,agent\nabe,阿部,,\nmori,森,,\nsato,佐藤,,\n"


def test_a_list_is_looked_at_and_then_applied(app: Flask, client: FlaskClient) -> None:
    page = upload(client, LIST)
    assert page.status_code == 200
    assert "ito" in page.text
    with app.app_context():
        assert db.db.session.query(Person).count() == 1
    assert apply(client, page).status_code == 303
    assert (row(app, "ito").name, row(app, "ito").roles) == ("伊藤 蓮", ["agent"])
    assert "Everything is as the list says" in upload(client, LIST).text


def test_what_is_wrong_is_listed_by_line(app: Flask, client: FlaskClient) -> None:
    page = upload(client, HEAD + "x y,X,,\na,A,nowhere,boss\n" + ",\n" * 60)
    assert page.status_code == 422
    for text in ("“x y” is not a key", "“nowhere” is not a mail address", "no role “boss”"):
        assert text in page.text
    assert "things are wrong, nothing was changed" in page.text


def test_a_list_that_disables_many_asks_whether_it_is_whole(
    app: Flask, client: FlaskClient
) -> None:
    apply(client, upload(client, LIST))
    page = upload(client, HEAD + "ito,伊藤 蓮,ito@a.example,agent\n")
    assert "3 of the 4 people" in page.text
    refused = apply(client, page)
    assert (refused.status_code, row(app, "abe").active) == (409, True)
    assert "may not be whole" in refused.text
    assert apply(client, refused, disable_many="y").status_code == 303
    assert not row(app, "abe").active


def test_an_administrator_of_a_list_stays_one(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), db.transaction() as session:
        session.execute(sa.update(Person).values(listed=False, imported=True, sources={}))
    refused = apply(client, upload(client, LIST), disable_many="y")
    assert refused.status_code == 409
    assert "from yourself" in refused.text


def test_without_a_file_one_is_asked_for(client: FlaskClient) -> None:
    token = csrf_of(client.get("/people/import"))
    page = client.post("/people/import", data={"csrf_token": token})
    assert page.status_code == 422
    assert "Please choose a file" in page.text


def test_a_form_that_was_meddled_with_is_refused(client: FlaskClient) -> None:
    page = upload(client, LIST)
    for packed in ("", "x", "AAAA"):
        assert apply(client, page, packed=packed).status_code in (400, 422)


@pytest.mark.backends("sqlite")
def test_a_list_too_long_for_a_page_says_so(app: Flask) -> None:
    people = "".join(f"p{n},{n * 7919:x} {n},p{n}@a.example,\n" for n in range(3000))
    assert unpack(pack(people.encode())) == people.encode()
    with app.test_request_context(), pytest.raises(BadInput, match="desk people import"):
        pack(b"".join(str(hash((n, "x"))).encode() for n in range(60_000)))
