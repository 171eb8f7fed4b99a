"""Drafts of policies: what travels in a form, and what it makes of the set-up's document."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from servicedesk.errors import BadInput
from servicedesk.rulebook import compare, drafts
from servicedesk.rulebook.drafts import Draft

ONE = {"key": "one", "when": {"untouched": 60}, "tell": ["assignee"]}
TWO = {"key": "two", "when": {"clock": "resolution", "at": 75}, "tell": ["manager"]}
DATA: dict[str, Any] = {
    "policies": {"usual": [ONE]},
    "services": {
        "internet": {"path": ["desk"], "policy": "usual"},
        "printing": {"path": ["desk"], "policy": "other"},
        "payroll": {"path": ["desk"]},
    },
}


def test_a_draft_travels_in_a_form_unchanged() -> None:
    """E1: what a page reads is what the one before wrote."""
    draft = Draft("usual", (ONE, TWO), frozenset({"internet"}), frozenset({"payroll"}), 3, 12)
    assert drafts.read(MultiDict(draft.fields())) == draft


@pytest.mark.parametrize(
    "text", ["{", "{}", '[{"key": "x"}]', "[1]", "[" * 5000, '["' + "x" * 200_001]
)
def test_what_no_page_of_the_desk_wrote_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        drafts.read(MultiDict({"policy": "usual", "steps": text}))


def test_steps_are_put_moved_and_left_out() -> None:
    draft = Draft("usual", (ONE, TWO))
    assert draft.put(2, {**ONE, "key": "three"}).steps[2]["key"] == "three"
    assert draft.put(0, TWO).steps == (TWO, TWO)
    assert draft.moved(1, -1).steps == draft.moved(0, 1).steps == (TWO, ONE)
    for place, by in ((0, -1), (1, 1), (9, -1)):
        assert draft.moved(place, by).steps == (ONE, TWO)
    assert draft.without(0).steps == (TWO,)


def test_services_come_and_go_and_the_others_stay() -> None:
    """E1: a service names its policy; one that got it meanwhile from somebody else keeps it."""
    draft = Draft("usual", (TWO,), frozenset({"printing"}), frozenset({"payroll"}), 1)
    made = draft.document(DATA)
    policies = {key: said.get("policy") for key, said in made["services"].items()}
    assert policies == {"internet": "usual", "printing": "usual", "payroll": None}
    gone = Draft("usual", (TWO,), frozenset(), frozenset({"internet", "printing"}), 1)
    policies = {key: said.get("policy") for key, said in gone.document(DATA)["services"].items()}
    assert policies == {"internet": None, "printing": "other", "payroll": None}
    assert (made["policies"], DATA["policies"]) == ({"usual": [TWO]}, {"usual": [ONE]})


def test_what_does_not_load_stands_at_its_step() -> None:
    lines = [
        'set-up:9: policies.usual[1].for.service[0]: there is no service "x"',
        "set-up:4: services.a.path: must not be empty",
        "set-up:7: policies.other[0]: something",
    ]
    assert drafts.by_step(lines, "usual") == {1: ['there is no service "x"']}


def test_versions_are_compared_step_by_step() -> None:
    later, told = {**ONE, "when": {"untouched": 90}}, {**TWO, "tell": ["owner"]}
    found = compare.differences([ONE, TWO], [told, later])
    kinds = [(it.sort, it.key) for it in found]
    assert kinds == [("changed", "two"), ("changed", "one"), ("moved", "")]
    found = compare.differences([ONE], [TWO])
    assert [(it.sort, it.key) for it in found] == [("added", "two"), ("removed", "one")]
    assert compare.differences([ONE, TWO], [ONE, TWO]) == []
