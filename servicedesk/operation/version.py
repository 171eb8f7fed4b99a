"""Which version of the program this is."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import config


@cache
def version() -> str:
    """Give the version, with the commit where this is a checkout: `0.1.0 (1a2b3c4)`."""
    said = tomllib.loads((config.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    number = str(said["project"]["version"])
    commit = _commit(config.ROOT / ".git")
    return f"{number} ({commit[:7]})" if commit else number


def _commit(git: Path) -> str:
    """Read what is checked out, without running git; empty where that cannot be told."""
    try:
        head = (git / "HEAD").read_text().strip()
        name = head.removeprefix("ref: ")
        if name == head:
            return head
        loose = git / name
        return loose.read_text().strip() if loose.exists() else _packed(git, name)
    except OSError:
        return ""


def _packed(git: Path, name: str) -> str:
    lines = (git / "packed-refs").read_text().splitlines()
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), "")
