"""Who may do what: one table of roles and acts, and nothing that is not in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Protocol

ROLES = ("employee", "agent", "lead", "manager", "partner", "admin")


class Reach(StrEnum):
    """How far a right reaches, the widest first."""

    ALL = "all"  # every incident; of confidential ones only number and figures
    OWN = "own"  # where one is the requester; for seeing, the watched ones too
    HANDED = "handed"  # what is or was handed to one's own company, as it was shared with it
    NONE = "none"


class Act(StrEnum):
    """What somebody may be allowed to do."""

    SEE_INCIDENT = "see_incident"
    SEE_NOTES = "see_notes"
    SEE_PARTNER_THREAD = "see_partner_thread"
    LOG_INCIDENT = "log_incident"
    LOG_FOR_OTHERS = "log_for_others"
    KEEP_TEMPLATES = "keep_templates"  # for frequent requests
    WRITE_REPLY = "write_reply"
    WRITE_NOTE = "write_note"
    WRITE_TO_PARTNER = "write_to_partner"  # in the thread of a hand-off, from either side
    WORK_INCIDENT = "work_incident"  # take, assign, hold, resolve, hand off, promise, prioritise
    TAKE_RESPONSIBILITY = "take_responsibility"  # so that a rule stops climbing (E1)
    PROPOSE_MAJOR = "propose_major"
    DECIDE_MAJOR = "decide_major"  # confirm or refuse, name a coordinator, stand down
    UPDATE_MAJOR = "update_major"  # what those concerned are told; link what belongs to it
    SEE_MAJORS = "see_majors"  # the list of them, the room of one, its review
    CONFIRM_INCIDENT = "confirm_incident"  # also answer a promised date
    REOPEN_INCIDENT = "reopen_incident"
    CANCEL_INCIDENT = "cancel_incident"
    REVISE_WISH = "revise_wish"
    DECIDE_APPROVAL = "decide_approval"  # where one is asked, or is the deputy of who is
    DECIDE_MAIL = "decide_mail"  # what becomes of mail that was set aside
    DECIDE_EXCLUSION = "decide_exclusion"  # where one did not ask, and no group of one's own gains
    ANSWER_HANDOFF = "answer_handoff"  # accept, ask, answer, send back
    KEEP_PROFILE = "keep_profile"  # one's own language, zone, deputy, absence, password
    KEEP_COMPANY = "keep_company"  # one's own company's people, where one is its admin
    SEE_SCORE = "see_score"  # how a partner company did; its people see their own
    SEE_MEETINGS = "see_meetings"  # with a partner company; its people the held ones
    KEEP_MEETINGS = "keep_meetings"
    SEE_BOARD = "see_board"  # who holds what, groups, the morning page
    SEE_DASHBOARD = "see_dashboard"  # of the running month; a lead's group's, a company's own
    SEE_REPORTS = "see_reports"
    DRAFT_REPORT = "draft_report"  # remarks and actions beside the figures
    MAKE_REPORT = "make_report"  # seal it
    APPROVE_REPORT = "approve_report"  # where one is asked, or is the deputy of who is
    RECEIVE_REPORT = "receive_report"  # by a schedule
    SEE_SCHEDULES = "see_schedules"  # of reports
    KEEP_SCHEDULES = "keep_schedules"
    TRY_TERMS = "try_terms"  # what if a past period had had others
    SEE_ROTA = "see_rota"  # who is on call; ask for a swap of one's own turn, answer one
    KEEP_ROTA = "keep_rota"  # a group's rota, and who takes over; its lead, and managers
    SEE_RULES = "see_rules"  # escalation policies, what fired and what is next due
    KEEP_RULES = "keep_rules"  # change, try and publish them
    SET_UP = "set_up"


class HasRoles(Protocol):
    """Somebody who is asked about; a lead by leading a group holds `lead` too."""

    @property
    def is_active(self) -> bool: ...

    @property
    def held_roles(self) -> Collection[str]: ...


A, O, H, N = Reach.ALL, Reach.OWN, Reach.HANDED, Reach.NONE  # noqa: E741

# A column for each of ROLES. Whoever works for the desk is an employee too.
# fmt: off
TABLE: Mapping[Act, tuple[Reach, ...]] = {
    #                     employee  agent  lead  manager  partner  admin
    Act.SEE_INCIDENT:       (O,       A,    A,      A,       H,      O),
    Act.SEE_NOTES:          (N,       A,    A,      A,       N,      N),
    Act.SEE_PARTNER_THREAD: (N,       A,    A,      A,       H,      N),
    Act.LOG_INCIDENT:       (O,       O,    O,      O,       N,      O),
    Act.LOG_FOR_OTHERS:     (N,       A,    A,      N,       N,      N),
    Act.KEEP_TEMPLATES:     (N,       A,    A,      N,       N,      N),
    Act.WRITE_REPLY:        (O,       A,    A,      O,       N,      O),
    Act.WRITE_NOTE:         (N,       A,    A,      A,       N,      N),
    Act.WRITE_TO_PARTNER:   (N,       A,    A,      N,       H,      N),
    Act.WORK_INCIDENT:      (N,       A,    A,      N,       N,      N),
    Act.TAKE_RESPONSIBILITY: (N,      A,    A,      A,       N,      N),
    Act.PROPOSE_MAJOR:      (N,       A,    A,      A,       N,      N),
    Act.DECIDE_MAJOR:       (N,       N,    A,      A,       N,      N),
    Act.UPDATE_MAJOR:       (N,       A,    A,      A,       N,      N),
    Act.SEE_MAJORS:         (N,       A,    A,      A,       N,      N),
    Act.CONFIRM_INCIDENT:   (O,       O,    O,      O,       N,      O),
    Act.REOPEN_INCIDENT:    (O,       A,    A,      O,       N,      O),
    Act.CANCEL_INCIDENT:    (O,       A,    A,      O,       N,      O),
    Act.REVISE_WISH:        (O,       A,    A,      O,       N,      O),
    Act.DECIDE_APPROVAL:    (O,       O,    O,      O,       N,      O),
    Act.DECIDE_MAIL:        (N,       A,    A,      N,       N,      N),
    Act.DECIDE_EXCLUSION:   (N,       N,    A,      A,       N,      N),
    Act.ANSWER_HANDOFF:     (N,       A,    A,      N,       H,      N),
    Act.KEEP_PROFILE:       (O,       O,    O,      O,       O,      O),
    Act.KEEP_COMPANY:       (N,       N,    N,      N,       H,      N),
    Act.SEE_SCORE:          (N,       A,    A,      A,       H,      N),
    Act.SEE_MEETINGS:       (N,       A,    A,      A,       H,      N),
    Act.KEEP_MEETINGS:      (N,       A,    A,      A,       N,      N),
    Act.SEE_BOARD:          (N,       A,    A,      A,       N,      N),
    Act.SEE_DASHBOARD:      (N,       N,    O,      A,       H,      N),
    Act.SEE_REPORTS:        (N,       N,    N,      A,       N,      N),
    Act.DRAFT_REPORT:       (N,       N,    N,      A,       N,      N),
    Act.MAKE_REPORT:        (N,       N,    N,      A,       N,      N),
    Act.APPROVE_REPORT:     (O,       O,    O,      O,       N,      O),
    Act.RECEIVE_REPORT:     (N,       N,    N,      A,       H,      N),
    Act.SEE_SCHEDULES:      (N,       N,    N,      A,       H,      A),
    Act.KEEP_SCHEDULES:     (N,       N,    N,      A,       N,      A),
    Act.TRY_TERMS:          (N,       N,    N,      A,       N,      A),
    Act.SEE_ROTA:           (N,       A,    A,      A,       N,      N),
    Act.KEEP_ROTA:          (N,       N,    O,      A,       N,      N),
    Act.SEE_RULES:          (N,       A,    A,      A,       N,      A),
    Act.KEEP_RULES:         (N,       N,    N,      A,       N,      A),
    Act.SET_UP:             (N,       N,    N,      N,       N,      A),
}
# fmt: on

_BY_ROLE = {act: dict(zip(ROLES, columns, strict=True)) for act, columns in TABLE.items()}


def reaches(person: HasRoles, act: Act) -> frozenset[Reach]:
    """Give every reach that a person has in an act; none for who is unknown, inactive, roleless."""
    if not person.is_active:
        return frozenset()
    said = _BY_ROLE[act]
    return frozenset(said.get(role, Reach.NONE) for role in person.held_roles) - {Reach.NONE}


def reach(person: HasRoles, act: Act) -> Reach:
    """Give the widest reach that a person has in an act."""
    found = reaches(person, act)
    return next((reach for reach in Reach if reach in found), Reach.NONE)


def may(person: HasRoles, act: Act) -> bool:
    """Say whether a person may do an act at all; on what is for the reach to say."""
    return bool(reaches(person, act))
