"""`make help` lists what there is, and what is listed is there."""

from __future__ import annotations

import os
import re
import subprocess

from tests.support.checkout import ROOT, read


def phony() -> set[str]:
    return set(re.findall(r"^\.PHONY: ([a-z-]+)$", read("Makefile"), re.MULTILINE))


def listed() -> set[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    text = subprocess.check_output(["make", "help"], cwd=ROOT, text=True, env=plain)
    return set(re.findall(r"^  make ([a-z-]+)", text, re.MULTILINE))


def test_help_lists_every_target() -> None:
    assert listed() == phony()


def test_the_promised_targets_are_there() -> None:
    assert listed() >= {"demo", "test", "setup", "help", "run", "check", "bench"}


def test_ci_runs_the_suite_without_leave_to_skip() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert re.search(r"^export CI=true\n(.*\n)*make test", script.read_text(), re.MULTILINE)
