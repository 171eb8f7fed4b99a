"""The cases that the demo always has: every state, tier, partner and date, as of now."""

from __future__ import annotations

from servicedesk.demo import (
    approval_cases,
    between_cases,
    by_mail_cases,
    date_cases,
    exclusion_cases,
    handoff_cases,
    kept_cases,
    major_cases,
    rule_cases,
    state_cases,
    unattended_cases,
    work_cases,
)
from servicedesk.demo.case import Featured

FEATURED: tuple[Featured, ...] = (
    *state_cases.CASES,
    *handoff_cases.CASES,
    *date_cases.CASES,
    *approval_cases.CASES,
    *unattended_cases.CASES,
    *exclusion_cases.CASES,
    *between_cases.CASES,
    *work_cases.CASES,
    *by_mail_cases.CASES,
    *rule_cases.CASES,
    *major_cases.CASES,
    *kept_cases.CASES,
)
