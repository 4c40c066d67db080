"""The e-mails of an order: every word of them, and what they must never hold."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from app.core.language import Language
from app.core.money import Money
from app.core.vat import vat_sums
from app.fulfilment import cancellation_letters, letters
from app.fulfilment.cancellation_letters import CancelledLetter, Owed, RefundedLetter
from app.fulfilment.letters import InvoiceLetter, Line, OrderLetter, Transfer
from app.fulfilment.mending import Part
from app.fulfilment.mending_letters import CorrectedLetter, order_corrected
from app.fulfilment.progress_letters import PaidLetter, ParcelLetter, order_shipped, payment_received, ready_for_pickup
from app.invoices.view import DocumentKind
from app.mail.messages import Pdf, Writing
from app.mail.writing import NO_BREAK, Letter
from app.orders.models import DeliveryMethod, PaymentMethod
from app.orders.states import Actor
from app.payments.models import RefundMeans
from app.returns.texts.labels import LABELS, LabelKey
from app.returns.texts.schemas import TEXTS_OF, Place
from app.returns.texts.terms import ReturnCost, write_texts
from app.returns.texts.wording import TextKey
from tests.mail.letters import (
    AT,
    TRADER,
    Page,
    assert_both_forms_say_the_same,
    assert_fetches_nothing_and_counts_nobody,
    body,
    post,
)
from tests.returns.terms import TERMS

KEPT = Path(__file__).parent / "letters"
URL = "https://shop.example/orders/100000042#view=0.AAAA_-"
WITHDRAWAL = "https://shop.example/withdrawal?order=100000042"
PDF = b"%PDF-1.7\r\n" + bytes(range(256))

ORDER = OrderLetter(
    language=Language.BG,
    trader=TRADER,
    person="Ива Петрова",
    number="100000042",
    placed_at=AT,
    lines=(
        Line(name="Йонна четка, бяла", quantity=1, unit_price=Money(123490), total=Money(123490)),
        Line(name="Резервни глави, меки", quantity=2, unit_price=Money(1290), total=Money(2451)),
    ),
    delivery_price=Money(499),
    vat=tuple(vat_sums([(20, Money(126440))])),
    total=Money(126440),
    transfer=Transfer(iban="BG80BNBG96611020345678", bic="BNBGBGSD", bank="Примерна банка", due_on=date(2026, 11, 30)),
    delivery_method=DeliveryMethod.ADDRESS,
    delivery_lines=("Ива Петрова", "ул. „Българска легия“ № 2", "1618 София"),
    order_url=URL,
    terms=TERMS,
    withdrawal_url=WITHDRAWAL,
    declaration_version="2026-11-01",
)
CASH_ORDER = replace(
    ORDER,
    language=Language.EN,
    trader=replace(TRADER, vat_number=None, phone=None),
    lines=(Line(name="Ionic toothbrush, white", quantity=1, unit_price=Money(5990), total=Money(5990)),),
    delivery_price=Money(0),
    vat=(),
    total=Money(5990),
    transfer=None,
    delivery_method=DeliveryMethod.OFFICE,
    delivery_lines=("Ива Петрова", "Speedy office 14"),
)
TO_CONFIRM = replace(
    ORDER,
    person=None,
    confirm_url="https://shop.example/orders/100000042/confirmation?token=A",
    confirm_until=datetime(2026, 11, 24, 10, tzinfo=UTC),
)
INVOICE = InvoiceLetter(
    language=Language.BG,
    trader=TRADER,
    person="Ива Петрова",
    kind=DocumentKind.INVOICE,
    number="0000000042",
    issued_on=date(2026, 11, 25),
    total=Money(126440),
    order_number="100000042",
    order_url=URL,
    terms=TERMS,
    withdrawal_url=WITHDRAWAL,
)
CANCELLED = CancelledLetter(
    language=Language.BG,
    trader=TRADER,
    person="Ива Петрова",
    number="100000042",
    cancelled_at=AT,
    by=Actor.CUSTOMER,
    method=PaymentMethod.BANK_TRANSFER,
    was_paid=True,
    owed=Owed(amount=Money(126440), due_on=date(2026, 12, 7)),
    order_url=URL,
)
LAPSED = replace(CANCELLED, by=Actor.SHOP, was_paid=False, owed=None)
CASH_CANCELLED = replace(LAPSED, person=None, by=Actor.STAFF, method=PaymentMethod.CASH_ON_DELIVERY)
REFUNDED = RefundedLetter(
    language=Language.BG,
    trader=TRADER,
    person="Ива Петрова",
    number="100000042",
    amount=Money(100000),
    means=RefundMeans.ACCOUNT,
    refunded_on=date(2026, 11, 25),
    owed=Owed(amount=Money(26440), due_on=date(2026, 12, 7)),
    order_url=URL,
)
CORRECTED = CorrectedLetter(
    language=Language.BG,
    trader=TRADER,
    person="Ива Петрова",
    number="100000042",
    parts=(Part.NAME, Part.PHONE, Part.PLACE),
    order_url=URL,
)
PAID = PaidLetter(
    language=Language.BG,
    trader=TRADER,
    person="Ива Петрова",
    number="100000042",
    amount=Money(126440),
    paid_on=date(2026, 11, 25),
    order_url=URL,
)
SHIPPED = ParcelLetter(
    language=Language.BG,
    trader=TRADER,
    person="Ива Петрова",
    number="100000042",
    waybill="63390713573",
    tracking_url="https://www.speedy.bg/bg/track-shipment?shipmentNumber=63390713573",
    collected=Money(126440),
    order_url=URL,
)
OTHERWISE = replace(SHIPPED, person=None, waybill=None, tracking_url=None, collected=None, order_url=None)
SAMPLES: dict[str, Letter] = {
    "order.bg": ORDER,
    "order.en": CASH_ORDER,
    "order-to-confirm.bg": TO_CONFIRM,
    "order-to-confirm.en": replace(TO_CONFIRM, language=Language.EN),
    "invoice.bg": INVOICE,
    "invoice.en": replace(INVOICE, language=Language.EN),
    "cancelled.bg": CANCELLED,
    "cancelled.en": replace(CANCELLED, language=Language.EN),
    "cancelled-lapsed.bg": LAPSED,
    "cancelled-lapsed.en": replace(LAPSED, language=Language.EN),
    "cancelled-cash.bg": CASH_CANCELLED,
    "cancelled-cash.en": replace(CASH_CANCELLED, language=Language.EN),
    "cancelled-refunded.bg": replace(CANCELLED, by=Actor.STAFF, owed=None),
    "cancelled-refunded.en": replace(CANCELLED, by=Actor.STAFF, owed=None, language=Language.EN),
    "paid.bg": PAID,
    "paid.en": replace(PAID, language=Language.EN, person=None),
    "shipped.bg": SHIPPED,
    "shipped.en": replace(OTHERWISE, language=Language.EN),
    "ready.bg": SHIPPED,
    "ready.en": replace(SHIPPED, language=Language.EN, collected=None),
    "corrected.bg": CORRECTED,
    "corrected.en": replace(CORRECTED, language=Language.EN, person=None, parts=(Part.PHONE,)),
    "refunded.bg": REFUNDED,
    "refunded.en": replace(REFUNDED, language=Language.EN, owed=None, means=RefundMeans.CARD),
}


WRITERS: dict[type[Letter], Callable[[Any], Writing]] = {
    OrderLetter: letters.order_confirmation,
    CancelledLetter: cancellation_letters.order_cancelled,
    CorrectedLetter: order_corrected,
    RefundedLetter: cancellation_letters.order_refunded,
    PaidLetter: payment_received,
    ParcelLetter: order_shipped,
}


def write(letter: Letter, name: str = "") -> EmailMessage:
    if isinstance(letter, InvoiceLetter):
        return post(letters.invoice_issued(letter), Pdf(letter.filename, PDF))
    if isinstance(letter, ParcelLetter) and name.startswith("ready"):
        return post(ready_for_pickup(letter))
    return post(WRITERS[type(letter)](letter))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_text_is_exactly_this(name: str) -> None:
    assert body(write(SAMPLES[name], name), "plain") == (KEPT / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", SAMPLES)
def test_both_forms_say_the_same(name: str) -> None:
    assert_both_forms_say_the_same(write(SAMPLES[name], name))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_letter_fetches_nothing_and_counts_nobody(name: str) -> None:
    assert_fetches_nothing_and_counts_nobody(write(SAMPLES[name], name))


def test_links_hold_nothing_personal() -> None:
    links = Page(body(write(ORDER), "html")).links

    assert set(links) == {URL, "mailto:office@example.com", TERMS.withdrawal_url, WITHDRAWAL}
    assert set(Page(body(write(INVOICE), "html")).links) == {URL, "mailto:office@example.com", WITHDRAWAL}


@pytest.mark.parametrize("language", Language)
def test_the_mail_says_what_was_said_before_the_contract_in_the_same_words(language: Language) -> None:
    """Чл. 48–49 ЗЗП: the confirmation repeats all of it on a durable medium."""
    text = body(write(replace(ORDER, language=language)), "plain")
    page = " ".join(Page(body(write(replace(ORDER, language=language)), "html")).text.split())

    said = write_texts(TERMS, language, on=AT.date())
    for key in TEXTS_OF[Place.ORDER]:
        if key is not TextKey.MODEL_FORM and key is not TextKey.SUPERVISION:
            for line in said[key].splitlines():
                assert line.replace("№ ", f"№{NO_BREAK}") in text, key
    assert LABELS[LabelKey.WITHDRAW].in_(language) in page


@pytest.mark.parametrize("language", Language)
def test_the_function_stands_under_its_label_and_in_every_mail_of_the_order(language: Language) -> None:
    """Чл. 52а ЗЗП; a `mailto:` under the label is not the function."""
    label = LABELS[LabelKey.WITHDRAW].in_(language)
    for letter in (ORDER, TO_CONFIRM, INVOICE):
        message = write(replace(letter, language=language))
        assert f">{label}</a>" in body(message, "html").partition(f'<a href="{WITHDRAWAL}"')[2]
        assert f"\n{label}: {WITHDRAWAL}\n" in body(message, "plain")
    late = write(replace(INVOICE, language=language, withdrawal_url=None))
    assert label not in body(late, "plain") + body(late, "html")


@pytest.mark.parametrize(
    ("order", "filled"),
    [
        (ORDER, ("1 × Йонна четка, бяла; 2 × Резервни глави, меки", "Ива Петрова")),
        (TO_CONFIRM, ("1 × Йонна четка, бяла; 2 × Резервни глави, меки", "……")),
    ],
)
def test_the_model_form_is_filled_with_what_is_known(order: OrderLetter, filled: tuple[str, str]) -> None:
    text = body(write(order), "plain").replace(NO_BREAK, " ")

    assert text.endswith(
        "До „Комплийт Дентал Солюшънс“ ЕООД, гр. София, п.к. 1618, р-н Витоша, ул. „Българска легия“ № 2, "
        "office@example.com\n"
        "С настоящото уведомявам, че се отказвам от сключения от мен договор за покупка на следните стоки: "
        f"{filled[0]}\n"
        "Поръчка № 100000042, поръчано на 23 ноември 2026 г., 00:30 ч., получено на ……\n"
        f"Име на потребителя: {filled[1]}\n"
        "Адрес на потребителя: ……\n"
        "Подпис на потребителя (само ако формулярът е на хартия): ……\n"
        "Дата: ……\n"
    )


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("order.bg", "Поръчка № 100000042 е приета"),
        ("order.en", "We have received your order no. 100000042"),
        ("invoice.bg", "Фактура № 0000000042 по поръчка № 100000042"),
        ("invoice.en", "Invoice no. 0000000042 for order no. 100000042"),
    ],
)
def test_the_headers(name: str, subject: str) -> None:
    message = write(SAMPLES[name], name)

    assert message["Subject"] == subject
    assert message["Content-Language"] == name[-2:]
    assert (message["Message-ID"], message["To"]) == (
        "<00000000-0000-0000-0000-000000000001@api.shop.example>",
        "iva@example.bg",
    )
    assert message["From"].addresses[0].addr_spec == "office@example.com"
    assert message["From"].addresses[0].display_name == "„Комплийт Дентал Солюшънс“ ЕООД"


def test_the_invoice_is_attached_byte_for_byte() -> None:
    (pdf,) = list(write(INVOICE).iter_attachments())

    assert (pdf.get_content_type(), pdf.get_filename()) == ("application/pdf", "faktura-0000000042.pdf")
    assert pdf.get_content() == PDF
    assert list(write(ORDER).iter_attachments()) == []


@pytest.mark.parametrize("language", Language)
def test_who_receives_the_data_is_named(language: Language) -> None:
    """S39: everybody whose data go to a processor is told so."""
    text = body(write(replace(ORDER, language=language)), "plain")

    named = {
        Language.BG: ("„Спиди“", "отделен администратор", "счетоводна къща", "обработващ лични данни"),
        Language.EN: ("Speedy", "separate controller", "accounting house", "a processor"),
    }[language]
    for words_of_it in (*named, "I-Cash", "„Онлайн Сървисиз“ ЕООД", "2026-11-01", "Манол Ивчев"):
        assert words_of_it in text


def test_a_letter_that_asks_for_confirmation_asks_for_no_money() -> None:
    """It named a second, later day, and the account: whoever paid without confirming paid for nothing."""
    for language in Language:
        text = body(write(replace(TO_CONFIRM, language=language)), "plain")
        assert "IBAN" not in text
        assert "BG80" not in text
        assert not re.search("30 (ноември|November)", text)


def test_what_a_customer_writes_is_shown_and_never_obeyed() -> None:
    nasty = '<b>Ива</b> & "Ко" <img src=//x.example>'
    order = replace(
        ORDER,
        person=nasty,
        lines=(replace(ORDER.lines[0], name=nasty),),
        delivery_lines=(nasty, "{{ letter }} %s"),
        declaration_version=nasty,
    )
    for letter in (order, replace(INVOICE, person=nasty)):
        message = write(letter)
        page = Page(body(message, "html"))

        assert page.tags & {"b", "img"} == set()
        assert nasty in page.text
        assert nasty in body(message, "plain")
    assert "{{ letter }} %s" in body(write(order), "plain")


def test_a_line_break_in_a_name_starts_no_line() -> None:
    order = replace(ORDER, person="Ива\r\n\r\nПЛАЩАНЕ\r\nIBAN: XX", delivery_lines=("Ива\nIBAN: XX",))

    text = body(write(order), "plain")
    assert not re.search(r"^IBAN: XX", text, re.MULTILINE)
    assert "Здравейте, Ива ПЛАЩАНЕ IBAN: XX! " in text


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 октомври 2026 г., 03:30 ч."),  # summer time, its last hour
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 октомври 2026 г., 03:30 ч."),
        (datetime(2026, 12, 31, 22, 0, tzinfo=UTC), "1 януари 2027 г., 00:00 ч."),
    ],
)
def test_moments_are_told_as_in_bulgaria(at: datetime, told: str) -> None:
    assert f"направена на {told} " in body(write(replace(ORDER, placed_at=at)), "plain").replace(
        "\N{NO-BREAK SPACE}", " "
    )


@pytest.mark.parametrize("language", Language)
def test_b2_nobody_is_greeted_by_a_name_where_the_address_is_not_proved(language: Language) -> None:
    order = letters.order_confirmation(replace(ORDER, language=language, person=None))
    invoice = letters.invoice_issued(replace(INVOICE, language=language, person=None))
    for writing in (order, invoice):
        [greeting] = [line for line in writing.text.splitlines() if line.startswith(("Здравейте", "Hello"))]
        assert greeting.startswith(("Здравейте! ", "Hello, "))
        assert "Ива" not in greeting


@pytest.mark.parametrize(
    ("payer", "language", "said"),
    [
        (ReturnCost.CUSTOMER, Language.BG, "преките разходи за връщане на стоката са за Ваша сметка."),
        (ReturnCost.CUSTOMER, Language.EN, "you bear the direct cost of returning the goods."),
        (ReturnCost.SHOP, Language.BG, "разходите за връщане на стоката са за наша сметка."),
        (ReturnCost.SHOP, Language.EN, "we bear the cost of returning the goods."),
    ],
)
def test_d9_the_confirmation_says_who_bears_the_cost_of_the_return(
    payer: ReturnCost, language: Language, said: str
) -> None:
    """Said in so many words, whatever the buyer was told before (ЗЗП чл. 47, ал. 1, т. 9 and чл. 55)."""
    terms = replace(TERMS, return_cost=payer)
    message = post(letters.order_confirmation(replace(ORDER, language=language, terms=terms)))
    for kind in ("plain", "html"):
        assert said in " ".join(body(message, kind).split())
