"""Whether the desk's own mail server found that a mail comes from where its From line says.

Its findings stand in `Authentication-Results` (RFC 8601). Everybody can write such a line; so only
the topmost one that has our server's name counts, and that server has to take away what others
wrote in its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from servicedesk.bridge import headers
from servicedesk.bridge.headers import Head

LONGEST: Final = 8000
RESULT: Final = re.compile(r"\s*([a-z0-9-]{1,40})(?:/\d+)?\s*=\s*([a-z]{1,20})\b", re.IGNORECASE)
PROPERTY: Final = re.compile(
    r"\b(header\.from|header\.d|header\.i|smtp\.mailfrom|smtp\.helo)\s*=\s*\"?([^\s;\"]{1,255})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """What one method found."""

    method: str
    result: str
    said: dict[str, str]

    def is_about(self, domain: str) -> bool:
        """Say whether it is about the domain of the From line, or one within it or around it."""
        names = ("header.d", "header.i") if self.method == "dkim" else ("smtp.mailfrom",)
        domains = [self.said[name].rpartition("@")[2] for name in names if name in self.said]
        return bool(domains) and all(_aligned(each, domain) for each in domains)


def vouched(head: Head, sender: str | None, voucher: str) -> bool | None:
    """Give what our server found: true, false, or nothing that counts."""
    said = _topmost(head, voucher) if voucher and sender else None
    if said is None or sender is None:
        return None
    return _judged(_findings(said), sender.rpartition("@")[2])


def _topmost(head: Head, voucher: str) -> str | None:
    for value in head.all("authentication-results"):
        text = without_comments(headers.unfolded(value)[:LONGEST])
        if text.partition(";")[0].split()[:1] == [voucher.lower()]:
            return text
    return None


def without_comments(text: str) -> str:
    """Leave out brackets, nested ones too, and what would end a finding within quotation marks.

    A sender's own words stand in both. Where one of them has no end, nothing counts.
    """
    depth, quoted, kept = 0, False, list[str]()
    for c in text.lower():
        if c == '"' and not depth:
            quoted = not quoted
        depth += c == "(" and not quoted
        if not depth and not (quoted and c in ";= \t"):
            kept.append(c)
        depth -= c == ")" and not quoted and depth > 0
    return "" if depth or quoted else "".join(kept)


def _findings(said: str) -> list[Finding]:
    found = []
    for each in said.split(";")[1:]:
        if result := RESULT.match(each):
            properties = {name.lower(): value for name, value in PROPERTY.findall(each)}
            found.append(Finding(result[1], result[2], properties))
    return found


def _judged(findings: list[Finding], domain: str) -> bool | None:
    dmarc = [each for each in findings if each.method == "dmarc"]
    for each in dmarc:
        if each.result == "fail" or _from(each, domain) != domain:
            return False
        if each.result == "pass":
            return True
    others = [each for each in findings if each.method in ("dkim", "spf")]
    if any(each.result == "pass" and each.is_about(domain) for each in others):
        return True
    return False if any(each.result == "fail" for each in others) else None


def _from(finding: Finding, domain: str) -> str:
    return finding.said.get("header.from", domain).rpartition("@")[2]


def _aligned(said: str, domain: str) -> bool:
    """Relaxed: the same domain, or one of them within the other."""
    wide = min(said, domain, key=len)
    return "." in wide and (said == domain or max(said, domain, key=len).endswith(f".{wide}"))
