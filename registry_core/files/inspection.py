"""Deciding what a file is: by its content, and only as what its name says too."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import puremagic
from flask_babel import lazy_gettext as _l

from registry_core.files.checks.reasons import Suspicious
from registry_core.files.errors import FileRefused
from registry_core.files.kinds import BY_EXTENSION, Kind, Sides
from registry_core.files.names import extension_of


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may come in: its kind, and for a picture its width and height."""

    kind: Kind
    sides: Sides


def kind_of_name(name: str, types: Collection[str]) -> Kind:
    """Return the kind that a name claims, if the rules take it.

    Raises FileRefused.
    """
    extension = extension_of(name)
    kind = BY_EXTENSION.get(extension)
    if kind is None or not set(kind.extensions) & set(types):
        raise FileRefused(_l("不能上传这种文件。可以上传的有：%(types)s。", types=" ".join(types)))
    return kind


def inspect(path: Path, name: str, types: Collection[str]) -> Inspected:
    """Require that a file is what its name claims, is whole, and holds nothing that runs.

    Raises FileRefused.
    """
    kind = kind_of_name(name, types)
    if kind.signs and not kind.signs & _signs_of(path):
        raise FileRefused(
            _l("文件的内容和后缀 %(extension)s 对不上，请用原来的软件另存一份再上传。", extension=extension_of(name))
        )
    try:
        with path.open("rb") as file:
            return Inspected(kind, kind.check(file))
    except Suspicious as found:
        raise FileRefused(found.reason) from found


def _signs_of(path: Path) -> set[str]:
    """Name every media type that the content might be, going by its bytes alone."""
    try:
        return {match.mime_type for match in puremagic.magic_file(str(path)) if match.byte_match}
    except (puremagic.PureError, ValueError, IndexError):
        return set()
