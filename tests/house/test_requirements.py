"""What is installed is pinned, and says nothing of where it comes from."""

from __future__ import annotations

import re

import pytest

from tests.support.checkout import ROOT, read

LISTS = ("uv", "base", "dev")
PIN = re.compile(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", re.MULTILINE)
NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)
ADDRESS = re.compile(
    r"https?://(?!127\.0\.0\.1)|file://|--index-url|--extra-index-url|--find-links"
)
INSTALLING = ("Makefile", "pyproject.toml", ".ci/run", ".pre-commit-config.yaml")


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall(read(f"requirements/{name}.txt")))


@pytest.mark.parametrize("name", LISTS)
def test_every_pin_has_a_hash(name: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", read(f"requirements/{name}.txt"))
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", LISTS)
def test_everything_asked_for_is_pinned(name: str) -> None:
    asked = {found.lower() for found in NAME.findall(read(f"requirements/{name}.in"))}
    assert asked - pins(name).keys() == set()


def test_development_uses_the_versions_that_run() -> None:
    base, dev = pins("base"), pins("dev")
    assert {name for name in base.keys() & dev.keys() if base[name] != dev[name]} == set()


def test_no_list_is_left_over() -> None:
    found = {path.stem for path in (ROOT / "requirements").iterdir()}
    assert found == set(LISTS)


@pytest.mark.parametrize("path", [*(f"requirements/{name}.txt" for name in LISTS), *INSTALLING])
def test_no_file_names_an_index(path: str) -> None:
    text = re.sub(r"--no-emit-(index-url|find-links)", "", read(path))
    assert ADDRESS.findall(text) == []
