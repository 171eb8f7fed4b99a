"""What a database has in it, read plainly: without what is tested here."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from servicedesk.db import Base, db
from servicedesk.operation.tables import CACHES

Rows = dict[str, list[tuple[Any, ...]]]


def everything(app: Flask, without: tuple[str, ...] = ()) -> Rows:
    """Read all rows of all models' tables; JSON to the letter, so that null is not nothing."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(_query(table))), key=repr)
            for name, table in Base.metadata.tables.items()
            if name not in (*CACHES, *without)
        }


def _query(table: sa.Table) -> sa.Select[Any]:
    plain = (sa.cast(c, sa.Text) if isinstance(c.type, sa.JSON) else c for c in table.columns)
    return sa.select(*plain)


def files(app: Flask) -> dict[str, str]:
    """Give the digest of each file that belongs to a desk, by its path."""
    var = Path(app.config["DESK_VAR"])
    found = [path for name in ("files", "reports") for path in (var / name).rglob("*")]
    return {
        str(path.relative_to(var)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
        if path.is_file()
    }
