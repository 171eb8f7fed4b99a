"""Turns HTML into a PDF in a process of its own, which can reach nothing but what it is given.

Run by `pdf.py`: the job comes as JSON on standard input, the PDF goes to standard output. Knows
nothing of the desk.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import resource
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

NO_LIBRARY, NO_MEMORY, FAILED = 3, 4, 5  # exit status
REFUSED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "ftplib.")
UA_NAMESPACE = "http://www.aiim.org/pdfua/ns/id/"
DRAWN = "Drawn"  # where the PDF's information says by what it was drawn
PROBE = (  # a bit of each face, weight and script
    '<html lang="en"><link rel="stylesheet" href="asset:print.css"><h1>Report 0123456789</h1>'
    '<p lang="ja">希望納期遵守率は一次解決率、<b>協力会社</b>へのエスカレーション。</p>'
    "<p>○ △ × − – ·</p></html>"
)


def main() -> int:
    """Read the job, write the PDF."""
    job = json.load(sys.stdin.buffer)
    _limit(job["seconds"], job["megabytes"])
    try:
        pdf = render(job)
    except MemoryError:
        return NO_MEMORY
    except OSError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this process speaks to its parent
        return NO_LIBRARY if "cannot load library" in str(error) else FAILED
    sys.stdout.buffer.write(pdf)
    return 0


def _limit(seconds: int, megabytes: int) -> None:
    """Bound processor time and memory; no core dumps."""
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def render(job: dict[str, Any]) -> bytes:
    """Render one job: `html`, `assets` by name, `attachments`, and `at`, their date."""
    import weasyprint
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Assets(URLFetcher):  # type: ignore[misc]
        """Serves our own named assets and nothing else."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            name = url.removeprefix("asset:")
            if name == url or name not in job["assets"]:
                raise ValueError("only the report's own assets can be loaded")
            return URLFetcherResponse(url, job["assets"][name], {"Content-Type": "text/css"})

    at = datetime.fromisoformat(job["at"])
    fetcher = Assets()
    attachments = [
        weasyprint.Attachment(
            string=each["text"], name=each["name"], description=each["description"],
            created=at, modified=at, relationship=each["relationship"], url_fetcher=fetcher,
        )
        for each in job["attachments"]
    ]  # fmt: skip
    _close_doors()

    def write(html: str, **more: Any) -> bytes:
        made = weasyprint.HTML(string=html, url_fetcher=fetcher, base_url="asset:")
        written: bytes = made.write_pdf(cache={}, **more)
        return written

    drawn = hashlib.sha256(write(PROBE)).hexdigest()[:16]
    finisher = partial(_finish, drawn)
    return write(job["html"], attachments=attachments, pdf_variant="pdf/a-3a", finisher=finisher)


def _close_doors() -> None:
    """Whatever a document asks for: open no file but Python's own, no connection, no process."""
    places = (*sys.path, sys.prefix, sys.base_prefix)
    own = tuple({str(Path(place).resolve()) for place in places if place})

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        if event.startswith(REFUSED):
            raise PermissionError(f"{event} is closed")
        if event == "open" and isinstance(args[0], str) and not _inside(args[0], own):
            raise PermissionError("this file is closed")

    sys.addaudithook(refuse)


def _inside(path: str, folders: tuple[str, ...]) -> bool:
    with contextlib.suppress(OSError):
        resolved = Path(path).resolve()
        return any(resolved.is_relative_to(folder) for folder in folders)
    return False


def _finish(drawn: str, _document: Any, pdf: Any) -> None:
    """Say that it is PDF/UA as well as PDF/A, in metadata that is not compressed.

    `drawn` tells one installation from another: the same fonts and libraries draw the same.
    """
    pdf.info[DRAWN] = f"({drawn})"
    for each in pdf.objects:
        extra = getattr(each, "extra", {})
        if extra.get("Type") == "/Metadata":
            each.compress = False
            each.stream = [_with_ua(part) for part in each.stream]
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])


def _with_ua(xmp: bytes) -> bytes:
    return xmp.replace(b"</rdf:RDF>", f"{_UA}{_SCHEMA}</rdf:RDF>".encode())


_UA = (
    f'<rdf:Description rdf:about="" xmlns:pdfuaid="{UA_NAMESPACE}">'
    "<pdfuaid:part>1</pdfuaid:part></rdf:Description>"
)
# PDF/A wants every property that it does not know itself to be declared.
_SCHEMA = (
    '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
    'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" '
    'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
    '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>"
    f"<pdfaSchema:namespaceURI>{UA_NAMESPACE}</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    '<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">'
    "<pdfaProperty:name>part</pdfaProperty:name>"
    "<pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    "<pdfaProperty:category>internal</pdfaProperty:category>"
    "<pdfaProperty:description>Part of the standard</pdfaProperty:description>"
    "</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>"
    "</rdf:Description>"
)


if __name__ == "__main__":
    sys.exit(main())
