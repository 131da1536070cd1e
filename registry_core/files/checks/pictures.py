"""Pictures: decoded once as a whole, within bounds; and drawn small."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from PIL import Image, ImageOps

from registry_core.files.checks.reasons import DAMAGED, TOO_MANY_PIXELS, Suspicious

MOST_PIXELS = 50_000_000
THUMBNAIL_SIDE = 480
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}


def check_picture(file: BinaryIO, kind: str) -> tuple[int, int]:
    """Decode a picture and return its width and height.

    Raises Suspicious.
    """
    with _opened(file, kind) as image:
        image.load()
        return image.size


def draw_thumbnail(file: BinaryIO, kind: str) -> bytes:
    """Draw a picture small, upright, without what its file said besides (place, camera), as WebP.

    Raises Suspicious.
    """
    with _opened(file, kind) as image:
        image.draft("RGB", (THUMBNAIL_SIDE * 2, THUMBNAIL_SIDE * 2))
        small = ImageOps.exif_transpose(image)
        small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        has_holes = small.mode in {"RGBA", "LA", "PA"} or "transparency" in small.info
        clean = Image.new("RGBA" if has_holes else "RGB", small.size)
        clean.paste(small.convert(clean.mode))
        drawn = io.BytesIO()
        clean.save(drawn, "WEBP", quality=80)
        return drawn.getvalue()


@contextmanager
def _opened(file: BinaryIO, kind: str) -> Iterator[Image.Image]:
    """Open a picture of one format alone; its size is known, and bounded, before a pixel is decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=[FORMATS[kind]]) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise Suspicious(TOO_MANY_PIXELS)
                yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Suspicious(TOO_MANY_PIXELS) from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, MemoryError) as error:
        # Pillow's decoders tell damage by all of these.
        raise Suspicious(DAMAGED) from error
