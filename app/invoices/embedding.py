"""Encloses the e-invoice in the PDF of an invoice or a note: together they are Factur-X (ZUGFeRD 2)."""

from app.core.drawing import Enclosure
from app.invoices.einvoice import cii
from app.invoices.view import TAXED, InvoiceView

FILE_NAME = "factur-x.xml"
_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = {
    "DocumentType": ("INVOICE", "The type of the hybrid document in capital letters"),
    "DocumentFileName": (FILE_NAME, "The name of the embedded XML document"),
    "Version": ("1.0", "The version of the standard applying to the embedded XML document"),
    "ConformanceLevel": ("EN 16931", "The conformance level of the embedded XML document"),
}


def enclosed(view: InvoiceView) -> Enclosure | None:
    """Return what the PDF is to carry; only what is taxed is an e-invoice."""
    if view.kind not in TAXED:
        return None
    return Enclosure(
        name=FILE_NAME,
        content=cii(view),
        description="EN 16931 (Factur-X, ZUGFeRD)",
        relationship="Alternative",  # the same invoice in another form, complete from the profile BASIC on
        dated=view.issued_on,
        statements=_STATEMENTS,
    )


def _values() -> str:
    return "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in _PROPERTIES.items())


def _explanations() -> str:
    """PDF/A wants each word explained that XMP does not know (ISO 19005-3, 6.6.2.3)."""
    return "".join(
        f"""<rdf:li rdf:parseType="Resource">
<pdfaProperty:name>{name}</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType>
<pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>{meaning}</pdfaProperty:description>
</rdf:li>"""
        for name, (_, meaning) in _PROPERTIES.items()
    )


_STATEMENTS = f"""
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about="" xmlns:fx="{_NAMESPACE}">
{_values()}</rdf:Description>
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
  xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>{_explanations()}</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
""".encode()
