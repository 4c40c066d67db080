"""What a text, a phone, an e-mail address and a company's number must be."""

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.core.fields import (
    ADDRESS_LINES,
    ANY_LINE,
    ONE_LINE,
    PERSON_NAME,
    SEVERAL_LINES,
    Eik,
    Email,
    Phone,
    VatNumber,
    Wish,
    as_kept,
    upto,
)
from app.core.hosts import top_level_domains

NAME = TypeAdapter(Annotated[str, upto(50), ONE_LINE])
COMMENT = TypeAdapter(Annotated[str, upto(500), SEVERAL_LINES])


def kinds(field: Any, value: Any) -> list[str]:
    """Name what is wrong with a value."""
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter(field).validate_python(value)
    return [error["type"] for error in refusal.value.errors()]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ива", "Ива"),
        ("  Ива  ", "Ива"),
        ("и\u0306ва", "йва"),  # composed
        ("O'Нийл-Петрова", "O'Нийл-Петрова"),
        ("Zoë 张伟 محمد", "Zoë 张伟 محمد"),
        ("Ива 🪥", "Ива 🪥"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),  # joined letters are of one sign
        ("a" * 50, "a" * 50),
        ("<b>\"';--</b>", "<b>\"';--</b>"),
    ],
)
def test_a_line_may_be_any_printable_text(written: str, kept: str) -> None:
    assert NAME.validate_python(written) == kept


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("", "string_too_short"),
        (" ", "blank"),
        ("\u00a0\u2003", "blank"),
        ("\u0301", "blank"),
        ("\u0308 \u20dd\u094d", "blank"),
        ("\U0001107f", "blank"),
        ("a" * 51, "string_too_long"),
        ("и\x00ва", "unprintable"),
        ("Ива\nПетрова", "unprintable"),
        ("Ива\r\nBcc: x@y", "unprintable"),
        ("a\x1b[31m", "unprintable"),
        ("a\x7fb", "unprintable"),
        ("a\u2028b", "unprintable"),
        ("a\ue000b", "unprintable"),
        ("Спечели 500€ на http://evil.example/win", "address_in_text"),
        ("ftp://x", "address_in_text"),
        ("http\u200b://x", "address_in_text"),  # what nobody sees does not part it
        ("http：//x", "address_in_text"),
        ("WWW.evil", "address_in_text"),
        ("ｗｗｗ．evil", "address_in_text"),
        ("iva@example.bg", "address_in_text"),
        ("iva＠example", "address_in_text"),
        (1, "string_type"),
        (None, "string_type"),
        (["Ива"], "string_type"),
    ],
)
def test_a_line_may_be_nothing_else(written: Any, wrong: str) -> None:
    assert kinds(Annotated[str, upto(50), ONE_LINE], written) == [wrong]


STREETS_AND_COMPANIES = ["ул.Шипка", "ul.Shipka 5", "Ozone.bg ЕООД", "бул. Цар Освободител 1, вх.А, ет.3", "с/о A&B"]


@pytest.mark.parametrize("written", STREETS_AND_COMPANIES)
def test_b2_a_street_or_a_company_may_look_like_a_host(written: str) -> None:
    assert NAME.validate_python(written) == written


@pytest.mark.parametrize(
    "written", ["Д.Петров", "Св. св. Кирил и Методий", "ул.Шипка", "J.R. O'Нийл", "Ива...", "1.2.3.4"]
)
def test_b2_a_persons_name_may_have_full_stops(written: str) -> None:
    assert TypeAdapter(Annotated[str, PERSON_NAME]).validate_python(written) == written


@pytest.mark.parametrize(
    "written",
    [
        "casino.com",
        "Вземи от CASINO.COM/win сега",
        "спечели.бг",
        "evil.xn--90ae",
        "evil．com",
        "evil。com",
        "ev\u200bil.c\u00adom.",
        "casino.com.Иван",
        "Ozone.bg ЕООД",
    ],
)
def test_b2_a_persons_name_is_no_host(written: str) -> None:
    assert kinds(Annotated[str, PERSON_NAME], written) == ["host_in_name"]


def test_b2_where_post_goes_is_no_advertisement_and_ones_own_words_may_be_anything() -> None:
    link = "ред\nhttps://evil.example"
    assert kinds(Annotated[str, ADDRESS_LINES], link) == ["address_in_text"]
    assert TypeAdapter(Annotated[str, ADDRESS_LINES]).validate_python("ул.Шипка 5\nСофия") == "ул.Шипка 5\nСофия"
    assert COMMENT.validate_python(link) == link
    assert TypeAdapter(Annotated[str, ANY_LINE]).validate_python("iva@example.bg") == "iva@example.bg"


def test_the_list_of_top_level_domains_is_whole() -> None:
    assert {"bg", "com", "xn--90ae", "бг", "ею"} <= top_level_domains()
    assert not {"example", "шипка", "shipka", ""} & top_level_domains()


def test_lone_surrogates_are_refused() -> None:
    with pytest.raises(ValidationError):
        NAME.validate_python("a\ud800b")


def test_a_comment_may_have_lines() -> None:
    assert COMMENT.validate_python("\nпърви ред\r\n\tвтори\n") == "първи ред\r\n\tвтори"
    with pytest.raises(ValidationError):
        COMMENT.validate_python("a\x0bb")


@given(st.text(max_size=60))
def test_whatever_is_kept_is_kept_again_as_it_is(text: str) -> None:
    try:
        kept = NAME.validate_python(text)
    except ValidationError:
        return
    assert NAME.validate_python(kept) == kept
    assert "\x00" not in kept
    assert kept.encode()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("iva@example.bg", "iva@example.bg"),
        (" iva@EXAMPLE.bg ", "iva@example.bg"),
        ("Iva.Petrova+shop@example.bg", "Iva.Petrova+shop@example.bg"),
        ("ива@пример.бг", "ива@пример.бг"),
        ("iva@xn--e1afmkfd.xn--90ae", "iva@пример.бг"),
        ("o'neil@example.bg", "o'neil@example.bg"),
    ],
)
def test_an_address_is_kept_in_one_spelling(written: str, kept: str) -> None:
    assert TypeAdapter(Email).validate_python(written) == kept


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "iva",
        "iva@",
        "@example.bg",
        "iva@example",
        "iva@localhost",
        "iva@example..bg",
        "iva@@example.bg",
        "iva@example.bg, ana@example.bg",
        "Ива <iva@example.bg>",
        "iva@example.bg\nBcc: ana@example.bg",
        "iva@exa\x00mple.bg",
        "iva@[127.0.0.1]",
        "iva@example.bg?subject=x",
        "a" * 65 + "@example.bg",
    ],
)
def test_what_is_no_address_is_refused(wrong: str) -> None:
    assert kinds(Email, wrong) == ["email"]


def test_no_refusal_repeats_what_was_written() -> None:
    for field in (Email, Phone, Eik, VatNumber):
        with pytest.raises(ValidationError) as refusal:
            TypeAdapter(field).validate_python("Тайнова")
        assert all("Тайнова" not in error["msg"] for error in refusal.value.errors())


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0888123456", "+359888123456"),
        ("+359 888 123 456", "+359888123456"),
        ("00359888123456", "+359888123456"),
        ("(0888) 12-34-56", "+359888123456"),
        ("0888123456\x00", "+359888123456"),
        ("0888\ufe0d123456", "+359888123456"),
        ("\u202a+359 888 123 456\u202c", "+359888123456"),  # as a list of contacts copies it
        ("\u202d0888 123 456\u202c", "+359888123456"),  # as an iPhone's does
        ("\u200e0888\u00ad123\u200b456", "+359888123456"),
        ("02 981 1111", "+35929811111"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+49 30 901820", "+4930901820"),
    ],
)
def test_a_phone_is_kept_as_it_is_dialled_from_anywhere(written: str, kept: str) -> None:
    assert TypeAdapter(Phone).validate_python(written) == kept


@pytest.mark.parametrize("wrong", ["", "112", "0888", "08881234567890", "phone", "+359", "+999888123456"])
def test_what_is_no_phone_is_refused(wrong: str) -> None:
    assert kinds(Phone, wrong) == ["phone"]


@pytest.mark.parametrize("eik", ["175074752", "204235072", "831641791", " 175074752 "])
def test_a_companys_number_has_its_check_digit(eik: str) -> None:
    assert TypeAdapter(Eik).validate_python(eik) == eik.strip()


@pytest.mark.parametrize(
    "written",
    [
        "BG204235072",
        "BG 204235072",
        "bg204 235 072",
        "ВГ204235072",
        "бг 204-235-072",
        "2042\u200b35072",
        "\ufeffBG204235072 ",
    ],
)
def test_typed_c3_a_companys_number_is_understood_as_people_type_it(written: str) -> None:
    assert TypeAdapter(Eik).validate_python(written) == "204235072"
    assert TypeAdapter(VatNumber).validate_python(written) == "BG204235072"


def test_typed_c3_a_branchs_number_too() -> None:
    assert TypeAdapter(Eik).validate_python(f"BG {branches()[0]}") == branches()[0]


@pytest.mark.parametrize("field", [Phone, Eik, VatNumber, Email])
def test_typed_c3_what_turns_the_text_is_refused_in_numbers_and_addresses(field: Any) -> None:
    for written in ("0888\u202e123456", "20423\u202e5072", "BG204\u2066235072", "iv\u202ea@example.bg"):
        assert kinds(field, written) == ["turned"]


def test_typed_c3_an_address_is_kept_as_it_is_seen() -> None:
    assert TypeAdapter(Email).validate_python("\u200biv\u00ada@example.bg\ufeff") == "iva@example.bg"
    assert as_kept("iva\u200b@EXAMPLE.bg") == "iva@example.bg"


def branches() -> list[str]:
    """Make the number of each of some branches by the regulation's own words."""
    made = []
    for number in range(1, 60):
        digits = f"175074752{number:03d}"
        first = sum(weight * int(digit) for weight, digit in zip((2, 7, 3, 5), digits[8:12], strict=True)) % 11
        second = sum(weight * int(digit) for weight, digit in zip((4, 9, 5, 7), digits[8:12], strict=True)) % 11
        made.append(digits + str(first if first < 10 else second % 10))
    return made


def test_a_branchs_number_has_two_check_digits() -> None:
    for eik in branches():
        assert TypeAdapter(Eik).validate_python(eik) == eik
        wrong = eik[:-1] + str((int(eik[-1]) + 1) % 10)
        assert kinds(Eik, wrong) == ["eik"]


@pytest.mark.parametrize(
    "wrong", ["", "175074753", "17507475", "1750747521", "175074752000", "BGBG175074752", "١٧٥٠٧٤٧٥٢", "7501010010"]
)
def test_what_is_no_companys_number_is_refused(wrong: str) -> None:
    assert kinds(Eik, wrong) == ["eik"]


@pytest.mark.parametrize("written", ["BG175074752", "175074752", "bg 175 074 752"])
def test_a_vat_number_is_kept_with_its_country(written: str) -> None:
    assert TypeAdapter(VatNumber).validate_python(written) == "BG175074752"


@pytest.mark.parametrize("wrong", ["", "BG175074753", "DE136695976", "BG", "BG1750747521234"])
def test_what_is_no_vat_number_is_refused(wrong: str) -> None:
    assert kinds(VatNumber, wrong) == ["vat_number"]


def test_a_wish_refuses_what_was_not_asked_for_and_does_not_change() -> None:
    class Greeting(Wish):
        name: str

    with pytest.raises(ValidationError):
        Greeting.model_validate({"name": "Ива", "age": 30})
    with pytest.raises(ValidationError):
        Greeting(name="Ива").name = "Ана"  # type: ignore[misc] # that is what is refused
