"""What import-linter cannot say: pure modules know only Python, and modules stay small."""

from __future__ import annotations

import ast
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.support.checkout import PACKAGE, ROOT, files, project

LONGEST = 450
MODULES = files(PACKAGE, "*.py")
CONTRACTS = project()["tool"]["importlinter"]["contracts"]
PATTERNS = next(each["source_modules"] for each in CONTRACTS if each["id"] == "pure")


def dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def is_pure(module: str) -> bool:
    return any(fnmatch(module, pattern) for pattern in PATTERNS)


KNOWN = {dotted(path) for path in MODULES}
PURE = [path for path in MODULES if is_pure(dotted(path))]


def imports(path: Path) -> set[str]:
    """List the modules that a file imports, `from package import module` included."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            inner = {f"{module}.{alias.name}" for alias in node.names} & KNOWN
            found |= inner or {module}
    return found


def may_be_imported(module: str) -> bool:
    in_python = module.partition(".")[0] in sys.stdlib_module_names
    return in_python or is_pure(module) or module in ("servicedesk.errors", "markupsafe")


@pytest.mark.parametrize("path", PURE, ids=str)
def test_a_pure_module_knows_only_python_and_other_pure_modules(path: Path) -> None:
    assert {module for module in imports(path) if not may_be_imported(module)} == set()


def test_only_times_reads_the_wall_clock() -> None:
    clocks = ("datetime.now(", "datetime.utcnow(", "date.today(", "time.time(")
    readers = [
        str(path) for path in MODULES if any(clock in (ROOT / path).read_text() for clock in clocks)
    ]
    assert readers == ["servicedesk/times.py"]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_fits_in_the_head(path: Path) -> None:
    assert len((ROOT / path).read_text().splitlines()) <= LONGEST
