"""`python -m benchmarks` runs everything and writes results.md; with names of parts it runs these and only prints."""

import asyncio
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from benchmarks.accounts import guard_figures, login_figures
from benchmarks.background import memory_figures, worker_figures
from benchmarks.bodies import body_figures
from benchmarks.catalogue import catalogue_figures
from benchmarks.documents import document_figures, drawing_figures, token_figures
from benchmarks.history import history_figures
from benchmarks.measuring import ROUNDS, SECONDS
from benchmarks.months import month_figures
from benchmarks.ordering import order_figures, read_figures
from benchmarks.report import Report
from benchmarks.retention import retention_figures
from benchmarks.stage import staged

FOLDER = Path("var/bench").absolute()
RESULTS = Path(__file__).parent / "results.md"
PARTS = {
    "orders": order_figures,
    "catalogue": catalogue_figures,
    "reading": read_figures,
    "history": history_figures,
    "documents": document_figures,
    "months": month_figures,
    "drawing": drawing_figures,
    "tokens": token_figures,
    "login": login_figures,
    "guard": guard_figures,
    "bodies": body_figures,
    "worker": worker_figures,
    "retention": retention_figures,
    "memory": memory_figures,
}


async def _run(wanted: Sequence[str]) -> Report:
    report = Report()
    async with staged(FOLDER) as stage:
        for title, part in PARTS.items():
            if not wanted or title in wanted:
                print(title, flush=True)
                await part(stage, report)
    return report


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        report = runner.run(_run(sys.argv[1:]))
    page = report.page(SECONDS, ROUNDS, datetime.now(UTC).date())
    if not sys.argv[1:]:
        RESULTS.write_text(page)
    print(f"\n{page}")


if __name__ == "__main__":
    main()
