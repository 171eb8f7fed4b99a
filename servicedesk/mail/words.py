"""What groups of messages, channels and messages are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk.mail.calm import LIMIT, QUIET, SETTLES
from servicedesk.mail.channels import DIGEST, MAIL, NONE, Why

Words = tuple[str, str]


def channel(value: str) -> str:
    """Name a channel."""
    words: dict[str, str] = {
        MAIL: pgettext("channel", "Mail"),
        DIGEST: pgettext("channel", "Summary"),
        NONE: pgettext("channel", "Nothing"),
    }
    return words[value]


def group(key: str) -> Words:
    """Name a group of messages, and say what is in it."""
    words: dict[str, Words] = {
        "questions": (_("Questions to you"), _("The work waits for your answer.")),
        "answers": (
            _("Dates and solutions to confirm"),
            _("A date is promised, or your request is solved."),
        ),
        "news": (_("News of your requests"), _("Received, answered, approved, cancelled.")),
        "major": (
            _("Disturbances that concern you"),
            _("What you have reported belongs to a major incident."),
        ),
        "watched": (_("What you watch"), _("News of requests that others have made.")),
        "asked": (_("Decisions asked of you"), _("Approvals, and time that is not to count.")),
        "work": (
            _("Your work at the desk"),
            _("Answers to hand-offs, work requests, dates declined; what is urgent is mailed."),
        ),
        "rules": (
            _("Warnings by rules"),
            _("A target comes near, something was left lying, or bounces."),
        ),
        "handoffs": (
            _("Hand-offs to your company"),
            _("What is handed to it, and what the desk writes."),
        ),
        "account": (pgettext("messages", "Your access"), _("An invitation, or a new password.")),
        "duty": (
            _("Your turns on call"),
            _("A turn begins soon or changes, or somebody asks you to swap."),
        ),
        "reports": (_("Reports"), _("Those that you subscribed to, and those that wait for you.")),
        "system": (_("The desk itself"), _("A webhook is switched off, a report fails.")),
    }
    return words[key]


def reason(why: Why) -> str:
    """Say why somebody gets no less."""
    words: dict[Why, str] = {
        Why.WAITS: _("Without your answer nobody can go on."),
        Why.CLOSES: _("At least in the summary: it closes by itself if you say nothing."),
        Why.DECIDES: _("Somebody waits for your decision."),
        Why.WORKS: _("At least in the summary: it is your work."),
        Why.LEADS: _("You lead, and the rules rely on you."),
        Why.STANDS_IN: _("You stand in for somebody who leads."),
        Why.ONLY_ONE: _("Nobody else of your company would get them."),
        Why.ENTERS: _("It lets you in."),
        Why.ON_CALL: _("The desk relies on who is on call."),
        Why.ADMINISTERS: _("Nobody else can put it right."),
    }
    return words[why]


def message(kind: str) -> str:
    """Name a message in a list; one of a newer version is just a message."""
    words: dict[str, Callable[[], str]] = {
        "received": lambda: pgettext("mail", "Received"),
        "hook_off": lambda: _("Webhook switched off"),
        "report_ready": lambda: _("Service report"),
        "report_test": lambda: _("Test mail"),
        "report_failed": lambda: _("Scheduled report fails"),
        "report_waiting": lambda: _("Report to be sealed"),
        "reply": lambda: _("Answer"),
        "question": lambda: _("Question"),
        "reminder": lambda: _("Reminder"),
        "promised": lambda: _("Date promised"),
        "wish": lambda: _("Please confirm a date"),
        "solved": lambda: _("Solved"),
        "no_answer": lambda: _("Ended without an answer"),
        "cancelled": lambda: _("Cancelled"),
        "approved": lambda: _("Approved"),
        "not_approved": lambda: _("Not approved"),
        "approval_asked": lambda: _("Approval wanted"),
        "approval_reminder": lambda: _("Reminder: approval wanted"),
        "exclusion_asked": lambda: _("Exclusion to decide"),
        "exclusion_decided": lambda: _("Exclusion decided"),
        "promise_declined": lambda: _("Promised date declined"),
        "wish_declined": lambda: _("Noted date declined"),
        "rule": lambda: _("Warning by a rule"),
        "handoff_asked": lambda: _("Question to a hand-off"),
        "handoff_answered": lambda: _("Hand-off answered"),
        "handoff_sent_back": lambda: _("Hand-off sent back"),
        "nudged": lambda: _("Nudge"),
        "return_asked": lambda: _("Return to decide"),
        "return_told": lambda: _("It goes back and forth"),
        "return_refused": lambda: _("Return refused"),
        "return_lapsed": lambda: _("Return without a decision"),
        "work_requested": lambda: _("Work request"),
        "work_withdrawn": lambda: _("Work request withdrawn"),
        "work_done": lambda: _("Work request done"),
        "work_sent_back": lambda: _("Work request sent back"),
        "major_proposed": lambda: _("Major incident proposed"),
        "major_refused": lambda: _("Not a major incident"),
        "major_coordinates": lambda: _("You coordinate a major incident"),
        "major_missed": lambda: _("An update is missing"),
        "major_confirmed": lambda: _("Disturbance"),
        "major_update": lambda: _("Disturbance: news"),
        "major_over": lambda: _("Disturbance over"),
        "major_ended": lambda: _("Disturbance over"),
        "handed_off": lambda: _("Handed to you"),
        "partner_wrote": lambda: _("Message of the desk"),
        "work_wrote": lambda: _("Message of the desk"),
        "handoff_over": lambda: _("Nothing more to do"),
        "invitation": lambda: _("Your access"),
        "reset": lambda: _("New password"),
        "duty_soon": lambda: _("On call: your next turn"),
        "duty_changed": lambda: _("On call: a change"),
        "swap_asked": lambda: _("On call: a swap asked for"),
        "swap_agreed": lambda: _("On call: swapped"),
        "swap_refused": lambda: _("On call: not swapped"),
        "report_to_approve": lambda: _("Report to approve"),
        "report_decided": lambda: _("Report decided"),
        "bundle": lambda: _("Several messages in one mail"),
    }
    return words[kind]() if kind in words else _("Message")


def held(why: str | None) -> str:
    """Say why a message waits."""
    words: dict[str, str] = {
        SETTLES: _("waits a moment for others"),
        QUIET: _("waits for the end of your quiet hours"),
        LIMIT: _("waits, as you got many mails within an hour"),
    }
    return words.get(why or "", "") or str(_("waits for others"))


def why(key: str | None, data: Mapping[str, Any]) -> str:
    """Say why somebody got a message of a group."""
    if data.get("step") and data.get("policy"):
        said = {"step": data["step"], "policy": data["policy"]}
        return _("by the rule “%(step)s” of “%(policy)s”", **said)
    words: dict[str, str] = {
        "watched": _("because you watch it"),
        "major": _("because what you reported or watch is concerned"),
        "asked": _("because you are asked to decide"),
        "work": _("because you work on it, or lead the group that has it"),
        "handoffs": _("because it was handed to your company"),
        "account": _("because it lets you in"),
        "duty": _("because you are on call, or are asked to be"),
        "system": _("because you administer the desk"),
    }
    of_request = ("questions", "answers", "news")
    words |= dict.fromkeys(of_request, _("because it was reported by you or for you"))
    return words.get(key or "", "")
