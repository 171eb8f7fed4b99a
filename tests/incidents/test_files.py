from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from mmap import mmap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from servicedesk import db
from servicedesk.errors import BadInput, NotFound
from servicedesk.incidents import files
from servicedesk.incidents.files import Upload
from servicedesk.incidents.models import Attachment, Comment, HandOff, Incident, watcher
from servicedesk.incidents.visibility import visible_comments, visible_files
from servicedesk.people.models import Group, Partner, Person, Service
from servicedesk.sla.models import Agreement
from tests.people.signing import come_in
from tests.support.clock import NOW

PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EXE = b"MZ\x90\x00" + bytes(60)
PAGE = b"<!doctype html><script>alert(1)</script>"
ONE_MB = 1024 * 1024


# Names


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("印刷エラー 画面.png", "印刷エラー 画面.png"),
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\佐藤\報告書.docx", "報告書.docx"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("zero\u200bwidth\ufeff.png", "zerowidth.png"),
        ("bell\x07null\x00.png", "bellnull.png"),
        ("half\ud83d.png", "half.png"),
        ("evil.exe. .", "evil.exe"),
        ("evil.exe\u3000\u00a0", "evil.exe"),
        (".htaccess", "htaccess"),
        ("か\u3099そう.txt", "がそう.txt"),
        ("\ufa19戸さん.txt", "\ufa19戸さん.txt"),
        ('a<b>"c|d?*.txt', "a_b__c_d__.txt"),
        ("evil.exe::$DATA", "evil.exe__$DATA"),
        ("..", "file"),
        ("folder/", "file"),
        ("", "file"),
    ],
)
def test_a_name_is_kept_without_what_is_dangerous_in_it(said: str, kept: str) -> None:
    assert files.clean(said) == kept


def test_a_long_name_is_cut_between_characters_and_keeps_its_ending() -> None:
    kept = files.clean("障" * 300 + ".xlsx")
    assert kept == "障" * 83 + ".xlsx"
    assert len(kept.encode()) == 254


def test_cutting_a_name_hides_no_ending() -> None:
    kept = files.clean("a" * 250 + ".exe. ." + "b" * 30)
    assert kept.endswith(".exe")


@given(st.text(max_size=400))
def test_a_cleaned_name_is_safe_and_stays_as_it_is(said: str) -> None:
    kept = files.clean(said)
    assert kept
    assert len(kept.encode()) <= 255
    assert not set(kept) & set('/\\\r\n\x00\u202e:"')
    assert files.clean(kept) == kept


# What is in them


def media_type(name: str, content: bytes) -> str:
    with mmap(-1, len(content)) as given:
        given.write(content)
        return files._media_type(name, given)


def zipped(*names: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "content")
    return kept.getvalue()


def open_document(kind: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", "<office/>")
    return kept.getvalue()


def compound(root_class: bytes = bytes(16), more: bytes = b"") -> bytes:
    """An OLE file with 512-byte sectors whose directory begins in the second one."""
    header = bytearray(512)
    header[:8], header[30], header[48] = OLE, 9, 1
    entry = bytearray(128)
    entry[80:96] = root_class
    return bytes(header) + bytes(512) + bytes(entry) + more


def installer(kind: int) -> bytes:
    return compound(bytes([kind, 0x10, 0x0C, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46]))


WORD = zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml")
SHEET = zipped("[Content_Types].xml", "xl/workbook.xml")
LOCKED = compound(more="EncryptedPackage".encode("utf-16-le"))
TEXT = "日付,内容\n2026-11-26,印刷できない\n"


@pytest.mark.parametrize(
    ("name", "content", "kept_as"),
    [
        ("画面.png", PNG, "image/png"),
        ("写真.JPG", b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        ("a.gif", b"GIF89a" + bytes(20), "image/gif"),
        ("a.webp", b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic" + bytes(12), "image/heif"),
        ("a.pdf", b"%PDF-1.7\n" + bytes(20), "application/pdf"),
        ("a.zip", zipped("a.txt"), "application/zip"),
        ("a.docx", WORD, files.OOXML + "wordprocessingml.document"),
        ("a.xlsx", SHEET, files.OOXML + "spreadsheetml.sheet"),
        ("a.xlsm", SHEET, files.UNKNOWN),
        ("パスワード付き.xlsx", LOCKED, files.OOXML + "spreadsheetml.sheet"),
        ("a.ods", open_document("spreadsheet"), files.UNKNOWN),
        ("a.doc", compound(), "application/msword"),
        ("a.doc", b"{\\rtf1 text}", "application/msword"),
        ("a.msg", compound(), "application/vnd.ms-outlook"),
        ("a.txt", TEXT.encode(), "text/plain"),
        ("a.txt", TEXT.encode("utf-8-sig"), "text/plain"),
        ("a.txt", TEXT.encode("cp932"), "text/plain"),
        ("a.txt", TEXT.encode("euc_jp"), "text/plain"),
        ("a.txt", TEXT.encode("iso2022_jp"), "text/plain"),
        ("a.txt", TEXT.encode("utf-16"), "text/plain"),
        ("a.txt", "Café à Besançon".encode("cp1252"), "text/plain"),
        ("MZ.txt", b"MZ is how programs of Windows begin", "text/plain"),
        ("a.csv", TEXT.encode("cp932"), "text/csv"),
        ("server.log", b"\x1b[31mdisk full\x1b[0m\n", "text/plain"),
        ("README", b"read me", "text/plain"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", files.UNKNOWN),
        ("a.html", PAGE, files.UNKNOWN),
        ("a.xml", b"<?xml version='1.0'?><a/>", files.UNKNOWN),
        ("page.txt", PAGE, files.UNKNOWN),
        ("page.log", b"<html>" + PAGE, files.UNKNOWN),
        ("a.psd", b"8BPS" + bytes(30), "image/vnd.adobe.photoshop"),
        ("a.flac", b"fLaC\x00\x00\x00\x22" + bytes(30), "audio/flac"),
        ("a.psd", bytes(30), files.UNKNOWN),
        ("a.svgz", b"\x1f\x8b\x08" + bytes(30), files.UNKNOWN),
        ("core.dump", bytes(range(256)), files.UNKNOWN),
    ],
)
def test_what_a_file_is_kept_as(name: str, content: bytes, kept_as: str) -> None:
    assert media_type(name, content) == kept_as


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((f"a.{ending}", b"echo hello") for ending in ("bat", "cmd", "js", "vbs", "ps1", "sh")),
        *((f"a.{ending}", EXE) for ending in ("exe", "dll", "scr", "EXE", "png", "pdf", "txt")),
        ("a.docx", EXE),
        ("no ending", EXE),
        ("photo.png.exe", PNG),
        ("a.lnk", b"\x4c\x00\x00\x00\x01\x14\x02\x00"),
        ("shortcut.txt", b"\x4c\x00\x00\x00\x01\x14\x02\x00"),
        ("a.msi", installer(0x84)),
        ("a.doc", installer(0x84)),
        ("a.xls", installer(0x86)),
        ("tool", b"\x7fELF\x02\x01\x01" + bytes(20)),
        ("a.txt", b"#!/bin/sh\nrm -rf /\n"),
        ("a.class", b"\xca\xfe\xba\xbe" + bytes(20)),
        ("a.jar", zipped("META-INF/MANIFEST.MF")),
    ],
)
def test_programs_and_scripts_are_refused(name: str, content: bytes) -> None:
    with pytest.raises(BadInput, match="is a program or a script"):
        media_type(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((f"a.{ending}", PAGE) for ending in ("png", "pdf", "docx", "xls", "zip", "mp4")),
        ("a.png", b"\xff\xd8\xff\xe0" + bytes(20)),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.gif", b"GIF89"),
        ("a.webp", b"RIFF\x10\x00\x00\x00WAVEfmt "),
        ("a.pdf", PNG),
        ("a.pdf", b"<html>%PDF-1.7"),
        ("a.docx", SHEET),
        ("a.docx", zipped("word.txt", "notes/word/list.txt")),
        ("a.xlsx", compound()),
        ("a.odt", zipped("mimetype")),
        ("a.txt", PNG),
        ("a.csv", SHEET),
        ("a.txt", b"\xff\xfe" + b"\x00\xd8" * 3),
        ("a.html", PNG),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(BadInput, match=f"The content of “{name}” is not what its name says."):
        media_type(name, content)


# Taking them in


def field(name: str, content: bytes = b"x") -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


def test_empty_fields_of_a_form_are_no_files() -> None:
    (found,) = files.uploads([field("", b""), field("a.txt", b"four"), field("", b"")])
    assert (found.name, found.stream.read(), found.size) == ("a.txt", b"four", 4)


def test_ten_files_come_at_once_and_not_eleven() -> None:
    assert len(files.uploads([field("a.txt")] * 10 + [field("")])) == 10
    with pytest.raises(BadInput, match="at most 10 files"):
        files.uploads([field("a.txt")] * 11)


# A desk with an incident that went through many hands


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    return {**settings, "UPLOAD_MB": 1}


class World:
    """People, and incidents that they have to do with."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.agreement = self.add(Agreement(kind="sla", key="standard"))
        path = {"agreement_id": self.agreement.id, "path": ["group:1"]}
        self.service = self.add(Service(key="mail", name="Mail", **path))
        self.netone, self.cabling = self.partner("netone"), self.partner("cabling")
        self.people = {
            "requester": self.person("employee"),
            "watcher": self.person("employee"),
            "colleague": self.person("employee"),
            "agent": self.person("employee", "agent"),
            "manager": self.person("employee", "manager"),
            "admin": self.person("employee", "admin"),
            "partner": self.person("partner", partners=[self.netone]),
            "rival": self.person("partner", partners=[self.cabling]),
            "gone": self.person("employee", "agent", active=False),
        }
        self.incident = self.log()

    def add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def partner(self, key: str) -> Partner:
        found: Partner = self.add(Partner(key=key, name=key, agreement_id=self.agreement.id))
        return found

    def person(self, *roles: str, **more: Any) -> Person:
        key = f"person-{self.session.query(Person).count()}"
        found: Person = self.add(Person(key=key, name=key, roles=list(roles), **more))
        return found

    def log(self, **more: Any) -> Incident:
        number = self.session.query(Incident).count() + 1
        incident: Incident = self.add(
            Incident(
                **{"number": number, "head": "", "title": "No mail", "impact": 2, "urgency": 2}
                | {"requester_id": self.people["requester"].id, "service_id": self.service.id}
                | {"priority": "P3", "state": "new", "desk_group": "group:1", "given_to": "group:1"}
                | {"logged_at": NOW, "changed_at": NOW}
                | more
            )
        )
        watching = {"incident_id": incident.id, "person_id": self.people["watcher"].id}
        self.session.execute(watcher.insert().values(watching))
        return incident

    def hand(self, incident: Incident, to: Partner, n: int = 1, **more: Any) -> HandOff:
        parties = {"sender": "group:1", "receiver": f"partner:{to.id}", "direction": "partner"}
        handoff: HandOff = self.add(
            HandOff(incident_id=incident.id, n=n, state="sent", sent_at=NOW, **parties, **more)
        )
        return handoff

    def comment(self, incident: Incident, kind: str, handoff: HandOff | None = None) -> Comment:
        to = handoff.id if handoff else None
        comment: Comment = self.add(
            Comment(incident_id=incident.id, handoff_id=to, kind=kind, written_at=NOW, body=kind)
        )
        return comment

    def attach(
        self,
        name: str = "a.txt",
        content: bytes = b"some text",
        comment: Comment | None = None,
        incident: Incident | None = None,
        now: datetime = NOW,
    ) -> Attachment:
        upload, added_to = Upload(name, io.BytesIO(content)), comment.id if comment else None
        by = self.people["requester"].id
        return files.keep(self.session, incident or self.incident, upload, by, now, added_to)

    def who_sees(self, row: Attachment | Comment) -> set[str]:
        """Names everybody who finds a file or comment by the condition."""
        rule = visible_files if isinstance(row, Attachment) else visible_comments
        kind = type(row)
        return {
            name
            for name, person in self.people.items()
            if self.session.scalar(sa.select(kind.id).where(kind.id == row.id, rule(person)))
        }


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with db.transaction() as writing:
        world = World(writing)
        yield world


def on_disk(app: Flask) -> list[Path]:
    return [p for p in (Path(app.config["DESK_VAR"]) / "files").rglob("*") if p.is_file()]


# Keeping


def test_a_file_is_kept_whole_outside_the_web_root(app: Flask, world: World) -> None:
    content = os.urandom(ONE_MB)
    row = world.attach("../記録.dump", content)
    assert on_disk(app) == [files.path_of(row)]
    assert files.path_of(row).read_bytes() == content
    assert files.path_of(row).parent.name == row.stored[:2]
    assert "記録" not in str(files.path_of(row))
    assert (row.name, row.size, row.media_type) == ("記録.dump", ONE_MB, files.UNKNOWN)
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert (row.incident_id, row.added_at) == (world.incident.id, NOW)


def test_a_stream_that_was_read_before_is_kept_from_its_beginning(world: World) -> None:
    stream = io.BytesIO(b"some text")
    stream.read()
    upload = Upload("a.txt", stream)
    row = files.keep(world.session, world.incident, upload, None, NOW)
    assert row.size == 9


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (Upload("a.dump", io.BytesIO(bytes(ONE_MB + 1))), "“a.dump” is too large: at most 1 MB"),
        (Upload("a.txt", io.BytesIO(b"x"), ONE_MB + 1), "“a.txt” is too large: at most 1 MB"),
        (Upload("a.txt", io.BytesIO(b"")), "“a.txt” is empty."),
        (Upload("a.png", io.BytesIO(PAGE)), "“a.png” is not what its name says"),
    ],
    ids=("content too large", "said to be too large", "empty", "disguised"),
)
@pytest.mark.backends("sqlite")
def test_what_is_refused_leaves_nothing_behind(
    app: Flask, world: World, upload: Upload, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        files.keep(world.session, world.incident, upload, None, NOW)
    assert on_disk(app) == []
    assert world.session.query(Attachment).count() == 0


class Unlucky(Exception):
    """Something else in the transaction fails."""


def fail(*_given: Any) -> None:
    raise Unlucky


def attach_and(session: Session, go_on: Callable[[World], None]) -> None:
    world = World(session)
    assert files.path_of(world.attach()).is_file()
    go_on(world)


def test_a_file_goes_when_its_transaction_fails(app: Flask, session: Session) -> None:
    with pytest.raises(Unlucky), db.transaction() as writing:
        attach_and(writing, lambda _world: fail())
    assert on_disk(app) == []
    assert session.query(Attachment).count() == 0


def test_a_file_stays_when_a_later_transaction_fails(app: Flask, session: Session) -> None:
    with db.transaction() as writing:
        World(writing).attach()
    with pytest.raises(Unlucky), db.transaction():
        fail()
    assert len(on_disk(app)) == session.query(Attachment).count() == 1


def test_a_file_stays_where_a_commit_may_have_been_made(app: Flask, session: Session) -> None:
    """A commit that is reported as failed can have reached the database all the same."""
    with pytest.raises(Unlucky), db.transaction() as writing:
        attach_and(writing, lambda _world: sa.event.listen(db.db.engine, "commit", fail, once=True))
    assert len(on_disk(app)) == 1
    with db.transaction() as writing:
        assert files.sweep_orphans(writing, NOW.replace(year=9000)) == 1


def test_a_savepoint_that_is_kept_or_left_decides_nothing(app: Flask, session: Session) -> None:
    def go_on(world: World) -> None:
        with writing.begin_nested():
            world.attach()
        writing.begin_nested().rollback()
        assert len(on_disk(app)) == 2
        fail()

    with pytest.raises(Unlucky), db.transaction() as writing:
        attach_and(writing, go_on)
    assert on_disk(app) == []


def test_sweeping_removes_only_what_is_old_and_named_by_no_row(app: Flask, world: World) -> None:
    kept, old, young, part = (files.path_of(world.attach()) for _ in range(4))
    part = part.rename(part.with_suffix(".part"))
    strange = kept.with_name("README")
    strange.write_text("not ours")
    gone = sa.delete(Attachment).where(Attachment.stored.in_([old.name, young.name, part.stem]))
    world.session.execute(gone)
    for path in (kept, old, part, strange):
        os.utime(path, (0, (NOW - timedelta(days=2)).timestamp()))
    os.utime(young, (0, NOW.timestamp()))
    assert files.sweep_orphans(world.session, NOW - timedelta(days=1)) == 2
    assert set(on_disk(app)) == {kept, young, strange}


def test_sweeping_a_desk_without_files_finds_nothing(world: World) -> None:
    assert files.sweep_orphans(world.session, NOW) == 0


# Who sees them

DESK = {"agent", "manager"}
ASKING = {"requester", "watcher"}


def test_a_file_of_the_incident_is_seen_by_who_sees_the_incident(world: World) -> None:
    """§3: without a comment, who sees the incident sees its file."""
    world.hand(world.incident, world.netone)
    assert world.who_sees(world.attach()) == DESK | ASKING


@pytest.mark.parametrize(
    ("kind", "seen_by"),
    [("reply", DESK | ASKING), ("note", DESK), ("partner", DESK | {"partner"}), ("odd", set())],
)
def test_a_comment_and_its_file_are_seen_by_the_same_people(
    world: World, kind: str, seen_by: set[str]
) -> None:
    """§3: reply, note and partner thread, each with its own readers."""
    world.hand(world.incident, world.cabling, 1)
    handoff = world.hand(world.incident, world.netone, 2, share_files=True)
    comment = world.comment(world.incident, kind, handoff if kind == "partner" else None)
    assert world.who_sees(comment) == seen_by
    assert world.who_sees(world.attach(comment=comment)) == seen_by


def test_a_thread_with_no_handoff_is_for_the_desk(world: World) -> None:
    world.hand(world.incident, world.netone)
    comment = world.comment(world.incident, "partner")
    assert world.who_sees(comment) == world.who_sees(world.attach(comment=comment)) == DESK


def test_a_partner_sees_the_incidents_files_where_they_are_shared(world: World) -> None:
    """H8: what the desk chose to share, with the one partner."""
    world.hand(world.incident, world.cabling, 1)
    world.hand(world.incident, world.netone, 2, share_files=True)
    other = world.log()
    world.hand(other, world.netone)
    assert world.who_sees(world.attach()) == DESK | ASKING | {"partner"}
    assert world.who_sees(world.attach(incident=other)) == DESK | ASKING


def test_a_partner_sees_no_file_that_came_after_its_handoff(world: World) -> None:
    world.hand(world.incident, world.netone, share_files=True, ended_at=NOW)
    before, after = world.attach(now=NOW), world.attach(now=NOW + timedelta(seconds=1))
    assert "partner" in world.who_sees(before)
    assert "partner" not in world.who_sees(after)


def test_confidential_ones_are_seen_by_who_is_named_in_them(world: World) -> None:
    """§9: named people and the holder only; the partner sees what was handed to it."""
    path = {"agreement_id": world.agreement.id, "tier": 1}
    holder = world.add(Group(key="hr", name="HR", **path))
    world.people["holder"] = world.person("employee", "agent")
    holder.members.append(world.people["holder"])
    secret = world.log(confidential=True, given_to=f"group:{holder.id}")
    thread = world.comment(secret, "partner", world.hand(secret, world.netone))
    assert world.who_sees(world.attach(incident=secret)) == ASKING | {"holder"}
    assert world.who_sees(world.comment(secret, "note")) == {"holder"}
    assert world.who_sees(world.attach(comment=thread, incident=secret)) == {"holder", "partner"}


def test_who_is_employee_and_partner_sees_as_both(world: World) -> None:
    both = world.person("employee", "partner", partners=[world.netone])
    world.people["both"] = both
    own = world.log(requester_id=both.id)
    thread = world.comment(own, "partner", world.hand(own, world.netone))
    foreign = world.comment(own, "partner", world.hand(own, world.cabling, 2))
    assert "both" in world.who_sees(world.attach(incident=own))
    assert "both" in world.who_sees(world.attach(comment=thread, incident=own))
    assert "both" not in world.who_sees(world.attach(comment=foreign, incident=own))
    assert "both" not in world.who_sees(world.comment(own, "note"))


def test_the_conditions_hold_in_queries_that_join(world: World) -> None:
    handoff = world.hand(world.incident, world.netone)
    for kind in ("note", "partner"):
        comment = world.comment(world.incident, kind, handoff)
        world.attach(f"{kind}.txt", comment=comment)
    world.attach("incident.txt")
    query = (
        sa.select(Attachment.name)
        .join(Incident, Incident.id == Attachment.incident_id)
        .join(Comment, Comment.id == Attachment.comment_id)
        .join(HandOff, HandOff.id == Comment.handoff_id)
    )
    partner = world.people["partner"]
    assert world.session.scalars(query.where(visible_files(partner))).all() == ["partner.txt"]
    assert world.session.scalars(query.where(visible_comments(partner))).all() == ["partner.txt"]
    world.hand(world.incident, world.cabling, 2)
    pairs = sa.select(Comment.kind).where(HandOff.incident_id == Comment.incident_id)
    kinds = world.session.scalars(pairs.where(visible_comments(partner))).all()
    assert kinds == ["partner", "partner"]


def test_opening_gives_the_file_or_says_it_is_not_there(app: Flask, session: Session) -> None:
    with db.transaction() as writing:
        world = World(writing)
        row = world.attach()
    people = world.people
    assert files.open_for(people["agent"], row.id) is row
    for name, wanted in (("colleague", row.id), ("agent", row.id + 1), ("agent", 10**30)):
        with pytest.raises(NotFound, match="There is no such file"):
            files.open_for(people[name], wanted)
    files.path_of(row).unlink()
    with pytest.raises(NotFound, match="has been lost"):
        files.open_for(people["agent"], row.id)


# Handing them out


@pytest.fixture
def kept(app: Flask) -> SimpleNamespace:
    """Ids of files by name, and the keys of people; all are committed."""
    contents = {
        "画面 1.png": PNG,
        "a.pdf": b"%PDF-1.7 and more",
        "文書.txt": TEXT.encode("cp932"),
        "a.csv": TEXT.encode("cp932"),
        "a.html": PAGE,
        "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "a.docx": WORD,
    }
    with app.app_context(), db.transaction() as session:
        world = World(session)
        ids = {name: world.attach(name, content).id for name, content in contents.items()}
        keys = {name: person.key for name, person in world.people.items()}
        return SimpleNamespace(ids=ids, keys=keys, contents=contents)


def address(kept: SimpleNamespace, name: str) -> str:
    return f"/files/{kept.ids[name]}/{name}"


def fetch(client: FlaskClient, address: str, **how: Any) -> TestResponse:
    """Ask for a file, and read it to its end."""
    return client.get(address, buffered=True, **how)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("画面 1.png", "image/png"),
        ("a.pdf", "application/pdf"),
        ("文書.txt", "text/plain"),
        ("a.csv", "application/octet-stream"),
        ("a.html", "application/octet-stream"),
        ("a.svg", "application/octet-stream"),
        ("a.docx", "application/octet-stream"),
    ],
)
@pytest.mark.backends("sqlite")
def test_a_file_is_handed_out_as_a_download_that_cannot_run(
    client: FlaskClient, kept: SimpleNamespace, name: str, content_type: str
) -> None:
    come_in(client, kept.keys["requester"])
    answer = fetch(client, address(kept, name))
    assert answer.status_code == 200
    assert answer.data == kept.contents[name]
    assert answer.headers.getlist("Content-Type") == [content_type]
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    policies = answer.headers.getlist("Content-Security-Policy")
    assert policies == ["default-src 'none'; frame-ancestors 'none'; sandbox"]
    assert answer.headers.getlist("Cache-Control") == ["no-store"]


@pytest.mark.backends("sqlite")
def test_a_japanese_name_reaches_the_browser(client: FlaskClient, kept: SimpleNamespace) -> None:
    come_in(client, kept.keys["requester"])
    said = fetch(client, address(kept, "画面 1.png")).headers["Content-Disposition"]
    assert "filename*=UTF-8''%E7%94%BB%E9%9D%A2%201.png" in said


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("画面 1.png", "inline"),
        ("a.pdf", "attachment"),
        ("文書.txt", "attachment"),
        ("a.html", "attachment"),
        ("a.svg", "attachment"),
    ],
)
@pytest.mark.backends("sqlite")
def test_only_pictures_can_be_shown_in_their_place(
    client: FlaskClient, kept: SimpleNamespace, name: str, how: str
) -> None:
    come_in(client, kept.keys["requester"])
    answer = fetch(client, address(kept, name) + "?inline=1")
    assert answer.headers["Content-Disposition"].partition(";")[0] == how
    assert answer.headers["Content-Security-Policy"].endswith("sandbox")


@pytest.mark.backends("sqlite")
def test_a_part_of_a_file_can_be_asked_for(client: FlaskClient, kept: SimpleNamespace) -> None:
    come_in(client, kept.keys["requester"])
    answer = fetch(client, address(kept, "a.pdf"), headers={"Range": "bytes=1-3"})
    assert (answer.status_code, answer.data) == (206, b"PDF")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_for_who_may_not_see_a_file_there_is_none(
    client: FlaskClient, kept: SimpleNamespace
) -> None:
    for name, status in (("agent", 200), ("colleague", 404), ("partner", 404), ("rival", 404)):
        come_in(client, kept.keys[name])
        assert fetch(client, address(kept, "a.pdf")).status_code == status, name
    come_in(client, kept.keys["colleague"])
    hidden = fetch(client, address(kept, "a.pdf"))
    missing = fetch(client, "/files/999999/a.pdf")
    assert missing.status_code == 404
    assert fetch(client, "/files/999999999999999999999/a.pdf").status_code == 404
    assert hidden.text.replace(f"/files/{kept.ids['a.pdf']}/", "") == missing.text.replace(
        "/files/999999/", ""
    )


@pytest.mark.backends("sqlite")
def test_who_has_not_signed_in_gets_no_file(client: FlaskClient, kept: SimpleNamespace) -> None:
    answer = fetch(client, address(kept, "a.pdf"))
    assert answer.status_code == 302
    assert (answer.location or "").startswith("/sign-in?")
