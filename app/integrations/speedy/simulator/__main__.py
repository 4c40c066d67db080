"""The simulator as a process: `python -m app.integrations.speedy.simulator --port 8101 --state FILE`."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import uvloop

from app.integrations.speedy.simulator import Conduct, SpeedySimulator


async def _serve(port: int, state: Path | None, conduct: Conduct) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(ending, stop.set)
    async with SpeedySimulator.serve(port=port, file=state, conduct=conduct) as simulator:
        sys.stdout.write(f"Speedy simulator: {simulator.url}\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="speedy-simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="a free one by default")
    parser.add_argument("--state", type=Path, help="a file that keeps the shipments over a restart")
    parser.add_argument("--user", default="demo")
    parser.add_argument("--password", default="demo")
    wish = parser.parse_args()
    conduct = Conduct(user_name=wish.user, password=wish.password)
    uvloop.run(_serve(wish.port, wish.state, conduct))


if __name__ == "__main__":
    main()
