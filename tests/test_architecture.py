"""What neither the linter nor the import contracts see of the house rules."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APP = ROOT / "app"
FILES = sorted(APP.rglob("*.py"))
LONGEST = 300
# Entry points, assembly and edges: what states rules are the domains.
NO_DOMAINS = {"core", "integrations", "cli"}
CLOCKS = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns))\(")


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def calls(name: str, *, of: list[Path] | None = None) -> set[str]:
    """Name the files in which something of this name is called."""
    return {
        named(file)
        for file in of or FILES
        for node in nodes(file)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name) and _name(node.func) == name
    }


def _name(node: ast.Attribute | ast.Name) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id


@cache
def code_lines(file: Path) -> list[str]:
    """Return the lines without what is written in texts and comments."""
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.unparse(tree).splitlines()


@cache
def nodes(file: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(file.read_text())))


def test_transactions_are_ended_by_their_context_or_let_go_alone() -> None:
    assert calls("commit") == {"app/core/db.py"}
    assert calls("rollback") == set()


def test_transactions_begin_in_the_core_and_where_no_request_is() -> None:
    """An endpoint, a service and a query take the session of their request."""
    begun = {file for file in calls("begin") if not file.startswith("app/cli/")}
    assert not [file for file in begun if file.rpartition("/")[2] in {"api.py", "service.py", "queries.py"}]
    assert not [file for file in begun if file.split("/")[1] in {"cart", "checkout", "catalog", "orders", "payments"}]


def test_what_is_long_is_spooled_before_it_is_sent() -> None:
    """An answer that is sent as it is read holds its connection for as long as its reader pleases."""
    streaming = {named(file) for file in FILES if any("StreamingResponse" in line for line in code_lines(file))}
    assert streaming == set()


def test_d1_one_place_writes_tables() -> None:
    """Others would leave a formula in a cell; the writer itself needs no module for it."""
    importing = {
        named(file)
        for file in FILES
        for node in nodes(file)
        if (isinstance(node, ast.Import) and any(alias.name == "csv" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "csv")
    }
    assert importing == set()


def test_d8_one_place_gives_answers_their_etag() -> None:
    """Where it is given, what a request says of it is asked."""
    named_in = {
        named(file)
        for file in FILES
        for node in nodes(file)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() == "etag"
    }
    assert named_in == {
        "app/core/conditions.py",
        "app/catalog/shelf.py",  # answers that are kept whole, headers and all
        "app/core/origins.py",  # what other origins may read
    }


def test_one_place_reads_the_clock() -> None:
    assert {named(file) for file in FILES if any(CLOCKS.search(line) for line in code_lines(file))} == CLOCK_READERS


CLOCK_READERS = {
    "app/core/clock.py",
    "app/core/ids.py",  # a UUIDv7 begins with the moment; nobody reads it back
    "app/core/signs.py",  # the moment of a file is by the system's clock
    "app/core/jobs.py",  # when a job is due is compared with the engine's own clock
    "app/cli/demo.py",  # plays the people outside, who have clocks of their own
}


def test_no_amount_is_a_float() -> None:
    """Seconds and weights of languages may be; what is near an amount may not."""
    assert not [file for file in calls("float") if file.split("/")[1] not in FLOATS]
    for file in FILES:
        for line in code_lines(file):
            if "float(" in line:
                assert not re.search(r"money|amount|price|total|cents|vat", line, re.IGNORECASE), (
                    f"{named(file)}: {line}"
                )


FLOATS = {"core", "integrations", "cli"}


@pytest.mark.parametrize("file", FILES, ids=named)
def test_a_file_is_short_and_says_what_it_holds(file: Path) -> None:
    text = file.read_text()
    assert text.count("\n") <= LONGEST
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert file.stem not in {"utils", "helpers", "common", "misc", "manager", "managers"}


def test_each_domain_states_its_rules() -> None:
    for package in sorted(path.parent for path in APP.glob("*/__init__.py")):
        told = ast.get_docstring(ast.parse((package / "__init__.py").read_text())) or ""
        assert told, package.name
        if package.name not in NO_DOMAINS:
            assert len(told.split()) >= 10, f"app/{package.name} states no rule"


def test_relationships_stay_inside_their_domain() -> None:
    for file in FILES:
        local = {node.name for node in nodes(file) if isinstance(node, ast.ClassDef)}
        for node in nodes(file):
            if not (isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call)):
                continue
            call = node.value.func
            if not (isinstance(call, ast.Attribute | ast.Name) and _name(call) == "relationship"):
                continue
            assert re.findall(r"\w+", ast.unparse(node.annotation))[-1] in local, f"{named(file)}:{node.lineno}"
            lazy = [ast.unparse(keyword.value) for keyword in node.value.keywords if keyword.arg == "lazy"]
            assert lazy in (["'raise_on_sql'"], ["'write_only'"]), f"{named(file)}:{node.lineno} may load by itself"


def test_settings_are_read_by_entry_points_and_wiring_alone() -> None:
    readers = {named(file) for file in FILES if "from app.settings import" in file.read_text()}
    assert {file for file in readers if not file.startswith(("app/cli/", "app/wiring/", "app/settings/"))} == {
        "app/main.py",
        "app/worker.py",
    }


def test_the_environment_is_read_by_the_settings_alone() -> None:
    readers = {named(file) for file in FILES if re.search(r"os\.(environ|getenv)", "\n".join(code_lines(file)))}
    assert {file for file in readers if not file.startswith("app/cli/")} <= {
        "app/core/processes.py",
        "app/core/embedded.py",
        "app/core/telemetry.py",  # what OpenTelemetry is asked for in its own words
    }


def test_status_is_written_by_its_machine_alone() -> None:
    written = {
        named(file)
        for file in FILES
        for node in nodes(file)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Attribute) and target.attr == "status" for target in node.targets)
    }
    assert {file for file in written if "/simulator/" not in file} <= {
        "app/orders/states.py",
        "app/payments/service.py",
        "app/payments/states.py",
        "app/privacy/breaches/states.py",
        "app/shipping/states.py",
    }


def test_nothing_is_left_unfinished() -> None:
    for file in FILES:
        text = file.read_text()
        assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text), named(file)
        assert "NotImplementedError" not in text, named(file)
        for number, line in enumerate(text.splitlines(), start=1):
            if "noqa" in line or "type: ignore" in line:
                reason = re.search(r"(noqa: [A-Z0-9, ]+ - \S+|type: ignore\[[a-z-, ]+\]\s+# \S+)", line)
                assert reason, f"{named(file)}:{number} gives no reason"


def test_the_root_holds_no_more_than_is_needed() -> None:
    beside = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert beside <= {"app", "benchmarks", "migrations", "tests", "var"} | {"ionickiss_shop.egg-info"}


def test_the_worker_imports_by_itself_all_it_needs() -> None:
    """In other tests it begins as a copy of a process that has the whole shop loaded.

    It leaves the API, and what draws in processes of its own (line G2).
    """
    said = """
import sys, app.cli.serve, app.worker
from sqlalchemy.orm import configure_mappers
configure_mappers()
print("app.main" in sys.modules or "weasyprint" in sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"


def test_who_serves_http_loads_nothing_that_draws_or_calls_out() -> None:
    """Each takes a good part of the memory and of the time to start."""
    heavy = {"weasyprint", "aiosmtplib", "facturx", "lxml"}
    said = f"import sys, app.main, app.cli.serve; print(*sorted({heavy} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
