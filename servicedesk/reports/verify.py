"""F7: makes a report again from nothing but the data that it carries, and compares the two."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from servicedesk.reports import bound, carried, compare, pages, reading
from servicedesk.reports.bound import REPORT
from servicedesk.reports.carried import DOCUMENT, FACTS, Damaged
from servicedesk.reports.edition import edition
from servicedesk.reports.figures import DEFINITIONS
from servicedesk.reports.pdf import NotRendered
from servicedesk.reports.reading import NotRead, Reading

DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Verdict:
    """What comparing came to."""

    differences: Sequence[str]
    said: str  # what the report is, in a few words
    as_text: bool = False  # drawn by another installation: compared by what it says alone
    numbers: tuple[int, int] | None = None  # laid out by another edition: compared, and printed


def verify(pdf: bytes) -> Verdict:
    """Verify a report; raises NotRead for what is none, or cannot be made again here.

    It is made by its own version of the definitions. Of pages that another edition of the program
    laid out, the numbers are compared that this one prints in the same place.
    """
    read = reading.read(pdf)
    _check_kind(read)
    version = compare.definitions(read.files)
    differences = [*_sums(read), *compare.figures(read.files)]
    said = _said(read)
    if not _known(version):
        return Verdict(_of_later_definitions(version, differences), said)
    try:
        back = carried.read(read.files, version)
        differences += back.changed
        made = bound.bind(
            back.document, back.basis.language,
            edition=back.basis.edition, drawn_with=back.basis.drawn_with,
        )  # fmt: skip
        again = reading.read(made.to_pdf())
    except Damaged as error:
        return Verdict([*differences, str(error)], said)
    except (ArithmeticError, LookupError, TypeError, ValueError, NotRendered) as error:
        return Verdict([*differences, f"its data cannot be made a report of: {error}"], said)
    ours = back.basis.edition == edition()
    differences += compare.files(read.files, made.files, worded=ours)
    printed = list(pages.compare(read, again))
    if printed and not ours:
        printed, numbers = pages.numbers(read, again)
        return Verdict(differences + printed, said, numbers=numbers)
    return Verdict(differences + printed, said, as_text=read.drawn != again.drawn)


def _known(version: str) -> bool:
    return version.isdecimal() and int(version) <= int(DEFINITIONS)


def _check_kind(read: Reading) -> None:
    """Refuse what is no report, or one that does not carry enough to be verified."""
    if REPORT not in read.files:
        raise NotRead("it carries no report.json, so it is not a service report")
    if DOCUMENT not in read.files or FACTS not in read.files:
        raise NotRead(
            f"it does not carry what it was worked out from: its definitions are of version "
            f"{compare.definitions(read.files)}, and only reports from version 2 on can be verified"
        )


def _of_later_definitions(version: str, differences: Sequence[str]) -> Sequence[str]:
    """Give what differs; raises NotRead where nothing does that can be seen from here."""
    if not differences:
        raise NotRead(
            f"its figures follow from its tables, but it follows version {version} of the "
            f"definitions, and this program knows version {DEFINITIONS} and earlier ones"
        )
    return differences


def _sums(read: Reading) -> Iterator[str]:
    """Hold the sums that the annex prints against the files."""
    printed = _printed_sums(read)
    for name, text in sorted(read.files.items()):
        found = hashlib.sha256(text.encode()).hexdigest()
        if name in printed and printed[name] != found:
            yield f"{name}: SHA-256 printed {printed[name]}, of the file {found}"


def _printed_sums(read: Reading) -> Mapping[str, str]:
    found: dict[str, str] = {}
    name = ""
    for block in read.blocks:
        if block.kind == "TH":
            name = block.text if block.text in read.files else ""
        elif name and DIGEST.fullmatch(block.text.replace(" ", "")):
            found[name] = block.text.replace(" ", "")
    return found


def _said(read: Reading) -> str:
    said = compare.parsed(read.files[REPORT])
    mark = f"revision {said.get('revision')}" if said.get("revision") else "a draft"
    return f"{said.get('period')}, {said.get('scope')}, {mark}"
