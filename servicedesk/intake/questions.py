"""What the form of a service asks besides, and the answers as lines of the description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from servicedesk.setup.directory import Service

Answer = str | bool | date | Decimal | None


@dataclass(frozen=True)
class Question:
    """One of a service's form fields, as the set-up says."""

    key: str
    name: str
    type: str = "text"  # text, lines, number, day, choice, check
    choices: tuple[str, ...] = ()
    required: bool = False


def questions(service: Service | None, description: str = "") -> list[Question]:
    """Give what a service asks, but for what a description answers already."""
    asked = service.more.get("fields", ()) if service else ()
    found = [_question(said) for said in asked]
    return [one for one in found if not is_answered(one, description)]


def _question(said: Mapping[str, Any]) -> Question:
    return Question(
        said["key"],
        said["name"],
        said.get("type", "text"),
        tuple(said.get("choices", ())),
        bool(said.get("required", False)),
    )


def is_answered(question: Question, description: str) -> bool:
    """Say whether a description has a line for a question."""
    return any(line.startswith(f"{question.name}: ") for line in description.splitlines())


def with_answers(description: str, said: Iterable[tuple[Question, Answer]]) -> str:
    """Add the answers to a description, a line each."""
    lines = "\n".join(_lines(said))
    return "\n\n".join(part for part in (description.strip(), lines) if part)


def _lines(said: Iterable[tuple[Question, Answer]]) -> Iterator[str]:
    for question, answer in said:
        if text := _text(answer):
            yield f"{question.name}: {text}"


def _text(answer: Answer) -> str:
    match answer:
        case True:
            return str(_("yes"))
        case None | False:
            return ""
        case date():
            return answer.isoformat()
        case _:
            return "\n  ".join(str(answer).strip().splitlines())
