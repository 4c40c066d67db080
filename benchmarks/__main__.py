"""`python -m benchmarks` runs everything and writes results.md; with names of parts it runs these and only prints.

A part that fails leaves the figures of the others standing, and is named in the table; the exit code tells.
"""

import asyncio
import shutil
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from benchmarks.accounts import guard_figures, login_figures
from benchmarks.background import memory_figures, worker_figures
from benchmarks.bodies import body_figures
from benchmarks.catalogue import catalogue_figures
from benchmarks.documents import document_figures, drawing_figures, token_figures
from benchmarks.fetching import fetch_figures
from benchmarks.history import history_figures
from benchmarks.measuring import ROUNDS, SECONDS
from benchmarks.months import month_figures
from benchmarks.office import office_figures
from benchmarks.ordering import order_figures, read_figures
from benchmarks.parts import ALTOGETHER, Part, taken
from benchmarks.report import Report, page
from benchmarks.retention import retention_figures
from benchmarks.stage import staged
from benchmarks.volume import volume_figures

FOLDER = Path("var/bench").absolute()
RESULTS = Path(__file__).parent / "results.md"
PARTS: dict[str, Part] = {
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
    "fetch": fetch_figures,
    "office": office_figures,
    "volume": volume_figures,
    "retention": retention_figures,
    "memory": memory_figures,
}


async def _run(wanted: Sequence[str]) -> list[Report]:
    """Run the parts; what was found is written after each, so that it is there whatever becomes of the next."""
    reports: list[Report] = []
    async with staged(FOLDER) as stage:
        until = time.perf_counter() + ALTOGETHER
        for title in wanted or PARTS:
            reports.append(await taken(PARTS[title], title, stage, until - time.perf_counter()))
            if not wanted:
                RESULTS.write_text(_page(reports))
    return reports


def _page(reports: Sequence[Report]) -> str:
    return page(reports, SECONDS, ROUNDS, datetime.now(UTC).date())


def main() -> None:
    wanted = sys.argv[1:]
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"No such part: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        reports = runner.run(_run(wanted))
    print(f"\n{_page(reports)}")
    sys.exit(any(report.error for report in reports))


if __name__ == "__main__":
    main()
