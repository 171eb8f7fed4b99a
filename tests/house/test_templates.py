"""Every template compiles and keeps to the content policy: nothing inline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import TemplateSyntaxError

from tests.support.checkout import ROOT, TEMPLATES, files

PAGES = files(TEMPLATES, "*.html")
INLINE = {
    "a style attribute": re.compile(r"<[^>{}]*\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "a script without src": re.compile(r"<script\b(?![^>]*\ssrc=)"),
    "an event handler": re.compile(r"<[^>{}]*\son[a-z]+\s*="),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "text that is not escaped": re.compile(r"\|\s*safe\b|autoescape\s+false"),
}


@pytest.mark.backends("sqlite")
def test_every_template_compiles(app: Flask) -> None:
    faults = []
    for page in PAGES:
        try:
            app.jinja_env.get_template(str((ROOT / page).relative_to(TEMPLATES)))
        except TemplateSyntaxError as error:
            faults.append(f"{page}:{error.lineno}: {error.message}")
    assert faults == []


@pytest.mark.parametrize("template", PAGES, ids=str)
def test_a_template_has_nothing_inline(template: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", (ROOT / template).read_text(), flags=re.DOTALL)
    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []
