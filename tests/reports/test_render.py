"""The child process: it can reach nothing, and it ends."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
from flask import Flask

from servicedesk.reports import pdf
from servicedesk.reports.pdf import NotRendered


def job(html: str, **more: Any) -> dict[str, Any]:
    page = f"<!doctype html><html lang='en'><title>T</title><body>{html}</body></html>"
    return {
        "html": page, "assets": {"print.css": "p { color: #123456 }"}, "attachments": [],
        "at": "2026-11-26T05:05:00Z", "seconds": 60, "megabytes": 2048, **more,
    }  # fmt: skip


def text_of(made: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)


@pytest.fixture
def heard() -> Iterator[tuple[int, list[str]]]:
    """A web server that notes what it is asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port, asked
        server.shutdown()


@pytest.fixture(autouse=True)
def _speaking(request: pytest.FixtureRequest) -> Iterator[None]:
    """What goes wrong is said in a language."""
    app = Flask(__name__)
    from flask_babel import Babel

    Babel(app)
    with app.app_context():
        yield


def test_the_same_job_gives_the_same_bytes() -> None:
    """F6."""
    said = job("<h1>Report</h1><p>希望納期</p>", attachments=[
        {"name": "a.csv", "text": "a,b\n1,2\n", "description": "Data", "relationship": "Data"}
    ])  # fmt: skip
    made = pdf.run(said)
    assert made == pdf.run(said)
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert opened.attachments["a.csv"].get_file().read_bytes() == b"a,b\n1,2\n"
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang) == "en"
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
            assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"


HOSTILE = """
<link rel="attachment" href="file://{file}">
<link rel="stylesheet" href="http://127.0.0.1:{port}/style">
<style>@import url(http://127.0.0.1:{port}/import); @font-face {{ font-family: x;
src: url(http://127.0.0.1:{port}/font) }} p {{ font-family: x; content: url(file://{file}) }}
</style>
<img src="http://127.0.0.1:{port}/img" alt="a"><img src="file://{file}" alt="b">
<object data="file://{file}"></object><embed src="http://127.0.0.1:{port}/embed">
<svg xmlns="http://www.w3.org/2000/svg"><title>t</title><image href="http://127.0.0.1:{port}/svg"/>
<use href="file://{file}#x"/></svg><a rel="attachment" href="file://{file}">a</a>
<p>still here</p>
"""


def test_hostile_html_reaches_neither_files_nor_the_network(
    heard: tuple[int, list[str]], tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret that nobody may read")
    port, asked = heard
    made = pdf.run(job(HOSTILE.format(port=port, file=secret)))
    assert asked == []
    assert "still here" in text_of(made)
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert len(opened.attachments) == 0
        for each in opened.objects:
            if isinstance(each, pikepdf.Stream):
                assert b"nobody may read" not in each.read_bytes()


def test_even_code_in_the_child_opens_no_file_no_connection_and_no_process(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    tries = {
        "file": f"open({str(secret)!r})",
        "write": f"open({str(tmp_path / 'new')!r}, 'w')",
        "net": "__import__('socket').create_connection(('127.0.0.1', 9))",
        "run": "__import__('subprocess').run(['true'])",
        "fork": "__import__('os').fork()",
    }
    code = f"""
import runpy, sys, os, socket, subprocess
child = runpy.run_path({str(pdf.CHILD)!r}, run_name="child")
child["_close_doors"]()
for name, said in {tries!r}.items():
    try:
        eval(said)
    except PermissionError:
        print(name, end=" ")
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == list(tries), done.stderr


def test_what_takes_too_long_is_ended() -> None:
    rows = "<div style='display:flex'>" * 400 + "</div>" * 400
    with pytest.raises(NotRendered, match="longer than 1 second"):
        pdf.run(job(rows * 40, seconds=1))


def test_what_needs_too_much_memory_is_ended() -> None:
    with pytest.raises(NotRendered):
        pdf.run(job("<p>text</p>" * 20000, megabytes=120))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys; sys.exit(3)", "libpango-1.0-0"),
        ("import sys; sys.exit(4)", "more than 2048 MB"),
        ("raise ValueError('no such thing')", "ValueError: no such thing"),
        ("import time; time.sleep(60)", "longer than 1 second"),
        ("print('not a PDF')", "could not be made"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "longer than"),
    ],
)
def test_a_failure_is_one_clear_sentence(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    child.write_text(script)
    monkeypatch.setattr(pdf, "CHILD", child)
    with pytest.raises(NotRendered, match=said) as error:
        pdf.run(job("", seconds=1))
    assert "\n" not in str(error.value)


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    """The child tells its parent so by its exit status."""
    code = f"""
import runpy, sys, io
class Missing:
    def find_spec(self, name, *rest):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0': error 0x7e")
sys.meta_path.insert(0, Missing())
sys.exit(runpy.run_path({str(pdf.CHILD)!r}, run_name="child")["main"]())
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], input=json.dumps(job("")).encode(),
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
