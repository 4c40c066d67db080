"""`python -m app.integrations.icash.simulator --port N --state FILE`."""

import argparse
import asyncio
import signal
from pathlib import Path

from app.integrations.icash.simulator.server import ICashSimulator


async def run(port: int, state: Path) -> None:
    """Serve until told to stop."""
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with ICashSimulator.serve(port, state=state):
        await told.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="icash-simulator")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="kept across restarts")
    chosen = parser.parse_args()
    asyncio.run(run(chosen.port, chosen.state))


if __name__ == "__main__":
    main()
