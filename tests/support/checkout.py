"""The files of the checkout, for tests about the house itself."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "servicedesk"
TEMPLATES = ROOT / "templates"


def read(path: str) -> str:
    """Read a file of the checkout."""
    return (ROOT / path).read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads(read("pyproject.toml"))


def files(folder: Path, pattern: str) -> list[Path]:
    """List a folder's files, relative to the checkout, so that they read well as test ids."""
    return sorted(path.relative_to(ROOT) for path in folder.rglob(pattern) if path.is_file())
