"""No promise is skipped silently: each is shown by a test that bears its number, or named as not kept, and why."""

import ast
from collections import Counter
from pathlib import Path

from tests.promises.named import promises_of
from tests.promises.rows import NOT_YET, PROMISES

FILES = sorted(Path(__file__).parents[1].rglob("test_*.py"))
FEWEST = 90


def shown() -> Counter[str]:
    """Count the tests that each promise is shown by."""
    return Counter(
        promise
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for promise in promises_of(node.name)
    )


def test_a_name_tells_the_promises_in_the_order_it_has_them() -> None:
    assert promises_of("test_s75_c16_a_request_is_acknowledged") == ["S75", "C16"]
    assert promises_of("test_s03_nothing_more") == ["S3"]
    assert promises_of("test_a_request_of_s3") == []


def test_every_promise_has_a_test_or_a_reason() -> None:
    found = shown()
    assert {*found} <= {*PROMISES}
    assert [promise for promise in PROMISES if not found[promise] and promise not in NOT_YET] == []
    assert [promise for promise in NOT_YET if found[promise]] == []
    assert len(PROMISES) == 106
    assert len(PROMISES) - len(NOT_YET) >= FEWEST
