"""Every e-invoice has each term of EN 16931 as often as it may stand, and amounts that make each other up (D7)."""

import pytest
from lxml import etree

from app.invoices.einvoice import cii, ubl
from app.invoices.view import InvoiceView
from tests.invoices.en16931 import writing
from tests.invoices.en16931.model import SYNTAXES, model
from tests.invoices.en16931.rules import faults
from tests.invoices.taxed import VIEWS


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_d7_every_view_keeps_cardinality_and_arithmetic_in_both_spellings(view: InvoiceView) -> None:
    assert faults(ubl(view)) == []
    assert faults(cii(view)) == []


@pytest.mark.parametrize("name", ["two rates", "three rates", "odd cents", "two rates, credit note"])
def test_d7_the_tax_point_stands_once_however_many_rates_there_are(name: str) -> None:
    """CII-SR-461 of CEN: BT-7 is 0..1."""
    view = VIEWS[name]
    assert len(view.vat_sums) > 1
    for xml in (ubl(view), cii(view)):
        assert len(writing.standing(etree.fromstring(xml), "BT-7")) == 1


def test_d7_the_table_has_every_term_and_group_of_the_standard() -> None:
    withdrawn = {"BT-4"}  # it was never given
    for syntax in SYNTAXES:
        names = [node.name for node in model(syntax).all()][1:]
        assert len(names) == len(set(names))
        assert set(names) == {*(f"BT-{n}" for n in range(1, 166)), *(f"BG-{n}" for n in range(1, 33))} - withdrawn
