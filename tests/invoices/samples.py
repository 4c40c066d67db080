"""Invoice views for tests: a shop, a company and a person, constant values."""

from collections.abc import Iterable
from datetime import date

from app.core.money import Money
from app.invoices.view import Buyer, InvoiceView, Line, NoVatGround, Payment, Seller

SELLER = Seller(
    name="„Комплийт Дентал Солюшънс“ ЕООД",
    address="гр. София 1618, р-н Витоша, ул. „Българска легия“ № 2",
    eik="204235072",
    vat_number="BG204235072",
    responsible_person="Манол Ивчев",
    iban="BG80BNBG96611020345678",
    bic="BNBGBGSD",
    bank="Примерна банка АД",
    phone="+359 2 123 4567",
    email="office@completedental.solutions",
)
COMPANY = Buyer(
    name="„Дентална практика Усмивка“ ООД",
    address="гр. Варна 9000, бул. „Владислав Варненчик“ № 48, вх. Б, ет. 2",
    eik="175074752",
    vat_number="BG175074752",
    responsible_person="Мария Стоянова",
)
PERSON = Buyer(name="Ива Петрова", address="гр. Пловдив 4000, ул. „Капитан Райчо“ № 56, ет. 3, ап. 8")

BRUSH = Line.of(
    sku="ION-CL-BL", description="Йонна четка за зъби Ionickiss", quantity=1, rate=20, gross=Money.of("1249.90")
)
HEADS = Line.of(
    sku="ION-HD-S4",
    description="Резервни глави, меки",
    quantity=3,
    rate=20,
    gross=Money.of("40.23"),
    discount=Money.of("4.47"),
)
DELIVERY = Line.of(description="Доставка със Speedy", quantity=1, rate=20, gross=Money.of("5.90"))


def invoice(
    lines: Iterable[Line] = (BRUSH, HEADS, DELIVERY),
    *,
    seller: Seller = SELLER,
    buyer: Buyer = COMPANY,
    payment: Payment = Payment.BANK_TRANSFER,
    paid_on: date | None = None,
    no_vat_ground: NoVatGround | None = None,
) -> InvoiceView:
    return InvoiceView.of(
        number="0000000042",
        issued_on=date(2026, 11, 22),
        tax_event_on=date(2026, 11, 20),
        place="гр. София",
        seller=seller,
        buyer=buyer,
        order_number="100000042",
        ordered_on=date(2026, 11, 18),
        payment=payment,
        paid_on=paid_on,
        lines=lines,
        no_vat_ground=no_vat_ground,
    )


def untaxed(quantity: int = 1) -> Line:
    return Line.of(
        sku="ION-CASE", description="Калъф за пътуване", quantity=quantity, rate=0, gross=Money.of("9.90") * quantity
    )
