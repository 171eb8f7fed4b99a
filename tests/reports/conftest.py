"""The desk with the cast at it, and PDFs that take no time."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pikepdf
import pytest

from servicedesk.reports import pdf, shelf
from tests.cast import cast_in_postgres, cast_in_sqlite, database_url, desk

__all__ = ["cast_in_postgres", "cast_in_sqlite", "database_url", "desk"]


@pytest.fixture(autouse=True)
def _empty_shelf() -> Iterator[None]:
    """Databases come and go under the same address."""
    shelf.clear()
    yield
    shelf.clear()


AS_IT_IS: dict[str, bytes] = {}


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is rendered twice is the same (test_render); so it is rendered once."""
    run = pdf.run

    def once(job: Mapping[str, Any]) -> bytes:
        key = hashlib.sha256(json.dumps(job, sort_keys=True).encode()).hexdigest()
        if key not in AS_IT_IS:
            AS_IT_IS[key] = run(job)
        return AS_IT_IS[key]

    monkeypatch.setattr(pdf, "run", once)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make blank PDFs with the data in them; gives the HTML of each."""
    pages: list[str] = []

    def run(job: Mapping[str, Any]) -> bytes:
        pages.append(job["html"])
        made = pikepdf.new()
        made.add_blank_page()
        made.docinfo["/Keywords"] = hashlib.sha256(job["html"].encode()).hexdigest()
        for each in job["attachments"]:
            file = pikepdf.AttachedFileSpec(
                made,
                each["text"].encode(),
                filename=each["name"],
                description=each["description"],
                mime_type="text/plain",
                creation_date="",
                mod_date="",
            )
            made.attachments[each["name"]] = file
        out = io.BytesIO()
        made.save(out, deterministic_id=True)
        return out.getvalue()

    monkeypatch.setattr(pdf, "run", run)
    return pages
