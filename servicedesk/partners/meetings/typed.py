"""The form of a sheet as it was typed: fields named after what they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from flask_babel import gettext as _

from servicedesk.errors import BadInput
from servicedesk.incidents.spans import read_day
from servicedesk.partners.meetings.commands import Changes, Resolved, Said
from servicedesk.partners.meetings.queries import Key

NEW = 3  # empty lines for what is decided
_ITEM = re.compile(r"(handoff|request)-(\d{1,9})-(\d{1,6})-action", re.ASCII)
_DECISION = re.compile(r"decision-(\d{1,9})-text", re.ASCII)


def changes(form: Mapping[str, str]) -> Changes:
    """Read what was typed; raises BadInput for what is no day."""
    first, since = _day(form, "day"), _day(form, "since")
    if first is None or since is None:
        raise BadInput(_("Please choose a day."))
    return Changes(
        first,
        since,
        form.get("participants", ""),
        dict(_items(form)),
        {
            int(found[1]): _decision(form, f"decision-{found[1]}")
            for name in form
            if (found := _DECISION.fullmatch(name))
        },
        [_decision(form, f"new-{n}") for n in range(1, NEW + 1)],
    )


def _items(form: Mapping[str, str]) -> Iterator[tuple[Key, Said]]:
    for name in form:
        if found := _ITEM.fullmatch(name):
            stem = name.removesuffix("-action")
            said = Said(form[name].strip(), _day(form, f"{stem}-day"), form.get(f"{stem}-who", ""))
            yield (found[1], int(found[2]), int(found[3])), said


def _decision(form: Mapping[str, str], stem: str) -> Resolved:
    return Resolved(
        form.get(f"{stem}-text", ""),
        form.get(f"{stem}-owner", ""),
        _day(form, f"{stem}-due"),
        f"{stem}-done" in form,
    )


def _day(form: Mapping[str, str], name: str) -> date | None:
    said = form.get(name, "").strip()
    if not said:
        return None
    if (found := read_day(said)) is None:
        raise BadInput(_("“%(text)s” is not a day.", text=said[:40]))
    return found
