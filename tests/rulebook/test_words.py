"""Steps of policies as sentences."""

from __future__ import annotations

from typing import Any

import pytest
from flask_babel import force_locale

from servicedesk.rulebook import words
from servicedesk.setup.policies import Deed, Scope, Step, When
from servicedesk.setup.steps import WAITS
from servicedesk.setup.values import ClockKind, Recipient
from tests.cast import Desk

pytestmark = pytest.mark.backends("sqlite")

CHAIN = {"chain": ["assignee", "holder-lead", "manager"], "repeat": {"every": 30, "most": 4}}
SAID: dict[str, dict[str, Any]] = {
    "When 75 % of the target “Resolution” is used, for P1 or P2: tell the assignee, then every "
    "30 min of work the lead of the group that has it, the manager, until somebody takes "
    "responsibility, 4 times at most.": {
        "when": {"clock": "resolution", "at": 75}, "for": {"priority": ["P1", "P2"]}, **CHAIN,
    },
    "When the target “First answer” is used up: tell the assignee and the manager.": {
        "when": {"clock": "response", "at": 100}, "tell": ["assignee", "manager"],
    },
    "When 4 h 30 of work are left to the requested date, for service requests; Printing: "
    "tell the requester.": {
        "when": {"wish": 270}, "for": {"type": "request", "service": "printing"},
        "tell": ["requester"],
    },
    "When a hand-off was not accepted for 1 h of work, for what NetOne Inc. or Network team has: "
    "hand it off to the next step of the path; raise the priority.": {
        "when": {"unaccepted": 60}, "for": {"group": "network", "partner": "netone"},
        "hand_off": "next", "do": {"priority": "up"},
    },
    "When nobody has taken it for 30 min of work: tell all of the group that has it; while who "
    "has it is closed tell who is on call instead; hand it off to Network team; propose a major "
    "incident.": {
        "when": {"unassigned": 30}, "tell": "members", "outside": "on-call",
        "hand_off": "network", "do": {"major": "propose"},
    },
    "When nobody has touched it for 40 h of work: tell the owner of the service, again every 1 h "
    "of work until somebody takes responsibility, 3 times at most.": {
        "when": {"untouched": 2400}, "tell": "owner", "repeat": {"every": 60, "most": 3},
    },
    "When the promised date is reached: note it, and tell nobody.": {
        "when": {"clock": "promised", "at": 100},
    },
}  # fmt: skip


@pytest.mark.parametrize("sentence", SAID)
def test_a_step_is_a_sentence(desk: Desk, sentence: str) -> None:
    """E1: when, for what, what is done, in words that a manager reads without help."""
    said = Step.model_validate({"key": "it", **SAID[sentence]}).plain()
    setup = desk.setup()
    with desk.session():
        assert words.step(said, setup) == sentence


def test_all_that_a_policy_can_say_has_words(desk: Desk) -> None:
    """E1: every clock, wait, recipient, scope and deed of DESK.yaml, in both languages."""
    assert set(words.CLOCKS) == set(_words_of(ClockKind))
    assert set(words.RECIPIENTS) == set(_words_of(Recipient))
    assert {*When.keys()} == {"clock", "at", *WAITS}
    assert {*Scope.keys()} == {"service", "priority", "group", "partner", "type"}
    assert {*Deed.keys()} == {"hand_off", "priority", "major"}
    setup = desk.setup()
    whens = [{"clock": kind, "at": at} for kind in words.CLOCKS for at in (50, 100)]
    whens += [{wait: 60} for wait in WAITS]
    for language in ("en", "ja"):
        with desk.app.test_request_context(), force_locale(language):
            for when in whens:
                step = {"key": "it", "when": when, "tell": list(words.RECIPIENTS)}
                assert words.step(step, setup)


def _words_of(annotation: object) -> list[str]:
    schema = annotation.__metadata__[0].json_schema_input_type  # type: ignore[attr-defined]
    return list(schema.__args__)


def test_what_comes_without_a_rule_has_words(desk: Desk) -> None:
    """E2: each duty of the timetable, and none as its key."""
    kinds = ["hold-ends", "remind-requester", "no-answer", "remind-approver", "close"]
    with desk.session():
        for kind in [*kinds, "return-lapses", "update-missed"]:
            assert words.duty(kind) not in (kind, "–")
