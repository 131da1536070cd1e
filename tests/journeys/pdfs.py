"""PDFs as people send them: with text, with a Chinese font that is not brought along, with a scan; locked; damaged."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

BROKEN = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R\n\nhalf of it is missing\n%%EOF\n"
SCAN_SIDE = 40
# A font of the reader's own machine, its signs named by the map of Unicode for simplified Chinese.
FONTS = (
    b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
    (
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 5 0 R>>"
    ),
    (
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 900"
        b"/Descent -200/CapHeight 900/StemV 80>>"
    ),
)


def make_pdf(texts: Sequence[str], *, locked: bool = False) -> bytes:
    """Write one page for each text: the text in Chinese letters, and a scan in JPEG 2000 below it, red all over."""
    pages = range(7, 7 + 2 * len(texts), 2)
    kids = " ".join(f"{page} 0 R" for page in pages)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(texts)}>>".encode(),
        *FONTS,
        _stream(
            f"/Type/XObject/Subtype/Image/Width {SCAN_SIDE}/Height {SCAN_SIDE}/ColorSpace/DeviceRGB/BitsPerComponent 8"
            "/Filter/JPXDecode",
            _scan(),
        ),
    ]
    for page, text in zip(pages, texts, strict=True):
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Resources<</Font<</F 3 0 R>>/XObject<</S 6 0 R>>>>"
            + f"/Contents {page + 1} 0 R>>".encode(),
            _stream("", _drawing(text)),
        ]
    return _written(objects, locked=locked)


def _drawing(text: str) -> bytes:
    letters = text.encode("utf-16-be").hex().upper()
    return f"BT /F 24 Tf 20 350 Td <{letters}> Tj ET q 200 0 0 200 50 50 cm /S Do Q".encode()


def _scan() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (SCAN_SIDE, SCAN_SIDE), (200, 0, 0)).save(file, "JPEG2000")
    return file.getvalue()


def _stream(about: str, content: bytes) -> bytes:
    return f"<<{about}/Length {len(content)}>>stream\n".encode() + content + b"\nendstream"


def _written(objects: Sequence[bytes], *, locked: bool) -> bytes:
    written, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    mark = "11" * 32
    key = f"/Encrypt<</Filter/Standard/V 1/R 2/O<{mark}>/U<{mark}>/P -4>>/ID[<{mark}><{mark}>]" if locked else ""
    return (
        written
        + (
            f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}"
            f"trailer<</Root 1 0 R/Size {len(objects) + 1}{key}>>\nstartxref\n{len(written)}\n%%EOF\n"
        ).encode()
    )
