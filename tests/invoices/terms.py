"""Reads an e-invoice by where EN 16931-3-2 (UBL) and EN 16931-3-3 (CII) put each term; the paths are the standard's."""

from dataclasses import dataclass
from typing import Any

from lxml import etree

Terms = dict[str, list[str]]

_NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}


@dataclass(frozen=True)
class Syntax:
    """Where the terms of the document, of each rate of VAT and of each line are."""

    document: dict[str, str]
    vat: tuple[str, dict[str, str]]
    line: tuple[str, dict[str, str]]


def read(xml: bytes, syntax: Syntax) -> tuple[Terms, list[Terms], list[Terms]]:
    """Return the document's terms, and those of each rate and each line; a term that is not there is left out."""
    root = etree.fromstring(xml)
    return _read(root, syntax.document), _read_each(root, *syntax.vat), _read_each(root, *syntax.line)


def _read_each(root: Any, where: str, paths: dict[str, str]) -> list[Terms]:
    return [_read(each, paths) for each in _find(root, where)]


def _read(element: Any, paths: dict[str, str]) -> Terms:
    found = {term: [_text(each) for each in _find(element, path)] for term, path in paths.items()}
    return {term: values for term, values in found.items() if values}


def _find(element: Any, path: str) -> list[Any]:
    found: list[Any] = element.xpath(path, namespaces=_NAMES)
    return found


def _text(found: Any) -> str:
    return str(found if isinstance(found, str) else found.text)


_SUPPLIER = "cac:AccountingSupplierParty/cac:Party"
_CUSTOMER = "cac:AccountingCustomerParty/cac:Party"
_MEANS = "cac:PaymentMeans"
_SUM = "cac:LegalMonetaryTotal"
_CATEGORY = "cac:Item/cac:ClassifiedTaxCategory[cac:TaxScheme/cbc:ID='VAT']"

UBL = Syntax(
    document={
        "BT-1": "cbc:ID",
        "BT-2": "cbc:IssueDate",
        "BT-3": "cbc:InvoiceTypeCode | cbc:CreditNoteTypeCode",
        "BT-5": "cbc:DocumentCurrencyCode",
        "BT-7": "cbc:TaxPointDate",
        "BT-13": "cac:OrderReference/cbc:ID",
        "BT-14": "cac:OrderReference/cbc:SalesOrderID",
        "BT-20": "cac:PaymentTerms/cbc:Note",
        "BT-22": "cbc:Note",
        "BT-24": "cbc:CustomizationID",
        "BT-25": "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID",
        "BT-26": "cac:BillingReference/cac:InvoiceDocumentReference/cbc:IssueDate",
        "BT-27": f"{_SUPPLIER}/cac:PartyLegalEntity/cbc:RegistrationName",
        "BT-30": f"{_SUPPLIER}/cac:PartyLegalEntity/cbc:CompanyID",
        "BT-31": f"{_SUPPLIER}/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID",
        "BT-32": f"{_SUPPLIER}/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID!='VAT']/cbc:CompanyID",
        "BT-35": f"{_SUPPLIER}/cac:PostalAddress/cbc:StreetName",
        "BT-37": f"{_SUPPLIER}/cac:PostalAddress/cbc:CityName",
        "BT-38": f"{_SUPPLIER}/cac:PostalAddress/cbc:PostalZone",
        "BT-40": f"{_SUPPLIER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
        "BT-42": f"{_SUPPLIER}/cac:Contact/cbc:Telephone",
        "BT-43": f"{_SUPPLIER}/cac:Contact/cbc:ElectronicMail",
        "BT-44": f"{_CUSTOMER}/cac:PartyLegalEntity/cbc:RegistrationName",
        "BT-47": f"{_CUSTOMER}/cac:PartyLegalEntity/cbc:CompanyID",
        "BT-48": f"{_CUSTOMER}/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID",
        "BT-50": f"{_CUSTOMER}/cac:PostalAddress/cbc:StreetName",
        "BT-52": f"{_CUSTOMER}/cac:PostalAddress/cbc:CityName",
        "BT-53": f"{_CUSTOMER}/cac:PostalAddress/cbc:PostalZone",
        "BT-55": f"{_CUSTOMER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
        "BT-72": "cac:Delivery/cbc:ActualDeliveryDate",
        "BT-73": "cac:InvoicePeriod/cbc:StartDate",
        "BT-74": "cac:InvoicePeriod/cbc:EndDate",
        "BT-80": "cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode",
        "BT-81": f"{_MEANS}/cbc:PaymentMeansCode",
        "BT-82": f"{_MEANS}/cbc:PaymentMeansCode/@name",
        "BT-83": f"{_MEANS}/cbc:PaymentID",
        "BT-84": f"{_MEANS}/cac:PayeeFinancialAccount/cbc:ID",
        "BT-85": f"{_MEANS}/cac:PayeeFinancialAccount/cbc:Name",
        "BT-86": f"{_MEANS}/cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID",
        "BT-106": f"{_SUM}/cbc:LineExtensionAmount[@currencyID='EUR']",
        "BT-109": f"{_SUM}/cbc:TaxExclusiveAmount[@currencyID='EUR']",
        "BT-110": "cac:TaxTotal/cbc:TaxAmount[@currencyID='EUR']",
        "BT-112": f"{_SUM}/cbc:TaxInclusiveAmount[@currencyID='EUR']",
        "BT-113": f"{_SUM}/cbc:PrepaidAmount[@currencyID='EUR']",
        "BT-115": f"{_SUM}/cbc:PayableAmount[@currencyID='EUR']",
    },
    vat=(
        "cac:TaxTotal/cac:TaxSubtotal",
        {
            "BT-116": "cbc:TaxableAmount[@currencyID='EUR']",
            "BT-117": "cbc:TaxAmount[@currencyID='EUR']",
            "BT-118": "cac:TaxCategory[cac:TaxScheme/cbc:ID='VAT']/cbc:ID",
            "BT-119": "cac:TaxCategory/cbc:Percent",
            "BT-120": "cac:TaxCategory/cbc:TaxExemptionReason",
            "BT-121": "cac:TaxCategory/cbc:TaxExemptionReasonCode",
        },
    ),
    line=(
        "cac:InvoiceLine | cac:CreditNoteLine",
        {
            "BT-126": "cbc:ID",
            "BT-129": "cbc:InvoicedQuantity | cbc:CreditedQuantity",
            "BT-130": "(cbc:InvoicedQuantity | cbc:CreditedQuantity)/@unitCode",
            "BT-131": "cbc:LineExtensionAmount[@currencyID='EUR']",
            "BT-136": "cac:AllowanceCharge[cbc:ChargeIndicator='false']/cbc:Amount[@currencyID='EUR']",
            "BT-139": "cac:AllowanceCharge[cbc:ChargeIndicator='false']/cbc:AllowanceChargeReason",
            "BT-140": "cac:AllowanceCharge[cbc:ChargeIndicator='false']/cbc:AllowanceChargeReasonCode",
            "BT-146": "cac:Price/cbc:PriceAmount[@currencyID='EUR']",
            "BT-149": "cac:Price/cbc:BaseQuantity[@unitCode='C62']",
            "BT-151": f"{_CATEGORY}/cbc:ID",
            "BT-152": f"{_CATEGORY}/cbc:Percent",
            "BT-153": "cac:Item/cbc:Name",
            "BT-155": "cac:Item/cac:SellersItemIdentification/cbc:ID",
        },
    ),
)

_HEAD = "rsm:ExchangedDocument"
_TRADE = "rsm:SupplyChainTradeTransaction"
_AGREED = f"{_TRADE}/ram:ApplicableHeaderTradeAgreement"
_SELLER, _BUYER = f"{_AGREED}/ram:SellerTradeParty", f"{_AGREED}/ram:BuyerTradeParty"
_DELIVERED = f"{_TRADE}/ram:ApplicableHeaderTradeDelivery"
_SETTLED = f"{_TRADE}/ram:ApplicableHeaderTradeSettlement"
_PAID = f"{_SETTLED}/ram:SpecifiedTradeSettlementPaymentMeans"
_SUMMED = f"{_SETTLED}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_BEFORE = f"{_SETTLED}/ram:InvoiceReferencedDocument"
_DAY = "udt:DateTimeString[@format='102']"
_PRICE = "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice"
_LINE = "ram:SpecifiedLineTradeSettlement"
_OFF = f"{_LINE}/ram:SpecifiedTradeAllowanceCharge[ram:ChargeIndicator/udt:Indicator='false']"

CII = Syntax(
    document={
        "BT-1": f"{_HEAD}/ram:ID",
        "BT-2": f"{_HEAD}/ram:IssueDateTime/{_DAY}",
        "BT-3": f"{_HEAD}/ram:TypeCode",
        "BT-5": f"{_SETTLED}/ram:InvoiceCurrencyCode",
        "BT-7": f"{_SETTLED}/ram:ApplicableTradeTax/ram:TaxPointDate/udt:DateString[@format='102']",
        "BT-13": f"{_AGREED}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID",
        "BT-14": f"{_AGREED}/ram:SellerOrderReferencedDocument/ram:IssuerAssignedID",
        "BT-20": f"{_SETTLED}/ram:SpecifiedTradePaymentTerms/ram:Description",
        "BT-22": f"{_HEAD}/ram:IncludedNote/ram:Content",
        "BT-24": "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
        "BT-25": f"{_BEFORE}/ram:IssuerAssignedID",
        "BT-26": f"{_BEFORE}/ram:FormattedIssueDateTime/qdt:DateTimeString[@format='102']",
        "BT-27": f"{_SELLER}/ram:Name",
        "BT-30": f"{_SELLER}/ram:SpecifiedLegalOrganization/ram:ID",
        "BT-31": f"{_SELLER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
        "BT-32": f"{_SELLER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='FC']",
        "BT-35": f"{_SELLER}/ram:PostalTradeAddress/ram:LineOne",
        "BT-37": f"{_SELLER}/ram:PostalTradeAddress/ram:CityName",
        "BT-38": f"{_SELLER}/ram:PostalTradeAddress/ram:PostcodeCode",
        "BT-40": f"{_SELLER}/ram:PostalTradeAddress/ram:CountryID",
        "BT-42": f"{_SELLER}/ram:DefinedTradeContact/ram:TelephoneUniversalCommunication/ram:CompleteNumber",
        "BT-43": f"{_SELLER}/ram:DefinedTradeContact/ram:EmailURIUniversalCommunication/ram:URIID",
        "BT-44": f"{_BUYER}/ram:Name",
        "BT-47": f"{_BUYER}/ram:SpecifiedLegalOrganization/ram:ID",
        "BT-48": f"{_BUYER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
        "BT-50": f"{_BUYER}/ram:PostalTradeAddress/ram:LineOne",
        "BT-52": f"{_BUYER}/ram:PostalTradeAddress/ram:CityName",
        "BT-53": f"{_BUYER}/ram:PostalTradeAddress/ram:PostcodeCode",
        "BT-55": f"{_BUYER}/ram:PostalTradeAddress/ram:CountryID",
        "BT-72": f"{_DELIVERED}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/{_DAY}",
        "BT-73": f"{_SETTLED}/ram:BillingSpecifiedPeriod/ram:StartDateTime/{_DAY}",
        "BT-74": f"{_SETTLED}/ram:BillingSpecifiedPeriod/ram:EndDateTime/{_DAY}",
        "BT-80": f"{_DELIVERED}/ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID",
        "BT-81": f"{_PAID}/ram:TypeCode",
        "BT-82": f"{_PAID}/ram:Information",
        "BT-83": f"{_SETTLED}/ram:PaymentReference",
        "BT-84": f"{_PAID}/ram:PayeePartyCreditorFinancialAccount/ram:IBANID",
        "BT-85": f"{_PAID}/ram:PayeePartyCreditorFinancialAccount/ram:AccountName",
        "BT-86": f"{_PAID}/ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID",
        "BT-106": f"{_SUMMED}/ram:LineTotalAmount",
        "BT-109": f"{_SUMMED}/ram:TaxBasisTotalAmount",
        "BT-110": f"{_SUMMED}/ram:TaxTotalAmount[@currencyID='EUR']",
        "BT-112": f"{_SUMMED}/ram:GrandTotalAmount",
        "BT-113": f"{_SUMMED}/ram:TotalPrepaidAmount",
        "BT-115": f"{_SUMMED}/ram:DuePayableAmount",
    },
    vat=(
        f"{_SETTLED}/ram:ApplicableTradeTax[ram:TypeCode='VAT']",
        {
            "BT-116": "ram:BasisAmount",
            "BT-117": "ram:CalculatedAmount",
            "BT-118": "ram:CategoryCode",
            "BT-119": "ram:RateApplicablePercent",
            "BT-120": "ram:ExemptionReason",
            "BT-121": "ram:ExemptionReasonCode",
        },
    ),
    line=(
        f"{_TRADE}/ram:IncludedSupplyChainTradeLineItem",
        {
            "BT-126": "ram:AssociatedDocumentLineDocument/ram:LineID",
            "BT-129": "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity",
            "BT-130": "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode",
            "BT-131": f"{_LINE}/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount",
            "BT-136": f"{_OFF}/ram:ActualAmount",
            "BT-139": f"{_OFF}/ram:Reason",
            "BT-140": f"{_OFF}/ram:ReasonCode",
            "BT-146": f"{_PRICE}/ram:ChargeAmount",
            "BT-149": f"{_PRICE}/ram:BasisQuantity[@unitCode='C62']",
            "BT-151": f"{_LINE}/ram:ApplicableTradeTax[ram:TypeCode='VAT']/ram:CategoryCode",
            "BT-152": f"{_LINE}/ram:ApplicableTradeTax/ram:RateApplicablePercent",
            "BT-153": "ram:SpecifiedTradeProduct/ram:Name",
            "BT-155": "ram:SpecifiedTradeProduct/ram:SellerAssignedID",
        },
    ),
)
