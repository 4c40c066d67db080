"""A line is JSON of names and numbers: what a library or an exception says of a value is left out."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.core.logs import Output

SCRIPT = """
import logging, sys, structlog
from app.core import logs

logs.configure("INFO")
log = structlog.get_logger()
log.debug("unheard")
log.info("told", order_id="0193", шрифт="кирилица")

def fail():
    name = "Тайнова"
    raise ValueError(f"nobody is called {name}")

try:
    fail()
except ValueError:
    log.exception("failed")
    logging.getLogger("library").exception("could not greet %s", "Тайнова")
    logging.getLogger("library").error(sys.exc_info()[1])
logging.getLogger("library").warning("first line\\nSELECT 'Тайнова'")
logging.getLogger("httpx").info("GET https://example.bg/Тайнова")
logging.getLogger("uvicorn.access").error("GET /Тайнова")
logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
structlog.contextvars.bind_contextvars(request_id="abc")
logging.getLogger("library").error("within a request")
"""


def lines() -> list[dict[str, Any]]:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    assert "Тайнова" not in ran.stdout
    assert "\\\\u" not in ran.stdout
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_lines_are_json_without_values() -> None:
    said = lines()
    assert [line.pop("timestamp")[-1] for line in said] == ["Z"] * len(said)
    places = [line.pop("trace", None) for line in said]
    assert said == [
        {"event": "told", "level": "info", "order_id": "0193", "шрифт": "кирилица"},
        {"event": "failed", "level": "error", "exception": "ValueError"},
        {"event": "could not greet %s", "level": "error", "logger": "library", "exception": "ValueError"},
        {"event": "ValueError", "level": "error", "logger": "library"},
        {"event": "first line", "level": "warning", "logger": "library"},
        {"event": "Started server process [%d]", "level": "info", "logger": "uvicorn.error"},
        {"event": "within a request", "level": "error", "logger": "library", "request_id": "abc"},
    ]
    assert [place for place in places if place] == [["<string>:12"]] * 2


FULL = Path("/dev/full")
LOST = {"event": "log_lines_lost", "level": "error"}


def told_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_f5_what_a_full_disk_does_not_take_is_counted_and_told_of_once_there_is_room(tmp_path: Path) -> None:
    output = Output()
    with FULL.open("w") as full:
        output.to(full)
        for _ in range(3):
            output.write('{"event": "lost"}')
    assert (output.lost, output.is_failing) == (3, True)
    with (tmp_path / "log").open("w") as file:
        output.to(file)
        output.write('{"event": "kept"}')
        output.write('{"event": "kept"}')
    assert told_of(tmp_path / "log") == [{**LOST, "lines": 3}, {"event": "kept"}, {"event": "kept"}]
    assert (output.lost, output.is_failing) == (3, False)


def test_f5_a_line_that_was_cut_short_does_not_spoil_the_next_one() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    output = Output()
    with os.fdopen(reader, "rb", buffering=0) as read, os.fdopen(writer, "w") as write:
        output.to(write)
        output.write("x" * 1_000_000)  # more than a pipe holds
        assert output.lost == 1
        cut = read.read(1_000_000)
        output.write('{"event": "whole"}')
        assert set(cut) == {ord("x")}
        assert read.read(1_000).decode().splitlines() == ["", json.dumps({**LOST, "lines": 1}), '{"event": "whole"}']


def test_f5_without_a_reader_or_any_output_lines_are_counted() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    output = Output()
    with os.fdopen(writer, "w") as closed:
        output.to(closed)
        output.write("nobody reads")
    output.write("closed here too")
    output.to(None)
    output.write("started without standard output")
    assert output.lost == 3


UNSAYABLE = """
import logging, structlog
from app.core import logs

class Unsayable(str):
    def partition(self, _):
        raise RuntimeError("nobody can say it")

logs.configure("INFO")
structlog.get_logger().info("key", **{"lone": chr(0xD800)})
structlog.get_logger().info("circle", found=(circle := []).append(circle) or circle)
logging.getLogger("library").error(Unsayable("no words"))
structlog.get_logger().info("end", lost=logs.OUTPUT.lost)
"""


def test_f5_what_cannot_be_put_into_words_is_counted_and_raises_nothing() -> None:
    ran = subprocess.run([sys.executable, "-c", UNSAYABLE], capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(line["event"], line.get("lost"), line.get("lines")) for line in said] == [
        ("key", None, None),
        ("log_lines_lost", None, 2),
        ("end", 2, None),
    ]


def test_f5_a_process_with_a_full_disk_ends_as_it_would_have() -> None:
    with FULL.open("w") as full:
        script = 'from app.core import logs; import structlog; logs.configure("INFO"); structlog.get_logger().info("x")'
        assert subprocess.run([sys.executable, "-c", script], stdout=full, stderr=full, check=False).returncode == 0
