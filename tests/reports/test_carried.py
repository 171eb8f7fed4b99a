"""F7: what a report carries: written, read back, and found damaged."""

from __future__ import annotations

import json

import pytest

from servicedesk.incidents import acts
from servicedesk.reports import carried
from servicedesk.reports.carried import DOCUMENT, FACTS, Damaged
from servicedesk.reports.contents import Contents
from servicedesk.reports.document import Document, Overturned, Seal
from servicedesk.reports.queries import Knowledge
from servicedesk.reports.scopes import Scope
from tests.incidents.told import NETONE, Told, directory
from tests.reports.counted import facts, frame


def files(**seal: object) -> dict[str, str]:
    first, second = Told("Thu 09:00"), Told("Thu 10:00")
    first.hand(NETONE, "10:00")
    acts.resolve(second.at("Fri 09:00"), "solved")
    said = Contents(
        frame(), Scope(), Knowledge(9, frame().at), directory(), facts(first, second), draft=False
    )
    mark = Seal(2, "Ueda", **seal)  # type: ignore[arg-type]
    return carried.files(Document(said, mark, {1: "No network"}), "en")


def test_the_seal_is_read_back_whole() -> None:
    said = files(touched=(1, 2), overturned=(Overturned(1, "2026-10", 1),), comment="Well.\nDone.")
    seal = carried.read(said).document.seal
    assert (seal.revision, seal.touched, seal.comment) == (2, (1, 2), "Well.\nDone.")
    assert seal.overturned == (Overturned(1, "2026-10", 1),)


def test_only_parties_that_are_spoken_of_are_named() -> None:
    said = json.loads(files()[DOCUMENT])
    assert [party["key"] for party in said["parties"]] == ["desk", "netone"]
    assert [service["key"] for service in said["services"]] == ["internet"]


def test_a_changed_line_is_named() -> None:
    said = files()
    said[FACTS] = said[FACTS].replace('"number":2', '"number":7')
    [changed] = carried.read(said).changed
    assert changed == "facts.jsonl, line 2 (INC-00000007): was changed"


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        (FACTS, '"type":"incident"', '"type":7', "line 1.*type"),
        (FACTS, '"2026-11-26T', '"2026-13-26T', "line 1"),
        (FACTS, "}\n", "}", "cut off"),
        (FACTS, '"partner:1"', '"partner:8"', "is about partner:8, which"),
        (FACTS, '"service":1', '"service":5', "service 5"),
        (DOCUMENT, '"2026-11"', '"2026-19"', "no month 2026-19"),
        (DOCUMENT, "Asia/Tokyo", "Mars/Base", "Mars/Base"),
        (DOCUMENT, '"draft": false', '"draft": 3', "draft"),
        (DOCUMENT, "{", "", "Invalid JSON"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(
    name: str, before: str, after: str, said: str
) -> None:
    data = files()
    head, found, tail = data[name].rpartition(before) if before == "}\n" else ("", "", data[name])
    data[name] = head + after + tail if found else tail.replace(before, after)
    with pytest.raises(Damaged, match=said) as error:
        carried.read(data)
    assert str(error.value).startswith(name)
    assert "\n" not in str(error.value)
