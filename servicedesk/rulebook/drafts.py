"""A policy that is being changed: it travels from page to page in a form, and is kept nowhere.

Every form about a draft carries the same hidden fields (`templates/rulebook/_parts.html`, macro
`carried`), so that a page that gets one of them can read it with `read`:

    policy    the policy's key
    steps     its steps as a list in JSON, each as DESK.yaml writes it
    services  keys of the services that are to use it, one field each
    had       keys of those that used it when the change was begun, one field each
    base      number of the version that the change was begun from; 0: the policy is new
    revision  of the set-up that was looked at in the preview; 0: in none yet
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from flask_babel import gettext as _
from pydantic import ValidationError

from servicedesk.errors import BadInput
from servicedesk.setup.policies import Step

Said = dict[str, Any]  # a step as it is stored
Data = dict[str, Any]  # the set-up's document

MOST_STEPS = 100
LONGEST = 200_000  # characters of JSON


class Sent(Protocol):
    """What a form sent, as the request has it."""

    def get(self, key: str) -> str | None:
        """Give the first value of a field."""

    def getlist(self, key: str) -> list[str]:
        """Give all values of a field."""


@dataclass(frozen=True)
class Draft:
    """A policy as it is to be."""

    key: str
    steps: tuple[Said, ...] = ()
    services: frozenset[str] = frozenset()
    had: frozenset[str] = frozenset()
    base: int = 0
    revision: int = 0

    @property
    def is_new(self) -> bool:
        """Say whether the policy is not there yet."""
        return not self.base

    @property
    def written(self) -> str:
        """Write the steps as the form carries them."""
        return json.dumps(self.steps, ensure_ascii=False)

    def fields(self) -> list[tuple[str, str]]:
        """Give names and values of what a form carries."""
        named = [("services", key) for key in sorted(self.services)]
        named += [("had", key) for key in sorted(self.had)]
        said = ("policy", self.key), ("steps", self.written), ("base", str(self.base))
        return [*said, *named, ("revision", str(self.revision))]

    # changing its steps; places count from 0

    def put(self, place: int, step: Said) -> Draft:
        """Write a step over another, or after the last one."""
        steps = list(self.steps)
        steps[place : place + 1] = [step]
        return replace(self, steps=tuple(steps))

    def without(self, place: int) -> Draft:
        """Leave a step out."""
        return replace(self, steps=(*self.steps[:place], *self.steps[place + 1 :]))

    def moved(self, place: int, by: int) -> Draft:
        """Move a step up (-1) or down (1); at the ends it stays."""
        steps, to = list(self.steps), place + by
        if place < len(steps) and 0 <= to < len(steps):
            steps.insert(to, steps.pop(place))
        return replace(self, steps=tuple(steps))

    def document(self, data: Mapping[str, Any]) -> Data:
        """Give the set-up's document with this policy, and with it at the services chosen.

        Only what was changed here is changed there: a service that got the policy meanwhile
        keeps it.
        """
        policies = {**(data.get("policies") or {}), self.key: [dict(it) for it in self.steps]}
        services = dict(data["services"])
        for key in self.services - self.had:
            if key in services:
                services[key] = {**services[key], "policy": self.key}
        for key in self.had - self.services:
            if services.get(key, {}).get("policy") == self.key:
                services[key] = {w: it for w, it in services[key].items() if w != "policy"}
        return {**data, "policies": policies, "services": services}


def without(data: Mapping[str, Any], key: str) -> Data:
    """Give the document without a policy."""
    kept = {name: said for name, said in (data.get("policies") or {}).items() if name != key}
    return {**data, "policies": kept}


def read(sent: Sent) -> Draft:
    """Read what a form carries; raises BadInput where no page of the desk wrote it."""
    return Draft(
        key=sent.get("policy") or "",
        steps=tuple(_steps(sent.get("steps") or "[]")),
        services=frozenset(sent.getlist("services")),
        had=frozenset(sent.getlist("had")),
        base=_number(sent.get("base")),
        revision=_number(sent.get("revision")),
    )


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,9}", text) else 0


def _steps(text: str) -> list[Said]:
    try:
        if len(text) > LONGEST:
            raise ValueError(len(text))
        said = json.loads(text)
        if not isinstance(said, list) or len(said) > MOST_STEPS:
            raise ValueError(said)
        return [checked(step) for step in said]
    except (ValueError, RecursionError) as error:
        raise BadInput(_("What was changed can't be read any more: please begin anew.")) from error


def checked(said: Any) -> Said:
    """Bring a step into its one form; raises pydantic's ValidationError, which is a ValueError."""
    return Step.model_validate(said).plain()


def problems(error: ValidationError) -> list[tuple[str, str]]:
    """Give the field of a step, as DESK.yaml calls it, and what is wrong with it."""
    return [
        (str(one["loc"][0]) if one["loc"] else "", one["msg"].removeprefix("Value error, "))
        for one in error.errors(include_url=False)
    ]


def by_step(lines: Iterable[str], key: str) -> dict[int, list[str]]:
    """Arrange what is wrong with a document by the place of the step that it is about."""
    found: dict[int, list[str]] = {}
    about = re.compile(rf"policies\.{re.escape(key)}\[(\d+)\]\S*: (.*)")
    for line in lines:
        if match := about.search(line):
            found.setdefault(int(match[1]), []).append(match[2])
    return found


def free_name(wanted: str, taken: Sequence[str]) -> str:
    """Give a name that no other step has: `climb`, else `climb-2`."""
    names = [wanted, *(f"{wanted}-{n}" for n in range(2, MOST_STEPS + 2))]
    return next(name for name in names if name not in taken)
