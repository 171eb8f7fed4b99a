"""The kinds of single values that DESK.yaml is made of."""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema

from servicedesk.people.models import ROLES
from servicedesk.setup import public_holidays
from servicedesk.setup.problems import describe, did_you_mean
from servicedesk.setup.rota import minutes
from servicedesk.sla.agreement import parse_target
from servicedesk.sla.calendar import parse_hours, parse_window
from servicedesk.sla.zones import zone_info

MOST_MINUTES = 1_000_000  # about two years, day and night
NEXT = "next"  # the next step of a service's path

_KEY = re.compile(r"[a-z0-9-]{1,64}")
_REASON_KEY = re.compile(r"[a-z0-9_-]{1,40}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CELL = re.compile(r"[1-3],[1-3]")
_MAIL = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")
_NEEDS_QUOTES = "put it in quotes"


def read_key(value: Any) -> str:
    """Read a key; one of digits alone needs no quotes. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError(f"must be a key, not {describe(value)}")
    if not _KEY.fullmatch(value):
        raise ValueError(f"{value[:70]!r} is not a key: 1 to 64 of a-z, 0-9 and -")
    return value


def _reason_key(value: Any) -> str:
    if not isinstance(value, str) or not _REASON_KEY.fullmatch(value):
        raise ValueError(f"{str(value)[:50]!r} is not a key: 1 to 40 of a-z, 0-9, _ and -")
    return value


def _text(longest: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if isinstance(value, bool | int | float):
            raise ValueError(f"must be text, not {describe(value)}; {_NEEDS_QUOTES}")
        if not isinstance(value, str):
            raise ValueError(f"must be text, not {describe(value)}")
        text = value.strip()
        if not 0 < len(text) <= longest:
            raise ValueError(f"must have 1 to {longest} characters, not {len(text)}")
        if any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text):
            raise ValueError("must be one line of text without control characters")
        return text

    return read


def _mail(text: str) -> str:
    if not _MAIL.fullmatch(text):
        raise ValueError(f"{text!r} is not a mail address")
    return text


def _zone(text: str) -> str:
    try:
        return zone_info(text).key
    except ValueError:
        raise ValueError(f'there is no time zone "{text}"{_near_zone(text)}') from None


@lru_cache(maxsize=256)
def _near_zone(text: str) -> str:
    return did_you_mean(text, zoneinfo.available_timezones())


def _day(text: str) -> str:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{text!r} is not a day such as 2026-12-29") from None


def _days(text: str) -> str:
    parse_hours({text: []})
    return text


def _window(text: str) -> str:
    parse_window(text)
    return text


def _time(text: str) -> str:
    minutes(text)
    return text


def _cell(text: str) -> str:
    if not _CELL.fullmatch(text):
        raise ValueError('must be impact and urgency from 1 to 3, such as "1,3"')
    return text


def _country(text: str) -> str:
    public_holidays.dates(text)
    return text


def _target(value: Any) -> int | str:
    target = parse_target(value)
    if target.minutes and target.minutes > MOST_MINUTES:
        raise ValueError(f"must be at most {MOST_MINUTES} minutes, not {target.minutes}")
    return f"{target.days}d" if target.days else target.minutes or 0


def _flag(value: Any) -> bool:
    """Read true or false; yes, no, on and off are those too, as in older YAML."""
    words = {"yes": True, "on": True, "no": False, "off": False}
    known = words.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(known, bool):
        raise ValueError(f"must be true or false, not {describe(value)}")
    return known


def _one_or_more(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def one_of(*words: str | int) -> PlainValidator:
    """Take one of a few words or numbers; raises ValueError with what may have been meant."""

    def read(value: Any) -> Any:
        if type(value) in (str, int) and value in words:
            return value
        known = [str(word) for word in words]
        near = did_you_mean(value, known) if isinstance(value, str) and value not in known else ""
        raise ValueError(f"must be {_or(known)}, not {describe(value)}{near}")

    return PlainValidator(read, json_schema_input_type=Literal[*words])


def _or(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _line(longest: int, **said: Any) -> tuple[PlainValidator, WithJsonSchema]:
    schema = {"type": "string", "minLength": 1, "maxLength": longest, **said}
    return PlainValidator(_text(longest)), WithJsonSchema(schema)


T = TypeVar("T")
OneOrMore = Annotated[list[T], BeforeValidator(_one_or_more)]

Key = Annotated[
    str,
    PlainValidator(read_key),
    WithJsonSchema({"type": "string", "pattern": f"^{_KEY.pattern}$"}),
]
ReasonKey = Annotated[
    str,
    PlainValidator(_reason_key),
    WithJsonSchema({"type": "string", "pattern": f"^{_REASON_KEY.pattern}$"}),
]
Text = Annotated[str, *_line(200)]
Time = Annotated[str, *_line(5, examples=["09:00"]), AfterValidator(_time)]
Phone = Annotated[str, *_line(40)]
Mail = Annotated[str, *_line(254, format="email"), AfterValidator(_mail)]
Zone = Annotated[str, *_line(64, examples=["Asia/Tokyo"]), AfterValidator(_zone)]
Day = Annotated[str, *_line(40, format="date"), AfterValidator(_day)]
Days = Annotated[str, *_line(40, examples=["mon-fri", "sat"]), AfterValidator(_days)]
Window = Annotated[str, *_line(40, examples=["09:00-18:00"]), AfterValidator(_window)]
Country = Annotated[str, *_line(50, examples=["JP", "US-NY"]), AfterValidator(_country)]
Target = Annotated[
    int | str,
    PlainValidator(_target),
    WithJsonSchema(
        {
            "oneOf": [
                {"type": "integer", "minimum": 1, "maximum": MOST_MINUTES},
                {"type": "string", "pattern": "^[1-9][0-9]{0,3}d$"},
            ]
        }
    ),
]
Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES)]
Flag = Annotated[bool, PlainValidator(_flag), WithJsonSchema({"type": "boolean"})]

Language = Annotated[str, one_of("en", "ja")]
Role = Annotated[str, one_of(*ROLES)]
# Impact and urgency, 1 high to 3 low.
Cell = Annotated[str, *_line(40, pattern="^[1-3],[1-3]$"), AfterValidator(_cell)]
Priority = Annotated[str, one_of("P1", "P2", "P3", "P4", "P5")]
HoldReason = Annotated[str, one_of("requester", "approval", "change", "delivery", "other")]
ClockKind = Annotated[
    str,
    one_of("response", "resolution", "acceptance", "answer", "holding", "requested", "promised"),
]
Recipient = Annotated[
    str,
    one_of(
        "assignee",
        "holder-lead",
        "desk-lead",
        "manager",
        "senior-manager",
        "owner",
        "on-call",
        "members",
        "requester",
    ),
]
