"""An e-invoice states what the view states, term by term, in UBL as in CII."""

from dataclasses import replace
from datetime import date

import pytest

from app.core.money import Money
from app.invoices.einvoice import cii, ubl
from app.invoices.view import Buyer, DocumentKind, InvoiceView, Line, NoVatGround, Payment
from tests.invoices.en16931 import model
from tests.invoices.samples import BRUSH, COMPANY, HEADS, PERSON, SELLER, invoice, untaxed
from tests.invoices.taxed import BOOK, CREDIT, DEBIT, GREEK, MANY, PAID_ON, VIEWS, WITHOUT_ACCOUNT, note

Terms = model.Terms


def read(view: InvoiceView) -> tuple[Terms, list[Terms], list[Terms]]:
    """Return what both spellings say alike."""
    in_ubl, in_cii = model.read(ubl(view)), model.read(cii(view))
    for day in {"BT-2", "BT-7", "BT-26", "BT-72", "BT-73", "BT-74"} & set(in_ubl[0]):
        in_ubl[0][day] = [text.replace("-", "") for text in in_ubl[0][day]]
    assert in_ubl == in_cii
    return in_cii


def said(view: InvoiceView, *wanted: str) -> list[str | None]:
    """Return the terms of the document, None for what it leaves out."""
    document, _, _ = read(view)
    assert all(len(document.get(term, [])) <= 1 for term in wanted)
    return [document.get(term, [None])[0] for term in wanted]


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_every_view_says_the_same_in_both(view: InvoiceView) -> None:
    document, rates, lines = read(view)
    assert len(rates) == len(view.vat_sums)
    assert [line["BT-126"] for line in lines] == [[str(n)] for n in range(1, len(view.lines) + 1)]
    assert [line["BT-131"] for line in lines] == [[str(line.base)] for line in view.lines]
    paid = view.total if view.paid_on else Money.ZERO
    assert document["BT-112"] == [str(view.total)]
    assert document["BT-115"] == [str(view.total - paid)]


def test_an_invoice_to_a_company_from_the_first_term_to_the_last() -> None:
    document, rates, lines = read(invoice())
    assert document == {
        "BT-1": ["0000000042"],
        "BT-2": ["20261122"],
        "BT-3": ["380"],
        "BT-5": ["EUR"],
        "BT-7": ["20261120"],
        "BT-13": ["100000042"],
        "BT-14": ["100000042"],
        "BT-20": ["Дължи се по банков път."],
        "BT-24": ["urn:cen.eu:en16931:2017"],
        "BT-27": ["„Комплийт Дентал Солюшънс“ ЕООД"],
        "BT-30": ["204235072"],
        "BT-31": ["BG204235072"],
        "BT-35": ["р-н Витоша, ул. „Българска легия“ № 2"],
        "BT-37": ["София"],
        "BT-38": ["1618"],
        "BT-40": ["BG"],
        "BT-42": ["+359 2 123 4567"],
        "BT-43": ["office@completedental.solutions"],
        "BT-44": ["„Дентална практика Усмивка“ ООД"],
        "BT-47": ["175074752"],
        "BT-48": ["BG175074752"],
        "BT-50": ["бул. „Владислав Варненчик“ № 48, вх. Б, ет. 2"],
        "BT-52": ["Варна"],
        "BT-53": ["9000"],
        "BT-55": ["BG"],
        "BT-72": ["20261120"],
        "BT-81": ["30"],
        "BT-82": ["Банков превод"],
        "BT-83": ["100000042"],
        "BT-84": ["BG80BNBG96611020345678"],
        "BT-85": ["„Комплийт Дентал Солюшънс“ ЕООД"],
        "BT-86": ["BNBGBGSD"],
        "BT-106": ["1080.02"],
        "BT-109": ["1080.02"],
        "BT-110": ["216.01"],
        "BT-112": ["1296.03"],
        "BT-115": ["1296.03"],
    }
    assert rates == [{"BT-116": ["1080.02"], "BT-117": ["216.01"], "BT-118": ["S"], "BT-119": ["20"]}]
    piece = {"BT-129": ["1"], "BT-130": ["C62"], "BT-151": ["S"], "BT-152": ["20"]}
    off = {"BT-136": ["3.73"], "BT-139": ["Отстъпка"], "BT-140": ["95"]}
    assert lines == [
        {"BT-126": ["1"], **piece, "BT-131": ["1041.58"], "BT-146": ["1041.58"],
         "BT-153": ["Йонна четка за зъби Ionickiss"], "BT-155": ["ION-CL-BL"]},
        {"BT-126": ["2"], **piece, "BT-129": ["3"], "BT-131": ["33.52"], "BT-146": ["12.4167"], **off,
         "BT-153": ["Резервни глави, меки"], "BT-155": ["ION-HD-S4"]},
        {"BT-126": ["3"], **piece, "BT-131": ["4.92"], "BT-146": ["4.92"], "BT-153": ["Доставка със Speedy"]},
    ]  # fmt: skip


def test_a_person_is_named_by_name_and_address_alone() -> None:
    view = invoice(buyer=PERSON, payment=Payment.CASH_ON_DELIVERY)
    assert said(view, "BT-44", "BT-47", "BT-48", "BT-50", "BT-52", "BT-53", "BT-55") == [
        "Ива Петрова", None, None, "ул. „Капитан Райчо“ № 56, ет. 3, ап. 8", "Пловдив", "4000", "BG",
    ]  # fmt: skip
    assert said(view, "BT-81", "BT-82", "BT-84", "BT-20") == [
        "10", "Наложен платеж", None, "Дължи се на куриера при получаване на пратката.",
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "number", "effect"), [(CREDIT, "381", "Намалява"), (DEBIT, "383", "Увеличава")])
def test_a_note_names_its_invoice_and_why_and_asks_for_no_payment(kind: DocumentKind, number: str, effect: str) -> None:
    view = note(kind, invoice())
    ground = "Върната стока & <неизползвана>"
    assert said(view, "BT-3", "BT-25", "BT-26", "BT-22") == [number, "0000000041", "20261101", ground]
    assert said(view, "BT-81", "BT-84", "BT-72") == [None, None, None]
    assert said(view, "BT-7", "BT-112", "BT-115", "BT-20") == [
        "20261120", "1296.03", "1296.03", f"{effect} дължимото по фактурата.",
    ]  # fmt: skip


def test_a_credit_note_is_a_document_of_its_own_in_ubl() -> None:
    space = 'xmlns="urn:oasis:names:specification:ubl:schema:xsd:{}-2"'
    for view, root in (
        (note(CREDIT, invoice()), "CreditNote"),
        (note(DEBIT, invoice()), "Invoice"),
        (invoice(), "Invoice"),
    ):
        assert space.format(root) in ubl(view).decode()


def test_what_is_paid_is_not_due() -> None:
    view = invoice(payment=Payment.CARD, paid_on=PAID_ON)
    assert said(view, "BT-112", "BT-113", "BT-115", "BT-81", "BT-20") == [
        "1296.03", "1296.03", "0.00", "48", "Платено на 20.11.2026 г.",
    ]  # fmt: skip
    assert said(invoice(), "BT-113", "BT-115") == [None, "1296.03"]


def test_an_advance_says_so_and_tells_of_no_delivery() -> None:
    view = VIEWS["advance"]
    assert said(view, "BT-7", "BT-72", "BT-22") == ["20261120", None, "Авансово плащане (чл. 25, ал. 7 ЗДДС)"]


def test_without_an_account_a_transfer_has_no_means_that_the_rules_know() -> None:
    view = invoice(seller=WITHOUT_ACCOUNT)
    assert said(view, "BT-81", "BT-82", "BT-83", "BT-84", "BT-86", "BT-42", "BT-43") == [
        "1", "Банков превод", None, None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ground", "category", "code"),
    [
        (NoVatGround.EXPORT, "G", "VATEX-EU-G"),
        (NoVatGround.INTRA_EU, "K", "VATEX-EU-IC"),
        (NoVatGround.REVERSE_CHARGE, "AE", "VATEX-EU-AE"),
        (NoVatGround.NOT_REGISTERED, "E", None),
    ],
)
def test_each_ground_has_its_category_its_words_and_its_code(
    ground: NoVatGround, category: str, code: str | None
) -> None:
    seller = replace(SELLER, vat_number=None) if ground is NoVatGround.NOT_REGISTERED else SELLER
    _, rates, [line] = read(invoice([untaxed(2)], seller=seller, no_vat_ground=ground))
    coded = {"BT-121": [code]} if code else {}
    assert rates == [
        {
            "BT-116": ["19.80"],
            "BT-117": ["0.00"],
            "BT-118": [category],
            "BT-119": ["0"],
            "BT-120": [ground.value],
            **coded,
        }
    ]
    assert (line["BT-151"], line["BT-152"], line["BT-146"], line["BT-131"]) == ([category], ["0"], ["9.90"], ["19.80"])


def test_who_is_not_registered_for_vat_is_known_by_the_eik() -> None:
    assert said(VIEWS["not registered"], "BT-30", "BT-31", "BT-32") == ["204235072", None, "204235072"]


def test_three_rates_are_told_apart() -> None:
    _, rates, lines = read(VIEWS["three rates"])
    assert [(rate["BT-118"], rate["BT-119"], rate["BT-116"], rate["BT-117"]) for rate in rates] == [
        (["S"], ["20"], ["1075.10"], ["215.03"]),
        (["S"], ["9"], ["20.01"], ["1.80"]),
        (["G"], ["0"], ["9.90"], ["0.00"]),
    ]
    assert [(line["BT-151"], line["BT-152"]) for line in lines] == [
        (["S"], ["9"]), (["S"], ["20"]), (["G"], ["0"]), (["S"], ["20"]),
    ]  # fmt: skip


def test_a_buyer_abroad_is_where_the_vat_number_is_from() -> None:
    assert said(VIEWS["intra-EU supply"], "BT-48", "BT-55", "BT-80", "BT-72") == ["EL094019245", "GR", "GR", "20261120"]
    assert said(VIEWS["intra-EU supply"], "BT-50", "BT-52", "BT-53") == [GREEK.address, None, None]
    for number, country in (("DE123456789", "DE"), ("XI123456789", "GB")):
        assert said(invoice(buyer=replace(COMPANY, vat_number=number)), "BT-55") == [country]


def test_an_intra_eu_supply_without_a_delivery_to_tell_of_names_a_period() -> None:
    for name in ("intra-EU credit note", "intra-EU advance"):
        assert said(VIEWS[name], "BT-72", "BT-73", "BT-74", "BT-80") == [None, "20261120", "20261120", "GR"]


@pytest.mark.parametrize("line", [BRUSH, HEADS, BOOK, MANY, replace(MANY, description="Пак на едро")])
def test_price_times_quantity_less_the_discount_is_the_line_to_the_cent(line: Line) -> None:
    _, _, [told] = read(invoice([line]))
    price, quantity, of = (float(told[term][0]) if term in told else 1 for term in ("BT-146", "BT-129", "BT-149"))
    off = float(told["BT-136"][0]) if "BT-136" in told else 0
    assert f"{price * quantity / of - off:.2f}" == told["BT-131"][0]


def test_a_price_that_four_places_cannot_hold_is_that_of_all_pieces() -> None:
    _, _, [told] = read(invoice([MANY]))
    assert (told["BT-129"], told["BT-146"], told["BT-149"]) == (["700"], ["1666.66"], ["700"])


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("гр. София 1618, р-н Витоша, ул. „Шипка“ № 2", ["р-н Витоша, ул. „Шипка“ № 2", "София", "1618"]),
        ("4000 Пловдив, ул. Райчо № 56, ет. 3", ["ул. Райчо № 56, ет. 3", "Пловдив", "4000"]),
        ("Стара Загора, бул. Руски 8", ["бул. Руски 8", "Стара Загора", None]),
        ("с. Баня 4360, ул. Първа № 1", ["ул. Първа № 1", "с. Баня", "4360"]),
        ("офис на Спиди № 12", ["офис на Спиди № 12", None, None]),
        ("ж.к. Люлин, бл. 5", ["ж.к. Люлин, бл. 5", None, None]),
        ("Ermou 12, 105 63 Athens", ["Ermou 12, 105 63 Athens", None, None]),
        ("София", ["София", None, None]),
    ],
)
def test_the_place_is_told_where_it_is_plain(address: str, told: list[str | None]) -> None:
    assert said(invoice(buyer=Buyer(name="Ива", address=address)), "BT-50", "BT-52", "BT-53") == told


def test_the_days_are_the_views_own() -> None:
    view = replace(invoice(), issued_on=date(2027, 1, 4), tax_event_on=date(2026, 12, 31))
    assert said(view, "BT-2", "BT-7", "BT-72") == ["20270104", "20261231", "20261231"]
