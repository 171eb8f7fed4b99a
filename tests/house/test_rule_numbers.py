"""Every rule about dates, clocks and hand-offs (docs/rules.md §5, §6) is cited by a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support import checkout

LAST = {"C": 15, "D": 6, "H": 8}
NUMBERS = [f"{part}{n}" for part, last in LAST.items() for n in range(1, last + 1)]
CITED = re.compile(r"\b[CDH]\d+\b(?=[^:\n]*:)")  # alone or among others, before a colon


def docstrings() -> Iterator[str]:
    """The docstring of every test."""
    for path in checkout.files(checkout.ROOT / "tests", "test_*.py"):
        for node in ast.walk(ast.parse(checkout.read(str(path)))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield ast.get_docstring(node) or ""


@pytest.fixture(scope="module")
def cited() -> set[str]:
    """The numbers that tests cite."""
    return {number for text in docstrings() for number in CITED.findall(text)}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_rule_has_a_test_that_cites_it(number: str, cited: set[str]) -> None:
    assert number in cited


@pytest.mark.parametrize("number", NUMBERS)
def test_a_rule_stands_in_the_documentation(number: str) -> None:
    assert f"- **{number}** " in checkout.read("docs/rules.md")
