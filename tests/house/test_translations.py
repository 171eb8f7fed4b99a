"""The Japanese texts are complete."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tests.support.checkout import PACKAGE, ROOT

JAPANESE = PACKAGE / "translations" / "ja" / "LC_MESSAGES" / "messages.po"


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="ja")


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What code and templates say."""
    path = tmp_path_factory.mktemp("texts") / "messages.pot"
    babel = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract"]
    options = ["--mapping-file", "pyproject.toml", "--output-file", str(path), "."]
    subprocess.run([*babel, *options], cwd=ROOT, check=True)
    return read(path)


@pytest.fixture(scope="module")
def japanese() -> Catalog:
    """What they say in Japanese."""
    return read(JAPANESE)


def translated(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return all(strings)


def test_nothing_is_left_untranslated(texts: Catalog, japanese: Catalog) -> None:
    missing = [text.id for text in texts if text.id and not translated(japanese.get(*key(text)))]
    assert missing == []


def test_nothing_is_translated_that_nobody_says(texts: Catalog, japanese: Catalog) -> None:
    assert [text.id for text in japanese if text.id and texts.get(*key(text)) is None] == []


def test_placeholders_are_kept(japanese: Catalog) -> None:
    faults = {str(text.id): list(text.check(japanese)) for text in japanese}
    assert {text: found for text, found in faults.items() if found} == {}


def key(message: Message) -> tuple[str, str | None]:
    singular = message.id if isinstance(message.id, str) else message.id[0]
    return singular, message.context
