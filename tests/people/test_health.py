from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from servicedesk import db


def test_a_desk_with_its_schema_is_alive_and_ready(client: FlaskClient) -> None:
    for page in ("/healthz", "/readyz"):
        done = client.get(page)
        assert done.status_code == 200
        assert done.mimetype == "text/plain"
        assert "Set-Cookie" not in done.headers


def test_with_another_schema_it_is_alive_but_not_ready(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), db.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'older'"))
    assert client.get("/healthz").status_code == 200
    done = client.get("/readyz")
    assert done.status_code == 503
    assert "flask desk init" in done.text


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("place", ["empty.db", "no/such/folder.db"])
def test_without_a_schema_or_database_it_is_not_ready(tmp_path: Path, place: str) -> None:
    from servicedesk.app import create_app

    url = f"sqlite:///{tmp_path}/{place}"
    app = create_app({"DATABASE_URL": url, "DESK_VAR": str(tmp_path / "var")})
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    with app.app_context():
        db.db.engine.dispose()
