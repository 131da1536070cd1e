"""The official JavaScript client, on both transports."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from portal.preparation import ROOT, find_node, find_wheel_node
from tests.registry_core.live.conftest import room_server

SCRIPT = Path(__file__).with_name("javascript_client.mjs")


@pytest.mark.parametrize("transport", ["direct", "stock"])
def test_the_official_client_gets_along(transport: str) -> None:
    node = find_node() or find_wheel_node()
    assert node is not None, "Node or its packages are missing: `./desk test` installs both"
    with room_server(transport) as port:
        command = [str(node.binary), str(SCRIPT), str(port), transport]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    assert done.stdout.strip() == "ok", done.stderr
