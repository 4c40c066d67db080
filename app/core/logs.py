"""Logs: one JSON line an event, with request ids, never a personal value.

A log that cannot be written ends nothing that it tells of: what was lost is counted, and the next line that is written
is preceded by one that says how much it was.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, TextIO, cast

import psycopg
import structlog

Event = MutableMapping[str, Any]


class Output:
    """Where the lines of this process go, past every buffer: one would keep what was refused, and fail once more."""

    def __init__(self) -> None:
        self.lost = 0
        """How many lines could not be written since the process began."""
        self._untold = 0
        self._is_torn = False
        self._stream: TextIO | None = None
        self._number: int | None = None
        self._lock = threading.Lock()

    def to(self, stream: TextIO | None) -> None:
        """Write there from now on; None: the process was started without it."""
        if self._number is not None:
            os.close(self._number)
        self._stream, self._number = stream, None
        if stream is not None:
            with suppress(OSError, ValueError):  # not every stream is a file of the system's
                # Our own: the number of one that somebody closes is given to the next file or connection.
                self._number = os.dup(stream.fileno())

    @property
    def is_failing(self) -> bool:
        """Say whether the last line could not be written."""
        return self._untold > 0

    def write(self, line: str) -> None:
        """Write a line, or count it."""
        with self._lock:
            told = f"{_told(self._untold)}{line}\n" if self._untold else f"{line}\n"
            try:
                self._put(told)
            except (OSError, ValueError):  # full, closed at the other end, or here
                self._count()
            else:
                self._untold = 0

    def lose(self) -> None:
        """Count what was not even a line."""
        with self._lock:
            self._count()

    def _count(self) -> None:
        self.lost += 1
        self._untold += 1

    def _put(self, told: str) -> None:
        if self._number is None:
            if self._stream is None:
                raise OSError("there is no output")
            self._stream.write(told)
            self._stream.flush()
            return
        left = memoryview(("\n" * self._is_torn + told).encode(errors="backslashreplace"))
        while left:
            written = os.write(self._number, left)
            left = left[written:]
            self._is_torn = bool(left)


def _told(lost: int) -> str:
    return json.dumps({"event": "log_lines_lost", "level": "error", "lines": lost}) + "\n"


OUTPUT = Output()


class _Line:
    """The last step of an event: what cannot be made a line is counted."""

    def __init__(self, steps: Sequence[structlog.types.Processor]) -> None:
        self._steps = steps

    def __call__(self, logger: Any, method: str, event: Event) -> str:
        made: Any = event
        try:
            for step in self._steps:
                made = step(logger, method, made)
        except Exception:  # noqa: BLE001 - whatever it is, there is nowhere to tell of it
            OUTPUT.lose()
            raise structlog.DropEvent from None
        return cast("str", made)


class _OurLogger:
    """Takes finished lines of every level."""

    def msg(self, line: str) -> None:
        OUTPUT.write(line)

    debug = info = warning = error = critical = exception = msg


class _Foreign(logging.Handler):
    """Takes the records of libraries."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001 - as above
            OUTPUT.lose()
        else:
            OUTPUT.write(line)


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
    OUTPUT.to(sys.stdout)
    _set_ours(level, for_good=True)
    _set_foreign(level)


def configure_command() -> None:
    """Send our own lines beside what a command prints."""
    OUTPUT.to(sys.stderr)
    _set_ours("INFO", for_good=False)


COMMON: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _without_values,
]
RENDER = structlog.processors.JSONRenderer(ensure_ascii=False)


def _set_ours(level: str, *, for_good: bool) -> None:
    structlog.configure(
        processors=[_Line([*COMMON, RENDER])],
        logger_factory=lambda *_: _OurLogger(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=for_good,
    )


def _set_foreign(level: str) -> None:
    handler = _Foreign()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_foreign, *COMMON],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, RENDER],
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
