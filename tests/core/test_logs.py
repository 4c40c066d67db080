"""A line is JSON of names and numbers: what a library or an exception says of a value is left out."""

import json
import subprocess
import sys
from typing import Any

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
