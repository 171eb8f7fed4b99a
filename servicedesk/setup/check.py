"""Checks a file against the schema and its own references: all problems at once."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from servicedesk.setup.entry import Entry
from servicedesk.setup.problems import Document, Path, Problem, bad_file, describe
from servicedesk.setup.references import dangling, undescribed
from servicedesk.setup.schema import Person, SetUp

# What a value must be, by pydantic's name of the error.
_KINDS = {
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a mapping",
}
_LIMITS = {"greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le")}
_OF_A_KEY = "[key]"


def check(document: Document) -> SetUp:
    """Turn a file into a set-up; raises BadFile with all that is wrong."""
    problems = list(document.problems)
    try:
        setup = SetUp.model_validate(document.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems += map(_problem, details)
        rest = _without(document.data, [_path(detail) for detail in details])
        problems += dangling(SetUp.model_validate(rest), document.data)
        raise bad_file(document, problems) from None
    problems += dangling(setup, document.data)
    if problems:
        raise bad_file(document, problems)
    named = {key: Person() for key in sorted(undescribed(setup))}
    return setup.model_copy(update={"people": setup.people | named})


def _without(data: Mapping[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """Leave out the entries with problems, so that the rest can be checked further."""
    bad = {path[:2] if path[0] in SetUp.ENTRIES else path[:1] for path in paths}
    rest = {
        section: {key: value for key, value in entries.items() if (section, key) not in bad}
        if isinstance(entries, dict)
        else entries
        for section, entries in data.items()
        if (section,) not in bad
    }
    return {"desk": {}, **rest}


def _path(detail: ErrorDetails) -> Path:
    return tuple(part for part in detail["loc"] if part != _OF_A_KEY)


def _problem(detail: ErrorDetails) -> Problem:
    path, kind, given = _path(detail), detail["type"], detail["input"]
    said: Mapping[str, Any] = detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(path)
    if kind == "missing":
        return Problem(path[:-1], f"{path[-1]} is missing")
    if kind == "value_error":
        return Problem(path, _sentence(str(said["error"])))
    if kind == "too_short":
        return Problem(path, "must not be empty")
    if kind in _LIMITS:
        words, limit = _LIMITS[kind]
        return Problem(path, f"must be {words} {said[limit]}, not {describe(given)}")
    wanted = _KINDS.get(kind)
    return Problem(path, f"must be {wanted}, not {describe(given)}" if wanted else detail["msg"])


def _sentence(text: str) -> str:
    """Let a sentence of another module read as the rest of a line."""
    return text[:1].lower() + text[1:].rstrip(".")


def _unknown(path: Path) -> Problem:
    known = _keys_at(path[:-1])
    text = f"there is no such key here, only {', '.join(known)}"
    return Problem(path, text, word=str(path[-1]), known=known)


def _keys_at(path: Path) -> list[str]:
    """Give the keys that may stand at a place of the file."""
    found: Any = SetUp
    for part in path:
        found = _inside(found, part)
    return list(found.keys()) if _is_entry(found) else []


def _inside(annotation: Any, part: str | int) -> Any:
    if _is_entry(annotation):
        return _bare(annotation.keys().get(part))
    return _bare(get_args(annotation)[-1])


def _bare(annotation: Any) -> Any:
    """Take away what surrounds a type: annotations, and `None` as the other choice."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = get_args(annotation)[0]
    return annotation


def _is_entry(annotation: Any) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, Entry)
