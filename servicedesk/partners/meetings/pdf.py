"""A meeting's sheet on paper: A4, in English or Japanese, the same for both sides."""

from __future__ import annotations

from pathlib import Path

from flask import current_app
from flask_babel import force_locale

from servicedesk.partners.meetings import words
from servicedesk.partners.meetings.sheet import Sheet
from servicedesk.partners.score import words as scores
from servicedesk.partners.score.measures import MEASURES
from servicedesk.reports import pdf
from servicedesk.reports import words as reports

STYLE = Path(__file__).with_name("print.css")


def to_html(sheet: Sheet, language: str) -> str:
    """Write a sheet as HTML for print."""
    template = current_app.jinja_env.get_template("partners/print/sheet.html")
    with force_locale(language):
        return template.render(
            sheet=sheet,
            language=language,
            say=words,
            score_say=scores,
            report_say=reports,
            figure_of=MEASURES,
        )


def to_pdf(sheet: Sheet, language: str) -> bytes:
    """Put a sheet on paper; raises NotRendered."""
    return pdf.make(to_html(sheet, language), [], sheet.at, STYLE)
