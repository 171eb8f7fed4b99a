"""Whether a person wrote a mail, or a machine; and which message a bounce is about."""

from __future__ import annotations

import re
from typing import Final

from servicedesk.bridge import senders
from servicedesk.bridge.headers import Head
from servicedesk.bridge.incoming import Automatic, Own
from servicedesk.bridge.parts import Part

MOST_HOPS: Final = 50  # Received lines
OWN: Final = r"[0-9a-f]{32}"  # how the desk's own message ids begin: outbox.Notification.message_id
REPLIED: Final = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponse",
    "x-autoresponder",
    "x-mail-autoreply",
)
LISTED: Final = ("list-id", "list-post", "list-unsubscribe", "mailing-list")
AWAY: Final = re.compile(
    r"(?:auto(?:matic|mated)?[ -]?(?:reply|response)|out of (?:the )?office|abwesen"
    r"|réponse automatique|自動(?:応答|返信)|【?不在)",
    re.IGNORECASE,
)
UNDELIVERED: Final = re.compile(
    r"(?:undeliver|delivery (?:status|failure|has failed)|mail delivery (?:failed|subsystem)"
    r"|returned mail|failure notice|配信不能|配信できません)",
    re.IGNORECASE,
)
POSTMASTERS: Final = ("mailer-daemon", "postmaster", "mail-daemon")


def automatic(head: Head, top: Part, sender: str | None, own: Own) -> Automatic | None:
    """Say what kind of machine wrote it; None for a person."""
    if _is_own(head, sender, own) or len(head.all("received")) > MOST_HOPS:
        return "loop"
    if _is_bounce(head, top, sender):
        return "bounce"
    if _is_answered_by_itself(head, top):
        return "auto-reply"
    precedence = head.text("precedence").lower()
    listed = any(head.first(name) is not None for name in LISTED)
    return "list" if listed or precedence in ("list", "bulk", "junk") else None


def _is_own(head: Head, sender: str | None, own: Own) -> bool:
    """A message of the desk's own came back; or somebody writes in its name."""
    id = senders.message_id(head) or ""
    returned = own.host and re.fullmatch(rf"{OWN}@{re.escape(own.host)}", id)
    return bool(returned) or sender in own.addresses


def _is_bounce(head: Head, top: Part, sender: str | None) -> bool:
    report = top.parameters.get("report-type", "").lower()
    if top.media_type == "multipart/report" and report in ("", "delivery-status"):
        return True
    if any(each.media_type == "message/delivery-status" for each in top.parts):
        return True
    by_server = (sender or "").partition("@")[0] in POSTMASTERS or _from_nobody(head)
    subject = head.text("subject")
    return head.first("x-failed-recipients") is not None or (
        by_server and UNDELIVERED.match(subject) is not None
    )


def _from_nobody(head: Head) -> bool:
    return head.text("return-path") == "<>"


def _is_answered_by_itself(head: Head, top: Part) -> bool:
    submitted = head.text("auto-submitted").lower().partition(";")[0].strip()
    if submitted not in ("", "no") or any(head.first(name) is not None for name in REPLIED):
        return True
    receipt = top.parameters.get("report-type", "").lower() == "disposition-notification"
    said = head.text("precedence").lower() in ("auto_reply", "auto-reply")
    return receipt or said or _from_nobody(head) or AWAY.match(head.text("subject")) is not None


def bounced(head: Head, texts: list[str], host: str) -> str | None:
    """Give the id of the desk's message that a bounce is about; None where it does not say."""
    pattern = re.compile(rf"{OWN}@{re.escape(host)}")
    said = [*senders.references(head), *texts]
    return next((found[0] for each in said if (found := pattern.search(each))), None)


def is_returned(part: Part) -> bool:
    """Say whether a part of a bounce is what came back, or tells of it."""
    return part.media_type in (
        "message/rfc822",
        "message/global",
        "message/delivery-status",
        "text/rfc822-headers",
        "message/rfc822-headers",
    )
