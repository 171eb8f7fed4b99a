"""Every setting and every command is documented."""

from __future__ import annotations

import pytest

import config
from tests.support.checkout import ROOT, read


@pytest.mark.parametrize("name", [setting.name for setting in config.SETTINGS])
def test_readme_documents_the_setting(name: str) -> None:
    assert f"`{name}`" in read("README.md")


def test_every_command_is_documented() -> None:
    from servicedesk.cli import desk

    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    text = "\n".join(page.read_text() for page in pages)
    assert [name for name in desk.commands if f"desk {name}" not in text] == []
