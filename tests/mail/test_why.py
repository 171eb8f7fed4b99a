"""Every kind of mail says why its reader gets it: what is written nowhere is said by nobody."""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from servicedesk.mail import footing
from servicedesk.mail.letters import LETTERS

WHY = "You get th"


def sources(function: Callable[..., Any]) -> Iterator[str]:
    """Give what a letter's function says, and what those of `mail` that it calls say."""
    seen: set[object] = set()
    left: list[Any] = [function]
    while left:
        one = left.pop()
        if not inspect.isfunction(one) or one in seen:
            continue
        seen.add(one)
        module = inspect.getmodule(one)
        if module is None or not module.__name__.startswith("servicedesk.mail."):
            continue
        text = textwrap.dedent(inspect.getsource(one))
        yield text
        left += list(called(one, module))


def called(function: Callable[..., Any], module: ModuleType) -> Iterator[object]:
    for name in function.__code__.co_names:
        found = getattr(module, name, None)
        if isinstance(found, ModuleType):
            yield from (getattr(found, each, None) for each in function.__code__.co_names)
        else:
            yield found


def says_why(function: Callable[..., Any]) -> bool:
    return any(WHY in text for text in sources(function))


@pytest.mark.parametrize("kind", sorted(LETTERS))
def test_each_kind_of_mail_says_why_one_gets_it(kind: str) -> None:
    """E6: by which role, rule and clock; as whose requester or watcher."""
    assert says_why(LETTERS[kind]), f"the letter of “{kind}” has no sentence “{WHY}…”"


def test_a_letter_without_a_reason_is_found() -> None:
    assert not says_why(importlib.import_module("servicedesk.mail.dates").moment)


def test_whoever_may_not_know_what_it_is_about_is_told_why_all_the_same() -> None:
    """§9: the foot speaks for letters that may say nothing."""
    sentences = [
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(footing.why)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert sum(WHY in each for each in sentences) >= 6
