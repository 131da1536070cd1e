"""Live push: notices to open pages after commit, best effort; and the transport that carries them quickly."""

from __future__ import annotations

from registry_core.live.pushes import Emitter, account_room, emit, install_emitter, push

__all__ = ["Emitter", "account_room", "emit", "install_emitter", "push"]
