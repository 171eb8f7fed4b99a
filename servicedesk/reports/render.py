"""Turns HTML into a PDF in a process of its own, which can reach nothing but what it is given.

Run by `pdf.py`: the job comes as JSON on standard input, the PDF goes to standard output. Knows
nothing of the desk.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import resource
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

NO_LIBRARY, NO_MEMORY, FAILED = 3, 4, 5  # exit status
REFUSED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "ftplib.")
UA_NAMESPACE = "http://www.aiim.org/pdfua/ns/id/"
GETA = "〓"  # stands for a letter that cannot be drawn
DRAWN = "Drawn"  # where the PDF's information says by what it was drawn
STYLE = '<link rel="stylesheet" href="asset:print.css">'
PROBE = (  # a bit of each face, weight and script
    f'<html lang="en">{STYLE}<h1>Report 0123456789</h1>'
    '<p lang="ja">希望納期遵守率は一次解決率、<b>協力会社</b>へのエスカレーション。</p>'
    "<p>○ △ × − – ·</p><table><tr><td class=number>0123456789</table></html>"
)


def main() -> int:
    """Read the job, write the PDF."""
    job = json.load(sys.stdin.buffer)
    _limit(job["seconds"], job["megabytes"])
    try:
        pdf = json.dumps(about(job)).encode() if job.get("about") else render(job)
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

    def attachments() -> list[Any]:  # which can be written once
        return [
            weasyprint.Attachment(
                string=each["text"], name=each["name"], description=each["description"],
                created=at, modified=at, relationship=each["relationship"], url_fetcher=fetcher,
            )
            for each in job["attachments"]
        ]  # fmt: skip

    _tell_languages()
    _end_streams()
    _close_doors()

    def write(html: str, **more: Any) -> bytes:
        made = weasyprint.HTML(string=html, url_fetcher=fetcher, base_url="asset:")
        written: bytes = made.write_pdf(cache={}, **more)
        return written

    drawn = hashlib.sha256(write(PROBE)).hexdigest()[:16]

    def bound(html: str) -> bytes:
        return write(
            html, attachments=attachments(), pdf_variant="pdf/a-3a",
            finisher=partial(_finish, drawn),
        )  # fmt: skip

    with _undrawn() as letters:
        made = bound(job["html"])
    if letters:
        made = bound(job["html"].translate(dict.fromkeys(letters, GETA)))
    return made


@contextlib.contextmanager
def _undrawn() -> Iterator[set[int]]:
    """PDF/A allows no letter without a shape: collect those that no font here has."""
    found: set[int] = set()

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage().startswith(".notdef") and isinstance(record.args, tuple):
                found.update(int(code) for code in record.args if isinstance(code, int))

    collect = Collect()
    logging.getLogger("weasyprint").addHandler(collect)
    try:
        yield found
    finally:
        logging.getLogger("weasyprint").removeHandler(collect)


def about(job: dict[str, Any]) -> list[str]:
    """Name the libraries and fonts that draw reports, with their versions."""
    import io
    from importlib.metadata import version

    import weasyprint
    from fontTools.ttLib import TTFont
    from weasyprint.text import ffi
    from weasyprint.urls import URLFetcher

    fonts: set[str] = set()

    def collect(document: Any, _pdf: Any) -> None:
        for font in document.fonts.values():
            names = TTFont(io.BytesIO(font.file_content), fontNumber=font.index)["name"]
            fonts.add(f"{names.getDebugName(4)} {names.getDebugName(5)}".replace("Version ", ""))

    html = PROBE.replace(STYLE, f"<style>{job['assets']['print.css']}</style>")
    weasyprint.HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf(
        finisher=collect
    )
    pango = ffi.pango.pango_version()
    libraries = [f"{name} {version(name)}" for name in ("WeasyPrint", "pydyf", "fontTools")]
    drawing = f"Pango {pango // 10000}.{pango // 100 % 100}.{pango % 100}"
    return [*libraries, drawing, *sorted(fonts)]


def _tell_languages() -> None:
    """Have elements of the tagged PDF name their language where the page does."""
    import pydyf
    from weasyprint.pdf import tags

    tell = tags._build_box_tree

    def told(box: Any, *rest: Any) -> Iterator[Any]:
        element = getattr(box, "_box", box).element
        language = None if element is None or element.tag == "html" else element.get("lang")
        for made in tell(box, *rest):
            if language:
                made["Lang"] = pydyf.String(language)
            yield made

    tags._build_box_tree = told


def _end_streams() -> None:
    """PDF/A: keep the last byte of a stream apart from the line break that ends it."""
    import pydyf

    written = pydyf.Stream.data.fget

    def ended(stream: Any) -> bytes:
        said: bytes = written(stream)
        data, end, rest = said.rpartition(b"\nendstream")
        return data + b"\r" + end + rest if data.endswith(b"\r") else said

    pydyf.Stream.data = property(ended)


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
