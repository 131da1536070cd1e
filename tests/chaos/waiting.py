"""Waiting until something holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LOOK_SECONDS = 0.05


async def until(holds: Callable[[], bool], seconds: float = float("inf")) -> bool:
    """Wait until something holds, so long at most; say whether it does."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not holds():
        if asyncio.get_running_loop().time() > deadline:
            return False
        # Counts of hundreds of clients, and files of other programs: nobody could ring a bell for each.
        await asyncio.sleep(LOOK_SECONDS)
    return True
