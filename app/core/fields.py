"""Kinds of request fields: what any text, phone or e-mail address must be."""

import unicodedata
from collections.abc import Callable
from typing import Annotated

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError
from stdnum import bic, iban
from stdnum.bg import vat as bulgarian_vat
from stdnum.exceptions import ValidationError as NumberInvalid
from stdnum.util import clean

from app.core.explaining import shape
from app.core.hosts import has_address, has_host
from app.core.language import Text
from app.core.seen import has_noncharacter, is_blank, is_piled, turns, visible

LONGEST_EMAIL = 254
LINE_BREAKS = frozenset("\n\r\t")
LEFT_TO_RIGHT = "\u202a\u202c\u202d\u2066\u2069"
"""What lists of contacts put around a phone number that is copied out of them."""
POSTCODE = shape(
    "^[1-9][0-9]{3}$",
    Text("Пощенският код е от 1000 до 9999, например 1618", "A postcode is from 1000 to 9999, as in 1618"),
)
BULGARIA = frozenset({"bg", "вг", "бг", "bг", "вg"})
"""How a number begins that is typed with its country: in either alphabet, by the look of its letters or by the keys."""


class Wish(BaseModel):
    """A request body: unknown fields are refused, because the shop collects only what it needs (S3, S7)."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class View(BaseModel):
    """A response body, read from an entity or a row; what may be absent on the wire is a field with `exclude_if`."""

    model_config = ConfigDict(from_attributes=True, frozen=True, json_schema_serialization_defaults_required=True)


def seen(text: str) -> str:
    """Write what is seen of a text; refuse what shows it otherwise than it is written."""
    if text.isascii():
        return text.strip()
    if turns(text):
        raise PydanticCustomError("turned", "Contains invisible signs that turn the direction of the text")
    if has_noncharacter(text):
        raise PydanticCustomError("unprintable", "Contains characters that cannot be printed")
    if is_piled(text) or is_piled(text := visible(text)):
        raise PydanticCustomError("piled", "Contains a letter with too many marks on it")
    return text


def _printable(text: str, allowed: frozenset[str] = frozenset()) -> str:
    text = seen(text)
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Co", "Zl", "Zp"} and letter not in allowed for letter in text):
        raise PydanticCustomError("unprintable", "Contains characters that cannot be printed")
    if is_blank(text):
        raise PydanticCustomError("blank", "Must not be blank")
    return text


def upto(most: int) -> StringConstraints:
    return StringConstraints(min_length=1, max_length=most)


def _without_address(text: str, allowed: frozenset[str] = frozenset()) -> str:
    text = _printable(text, allowed)
    if has_address(text):
        raise PydanticCustomError("address_in_text", "Must hold no web or e-mail address: no ://, www. or @")
    return text


def _person_name(text: str) -> str:
    text = _without_address(text)
    if has_host(text):
        raise PydanticCustomError("host_in_name", "A name, no web address; put a space after a full stop")
    return text


def _text(read: Callable[[str], str]) -> WrapValidator:
    """Read a text that fits its limits, and once more hold what was read of it to them: composing can lengthen it."""

    def validate(text: str, fits: ValidatorFunctionWrapHandler) -> str:
        return str(fits(read(fits(text))))

    return WrapValidator(validate)


ONE_LINE = _text(_without_address)
"""Any Unicode letters, as `seen` writes them, without control characters: `Annotated[str, upto(50), ONE_LINE]`.

No web or e-mail address: what anybody may type in is printed in letters, to mailboxes that may be a stranger's.
"""
PERSON_NAME = _text(_person_name)
"""A line that is a person's name: nor does it name a host, which a street or a company may."""
ADDRESS_LINES = _text(lambda text: _without_address(text, LINE_BREAKS))
"""Where post goes; as ONE_LINE, in several."""
ANY_LINE = _text(_printable)
"""A line that may hold an address, because no stranger's letter does: what staff write, what is looked for."""
SEVERAL_LINES = _text(lambda text: _printable(text, LINE_BREAKS))
"""Somebody's own words, for staff to read: no letter to others repeats them."""


def _email(text: str) -> str:
    text = seen(text)
    if "\u0130" in text:  # to PostgreSQL its small letter is i: somebody else's address
        raise PydanticCustomError("email", "Not an e-mail address")
    try:
        return validate_email(text, check_deliverability=False, allow_smtputf8=True, strict=True).normalized
    except EmailNotValidError:
        raise PydanticCustomError("email", "Not an e-mail address") from None


def as_kept(email: str) -> str:
    """Write an address as it is kept, however it was typed; what is none stays as it is, and is nobody's."""
    email = email.strip()
    if len(email) > LONGEST_EMAIL:
        return email
    try:
        return _email(email)
    except PydanticCustomError:
        return email


def _phone(text: str) -> str:
    try:
        number = phonenumbers.parse(seen(text.strip(LEFT_TO_RIGHT)), "BG")
    except phonenumbers.NumberParseException:
        raise PydanticCustomError("phone", "Not a phone number") from None
    if not phonenumbers.is_valid_number(number):
        raise PydanticCustomError("phone", "Not a phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _eik(text: str) -> str:
    """Check the digits of an EIK: 9 of a company, 13 of a branch (fact sheet 8.1, 8.2)."""
    text = _digits(text)
    if not (text.isascii() and text.isdigit() and len(text) in {9, 13} and bulgarian_vat.is_valid(text[:9])):
        raise PydanticCustomError("eik", "Not a valid EIK: its check digit differs")
    if len(text) > len("123456789") and text[12] != _branch_digit(text[8:12]):
        raise PydanticCustomError("eik", "Not a valid EIK: its check digit differs")
    return text


def _digits(text: str) -> str:
    """Leave out what is typed around the digits of a company: its country, spaces, hyphens."""
    text = clean(seen(text), " -.")
    return text[2:].lstrip() if text[:2].casefold() in BULGARIA else text


def _branch_digit(digits: str) -> str:
    for weights in ((2, 7, 3, 5), (4, 9, 5, 7)):
        rest = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11
        if rest != 10:  # noqa: PLR2004 - ten is no digit: the other weights decide
            return str(rest)
    return "0"


def _vat_number(text: str) -> str:
    """Accept a company's: BG and its EIK (fact sheet 8.3). Ten digits may be a personal number, which we never take."""
    try:
        digits = str(bulgarian_vat.validate(_digits(text)))
    except NumberInvalid:
        digits = ""
    if len(digits) != len("123456789"):
        raise PydanticCustomError("vat_number", "Not a VAT number of a Bulgarian company")
    return f"BG{digits}"


def _iban(text: str) -> str:
    """Check an account's number (ISO 13616); kept without the spaces that it is printed with."""
    try:
        return str(iban.validate(seen(text)))
    except NumberInvalid:
        raise PydanticCustomError("iban", "Not an IBAN: its length or check digits differ") from None


def _bic(text: str) -> str:
    try:
        return str(bic.validate(seen(text)))
    except NumberInvalid:
        raise PydanticCustomError("bic", "Not a BIC: eight or eleven letters and digits (ISO 9362)") from None


Eik = Annotated[str, StringConstraints(max_length=32, strip_whitespace=True), AfterValidator(_eik)]
VatNumber = Annotated[str, StringConstraints(max_length=32, strip_whitespace=True), AfterValidator(_vat_number)]
CompanyName = Annotated[str, upto(250), ONE_LINE]
"""As the commercial register has it; names of universities and their clinics are long."""
CompanyAddress = Annotated[str, upto(100), ONE_LINE]
Name = Annotated[str, upto(50), PERSON_NAME]
City = Annotated[str, upto(50), ONE_LINE]
Postcode = Annotated[str, StringConstraints(pattern=POSTCODE), Field(examples=["1618"])]
Street = Annotated[str, upto(60), ONE_LINE]
Block = Annotated[str, upto(20), ONE_LINE]
HousePart = Annotated[str, upto(10), ONE_LINE]
"""A number of a house, an entrance, a floor, an apartment."""
PlaceNote = Annotated[str, upto(60), ONE_LINE]
Iban = Annotated[str, AfterValidator(_iban)]
Bic = Annotated[str, AfterValidator(_bic)]
Email = Annotated[
    str,
    StringConstraints(max_length=LONGEST_EMAIL, strip_whitespace=True),
    AfterValidator(_email),
    Field(json_schema_extra={"format": "email", "examples": ["iva@example.bg"]}),
]
Phone = Annotated[
    str,
    StringConstraints(max_length=32, strip_whitespace=True),
    AfterValidator(_phone),
    Field(description="Bulgarian or with a country code; kept as E.164", examples=["+359888123456"]),
]
