"""Files as honest people have them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from PIL import Image

RELS = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
PDF = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"3 0 obj<</Length 9>>stream\n/JS (xyz)\nendstream endobj\n"
    b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
)
TEXT = "学籍号,姓名\nG610113201501010011,许小满\n".encode()
OLD_TEXT = "学籍转学证明：请妥善保管。\r\n".encode("gb18030")


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), mode: str = "RGB") -> bytes:
    """A plain picture."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


def archive(parts: Mapping[str, str | bytes], *, compressed: bool = True) -> bytes:
    """An archive of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return file.getvalue()


def docx() -> bytes:
    """A Word file."""
    return archive(word_parts())


def word_parts() -> dict[str, str | bytes]:
    return {"[Content_Types].xml": TYPES, "_rels/.rels": RELS, "word/document.xml": "<w:document xmlns:w='w'/>"}


def xlsx() -> bytes:
    return archive({"[Content_Types].xml": TYPES, "_rels/.rels": RELS, "xl/workbook.xml": "<workbook/>"})


HONEST: dict[str, bytes] = {
    "照片.png": picture(),
    "照片.jpg": picture("JPEG"),
    "照片.jpeg": picture("JPEG"),
    "灰度.png": picture(mode="L"),
    "透明.webp": picture("WEBP", mode="RGBA"),
    "公文.pdf": PDF,
    "申请表.docx": docx(),
    "名册.xlsx": xlsx(),
    "名册.csv": TEXT,
    "说明.txt": OLD_TEXT,
    "Scan 2026-09-01 (final).PDF": PDF,
}
