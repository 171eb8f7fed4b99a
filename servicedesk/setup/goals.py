"""Goals of the report, by figure."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from servicedesk.setup.problems import did_you_mean

# Shares from 0 to 1, and the rest from 0 up.
SHARES = (
    "requested_due.current",
    "requested_due.first",
    "promised_due",
    "sla.response",
    "sla.resolution",
    "ola.acceptance",
    "ola.answer",
    "ola.holding",
    "partner.acceptance",
    "partner.answer",
    "partner.holding",
    "first_tier_resolution",
    "escalation_rate",
    "ping_pong",
    "reopened",
)
AMOUNTS = (
    "intake",
    "resolved",
    "backlog",
    "handoffs",
    "open_past_due",
    "time_to_resolve.mean",
    "time_to_resolve.p50",
    "time_to_resolve.p90",
    "working_time_to_resolve.p50",
)


def _figure(value: Any) -> Any:
    if value not in SHARES + AMOUNTS:
        raise ValueError(f'there is no figure "{value}"{did_you_mean(value, SHARES + AMOUNTS)}')
    return value


Figure = Annotated[
    str, PlainValidator(_figure), WithJsonSchema({"type": "string", "enum": [*SHARES, *AMOUNTS]})
]


def read_goals(goals: dict[str, float]) -> dict[str, float]:
    """Read goals by figure; raises ValueError."""
    for figure, goal in goals.items():
        if goal < 0 or (goal > 1 and figure in SHARES):
            span = "a share from 0 to 1" if figure in SHARES else "0 or more"
            raise ValueError(f"the goal of {figure} must be {span}, not {goal:g}")
    return {figure: float(goal) for figure, goal in goals.items()}
