"""A signal as a message in a chat: Slack's blocks, an Adaptive Card for Teams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from servicedesk.incidents import words as states
from servicedesk.signals import words
from servicedesk.signals.payload import Signal

Data = dict[str, Any]
TEXT = "plain_text"


def slack(signal: Signal) -> Data:
    """Write a message for an incoming webhook of Slack; nothing in it is read as markup."""
    head = _head(signal)
    link = f"<{_escaped(signal.link)}|{_escaped(_open(signal))}>"
    blocks: list[Data] = [_section(head, "*{}*")]
    if signal.title:
        blocks.append({"type": "section", "text": _plain(signal.title)})
    if facts := list(_facts(signal)):
        fields = [_plain(f"{label}: {value}") for label, value in facts]
        blocks.append({"type": "section", "fields": fields})
    blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": link}})
    return {"text": _escaped(head), "blocks": blocks}


def _section(text: str, around: str) -> Data:
    said = around.format(_escaped(text.replace("*", "∗")))
    return {"type": "section", "text": {"type": "mrkdwn", "text": said}}


def _plain(text: str) -> Data:
    return {"type": TEXT, "text": _escaped(text), "emoji": False}


def _escaped(text: str) -> str:
    """Let no text begin a link or call anybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def teams(signal: Signal) -> Data:
    """Write a card for a workflow of Teams; a title is no markup there either."""
    head = {"type": "TextBlock", "text": _unmarked(_head(signal)), "weight": "Bolder", "wrap": True}
    body: list[Data] = [head | {"size": "Medium"}]
    if signal.title:
        runs = [{"type": "TextRun", "text": signal.title}]
        body.append({"type": "RichTextBlock", "inlines": runs})
    if facts := list(_facts(signal)):
        said = [{"title": label, "value": _unmarked(value)} for label, value in facts]
        body.append({"type": "FactSet", "facts": said})
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _head(signal),
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": _open(signal), "url": signal.link}],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _unmarked(text: str) -> str:
    """Take the marks of a link out of a text; names of the set-up have none."""
    return text.translate({ord("["): "(", ord("]"): ")"})


def _head(signal: Signal) -> str:
    what = words.headline(signal)
    return f"{signal.number} · {what}" if signal.number else f"{signal.desk} · {what}"


def _open(signal: Signal) -> str:
    if signal.number:
        return str(_("Open %(number)s", number=signal.number))
    return str(_("Open the desk"))


def _facts(signal: Signal) -> Iterator[tuple[str, str]]:
    if signal.priority:
        yield _("Priority"), signal.priority
    if signal.state:
        yield _("State"), states.state(signal.state)
    if signal.service:
        yield _("Service"), signal.service.name
    if signal.holder:
        yield _("Held by"), signal.holder.name or str(_("Requester"))
    if signal.rule:
        label = pgettext("signal", "Rule")
        yield label, f"{signal.rule.policy} · {signal.rule.step}"
