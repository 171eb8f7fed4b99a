"""Which way a hand-off goes, and what comes next on a path."""

from __future__ import annotations

import pytest

from servicedesk.escalation.path import PARTNER, direction, next_step, upward


@pytest.mark.parametrize(
    ("sender", "receiver", "said"),
    [
        (1, 2, "up"),
        (1, 3, "up"),
        (3, 1, "down"),
        (2, 2, "across"),
        (1, PARTNER, "partner"),
        (3, PARTNER, "partner"),
        (PARTNER, PARTNER, "partner"),
        (PARTNER, 1, "from-partner"),
        (PARTNER, 3, "from-partner"),
    ],
)
def test_the_direction_follows_from_the_tiers_of_both_ends(
    sender: int, receiver: int, said: str
) -> None:
    """H2: up, down, across, to or from a partner."""
    assert direction(sender, receiver) == said


def test_an_escalation_goes_up_or_to_a_partner() -> None:
    """F4: escalation rate = those with at least one hand-off upward or to a partner."""
    said = {way: upward(way) for way in ("up", "down", "across", "partner", "from-partner")}
    assert [way for way, up in said.items() if up] == ["up", "partner"]


@pytest.mark.parametrize(
    ("holder", "offered"),
    [("desk", "network"), ("network", "netone"), ("netone", None), ("field", "desk")],
)
def test_the_next_step_of_the_path_is_offered_first(holder: str, offered: str | None) -> None:
    """H3: from somewhere else the path begins at its start."""
    assert next_step(["desk", "network", "netone"], holder) == offered


def test_a_service_without_a_path_offers_nothing() -> None:
    assert next_step([], "desk") is None
