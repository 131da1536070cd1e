"""Pages go over the wire compressed: a console with a long talk weighs 45 KB as it is and 8 KB compressed."""

from __future__ import annotations

import gzip
import secrets
from io import BytesIO

from flask import Flask, Response, request

SMALLEST_BYTES = 1_000
COMPRESSED_TYPES = frozenset({"text/html", "application/json"})
LEVEL = 9
# The token against forged requests stands beside text that others may choose. A name of random length in the gzip
# header hides how well the two compressed together (Heal the BREACH, Palacios et al. 2022; Django does the same).
LONGEST_NAME = 100


def install_compression(app: Flask) -> None:
    """Compress what browsers accept compressed."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """Compress a page or JSON answer; built files were compressed ahead of time and pass."""
    if response.mimetype not in COMPRESSED_TYPES or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    content = response.get_data()
    if len(content) < SMALLEST_BYTES or not request.accept_encodings["gzip"]:
        return response
    packed = BytesIO()
    name = "a" * secrets.randbelow(LONGEST_NAME)
    with gzip.GzipFile(name, "wb", compresslevel=LEVEL, fileobj=packed, mtime=0) as file:
        file.write(content)
    response.set_data(packed.getvalue())
    response.headers["Content-Encoding"] = "gzip"
    return response
