"""What the values of a column stand for: guesses from Japanese and English words."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

from servicedesk.incidents.lifecycle import HOLD_REASONS
from servicedesk.incidents.priority import USUAL
from servicedesk.setup.directory import Directory
from servicedesk.spreadsheet import fields
from servicedesk.spreadsheet.cells import is_nothing, plain

OUT, BLANK = "", "-"  # leave such lines out; read it as if the cell were blank
HOLD = "on_hold:"
NEEDED = ("service", "party", "state")  # an unknown value leaves the line out

LIKE = {"impact": "level", "urgency": "level"}  # whose words are another's
ENDS = ("です", "中です", "。", ".", "!", "案件", "分")


def guess(field: str, value: str, setup: Directory) -> str:
    """Guess what a value stands for; "" where nothing tells."""
    if is_nothing(value):
        return BLANK
    if field in ("service", "party"):
        return _named(value, names(field, setup))
    said, known = plain(value), _known(LIKE.get(field, field))
    found = known.get(said) or known.get(_shortened(said)) or _leading(said, known)
    return found if found and found in targets(field, setup) else OUT


@cache
def _known(group: str) -> dict[str, str]:
    """Give what each word stands for."""
    said = fields.words()["values"][group].items()
    return {plain(word): str(target) for target, words in said for word in words}


def _shortened(said: str) -> str:
    """Drop what does not matter at either end: `3.完了`, `[対応中]`, `高(全社)`."""
    said = said.strip("[]()<>【】「」『』★※*・").lstrip("0123456789.:-_)、")
    for end in ENDS:
        said = said.removesuffix(end)
    return said.partition("(")[0] or said


def _leading(said: str, known: Mapping[str, str]) -> str | None:
    """`1:高`, `1-high`: the word behind the number counts, else the number."""
    head, _mark, tail = said.replace("-", ":").replace(".", ":").partition(":")
    return known.get(tail) or known.get(head)


def names(field: str, setup: Directory) -> dict[str, str]:
    """Give keys and names of the services, or of the groups and partners."""
    if field == "service":
        return {key: service.name for key, service in setup.services_by_key.items()}
    return {key: party.name for key, party in setup.by_key.items()}


def _named(value: str, names: Mapping[str, str]) -> str:
    """Find by key, by name, by a part of the name, then by the nearest spelling."""
    said = plain(value)
    forms = {plain(form): key for key, name in names.items() for form in (name, key)}
    if said in forms:
        return forms[said]
    parts = {
        key for form, key in forms.items() if len(said) >= 2 and (said in form or form in said)
    }
    if len(parts) == 1:
        return parts.pop()
    near = difflib.get_close_matches(said, forms, n=1, cutoff=0.75)
    return forms[near[0]] if near else OUT


def targets(field: str, setup: Directory) -> tuple[str, ...]:
    """Give what the values of a field can stand for."""
    if field in ("service", "party"):
        return tuple(names(field, setup))
    if field == "state":
        holds = tuple(f"{HOLD}{reason}" for reason in HOLD_REASONS)
        return ("new", "in_progress", *holds, "resolved", "closed", "cancelled")
    if field == "priority":
        return tuple(sorted({*(USUAL | dict(setup.priorities)).values()}))
    return {
        "impact": ("1", "2", "3"),
        "urgency": ("1", "2", "3"),
        "type": ("incident", "request"),
        "channel": ("phone", "mail", "desk", "portal"),
    }[field]


def levels(priority: str, setup: Directory) -> tuple[int, int]:
    """Give an impact and urgency that make a priority, as even as possible."""
    matrix = USUAL | dict(setup.priorities)
    pairs = [(int(cell[0]), int(cell[2])) for cell, made in matrix.items() if made == priority]
    return min(pairs, key=lambda pair: (abs(pair[0] - pair[1]), pair), default=(2, 2))


def distinct(cells: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Bring values together that differ in width, case or spaces: the usual form, its count."""
    forms: dict[str, Counter[str]] = {}
    for said in cells:
        forms.setdefault(plain(said), Counter())[said] += 1
    return {key: (found.most_common(1)[0][0], found.total()) for key, found in forms.items()}
