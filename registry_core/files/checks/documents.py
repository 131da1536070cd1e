"""PDF and plain text."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

from registry_core.files.checks.reasons import DAMAGED, IS_MARKUP, RUNS_CODE, Suspicious

TAIL_BYTES = 2_048
PIECE_BYTES = 1 << 20
# What lies in compressed streams stays unseen; the viewer of the browser runs none of it with our rights.
STREAM = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
HEX_SIGN = re.compile(rb"#([0-9A-Fa-f]{2})")
ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia|ImportData|SubmitForm)(?=[\s()<>\[\]{}/%]|$)")
HEADER = re.compile(rb"%PDF-[12]\.\d")
TEXT_ENCODINGS = ("utf-8-sig", "gb18030")
KEPT_CONTROLS = frozenset("\t\n\r\f\x1a")


def check_pdf(file: BinaryIO) -> None:
    """Require a PDF from its first byte to its end mark, without actions that run something.

    Raises Suspicious.
    """
    content = file.read()
    if not HEADER.match(content) or b"%%EOF" not in content[-TAIL_BYTES:]:
        raise Suspicious(DAMAGED)
    spoken = HEX_SIGN.sub(lambda found: bytes([int(found[1], 16)]), STREAM.sub(b"", content))
    if ACTIVE.search(spoken):
        raise Suspicious(RUNS_CODE)


def check_text(file: BinaryIO) -> None:
    """Require text in UTF-8 or GB18030 that does not begin like a web page or a program.

    Raises Suspicious.
    """
    for encoding in TEXT_ENCODINGS:
        file.seek(0)
        try:
            beginning = _read_text(file, encoding)
        except UnicodeDecodeError:
            continue
        if beginning.lstrip().startswith(("<", "#!")):
            raise Suspicious(IS_MARKUP)
        return
    raise Suspicious(DAMAGED)


def _read_text(file: BinaryIO, encoding: str) -> str:
    """Decode everything piece by piece and return how it begins."""
    decoder = codecs.getincrementaldecoder(encoding)()
    beginning = ""
    while True:
        piece = file.read(PIECE_BYTES)
        text = decoder.decode(piece, final=not piece)
        if any(sign < " " and sign not in KEPT_CONTROLS for sign in set(text)):
            raise Suspicious(DAMAGED)
        if len(beginning.lstrip()) < PIECE_BYTES:
            beginning += text[:PIECE_BYTES]
        if not piece:
            return beginning
