"""Holds PDFs against PDF/A-3a and PDF/UA-1, by a validator that is not ours."""

from __future__ import annotations

import page

PROFILES = ("3a", "ua1")


def faults(pdf: bytes) -> list[str]:
    """Name what keeps a PDF from conforming to both."""
    reports = {profile: page.validate_pdf_bytes(pdf, profile=profile) for profile in PROFILES}
    return [
        f"{profile}: {each.rule_id} {each.message}"
        for profile, report in reports.items()
        for each in report.failures
    ]
