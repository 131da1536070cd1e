"""Which TCP port may be used."""

import socket

HIGHEST = 65535
SEARCHED_PORTS = 50


def is_free(host: str, port: int) -> bool:
    """Return whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def next_free(host: str, port: int) -> int | None:
    """Return the first free port after the given one, or None when none of the next ones is."""
    candidates = range(port + 1, min(port + SEARCHED_PORTS, HIGHEST) + 1)
    return next((other for other in candidates if is_free(host, other)), None)
