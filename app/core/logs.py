"""Logs: one JSON line an event, with request ids, never a personal value."""

import logging
import sys
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, cast

import psycopg
import structlog

Event = MutableMapping[str, Any]


def trace(traceback: TracebackType | None) -> list[str]:
    """Name the files and lines of a trace, without any value: our own, and the one where it was raised."""
    frames = []
    while traceback:
        path = traceback.tb_frame.f_code.co_filename
        frames.append(f"{path[max(path.rfind('/app/') + 1, path.rfind('site-packages/')) :]}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return [*(frame for frame in frames[:-1] if frame.startswith("app/")), *frames[-1:]]


def _without_values(_logger: Any, _method: str, event: Event) -> Event:
    """Keep an exception's class and place; its text may hold anything, a person's name included."""
    found = event.pop("exc_info", None)
    problem = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(problem, BaseException):
        event["exception"] = type(problem).__name__
        event.update(_database_code(problem))
        event["trace"] = trace(problem.__traceback__)
    return event


def _database_code(problem: BaseException) -> dict[str, str]:
    """Name what PostgreSQL refused by its code and constraint; its message would show the row."""
    refusal = getattr(problem, "orig", problem)
    if not isinstance(refusal, psycopg.Error) or refusal.sqlstate is None:
        return {}
    constraint = refusal.diag.constraint_name
    return {"sqlstate": refusal.sqlstate, **({"constraint": constraint} if constraint else {})}


def _foreign(_logger: Any, _method: str, event: Event) -> Event:
    """Keep of a library's line its template, never its arguments: they may be statements or addresses."""
    record = cast("logging.LogRecord | None", event.get("_record"))
    if record is not None:
        # What is logged in place of a text, an exception for one, says its kind alone.
        template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        event["event"] = template.partition("\n")[0][:200]
        event["logger"] = record.name
    return event


def configure(level: str = "INFO") -> None:
    """Send everything, the libraries' lines included, to standard output as JSON."""
    common: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_values,
    ]
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*common, render],
        logger_factory=structlog.WriteLoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_foreign, *common],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in (
        "uvicorn",
        "uvicorn.error",
        "uvicorn.access",
        "httpx",
        "httpcore",
        "procrastinate",
        "weasyprint",
        "fontTools",
    ):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
        logger.setLevel(logging.WARNING if name != "uvicorn.error" else level)
    logging.getLogger("uvicorn.access").disabled = True  # our own line names the route, not the address asked for
