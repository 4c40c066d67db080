"""Views of every kind that is exchanged as an e-invoice, and of what is hard to state in one."""

from dataclasses import replace
from datetime import date

from app.core.money import Money
from app.invoices.view import Corrected, DocumentKind, InvoiceView, Line, NoVatGround, Payment
from tests.invoices.samples import BRUSH, COMPANY, DELIVERY, HEADS, PERSON, SELLER, invoice, untaxed

GREEK = replace(COMPANY, name="Οδοντιατρική ΕΠΕ", address="Ερμού 12, 105 63 Αθήνα", eik=None, vat_number="EL094019245")
UNREGISTERED = replace(SELLER, vat_number=None)
WITHOUT_ACCOUNT = replace(SELLER, iban="", bic="", bank="", phone="", email="")
PAID_ON = date(2026, 11, 20)
CORRECTED = Corrected(number="0000000041", issued_on=date(2026, 11, 1), ground="Върната стока & <неизползвана>")

BOOK = Line.of(sku="BOOK-1", description="Книга за зъбите", quantity=2, rate=9, gross=Money.of("21.81"))
CENTS = [Line.of(description=f"Дреболия {n}", quantity=1, rate=20, gross=Money(3)) for n in range(40)]
"""Each bears a cent, together 40 on a base of 80: 24 cents more than the rate makes of the sum."""
MANY = Line.of(sku="ION-HD", description="Глави на едро", quantity=700, rate=20, gross=Money.of("1999.99"))


def note(kind: DocumentKind, view: InvoiceView) -> InvoiceView:
    return replace(view, kind=kind, corrects=CORRECTED)


REST = Line.rest(
    sku=None, description="Резервна глава", quantity=1, rate=20, gross=Money.of("13.41"), vat=Money.of("2.23")
)
"""Alone it would bear a cent more."""

CREDIT, DEBIT = DocumentKind.CREDIT_NOTE, DocumentKind.DEBIT_NOTE

INTRA_EU = invoice([untaxed(3)], buyer=GREEK, no_vat_ground=NoVatGround.INTRA_EU)

VIEWS: dict[str, InvoiceView] = {
    "company": invoice(),
    "person": invoice(buyer=PERSON, payment=Payment.CASH_ON_DELIVERY),
    "paid by card": invoice(payment=Payment.CARD, paid_on=PAID_ON),
    "unpaid by card": invoice(payment=Payment.CARD),
    "paid by transfer": invoice(paid_on=PAID_ON),
    "advance": replace(invoice(paid_on=PAID_ON), is_advance=True),
    "credit note": note(CREDIT, invoice()),
    "debit note": note(DEBIT, invoice([DELIVERY], buyer=PERSON)),
    "repaid credit note": note(CREDIT, invoice([HEADS], payment=Payment.CARD, paid_on=PAID_ON)),
    "credit note of a part": InvoiceView.of(
        kind=CREDIT,
        number="0000000043",
        issued_on=date(2026, 11, 23),
        tax_event_on=date(2026, 11, 22),
        place="гр. София",
        seller=SELLER,
        buyer=COMPANY,
        order_number="100000042",
        ordered_on=date(2026, 11, 18),
        payment=Payment.CARD,
        lines=[REST],
        corrects=CORRECTED,
    ),
    "discounts": invoice([HEADS, replace(HEADS, description="Още глави"), BRUSH]),
    "three rates": invoice([BOOK, BRUSH, untaxed(), HEADS], no_vat_ground=NoVatGround.EXPORT),
    "two rates": invoice([BOOK, HEADS, BRUSH]),
    "two rates, credit note": note(CREDIT, invoice([BOOK, HEADS, BRUSH], buyer=PERSON)),
    "two rates, advance": replace(invoice([BOOK, BRUSH], paid_on=PAID_ON), is_advance=True),
    "export": invoice([untaxed()], no_vat_ground=NoVatGround.EXPORT),
    "intra-EU supply": INTRA_EU,
    "intra-EU credit note": note(CREDIT, INTRA_EU),
    "intra-EU advance": replace(INTRA_EU, paid_on=PAID_ON, is_advance=True),
    "reverse charge": invoice([untaxed()], buyer=GREEK, no_vat_ground=NoVatGround.REVERSE_CHARGE),
    "not registered": invoice([untaxed()], seller=UNREGISTERED, buyer=PERSON, no_vat_ground=NoVatGround.NOT_REGISTERED),
    "not registered, credit note": note(
        CREDIT, invoice([untaxed()], seller=UNREGISTERED, no_vat_ground=NoVatGround.NOT_REGISTERED)
    ),
    "forty lines": invoice([replace(BRUSH, description=f"Четка номер {n:02d}") for n in range(40)]),
    "odd cents": invoice([*CENTS, BOOK]),
    "seven hundred pieces": invoice([MANY]),
    "nothing to pay": invoice([Line.of(description="Подарък", quantity=1, rate=20, gross=Money.ZERO)]),
    "no account": invoice(seller=WITHOUT_ACCOUNT),
    "250 letters": invoice(buyer=replace(COMPANY, name=("Медицински университет „Св. Климент“ " * 7)[:250])),
    "blank name": invoice(buyer=replace(PERSON, name=" \t\u2003")),
    "any letters": invoice(
        [replace(BRUSH, description="Четка <b>&amp;</b> \"'„“ 🪥 歯ブラシ \x07\x00 " + "дълго " * 500)],
        buyer=replace(PERSON, name="Ωμέγα & <Գարեգին> محمد \ufffe\U0001f600", address="ж" * 2000),
    ),
}
