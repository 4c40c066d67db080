"""The PDF carries its e-invoice as Factur-X asks, and stays PDF/A-3b; a proforma carries nothing."""

import hashlib
import io
from dataclasses import replace

import facturx
import pikepdf
import pytest
from lxml import etree

from app.invoices.einvoice import cii, ubl
from app.invoices.rendering import render, rendered
from app.invoices.view import DocumentKind, InvoiceView
from tests.invoices.samples import invoice
from tests.invoices.taxed import VIEWS

# WeasyPrint 70 leaves its own colour profile to be closed by the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014.icc:ResourceWarning")

FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
PROPERTY = "http://www.aiim.org/pdfa/ns/property#"


@pytest.mark.parametrize("name", ["company", "credit note", "debit note", "any letters"])
def test_the_library_finds_the_same_bytes(name: str) -> None:
    view = VIEWS[name]
    file_name, xml = facturx.get_xml_from_pdf(render(view), filenames=["factur-x.xml"])
    assert (file_name, xml) == ("factur-x.xml", cii(view))
    assert facturx.get_level(etree.fromstring(xml)) == "en16931"


def test_the_file_is_the_one_file_of_the_document_and_the_same_invoice_in_another_form() -> None:
    view = invoice()
    with pikepdf.open(io.BytesIO(render(view))) as document:
        [file] = document.Root.AF
        [name, listed] = document.Root.Names.EmbeddedFiles.Names
        assert list(document.Root.Names.keys()) == ["/EmbeddedFiles"]
        assert (str(name), listed.objgen) == ("factur-x.xml", file.objgen)
        assert [str(each) for each in (file.AFRelationship, file.F, file.UF)] == [
            "/Alternative",
            "factur-x.xml",
            "factur-x.xml",
        ]
        stream = file.EF.F
        assert stream.read_bytes() == cii(view)
        assert [str(each) for each in (stream.Type, stream.Subtype)] == ["/EmbeddedFile", "/text/xml"]
        params = stream.Params
        assert [str(each) for each in (params.CreationDate, params.ModDate)] == ["D:20261122000000Z"] * 2
        assert int(params.Size) == len(cii(view))
        assert bytes(params.CheckSum) == hashlib.md5(cii(view), usedforsecurity=False).digest()


def test_the_metadata_say_what_the_file_is_and_explain_their_words() -> None:
    with pikepdf.open(io.BytesIO(render(invoice()))) as document:
        metadata = document.open_metadata()
        assert metadata.pdfa_status == "3B"
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "B"
        written = document.Root.Metadata.read_bytes()
    root = etree.fromstring(written)
    [rdf] = root.findall(f"{{{RDF}}}RDF")  # readers of XMP look at one alone
    assert {each.tag.removeprefix(f"{{{FX}}}"): each.text for each in rdf.iter(f"{{{FX}}}*")} == {
        "DocumentType": "INVOICE",
        "DocumentFileName": "factur-x.xml",
        "Version": "1.0",
        "ConformanceLevel": "EN 16931",
    }
    assert [each.text for each in rdf.iter(f"{{{SCHEMA}}}namespaceURI", f"{{{SCHEMA}}}prefix")] == [FX, "fx"]
    assert {each.text for each in rdf.iter(f"{{{PROPERTY}}}name")} == {
        "DocumentType", "DocumentFileName", "Version", "ConformanceLevel",
    }  # fmt: skip
    assert {each.text for each in rdf.iter(f"{{{PROPERTY}}}category")} == {"external"}
    assert {each.text for each in rdf.iter(f"{{{PROPERTY}}}valueType")} == {"Text"}


@pytest.mark.parametrize("view", [VIEWS["company"], VIEWS["credit note"], VIEWS["any letters"]])
def test_the_same_view_gives_the_same_bytes(view: InvoiceView) -> None:
    assert render(view) == render(view)


def test_ubl_is_kept_beside_the_pdf() -> None:
    made = rendered(invoice())
    assert (made.pdf, made.xml) == (render(invoice()), ubl(invoice()))


def test_a_proforma_carries_nothing() -> None:
    made = rendered(replace(invoice(), kind=DocumentKind.PROFORMA))
    assert made.xml is None
    pdf = made.pdf
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert not {"/AF", "/Names"} & set(document.Root.keys())
        assert len(document.attachments) == 0
        assert FX.encode() not in document.Root.Metadata.read_bytes()
        assert document.open_metadata().pdfa_status == "3B"
