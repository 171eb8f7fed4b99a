"""Binds a report: its pages, and the files that it carries, all from the same data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import force_locale

from servicedesk.incidents.models import label
from servicedesk.reports import (
    carried,
    contents,
    document,
    embedded,
    pdf,
    pictures,
    tables,
    tongues,
    words,
)
from servicedesk.reports.carried import DOCUMENT, FACTS
from servicedesk.reports.document import Document
from servicedesk.reports.figures import BY_ID, net_of

REPORT = "report.json"
DESCRIPTIONS = {
    REPORT: "Every figure exactly",
    **embedded.FILES,
    FACTS: "What all of it is worked out from: an incident or request a line",
    DOCUMENT: "Period, scope, zone, names and titles: what the pages need besides",
}


@dataclass(frozen=True)
class Carried:
    """A file that a report carries, as its annex names it."""

    name: str
    lines: int
    sha256: str


@dataclass(frozen=True)
class Bound:
    """A report, before it is put on paper."""

    html: str
    files: Mapping[str, str]
    document: Document

    def to_pdf(self) -> bytes:
        """Put it on paper; raises NotRendered."""
        attached = [
            pdf.Attached(name, text, DESCRIPTIONS[name]) for name, text in self.files.items()
        ]
        return pdf.make(self.html, attached, self.document.contents.known.at)


def bind(
    doc: Document,
    language: str,
    figures: Mapping[str, Any] | None = None,
    edition: str | None = None,
    drawn_with: Sequence[str] | None = None,
) -> Bound:
    """Bind a report; `figures` is its JSON where that was sealed before.

    `edition` and `drawn_with` are those that it says it was made with; left out: those here.
    """
    said = doc.contents
    if drawn_with is None:
        drawn_with = pdf.installation()
    files = {REPORT: contents.dumps(figures or said.as_json(doc.seal.revision))}
    files |= said.data
    files |= carried.files(doc, language, edition, drawn_with)
    listed = [_carried(*file) for file in files.items()]
    return Bound(to_html(doc, language, listed, drawn_with), files, doc)


def _carried(name: str, text: str) -> Carried:
    return Carried(name, text.count("\n"), hashlib.sha256(text.encode()).hexdigest())


def to_html(
    doc: Document, language: str, files: Sequence[Carried] = (), drawn_with: Sequence[str] = ()
) -> str:
    """Write a report as HTML for print."""
    said = doc.contents
    template = current_app.jinja_env.get_template("reports/print/report.html")
    with force_locale(language):
        written = template.render(
            doc=doc,
            it=said,
            say=words,
            draw=pictures,
            definitions=said.definitions,
            figure_of=BY_ID,
            figures=said.figures,
            net_of=net_of,
            label=label,
            language=language,
            setup=said.setup,
            tables=tables,
            versus=words.versus(said.period),
            year=said.period.last_day.year,
            zone=said.period.zone,
            times=document.TIMES,
            bands=len(tables.BANDS) + 1,
            type_of=lambda fact: fact.type,
            priority_of=lambda fact: fact.priority,
            most=document.MOST,
            files=files,
            drawn_with=drawn_with,
        )
    return tongues.marked(written, language)
