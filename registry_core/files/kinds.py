"""The kinds of file that the house can check; which of them a unit takes, and how large, its rules say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from registry_core.files.checks.documents import check_pdf, check_text
from registry_core.files.checks.office import check_office
from registry_core.files.checks.pictures import check_picture

Sides = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind is named, recognised, checked and shown.

    `signs` are media types under which the content itself is known (puremagic); a kind without any has no mark of its
    own (text). A kind that is not inline is only ever offered for saving.
    """

    name: str
    extensions: tuple[str, ...]
    media_type: str
    signs: frozenset[str]
    check: Callable[[BinaryIO], Sides]
    is_inline: bool = False
    is_picture: bool = False


def _picture(name: str, *extensions: str) -> Kind:
    media_type = f"image/{extensions[-1]}"
    return Kind(
        name,
        extensions,
        media_type,
        frozenset({media_type}),
        lambda file: check_picture(file, name),
        is_inline=True,
        is_picture=True,
    )


def _office(name: str, media_type: str) -> Kind:
    def check(file: BinaryIO) -> Sides:
        check_office(file, name)
        return None

    return Kind(name, (name,), media_type, frozenset({media_type, "application/zip"}), check)


def _plain(check: Callable[[BinaryIO], None]) -> Callable[[BinaryIO], Sides]:
    def run(file: BinaryIO) -> Sides:
        check(file)
        return None

    return run


_WORD = "application/vnd.openxmlformats-officedocument"
KINDS = (
    _picture("jpg", "jpg", "jpeg"),
    _picture("png", "png"),
    _picture("webp", "webp"),
    _picture("gif", "gif"),
    Kind("pdf", ("pdf",), "application/pdf", frozenset({"application/pdf"}), _plain(check_pdf), is_inline=True),
    _office("docx", f"{_WORD}.wordprocessingml.document"),
    _office("xlsx", f"{_WORD}.spreadsheetml.sheet"),
    _office("pptx", f"{_WORD}.presentationml.presentation"),
    Kind("csv", ("csv",), "text/csv", frozenset(), _plain(check_text)),
    Kind("txt", ("txt",), "text/plain", frozenset(), _plain(check_text)),
)
BY_NAME = {kind.name: kind for kind in KINDS}
BY_EXTENSION = {extension: kind for kind in KINDS for extension in kind.extensions}
