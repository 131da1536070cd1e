"""The network between pages in a call: every packet of sound and pictures goes through here, and can be cut off.

Browsers find each other by candidates, the addresses under which they can be reached. A page that is plugged in
hears of the others' addresses only behind a socket of this process, which hands packets on until it is pulled out.
"""

from __future__ import annotations

import selectors
import socket
from threading import Event, Lock, Thread

from playwright.sync_api import Page

LARGEST_PACKET = 65_536
REWRITE = """() => {
    const { addIceCandidate, setRemoteDescription } = RTCPeerConnection.prototype;
    const behind = async line => {
        const parts = line.split(" ");
        if (parts[2].toLowerCase() !== "udp" || parts[4].includes(":")) return "";
        parts[5] = String(await window.cablePort(parts[4], Number(parts[5])));
        return parts.join(" ");
    };
    RTCPeerConnection.prototype.addIceCandidate = async function (told) {
        if (!told?.candidate) return addIceCandidate.call(this, told);
        const candidate = await behind(told.candidate);
        if (candidate) await addIceCandidate.call(this, { ...told, candidate });
    };
    RTCPeerConnection.prototype.setRemoteDescription = async function (told) {
        const lines = await Promise.all(told.sdp.split("\\r\\n").map(async line => {
            if (!line.startsWith("a=candidate:")) return line;
            const candidate = await behind(line.slice(2));
            return candidate ? `a=${candidate}` : null;
        }));
        const sdp = lines.filter(line => line !== null).join("\\r\\n");
        return setRemoteDescription.call(this, { type: told.type, sdp });
    };
}"""

Address = tuple[str, int]


class Cable:
    """What pages are plugged into: `cut` pulls out all that is in use, `is_down` lets nothing new through either."""

    def __init__(self) -> None:
        self.is_down = False
        self._watch = selectors.DefaultSelector()
        self._ports: dict[Address, int] = {}
        self._outlets: dict[tuple[socket.socket, Address], socket.socket] = {}
        self._lock = Lock()
        self._over = Event()
        self._thread = Thread(target=self._carry, daemon=True)

    def open(self) -> None:
        """Begin to carry packets."""
        self._thread.start()

    def close(self) -> None:
        """Carry nothing any more."""
        self._over.set()
        self._thread.join()
        self.cut()
        self._watch.close()

    def plug(self, page: Page) -> None:
        """Let a page hear of the others behind this cable alone; before it opens anything."""
        page.expose_function("cablePort", self.port)
        page.add_init_script(f"({REWRITE})()")

    def port(self, host: str, port: int) -> int:
        """Open a socket on the same machine that leads to an address."""
        with self._lock:
            if (host, port) not in self._ports:
                front = self._open(host)
                self._ports[host, port] = front.getsockname()[1]
                self._watch.register(front, selectors.EVENT_READ, (host, port))
            return self._ports[host, port]

    def cut(self) -> None:
        """Pull out every socket that there is; new addresses get new ones."""
        with self._lock:
            for key in list(self._watch.get_map().values()):
                self._watch.unregister(key.fileobj)
                if isinstance(key.fileobj, socket.socket):
                    key.fileobj.close()
            self._outlets.clear()

    def _open(self, host: str) -> socket.socket:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.bind((host, 0))
        opened.settimeout(0)
        return opened

    def _carry(self) -> None:
        while not self._over.wait(0 if self._watch.get_map() else 0.05):
            for key, _mask in self._watch.select(timeout=0.05):
                with self._lock:
                    if isinstance(key.fileobj, socket.socket):
                        self._hand_on(key.fileobj, key.data)

    def _hand_on(self, came: socket.socket, data: Address | tuple[socket.socket, Address]) -> None:
        try:
            packet, sender = came.recvfrom(LARGEST_PACKET)
            if self.is_down:
                return
            if isinstance(data[0], socket.socket):
                front, client = data
                front.sendto(packet, client)
            else:
                self._outlet(came, sender, data[0]).sendto(packet, data)
        except OSError:
            # Pulled out, or nobody listens there any more: packets get lost.
            return

    def _outlet(self, front: socket.socket, client: Address, host: str) -> socket.socket:
        """Return the socket from which one page's packets come out; answers to it go back to that page."""
        if (front, client) not in self._outlets:
            outlet = self._open(host)
            self._outlets[front, client] = outlet
            self._watch.register(outlet, selectors.EVENT_READ, (front, client))
        return self._outlets[front, client]
