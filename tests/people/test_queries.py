from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk import db
from servicedesk.people import queries
from servicedesk.people.models import Group, Person
from servicedesk.setup.models import Desk
from servicedesk.sla.models import Agreement
from tests.people.signing import person


def token(app: Flask, key: str) -> str:
    with app.app_context():
        return db.db.session.execute(
            sa.select(Person.session_token).filter_by(key=key)
        ).scalar_one()


def test_a_token_is_its_person(app: Flask, alice: int) -> None:
    held = token(app, "alice")
    with app.app_context():
        found = queries.signed_in(held)
        assert found is not None
        assert found.id == alice


@pytest.mark.parametrize("text", ["", "1", "x" * 500])
def test_any_other_token_is_nobody(app: Flask, alice: int, text: str) -> None:
    with app.app_context():
        assert queries.signed_in(text) is None


def test_whoever_is_inactive_is_nobody(app: Flask) -> None:
    person(app, "bob", "agent", active=False)
    held = token(app, "bob")
    with app.app_context():
        assert queries.signed_in(held) is None


def test_leading_an_active_group_shows_in_the_roles(app: Flask, alice: int) -> None:
    with app.app_context(), db.transaction() as session:
        ola = Agreement(kind="ola", key="desk")
        session.add(ola)
        session.flush()
        for key, active in (("desk", True), ("old", False)):
            group = Group(key=key, name=key, tier=1, lead_id=alice, agreement_id=ola.id)
            group.active = active
            session.add(group)
    held = token(app, "alice")
    with app.app_context():
        found = queries.signed_in(held)
        assert found is not None
        assert [group.key for group in found.leads] == ["desk"]
        assert found.held_roles == {"employee", "lead"}


def test_the_desk_says_its_name_zone_and_language(app: Flask) -> None:
    with app.app_context():
        with db.transaction() as session:
            session.add(Desk(name="受付", zone="Asia/Tokyo", language="ja"))
        said = queries.desk_name(), queries.desk_zone(), queries.desk_language()
    assert said == ("受付", "Asia/Tokyo", "ja")


def test_before_it_is_set_up_there_are_defaults(app: Flask) -> None:
    with app.app_context():
        said = queries.desk_name(), queries.desk_zone(), queries.desk_language()
    assert said == ("Service desk", "UTC", "en")


def test_what_is_set_up_afterwards_is_seen_at_once(app: Flask) -> None:
    with app.app_context():
        queries.desk_name()
        with db.transaction() as session:
            session.add(Desk(name="Desk", zone="UTC", language="en"))
        assert queries.desk_name() == "Desk"


def test_the_desk_is_read_once_in_a_request(app: Flask) -> None:
    with app.app_context():
        with db.transaction() as session:
            session.add(Desk(name="Desk", zone="UTC", language="en"))
        queries.desk_name()
        with db.transaction() as session:
            session.execute(sa.update(Desk).values(name="Other"))
        assert queries.desk_name() == "Desk"


def test_without_a_schema_there_are_defaults_too(app: Flask) -> None:
    with app.app_context():
        with db.db.engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE desk"))
        assert queries.desk_name() == "Service desk"
        assert db.db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0


@pytest.mark.backends("sqlite")
def test_without_a_database_there_are_defaults_too(tmp_path: Path) -> None:
    from servicedesk.app import create_app

    url = f"sqlite:///{tmp_path}/none.db"
    app = create_app({"DATABASE_URL": url, "DESK_VAR": str(tmp_path)})
    with app.app_context():
        assert queries.desk_zone() == "UTC"
        db.db.engine.dispose()
