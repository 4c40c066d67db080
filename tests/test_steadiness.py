"""No test waits for the clock or throws dice of its own: what passes here passes on any machine, and again."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SLEEPERS = {"asyncio.sleep", "anyio.sleep", "time.sleep"}
IN_SQL = "pg_" + "sleep"
ALLOWED = {
    "tests/processes.py::until": "between two looks at what a test waits for",
    "tests/processes.py::wait_until": "the same where there is no loop",
    "tests/core/test_db.py::test_a_statement_that_takes_too_long_is_stopped": "stands for a statement without end",
    "tests/core/test_transactions.py::http": "stands for a statement without end",
    "tests/faults/issuing.py::issue": "lies between number and commit, for death to find it there",
    "tests/faults/test_numbers.py::test_complaint_8_a_series_is_dense_though_those_who_issue_are_killed": (
        "the dice choose the moment of a death"
    ),
    "tests/integrations/speedy/test_held_up.py::test_f3_a_command_has_an_end_however_slowly_its_answer_comes": (
        "stands for an answer that comes byte by byte"
    ),
    "tests/integrations/speedy/test_tracking.py::test_f2_parcels_of_which_an_answer_comes_too_late_stop_no_others": (
        "stands for an answer that never comes"
    ),
    "tests/faults/test_stopping.py::buy_and_cancel": "the dice choose how far an order has come when it is cancelled",
    "tests/faults/test_kills.py::kill": "the dice choose how long somebody is dead",
    "tests/faults/test_kills.py::misfortune": "the dice choose the moment of a death",
}
"""Where a test may sleep, by file and outermost function, and why nothing there depends on how long."""


DICE = {
    "tests/dice.py::": "makes the one seed where none is given",
    "tests/dice.py::dice": "throws by that seed",
    "tests/processes.py::free_port": "two runs side by side must not ask for the same",
    "tests/auth/test_weak_passwords.py::test_a_random_password_of_sixteen_letters_is_taken": "by a drawn seed",
}
"""Where something is thrown by other dice than the run's."""


def sleeps(source: str) -> Iterator[str]:
    """Name the functions, each by the outermost that is no class, in which something sleeps."""
    tree = ast.parse(source)
    named = _names(tree)
    for where, node in _inside(tree, ""):
        if isinstance(node, ast.Call) and _name(node.func, named) in SLEEPERS and not _yields_only(node):
            yield where
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and IN_SQL in node.value.lower():
            yield where


def throws(source: str) -> Iterator[str]:
    """Name the functions in which something of the module `random` is called."""
    tree = ast.parse(source)
    named = _names(tree)
    for where, node in _inside(tree, ""):
        if isinstance(node, ast.Call) and _name(node.func, named).startswith("random."):
            yield where


def _names(tree: ast.Module) -> dict[str, str]:
    """Give what the file's imports call things by, such as `sleep` for `asyncio.sleep`."""
    named: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return named


def _inside(node: ast.AST, where: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        place = where or (child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else "")
        yield place, child
        yield from _inside(child, place)


def _name(called: ast.expr, named: dict[str, str]) -> str:
    first, dot, rest = ast.unparse(called).partition(".")
    return named.get(first, first) + dot + rest


def _yields_only(call: ast.Call) -> bool:
    return [ast.unparse(given) for given in call.args] == ["0"]


def places(found_in: Callable[[str], Iterator[str]]) -> set[str]:
    files = sorted((ROOT / "tests").rglob("*.py"))
    return {f"{file.relative_to(ROOT)}::{where}" for file in files for where in found_in(file.read_text())}


def test_nothing_sleeps_but_where_it_is_said_why() -> None:
    found = places(sleeps)
    assert sorted(found - ALLOWED.keys()) == [], "wait for a state with tests.processes.until, or move a clock"
    assert sorted(ALLOWED.keys() - found) == [], "does not sleep any more"


def test_all_dice_are_thrown_from_one_number() -> None:
    found = places(throws)
    assert sorted(found - DICE.keys()) == [], "take tests.dice.dice"
    assert sorted(DICE.keys() - found) == [], "throws nothing any more"


def test_a_sleep_is_found_whatever_it_is_called() -> None:
    said = f"""
import asyncio, time as watch
from asyncio import sleep as rest
import anyio

class Story:
    async def tell(self):
        await asyncio.sleep(0)
        async def inner():
            await rest(1)

def doze():
    watch.sleep(0.1)

async def nap(session):
    await anyio.sleep(1)
    await asyncio.sleep(delay=1)
    await session.execute("SELECT {IN_SQL.upper()}(5)")

def awake(asleep):
    asleep.sleep(1)
"""
    assert list(sleeps(said)) == ["tell", "doze", "nap", "nap", "nap"]
