"""The check of EN 16931 is seen to refuse: each term too often or missing, each rule broken, in each spelling (D7)."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import etree

from app.invoices.einvoice import cii, ubl
from tests.invoices.en16931.model import Node, miscounted, model, spelling
from tests.invoices.en16931.rules import CATEGORIES, broken
from tests.invoices.en16931.writing import add, change, double, drop, standing
from tests.invoices.taxed import VIEWS

Edit = tuple[str, ...]
EDITS: dict[str, Callable[..., None]] = {"add": add, "change": change, "double": double, "drop": drop}


def spoilt(root: Any, *edits: Edit) -> Any:
    root = copy.deepcopy(root)
    for act, *arguments in edits:
        EDITS[act](root, *arguments)
    return root


def roots(name: str) -> list[Any]:
    return [etree.fromstring(spell(VIEWS[name])) for spell in (ubl, cii)]


UBL_INVOICE, CII = roots("three rates")
UBL_CREDIT_NOTE, _ = roots("two rates, credit note")


def _can_stand_alone(node: Node) -> bool:
    return node.path not in {"", "."} and "@unitCode" not in node.path and "/@" not in node.path


def _too_many(root: Any) -> Iterator[tuple[str, Any]]:
    for node in model(spelling(root)).all():
        if node.most == 1 and _can_stand_alone(node):
            yield (
                node.name,
                spoilt(root, *([("double", node.name)] if standing(root, node.name) else [("add", node.name)] * 2)),
            )


def _too_few(root: Any) -> Iterator[tuple[str, Any]]:
    for node in model(spelling(root)).all():
        if node.least and node.path not in {"", "."}:
            filled = root if standing(root, node.name) else spoilt(root, ("add", node.name))
            yield node.name, spoilt(filled, ("drop", node.name))


@pytest.mark.parametrize("root", [UBL_INVOICE, UBL_CREDIT_NOTE, CII], ids=spelling)
def test_d7_a_term_that_stands_twice_is_named(root: Any) -> None:
    root = spoilt(root, ("add", "BT-6", "USD"))  # an amount in it is looked for by it
    assert miscounted(root) == []
    spoilt_ones = list(_too_many(root))
    assert len(spoilt_ones) > 150
    assert [name for name, each in spoilt_ones if f"{name} 2" not in miscounted(each)] == []


@pytest.mark.parametrize("root", [UBL_INVOICE, UBL_CREDIT_NOTE, CII], ids=spelling)
def test_d7_a_term_that_must_stand_and_does_not_is_named(root: Any) -> None:
    spoilt_ones = list(_too_few(root))
    assert len(spoilt_ones) > 45
    assert [name for name, each in spoilt_ones if f"{name} 0" not in miscounted(each)] == []


RULES: list[tuple[str, str, list[Edit]]] = [
    ("BR-CO-03", "company", [("add", "BT-8", "35")]),
    ("BR-CO-09", "company", [("change", "BT-48", "175074752")]),
    ("BR-CO-10", "company", [("change", "BT-106", "1080.03")]),
    ("BR-CO-11", "company", [("add", "BT-107", "0.01")]),
    ("BR-CO-12", "company", [("add", "BT-108", "0.01")]),
    ("BR-CO-13", "company", [("change", "BT-109", "1080.03")]),
    ("BR-CO-14", "company", [("change", "BT-110", "216.02")]),
    ("BR-CO-15", "company", [("change", "BT-112", "1296.04")]),
    ("BR-CO-16", "company", [("change", "BT-115", "1296.04")]),
    ("BR-CO-16", "company", [("add", "BT-114", "0.01")]),
    ("BR-CO-16", "paid by card", [("change", "BT-113", "1296.02")]),
    ("BR-CO-17", "company", [("change", "BT-117", "217.01")]),
    ("BR-CO-18", "company", [("drop", "BG-23")]),
    ("BR-CO-19", "intra-EU advance", [("drop", "BT-73"), ("drop", "BT-74")]),
    ("BR-CO-20", "company", [("add", "BG-26")]),
    ("BR-CO-21", "company", [("add", "BG-20")]),
    ("BR-CO-22", "company", [("add", "BG-21")]),
    ("BR-CO-23", "company", [("drop", "BT-139"), ("drop", "BT-140")]),
    ("BR-CO-24", "company", [("add", "BG-28")]),
    ("BR-CO-25", "company", [("drop", "BT-20")]),
    ("BR-CO-26", "company", [("drop", "BT-30"), ("drop", "BT-31")]),
    ("BR-27", "company", [("change", "BT-146", "-1")]),
    ("BR-29", "intra-EU advance", [("change", "BT-73", "2999-01-01")]),
    ("BR-30", "company", [("add", "BT-134", "2999-01-01"), ("add", "BT-135", "2026-01-01")]),
    ("BR-53", "company", [("add", "BT-6", "USD")]),
    ("BR-61", "company", [("drop", "BT-84")]),
    ("line", "company", [("change", "BT-129", "9")]),
    ("line", "company", [("change", "BT-136", "3.72")]),
    ("line", "seven hundred pieces", [("change", "BT-149", "1")]),
    ("BR-S-01", "company", [("change", "BT-118", "Z")]),
    ("BR-S-02", "company", [("drop", "BT-31")]),
    ("BR-S-05", "company", [("change", "BT-152", "0")]),
    ("BR-S-08", "company", [("change", "BT-116", "1080.03")]),
    ("BR-S-08", "two rates", [("change", "BT-119", "9")]),
    ("BR-S-08", "two rates", [("change", "BT-131", "20.02")]),
    ("BR-S-09", "company", [("change", "BT-117", "215.00")]),
    ("BR-S-10", "company", [("add", "BT-120", "Защо")]),
    ("BR-IC-11", "intra-EU supply", [("drop", "BT-72")]),
    ("BR-IC-12", "intra-EU supply", [("drop", "BT-80")]),
    ("BR-DEC", "company", [("change", "BT-131", "1041.580")]),
    ("empty BT-44", "company", [("change", "BT-44", " ")]),
]


@pytest.mark.parametrize(("rule", "name", "edits"), RULES)
def test_d7_a_broken_rule_is_named(rule: str, name: str, edits: list[Edit]) -> None:
    for root in roots(name):
        assert broken(root) == []
        assert rule in broken(spoilt(root, *edits))


UNTAXED: dict[str, tuple[str, list[Edit]]] = {
    "E": ("not registered", []),
    "AE": ("reverse charge", []),
    "K": ("intra-EU supply", []),
    "G": ("export", []),
    "Z": ("export", [("change", "BT-118", "Z"), ("change", "BT-151", "Z"), ("drop", "BT-120"), ("drop", "BT-121")]),
    "O": ("not registered", [("change", "BT-118", "O"), ("change", "BT-151", "O"), ("drop", "BT-152")]),
}


def _of_category(category: str) -> dict[str, list[list[Edit]]]:
    of_nobody: list[list[Edit]] = [[("drop", "BT-31"), ("drop", "BT-32")]]
    if CATEGORIES[category].buyer:
        of_nobody.append([("drop", "BT-47"), ("drop", "BT-48")])
    return {
        "01": [[("change", "BT-118", "S")], [("drop", "BG-23")], [("double", "BG-23")]],
        "02": [[("add", "BT-31", "BG1")], [("add", "BT-48", "BG1")]] if category == "O" else of_nobody,
        "05": [[("add", "BT-152", "0")]] if category == "O" else [[("change", "BT-152", "20")], [("drop", "BT-152")]],
        "08": [[("change", "BT-116", "1.00")]],
        "09": [[("change", "BT-117", "0.01")]],
        "10": [[("add", "BT-120", "Защо")]] if category == "Z" else [[("drop", "BT-120"), ("drop", "BT-121")]],
        **(
            {"11": [[("double", "BG-23")]], "12": [[("double", "BG-25"), ("change", "BT-151", "S")]]}
            if category == "O"
            else {}
        ),
    }


@pytest.mark.parametrize("category", UNTAXED)
def test_d7_each_category_without_vat_is_held_to_its_rules(category: str) -> None:
    name, becomes = UNTAXED[category]
    for root in (spoilt(each, *becomes) for each in roots(name)):
        assert broken(root) == []
        for number, ways in _of_category(category).items():
            for edits in ways:
                assert f"{CATEGORIES[category].rules}-{number}" in broken(spoilt(root, *edits)), edits


def test_d7_one_currency_and_one_way_to_write_a_day() -> None:
    for root in roots("company"):
        [amount] = standing(root, "BT-110")
        amount.set("currencyID", "BGN")
        assert "currency" in broken(root)
    standing(root, "BT-2")[0].set("format", "610")
    assert "CII-DT-FORMAT" in broken(root)
