"""Word and Excel files (Office Open XML): a well-built archive with the right parts, and nothing that runs."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from registry_core.files.checks.reasons import DAMAGED, LOCKED, RUNS_CODE, SWELLS, Suspicious

MOST_PARTS = 5_000
MOST_BYTES = 300_000_000
MOST_RATIO = 150
SMALL_BYTES = 10_000_000
PIECE_BYTES = 1 << 20
LONGEST_XML = 100_000_000

MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
ACTIVE_PART = re.compile(
    r"(?:vba\w*\.(?:bin|xml)|/activex/|/macrosheets/|/customui/|embeddings/.*\.bin$)", re.IGNORECASE
)
ACTIVE_TYPE = re.compile(rb"macroEnabled|vbaProject|activeX", re.IGNORECASE)
# A template or an object that is fetched from elsewhere when the document opens.
FETCHED = re.compile(
    rb"<(?:\w+:)?Relationship\b(?=[^>]*TargetMode\s*=\s*[\"']External)"
    rb"(?=[^>]*/(?:attachedTemplate|oleObject|frame|subDocument|externalLinkPath)[\"'])",
    re.IGNORECASE,
)
ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
ENCRYPTED_FLAG = 0x1
_UNREADABLE = (
    BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,  # zipfile's word for a packing method that it does not know
    RuntimeError,
    ValueError,
)


def check_office(file: BinaryIO, kind: str) -> None:
    """Unpack every part within bounds and look for what would run.

    Raises Suspicious.
    """
    # From the first byte: an archive may hang behind anything else and still open.
    if file.read(4) != b"PK\x03\x04":
        raise Suspicious(LOCKED if _is_compound(file) else DAMAGED)
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
            _check_list(parts, kind)
            for part in parts:
                _check_part(part.filename, b"".join(_unpack(archive, part)))
    except _UNREADABLE as error:
        raise Suspicious(DAMAGED) from error


def _is_compound(file: BinaryIO) -> bool:
    """Say whether it is the old container of Office, into which a password puts a new document."""
    file.seek(0)
    return file.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _check_list(parts: list[ZipInfo], kind: str) -> None:
    names = [part.filename for part in parts]
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_BYTES:
        raise Suspicious(SWELLS)
    if unpacked > SMALL_BYTES and unpacked > packed * MOST_RATIO:
        raise Suspicious(SWELLS)
    if any(part.flag_bits & ENCRYPTED_FLAG for part in parts):
        raise Suspicious(LOCKED)
    if len({name.lower() for name in names}) < len(names) or any(_leaves_its_place(name) for name in names):
        raise Suspicious(DAMAGED)
    if not {"[Content_Types].xml", MAIN_PARTS[kind]} <= set(names):
        raise Suspicious(DAMAGED)
    if any(ACTIVE_PART.search(name) for name in names):
        raise Suspicious(RUNS_CODE)


def _leaves_its_place(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")


def _unpack(archive: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    """Unpack a part to its end, so that its checksum is compared; keep it only if it is XML."""
    is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    if is_xml and part.file_size > LONGEST_XML:
        raise Suspicious(SWELLS)
    with archive.open(part) as opened:
        while piece := opened.read(PIECE_BYTES):
            if is_xml:
                yield piece


def _check_part(name: str, content: bytes) -> None:
    xml = _narrow(content)
    if ENTITY.search(xml):
        raise Suspicious(RUNS_CODE)
    if name == "[Content_Types].xml" and ACTIVE_TYPE.search(xml):
        raise Suspicious(RUNS_CODE)
    if name.lower().endswith(".rels") and FETCHED.search(xml):
        raise Suspicious(RUNS_CODE)


def _narrow(xml: bytes) -> bytes:
    """Read XML of two bytes a sign as one of one byte: what is looked for is ASCII."""
    return xml.replace(b"\0", b"") if xml[:2] in WIDE_MARKS else xml
