"""Whether the environment asks for figures of each process by OTLP; `core.measuring` makes them.

FastAPI opens the way for the API, from `FASTAPI_OTEL_AUTO_CONFIGURE` and `OTEL_EXPORTER_OTLP_ENDPOINT`; the worker
opens its own from the same two.
"""

import importlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

MEASURING = "app.core.measuring"
"""Loaded by name, where it is asked for: with the exporter it takes several megabytes of each process."""


def is_asked_for() -> bool:
    def says(name: str) -> str:
        return os.environ.get(name, "")

    endpoint = says("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") or says("OTEL_EXPORTER_OTLP_ENDPOINT")
    is_off = says("OTEL_SDK_DISABLED").lower() == "true" or says("OTEL_METRICS_EXPORTER").strip().lower() == "none"
    return says("FASTAPI_OTEL_AUTO_CONFIGURE").lower() == "true" and bool(endpoint) and not is_off


def measure_process() -> None:
    """Measure this process for the meter that FastAPI has set."""
    if is_asked_for():
        importlib.import_module(MEASURING).measure()


@contextmanager
def measured() -> Iterator[None]:
    """Measure a process without FastAPI, and send the figures, for as long as the context is open."""
    sending: AbstractContextManager[None] = (
        importlib.import_module(MEASURING).sending() if is_asked_for() else nullcontext()
    )
    with sending:
        yield
