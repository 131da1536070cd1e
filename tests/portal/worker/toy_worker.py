"""A worker with toy reactions, run as a process of its own by the tests."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

from portal.worker.process import Process, hush_procrastinate
from tests.portal.worker import toys


async def work() -> bool:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    seconds = float(os.environ["TOY_TICKS"])
    url = os.environ["TOY_URL"]
    ticks = toys.toy_ticks({"tick": seconds}) if seconds else ()
    return await Process(toys.toy_house(url), url, ticks=ticks, pace=toys.PACE).run(stop)


def main() -> int:
    logging.basicConfig(level="WARNING")
    hush_procrastinate()
    toys.install_toys(*filter(None, os.environ["TOY_REACTIONS"].split(",")))
    with asyncio.Runner() as runner:
        if not runner.run(work()):
            os._exit(3)
    return 0


if __name__ == "__main__":
    sys.exit(main())
