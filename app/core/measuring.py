"""Figures of one process (CPU, memory, threads, garbage), and the way by which OTLP takes them."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import metrics
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.instrumentation.system_metrics import SystemMetricsInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

from app.core.logs import OUTPUT

OF_THIS_PROCESS: dict[str, list[str] | None] = {
    "process.cpu.time": ["user", "system"],
    "process.memory.usage": None,
    "process.open_file_descriptor.count": None,
    "process.thread.count": None,
    "cpython.gc.collections": None,
}
"""Nothing of the machine: beside the shop it may serve others, and each process would say it again."""


def measure() -> None:
    """Measure this process for whoever the global meter is."""
    SystemMetricsInstrumentor(config=OF_THIS_PROCESS).instrument()
    lost = [lambda _: [metrics.Observation(OUTPUT.lost)]]
    metrics.get_meter("shop").create_observable_counter("shop.lost_log_lines", lost)


@contextmanager
def sending() -> Iterator[None]:
    """Measure this process and send the figures to the address that the environment names."""
    provider = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], shutdown_on_exit=False)
    metrics.set_meter_provider(provider)
    measure()
    try:
        yield
    finally:
        provider.shutdown()
