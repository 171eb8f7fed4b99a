"""§9: who may do what, read as a table; default is no."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from servicedesk.people.permissions import ROLES, TABLE, Act, Reach, may, reach, reaches


@dataclass(frozen=True)
class Somebody:
    held_roles: tuple[str, ...] = ()
    is_active: bool = True


# What each role reaches; what is left out is none. Written apart from the code, on purpose.
RIGHTS = {
    "employee": """
        own: see_incident log_incident write_reply confirm_incident reopen_incident
             cancel_incident revise_wish decide_approval approve_report keep_profile
    """,
    "agent": """
        all: see_incident see_notes see_partner_thread log_for_others write_reply write_note
             write_to_partner work_incident reopen_incident cancel_incident revise_wish
             answer_handoff keep_templates see_board see_score see_meetings keep_meetings
             decide_mail see_rota propose_major update_major see_majors
             take_responsibility see_rules
        own: log_incident confirm_incident decide_approval approve_report keep_profile
    """,
    "lead": """
        all: see_incident see_notes see_partner_thread log_for_others write_reply write_note
             write_to_partner work_incident reopen_incident cancel_incident revise_wish
             answer_handoff keep_templates see_board decide_exclusion see_score see_meetings
             keep_meetings decide_mail see_rota propose_major decide_major update_major see_majors
             take_responsibility see_rules
        own: keep_rota log_incident confirm_incident decide_approval approve_report keep_profile
             see_dashboard
    """,
    "manager": """
        all: see_incident see_notes see_partner_thread write_note see_board see_reports draft_report
             make_report receive_report see_schedules keep_schedules see_dashboard
             decide_exclusion try_terms see_score see_meetings keep_meetings see_rota keep_rota
             propose_major decide_major update_major see_majors
             take_responsibility see_rules keep_rules
        own: log_incident write_reply confirm_incident reopen_incident cancel_incident revise_wish
             decide_approval approve_report keep_profile
    """,
    "partner": """
        handed: see_incident see_partner_thread write_to_partner answer_handoff see_score
                see_meetings keep_company see_dashboard receive_report see_schedules
        own: keep_profile
    """,
    "admin": """
        all: set_up see_schedules keep_schedules try_terms see_rules keep_rules
        own: see_incident log_incident write_reply confirm_incident reopen_incident
             cancel_incident revise_wish decide_approval approve_report keep_profile
    """,
}


def said(role: str) -> dict[Act, Reach]:
    found, current = dict.fromkeys(Act, Reach.NONE), Reach.NONE
    for word in RIGHTS[role].split():
        if word.endswith(":"):
            current = Reach(word.rstrip(":"))
        else:
            found[Act(word)] = current
    return found


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_what_the_table_says_and_no_more(role: str) -> None:
    assert {act: reach(Somebody((role,)), act) for act in Act} == said(role)


@pytest.mark.parametrize("act", Act)
def test_every_act_is_decided_for_every_role(act: Act) -> None:
    assert len(TABLE[act]) == len(ROLES)


@pytest.mark.parametrize("act", Act)
def test_whoever_is_inactive_may_do_nothing(act: Act) -> None:
    assert reach(Somebody(ROLES, is_active=False), act) is Reach.NONE


@pytest.mark.parametrize("roles", [(), ("visitor",), ("Agent",)])
def test_without_a_known_role_the_answer_is_no(roles: tuple[str, ...]) -> None:
    assert not any(may(Somebody(roles), act) for act in Act)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "partner"])
def test_everybody_but_partners_may_log_an_incident_of_their_own(role: str) -> None:
    assert reach(Somebody((role,)), Act.LOG_INCIDENT) is Reach.OWN


def test_a_partner_reaches_nothing_beyond_what_was_handed_to_it() -> None:
    others = set(Act) - {Act.KEEP_PROFILE}
    assert {reach(Somebody(("partner",)), act) for act in others} == {Reach.HANDED, Reach.NONE}


def test_nobody_but_managers_sees_reports() -> None:
    others = tuple(role for role in ROLES if role != "manager")
    assert not may(Somebody(others), Act.SEE_REPORTS)


def test_the_widest_of_several_roles_counts() -> None:
    assert reach(Somebody(("employee", "agent")), Act.SEE_INCIDENT) is Reach.ALL
    assert reach(Somebody(("partner", "employee")), Act.SEE_INCIDENT) is Reach.OWN


def test_an_employee_who_is_a_partner_too_keeps_both_reaches() -> None:
    both = Somebody(("employee", "partner"))
    assert reaches(both, Act.SEE_INCIDENT) == {Reach.OWN, Reach.HANDED}
