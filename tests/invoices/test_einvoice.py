"""The e-invoices of every kind of view keep the rules of EN 16931, as its own schemas and schematron judge them."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.money import Money
from app.core.vat import VatSum
from app.invoices.einvoice import cii, ubl
from app.invoices.view import DocumentKind, InvoiceView, Line
from tests.examples import examples
from tests.invoices.en16931.model import read
from tests.invoices.en16931.rules import faults
from tests.invoices.rules import CII_RULES, UBL_RULES, broken_rules, fits_schema
from tests.invoices.samples import COMPANY, invoice
from tests.invoices.taxed import CREDIT, VIEWS, note
from tests.invoices.test_view import baskets, stated

NO_DELIVERY = {
    "two rates, credit note",
    "two rates, advance",
    "advance",
    "credit note",
    "credit note of a part",
    "debit note",
    "repaid credit note",
    "not registered, credit note",
}
EMPTY_ELEMENT = "PEPPOL-EN16931-R008"

every_view = pytest.mark.parametrize(("name", "view"), VIEWS.items(), ids=VIEWS)


def ubl_flavor(view: InvoiceView) -> str:
    return "ubl-2.1-creditnote" if view.kind is DocumentKind.CREDIT_NOTE else "ubl-2.1-invoice"


@every_view
def test_ubl_keeps_every_rule_and_gives_no_warning(name: str, view: InvoiceView) -> None:
    assert fits_schema(ubl(view), ubl_flavor(view))
    assert broken_rules(ubl(view), UBL_RULES) == []


@every_view
def test_cii_keeps_every_rule(name: str, view: InvoiceView) -> None:
    """One warning is due where there is no delivery to tell of: the schema demands its element all the same."""
    assert fits_schema(cii(view), "factur-x")
    broken = [rule.split()[0] for rule in broken_rules(cii(view), CII_RULES)]
    assert broken == ([EMPTY_ELEMENT] if name in NO_DELIVERY else [])


def altered(xml: bytes, was: str, becomes: str) -> bytes:
    changed, count = re.subn(was, becomes, xml.decode(), count=1)
    assert count == 1
    return changed.encode()


WRONG = [
    ("1296.03", "1296.04", "BR-CO-15"),
    ("33.52", "33.53", "BR-CO-10"),
    (">216.01<", ">218.01<", "BR-CO-14"),
    ("BG175074752", "175074752", "BR-CO-09"),
]


@pytest.mark.parametrize(("was", "becomes", "rule"), WRONG, ids=[rule for _, _, rule in WRONG])
def test_the_rules_refuse_what_is_wrong(was: str, becomes: str, rule: str) -> None:
    for xml, rules in ((ubl(invoice()), UBL_RULES), (cii(invoice()), CII_RULES)):
        assert rule in " ".join(broken_rules(altered(xml, was, becomes), rules))


def test_vat_that_is_a_euro_off_would_be_refused() -> None:
    """VAT is rounded by line: the rules let it be less than a euro off what the rate makes of the base."""
    view = VIEWS["odd cents"]
    assert view.vat_sums[0] == VatSum(20, Money.of("0.80"), Money.of("0.40"))  # the rate makes 0.16 of the base
    for xml, rules in ((ubl(view), UBL_RULES), (cii(view), CII_RULES)):
        assert "BR-S-09" in " ".join(broken_rules(altered(xml, ">0.40<", ">1.40<"), rules))


def test_the_schemas_refuse_what_does_not_fit() -> None:
    for xml, flavor in ((ubl(invoice()), "ubl-2.1-invoice"), (cii(invoice()), "factur-x")):
        with pytest.raises(Exception, match="not valid against the official"):
            fits_schema(altered(xml, "1296.03", "много"), flavor)


@given(baskets, st.sampled_from([DocumentKind.INVOICE, CREDIT]))
@settings(max_examples=examples(12))
def test_any_basket_fits_the_schemas_and_states_the_views_sums(basket: list[Line], kind: DocumentKind) -> None:
    view = stated(basket) if kind is DocumentKind.INVOICE else note(kind, stated(basket))
    for xml, flavor in ((ubl(view), ubl_flavor(view)), (cii(view), "factur-x")):
        assert fits_schema(xml, flavor)
        assert faults(xml) == []
        document, rates, lines = read(xml)
        sums = [document[term] for term in ("BT-106", "BT-109", "BT-110", "BT-112", "BT-115")]
        assert sums == [[str(each)] for each in (view.base, view.base, view.vat, view.total, view.total)]
        said = [(rate["BT-116"], rate["BT-117"], rate["BT-119"]) for rate in rates]
        assert said == [([str(each.base)], [str(each.vat)], [str(each.rate)]) for each in view.vat_sums]
        assert [line["BT-131"] for line in lines] == [[str(line.base)] for line in view.lines]


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=examples(12))
def test_any_name_comes_back_as_it_is_or_with_what_xml_cannot_hold_replaced(name: str) -> None:
    held = "".join(
        letter if letter in "\t\n\r" or (letter >= " " and letter not in "\ufffe\uffff") else "�" for letter in name
    )
    view = invoice(buyer=replace(COMPANY, name=name))
    held = held if name.strip() else "—"
    assert read(ubl(view))[0]["BT-44"] == read(cii(view))[0]["BT-44"] == [held]


def test_the_same_view_gives_the_same_bytes_in_any_process() -> None:
    script = (
        "import sys; from app.invoices.einvoice import cii, ubl; from tests.invoices.samples import invoice;"
        "sys.stdout.buffer.write(ubl(invoice()) + cii(invoice()))"
    )
    run = subprocess.run([sys.executable, "-c", script], env={"PYTHONHASHSEED": "1"}, capture_output=True, check=True)
    assert run.stdout == ubl(invoice()) + cii(invoice())


def test_a_proforma_is_no_einvoice() -> None:
    proforma = replace(invoice(), kind=DocumentKind.PROFORMA)
    for state in (ubl, cii):
        with pytest.raises(ValueError, match="only an invoice or a note"):
            state(proforma)
