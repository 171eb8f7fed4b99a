"""Files that people attach: checked, kept outside the web root, found again by who may see them."""

from __future__ import annotations

import codecs
import hashlib
import logging
import math
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO

import puremagic
import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from servicedesk.db import db
from servicedesk.errors import BadInput, NotFound
from servicedesk.incidents.models import Attachment, Incident
from servicedesk.incidents.visibility import visible_files
from servicedesk.people.models import Person

AT_ONCE = 10
NAME_BYTES = 255
CHUNK = 1024 * 1024
UNKNOWN = "application/octet-stream"
STORED = re.compile(r"[0-9a-f]{32}(\.part)?")
WRITTEN = "written_files"  # where a session notes what its transaction has put on disk


@dataclass(frozen=True)
class Upload:
    """A file as it came in: its name as the sender says, its content, its size if known."""

    name: str
    stream: IO[bytes]
    size: int | None = None


def uploads(given: Iterable[FileStorage]) -> tuple[Upload, ...]:
    """Take the files of a form, without its empty fields; raises BadInput for too many."""
    found = tuple(_upload(each) for each in given if each.filename)
    if len(found) > AT_ONCE:
        raise BadInput(_("Please attach at most %(n)d files at once.", n=AT_ONCE))
    return found


def _upload(given: FileStorage) -> Upload:
    size = given.stream.seek(0, os.SEEK_END)
    given.stream.seek(0)
    return Upload(given.filename or "", given.stream, size)


# Keeping


def keep(
    session: Session,
    incident: Incident,
    upload: Upload,
    person_id: int | None,
    now: datetime,
    comment_id: int | None = None,
) -> Attachment:
    """Step: check a file, put it on disk, then add its row; raises BadInput."""
    name = clean(upload.name)
    stored = secrets.token_hex(16)
    session.info.setdefault(WRITTEN, []).append(_place(stored))
    size, sha256, media_type = _store(_place(stored), name, upload)
    row = Attachment(
        incident_id=incident.id,
        comment_id=comment_id,
        name=name,
        media_type=media_type,
        size=size,
        sha256=sha256,
        stored=stored,
        added_by_id=person_id,
        added_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _store(path: Path, name: str, upload: Upload) -> tuple[int, str, str]:
    """Write under another name first: under its own a file is whole and lasts."""
    _root().mkdir(mode=0o700, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    part = path.with_suffix(".part")
    try:
        with part.open("x+b") as file:
            size, sha256 = _copy(upload, file, name)
            with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
                media_type = _media_type(name, content)
            os.fsync(file.fileno())
        part.rename(path)
        _sync(path.parent)
        _sync(_root())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return size, sha256, media_type


def _copy(upload: Upload, file: IO[bytes], name: str) -> tuple[int, str]:
    limit = int(current_app.config["UPLOAD_MB"])
    size, digest = 0, hashlib.sha256()
    if upload.stream.seekable():
        upload.stream.seek(0)
    while chunk := upload.stream.read(CHUNK):
        size += len(chunk)
        if max(size, upload.size or 0) > limit * 1024 * 1024:
            raise BadInput(
                _("“%(name)s” is too large: at most %(n)d MB a file.", name=name, n=limit)
            )
        digest.update(chunk)
        file.write(chunk)
    file.flush()
    if not size:
        raise BadInput(_("“%(name)s” is empty.", name=name))
    return size, digest.hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@sa.event.listens_for(Session, "before_commit")
def _committing(session: Session) -> None:
    """From here on a lost connection may hide a commit: what is on disk is for the sweep."""
    if not session.in_nested_transaction():
        session.info.pop(WRITTEN, None)


@sa.event.listens_for(Session, "after_rollback")
def _rolled_back(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for path in session.info.pop(WRITTEN, ()):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def sweep_orphans(session: Session, older_than: datetime) -> int:
    """Step: remove files on disk that no row names, last changed before an instant; gives how many.

    The instant lies a day back or so: younger files may belong to a transaction under way.
    """
    before = older_than.timestamp()
    folders = sorted(_root().glob("[0-9a-f][0-9a-f]"))
    return sum(_sweep_folder(session, folder, before) for folder in folders)


def _sweep_folder(session: Session, folder: Path, before: float) -> int:
    old = [p for p in folder.iterdir() if STORED.fullmatch(p.name) and _changed(p) < before]
    query = sa.select(Attachment.stored).where(Attachment.stored.in_([p.name for p in old]))
    known = set(session.scalars(query))
    orphans = [path for path in old if path.name not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # renamed meanwhile: just written
        return math.inf


# Finding again


def _root() -> Path:
    return Path(current_app.config["DESK_VAR"]) / "files"


def _place(stored: str) -> Path:
    return _root() / stored[:2] / stored


def path_of(attachment: Attachment) -> Path:
    """Say where a file's content lies."""
    return _place(attachment.stored)


def again(attachment: Attachment) -> Upload:
    """Take a file that is kept, to keep it once more elsewhere."""
    return Upload(attachment.name, BytesIO(path_of(attachment).read_bytes()), attachment.size)


def open_for(person: Person, attachment_id: int) -> Attachment:
    """Give a file that a person may see and whose content is there; raises NotFound."""
    query = sa.select(Attachment).where(Attachment.id == attachment_id, visible_files(person))
    # a larger number is none of a row's, and more than a database can compare
    row = db.session.scalar(query) if attachment_id < 2**31 else None
    if row is None:
        raise NotFound(_("There is no such file, or it is not for you."))
    if not path_of(row).is_file():
        logging.getLogger(__name__).error("attachment %d has no file on disk", row.id)
        raise NotFound(_("The content of this file has been lost."))
    return row


# Names

# controls, directions of writing and other invisible ones, halves of a character, line ends
INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
# dots and spaces: Windows drops those at the end, so they can hide an ending
EDGES = "." + "".join(filter(str.isspace, map(chr, range(0x3001))))
NOT_IN_NAMES = '<>:"|?*'  # Windows can't keep them
# Composing would turn these variants, which people have in their names, into the common ones.
COMPOSABLE = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")


def clean(name: str) -> str:
    """Make a file name safe to keep and to give out: no folders, nothing invisible, 255 bytes."""
    last = re.split(r"[/\\]", name)[-1][-1000:]
    visible = "".join(c for c in last if unicodedata.category(c) not in INVISIBLE)
    composed = COMPOSABLE.sub(lambda run: unicodedata.normalize("NFC", run[0]), visible)
    kept = "".join("_" if c in NOT_IN_NAMES else c for c in composed)
    return _shortened(kept.strip(EDGES)).strip(EDGES) or "file"


def _shortened(name: str) -> str:
    if len(name.encode()) <= NAME_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = dot + ending if len(ending.encode()) <= 16 else ""
    room = NAME_BYTES - len(tail.encode())
    return (stem if tail else name).encode()[:room].decode(errors="ignore") + tail


def _ending(name: str) -> str:
    return name.rpartition(".")[2].casefold() if "." in name else ""


# What is in them

PROGRAMS = re.compile(
    "action|apk|app|appimage|application|appref-ms|appx|appxbundle|bash|bat|chm|cmd|com|command|"
    "cpl|csh|deb|desktop|dll|dmg|drv|exe|gadget|hta|htc|inf|ins|isp|jar|jnlp|jse?|ksh|lnk|mjs|ms[chi]|"
    "msix|msixbundle|ms[pt]|ocx|pif|pkg|pl|ps[12]|ps1xml|ps[cdm]1|py[cwz]?|rb|reg|rpm|sc[frt]|"
    "settingcontent-ms|sh|sh[bs]|sys|url|vb|vb[es]|wasm|ws|ws[cfh]|xbap|xll|zsh"
)
Check = Callable[[mmap], bool]


def _media_type(name: str, content: mmap) -> str:
    """Say what a file is: what its ending claims, where the content bears it out."""
    ending = _ending(name)
    if PROGRAMS.fullmatch(ending) or _is_program(content):
        raise BadInput(_("“%(name)s” is a program or a script: it is not accepted.", name=name))
    if ending not in KNOWN:
        return _plain(content) if _is_text(content) else _guess(ending, content)
    media_type, check = KNOWN[ending]
    if not check(content):
        raise BadInput(_("The content of “%(name)s” is not what its name says.", name=name))
    return _plain(content, media_type) if check is _is_text else media_type


def _plain(content: mmap, media_type: str = "text/plain") -> str:
    """Text, unless a browser could take it for a page."""
    return UNKNOWN if MARKUP.search(content[:4096]) else media_type


def _guess(ending: str, content: mmap) -> str:
    """What puremagic finds in the content, if the ending says the same."""
    try:
        found = puremagic.magic_string(content)
    except puremagic.PureError:
        return UNKNOWN
    types = (each.mime_type for each in found if each.extension == f".{ending}")
    return next((t for t in types if GUESSED.fullmatch(t)), UNKNOWN)


MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe|img|a|p|div)\b", re.I)
GUESSED = re.compile(r"(?!.*(html|xml|svg|script))[a-z]+/[a-z0-9.+-]{1,80}")
# what no text has; tabs, line and page ends, shifts and escapes (JIS) and an old end of file remain
NOT_TEXT = re.compile(rb"[\x00-\x06\x10-\x19\x1c-\x1f\x7f]")
NOT_TEXT_16 = re.compile("[\x00-\x06\x10-\x19\x1c-\x1f\x7f\ufffe\uffff]")


def _is_text(content: mmap) -> bool:
    """UTF-8, Shift_JIS, EUC-JP, ISO-2022-JP, Latin: all are free of control bytes."""
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return _is_text_16(content[:])
    return NOT_TEXT.search(content) is None


def _is_text_16(content: bytes) -> bool:
    try:
        return NOT_TEXT_16.search(content.decode("utf-16")) is None
    except UnicodeDecodeError:
        return False


def _begins(pattern: bytes) -> Check:
    compiled = re.compile(pattern, re.DOTALL)
    return lambda content: compiled.match(content) is not None


# Linux, macOS, Java, WebAssembly, Android, #!, Windows shortcut, Debian, RPM, compiled help
OTHER_PROGRAM = _begins(
    rb"\x7fELF|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe|\x00asm|dex\n|#! ?/"
    rb"|\x4c\x00\x00\x00\x01\x14\x02\x00|!<arch>\n|\xed\xab\xee\xdb|ITSF"
)
WINDOWS_PROGRAM = _begins(rb"MZ|ZM")
RTF, OLE = _begins(rb"\{\\rtf"), _begins(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
# the class of an installer's (MSI), patch's or transform's root entry
INSTALLER = re.compile(rb"[\x82\x84\x86]\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F")


def _is_program(content: mmap) -> bool:
    if WINDOWS_PROGRAM(content):
        return not _is_text(content)
    return OTHER_PROGRAM(content) or (OLE(content) and _is_installer(content))


def _is_installer(content: mmap) -> bool:
    """Installers and old Office files are one format; the root entry tells them apart."""
    sector = 1 << (content[30] & 0x0F) if len(content) > 52 else 0
    root = (int.from_bytes(content[48:52], "little") + 1) * sector
    return INSTALLER.match(content[root + 80 : root + 96]) is not None


def _office(folder: bytes) -> Check:
    """A zip that lists a folder's files; or what Office makes of it when it has a password."""
    listed = re.compile(rb"PK\x01\x02.{42}" + re.escape(folder), re.DOTALL)
    locked = "EncryptedPackage".encode("utf-16-le")

    def check(content: mmap) -> bool:
        if OLE(content):
            return content.find(locked, 0) > 0
        return ZIP(content) and listed.search(content) is not None

    return check


OPEN_DOCUMENT = _begins(rb"PK\x03\x04.{26}mimetype.{0,64}?application/vnd\.oasis\.opendocument\.")
ZIP = _begins(rb"PK(\x03\x04|\x05\x06)")
MP4 = _begins(rb"....(ftyp|moov|mdat|wide|free|skip)")
WORD, SHEET, SLIDES = _office(b"word/"), _office(b"xl/"), _office(b"ppt/")
OOXML = "application/vnd.openxmlformats-officedocument."

# What endings claim: the media type that they are kept as, and how their content is known.
# A page, or a drawing that could carry a script, is kept as unknown.
TYPES: tuple[tuple[str, str, Check], ...] = (
    ("png", "image/png", _begins(rb"\x89PNG\r\n\x1a\n")),
    ("jpg jpeg jpe jfif", "image/jpeg", _begins(rb"\xff\xd8\xff")),
    ("gif", "image/gif", _begins(rb"GIF8[79]a")),
    ("webp", "image/webp", _begins(rb"RIFF....WEBP")),
    ("bmp", "image/bmp", _begins(rb"BM.{12}")),
    ("tif tiff", "image/tiff", _begins(rb"II[*+]\x00|MM\x00[*+]")),
    ("heic heif avif", "image/heif", _begins(rb"....ftyp(hei|hev|mif1|msf1|avi[fs])")),
    ("pdf", "application/pdf", _begins(rb"(\xef\xbb\xbf)?\s{0,16}%PDF-")),
    ("doc dot", "application/msword", lambda content: OLE(content) or RTF(content)),
    ("rtf", "application/rtf", RTF),
    ("xls xlt", "application/vnd.ms-excel", OLE),
    ("ppt pps", "application/vnd.ms-powerpoint", OLE),
    ("msg", "application/vnd.ms-outlook", OLE),
    ("docx", OOXML + "wordprocessingml.document", WORD),
    ("xlsx", OOXML + "spreadsheetml.sheet", SHEET),
    ("pptx", OOXML + "presentationml.presentation", SLIDES),
    ("docm dotx dotm", UNKNOWN, WORD),
    ("xlsm xlsb xltx xltm", UNKNOWN, SHEET),
    ("pptm ppsx ppsm potx", UNKNOWN, SLIDES),
    ("odt ods odp odg", UNKNOWN, OPEN_DOCUMENT),
    ("zip", "application/zip", ZIP),
    ("7z rar gz tgz", UNKNOWN, _begins(rb"7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x1f\x8b")),
    ("mp4 m4v", "video/mp4", MP4),
    ("mov m4a", UNKNOWN, MP4),
    ("webm mkv", "video/webm", _begins(rb"\x1a\x45\xdf\xa3")),
    ("wav", "audio/wav", _begins(rb"(RIF[FX]|RF64)....WAVE")),
    ("mp3", "audio/mpeg", _begins(rb"ID3|\xff[\xe0-\xff]")),
    ("txt text md yaml yml ics vcf", "text/plain", _is_text),
    ("csv tsv", "text/csv", _is_text),
    ("json", "application/json", _is_text),
    ("eml", "message/rfc822", _is_text),
    ("html htm xhtml mht svg xml xsl", UNKNOWN, _is_text),
)
KNOWN = {each: (kind, check) for endings, kind, check in TYPES for each in endings.split()}
