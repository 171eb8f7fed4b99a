"""Webhooks in DESK.yaml: what may stand there, and that it is kept."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

import config
from servicedesk.errors import DeskError
from servicedesk.setup.dump import dump
from servicedesk.setup.load import load_text
from servicedesk.setup.signals import Hook
from tests.cast import DESK, Desk, at
from tests.signals.hooked import POLICY

pytestmark = pytest.mark.backends("sqlite")
OPS = """
hooks:
  ops: {name: Operations chat, format: slack, kinds: [step.fired, incident.logged],
        for: {service: internet, priority: [P1], group: [desk, netone], partner: printco,
              type: request},
        titles: true}
  quiet: {}
"""


def load(desk: Desk, text: str) -> list[str]:
    with desk.session():
        return list(load_text(text, "desk.yaml", now=at("09:00")))


def with_step(step: str, hooks: str = OPS) -> str:
    text = DESK.replace(POLICY, f"{POLICY}, policy: usual")
    return f"{text}{hooks}policies: {{usual: [{step}]}}\n"


def problems(desk: Desk, text: str) -> str:
    with pytest.raises(DeskError) as caught:
        load(desk, text)
    return str(caught.value)


def test_what_the_file_says_is_what_the_rules_look_up(desk: Desk) -> None:
    assert load(desk, DESK + OPS) == ["+ hook ops", "+ hook quiet"]
    hooks = desk.setup().hooks
    assert hooks["ops"] == Hook(
        hooks["ops"].id,
        "ops",
        "Operations chat",
        "slack",
        frozenset({"step.fired", "incident.logged"}),
        frozenset({"internet"}),
        frozenset({"P1"}),
        frozenset({"request"}),
        frozenset({"desk", "netone", "printco"}),
        titles=True,
    )
    assert hooks["quiet"] == Hook(hooks["quiet"].id, "quiet", "quiet")


def test_what_was_dumped_is_taken_back_unchanged(desk: Desk) -> None:
    load(desk, DESK + OPS)
    with desk.session():
        text = dump()
    assert load(desk, text) == ["nothing to change"]
    said: dict[str, Any] = yaml.safe_load(text)["hooks"]
    assert said["quiet"] == {}
    assert said["ops"]["for"]["partner"] == ["printco"]


def test_what_is_left_out_is_no_longer_in_use_and_comes_back_as_it_was(desk: Desk) -> None:
    load(desk, DESK + OPS)
    before = desk.setup().hooks["ops"].id
    assert load(desk, DESK) == ["- hook ops", "- hook quiet"]
    assert desk.setup().hooks == {}
    load(desk, DESK + OPS)
    assert desk.setup().hooks["ops"].id == before


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("{format: irc}", "must be desk, slack or teams"),
        ("{kinds: [step.fird]}", 'did you mean "step.fired"'),
        ("{for: {service: netz}}", 'there is no service "netz"'),
        ("{for: {group: nobody}}", 'there is no group or partner "nobody"'),
        ("{for: {partner: desk}}", 'there is no partner "desk"'),
        ("{url: 'https://x.example'}", "there is no such key here"),
        ("{secret: abc}", "there is no such key here"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, hook: str, said: str) -> None:
    assert said in problems(desk, f"{DESK}hooks: {{ops: {hook}}}\n")


def test_a_step_names_webhooks_that_are_there(desk: Desk) -> None:
    """E1: `signal` of a step."""
    step = "{{key: lying, when: {{unassigned: 30}}, signal: {}}}"
    load(desk, with_step(step.format("ops")))
    assert desk.setup().policies["usual"][0].signals == ("ops",)
    said = problems(desk, with_step(step.format("[quiet, opps]")))
    assert 'there is no hook "opps" (did you mean "ops"?)' in said
    said = problems(desk, with_step(step.format("ops"), hooks=""))
    assert 'there is no hook "ops"' in said


def test_an_address_stands_in_no_file(desk: Desk) -> None:
    load(desk, DESK + OPS)
    with desk.session():
        assert "url" not in dump()


def test_networks_and_http_are_settings() -> None:
    said = config.read({"HOOK_NETWORKS": "10.1.2.0/24, fd00:1::/64", "HOOK_HTTP": "yes"})
    assert [str(each) for each in said["HOOK_NETWORKS"]] == ["10.1.2.0/24", "fd00:1::/64"]
    assert said["HOOK_HTTP"] is True
    usual = config.read({})
    assert (usual["HOOK_NETWORKS"], usual["HOOK_HTTP"]) == ((), False)
    for wrong in ("10.1.2.3/24", "office", "10.0.0.0/99"):
        with pytest.raises(config.BadSetting, match="HOOK_NETWORKS"):
            config.read({"HOOK_NETWORKS": wrong})
