"""Looking for viruses with clamd, by its own protocol (INSTREAM): the file goes over the line, clamd reads no disk."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE_SECONDS = 60.0
LONGEST_ANSWER = 4_096
CLAMD_PORT = 3310


class ScannerAway(Exception):
    """clamd did not answer, or not as it should; the file stays in quarantine and is tried again."""


@dataclass(frozen=True, slots=True)
class Clamd:
    """A clamd: `tcp://host:3310` or `unix:///run/clamav/clamd.sock`."""

    address: str

    def scan(self, pieces: Iterable[bytes]) -> str | None:
        """Return what was found, or None.

        Raises ScannerAway.
        """
        try:
            with self._connect() as line:
                line.sendall(b"zINSTREAM\0")
                for piece in pieces:
                    line.sendall(len(piece).to_bytes(4, "big") + piece)
                line.sendall(bytes(4))
                answer = _read_answer(line)
        except OSError as error:
            raise ScannerAway(type(error).__name__) from error
        return _understand(answer)

    def _connect(self) -> socket.socket:
        place = urlsplit(self.address)
        if place.scheme == "unix":
            return _connect_unix(place.path)
        return socket.create_connection((place.hostname or "", place.port or CLAMD_PORT), timeout=PATIENCE_SECONDS)


def _connect_unix(path: str) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    try:
        line.settimeout(PATIENCE_SECONDS)
        line.connect(path)
    except OSError:
        line.close()
        raise
    return line


def _read_answer(line: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
        piece = line.recv(LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _understand(answer: str) -> str | None:
    """Read "stream: OK" or "stream: Eicar-Signature FOUND"; anything else is no verdict."""
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return None
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ScannerAway("no verdict")


_scanners: list[Clamd] = []


def install_scanner(clamd: Clamd | None) -> None:
    """Lay down who scans; without anybody, files are handed out unscanned."""
    _scanners[:] = [clamd] if clamd else []


def find_scanner() -> Clamd | None:
    """Find who scans."""
    return _scanners[0] if _scanners else None
