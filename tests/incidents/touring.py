"""One reader's way past many addresses of the desk, and all that stands in an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any
from unittest.mock import patch
from zipfile import ZipFile

import pikepdf
import pypdf
from flask import abort
from werkzeug.wrappers import Response

from servicedesk import app as pages_of_errors
from servicedesk.people import access
from servicedesk.reports import pdf
from tests.cast import Visitor

PRINTER = pdf.run


def said(answer: Response) -> str:
    """Give all that somebody reads in an answer: its page, all headers on the way, its files."""
    passed = getattr(answer, "history", ())  # redirects that were followed
    heads = "\n".join(str(each.headers) for each in (*passed, answer))
    if answer.mimetype == "application/pdf":
        return f"{heads}\n{of_pdf(answer.data)}"
    if (answer.mimetype or "").endswith(".sheet"):
        return f"{heads}\n{of_workbook(answer.data)}"
    return f"{heads}\n{answer.get_data().decode('utf-8', 'replace')}"


def of_workbook(data: bytes) -> str:
    """Give all that stands in a workbook."""
    with ZipFile(BytesIO(data)) as files:
        return "\n".join(files.read(name).decode() for name in files.namelist())


@cache
def _printed(job: str) -> bytes:
    return PRINTER(json.loads(job))


def printed(job: Mapping[str, object]) -> bytes:
    """Print what several readers open once."""
    return _printed(json.dumps(job, sort_keys=True))


def of_pdf(data: bytes) -> str:
    """Give the text of a PDF, what describes it, and the files that it carries."""
    read = pypdf.PdfReader(BytesIO(data))
    texts = [page.extract_text() for page in read.pages]
    with pikepdf.open(BytesIO(data)) as opened:
        texts += [str(value) for value in opened.docinfo.values()]
        with opened.open_outline() as outline:
            texts += [item.title for item in outline.root]
        for name, each in opened.attachments.items():
            texts += [name, each.get_file().read_bytes().decode()]
    return "\n".join(texts)


@dataclass
class Tour:
    """One reader's way past all addresses; a page that many of them lead to is read once."""

    visitor: Visitor
    led_to: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    turned_away: bool = False  # at the door of the last page
    refusals: int = 0

    @contextmanager
    def in_short(self) -> Iterator[None]:
        """Note who is turned away at a door, and write refusals as their sentence alone.

        Around it they have the frame that each page has; the first one is read with it.
        """
        whole, to_sign_in = pages_of_errors._error_page, access.to_sign_in

        def refusal(status: int, message: str) -> tuple[str, int]:
            self.refusals += 1
            return whole(status, message) if self.refusals == 1 else (message, status)

        def door(do: Callable[..., Any]) -> Callable[..., Any]:
            def noted(*what: Any) -> Any:
                self.turned_away = True
                return do(*what)

            return noted

        with (
            patch.object(pages_of_errors, "_error_page", refusal),
            patch.object(access, "abort", door(abort)),
            patch.object(access, "to_sign_in", door(to_sign_in)),
            patch.object(pdf, "run", printed),
        ):
            yield

    def shown(self, address: str) -> str:
        """Give what stands there; nothing where the bare address was refused already."""
        path = address.partition("?")[0]
        if path != address and path in self.refused:
            return ""
        self.turned_away = False
        with self.visitor.get(address) as answer:
            assert answer.status_code < 500, address
            if answer.status_code in (403, 404):
                self.refused.add(path)
            turned_away, text = self.turned_away, said(answer).replace(address, "")
            text += self._behind(answer.location)
            self.turned_away = turned_away
            return text

    def _behind(self, location: str | None) -> str:
        """Follow a redirect; the sign-in page says nothing of where one goes on to."""
        page = location.partition("?next=")[0] if location else ""
        if not page or page in self.led_to:
            return ""
        self.led_to.add(page)
        return self.shown(page)


CHANGING = re.compile(r'name="csrf_token"[^>]*>|content="[^"]*"[^>]*name="csrf|Set-Cookie:[^\n]*')


def alike(text: str, word: str) -> str:
    """Write a page so that two that differ by what was typed alone are the same."""
    return CHANGING.sub("", text).replace(word, "•").replace(word.upper(), "•")
