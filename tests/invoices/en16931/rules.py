"""What the terms of an e-invoice have to make up: the rules of EN 16931-1 on amounts, VAT, and what asks for what.

Written from the standard's text. Where it rounds (BR-CO-17, BR-S-09) the published rules bear less than one unit of
the currency, because VAT may be rounded by line.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import etree

from tests.invoices.en16931.model import Group, miscounted, parsed

Found = tuple[bool, str]
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Category:
    """What the rules ask of a category of VAT that bears none."""

    rules: str
    seller: tuple[str, ...]
    """One of these must stand."""
    buyer: tuple[str, ...] = ()
    """And one of these."""


CATEGORIES = {
    "Z": Category("BR-Z", ("BT-31", "BT-32", "BT-63")),
    "E": Category("BR-E", ("BT-31", "BT-32", "BT-63")),
    "AE": Category("BR-AE", ("BT-31", "BT-32", "BT-63"), ("BT-47", "BT-48")),
    "K": Category("BR-IC", ("BT-31", "BT-63"), ("BT-48",)),
    "G": Category("BR-G", ("BT-31", "BT-63")),
    "O": Category("BR-O", ()),
}


def faults(xml: bytes) -> list[str]:
    """Return the terms that stand too seldom or too often, and the rules that are broken."""
    root = etree.fromstring(xml)
    return miscounted(root) + broken(root)


def broken(root: Any) -> list[str]:
    """Return the rules that the document breaks."""
    document = parsed(root)
    checks = (_sums, _asked_for, _reasons, _lines, _standard_rate, _categories, _spelled)
    return sorted({rule for check in checks for holds, rule in check(document, root) if not holds})


def _of(group: Group, term: str) -> Decimal:
    return sum((Decimal(each) for each in group[term]), Decimal(0))


def _sums(document: Group, root: Any) -> Iterator[Found]:
    of = {number: _of(document, f"BT-{number}") for number in (92, 99, *range(106, 118), 131)}
    yield of[106] == of[131], "BR-CO-10"
    yield of[107] == of[92], "BR-CO-11"
    yield of[108] == of[99], "BR-CO-12"
    yield of[109] == of[106] - of[107] + of[108], "BR-CO-13"
    yield of[110] == of[117], "BR-CO-14"
    yield of[112] == of[109] + of[110], "BR-CO-15"
    yield of[115] == of[112] - of[113] + of[114], "BR-CO-16"
    for rate in document.groups["BG-23"]:
        yield abs(_of(rate, "BT-117") - _of(rate, "BT-116") * _of(rate, "BT-119") / 100) < 1, "BR-CO-17"


def _asked_for(document: Group, root: Any) -> Iterator[Found]:
    """Look at the terms that ask for others, or rule them out."""
    yield not (document["BT-7"] and document["BT-8"]), "BR-CO-03"
    for number in (*document["BT-31"], *document["BT-48"], *document["BT-63"]):
        yield number[:2].isalpha() and number[:2].isupper(), "BR-CO-09"
    yield bool(document.groups["BG-23"]), "BR-CO-18"
    yield _of(document, "BT-115") <= 0 or bool(document["BT-9"] or document["BT-20"]), "BR-CO-25"
    yield bool(document["BT-29"] or document["BT-30"] or document["BT-31"]), "BR-CO-26"
    yield not document["BT-6"] or bool(document["BT-111"]), "BR-53"
    yield not {"30", "58"} & set(document["BT-81"]) or bool(document["BT-84"]), "BR-61"
    for period, start, end, rules in (
        ("BG-14", "BT-73", "BT-74", ("BR-CO-19", "BR-29")),
        ("BG-26", "BT-134", "BT-135", ("BR-CO-20", "BR-30")),
    ):
        for each in document.of(period):
            yield bool(each[start] or each[end] or document["BT-8"]), rules[0]
            yield not (each[start] and each[end]) or each[start] <= each[end], rules[1]


def _reasons(document: Group, root: Any) -> Iterator[Found]:
    """Each allowance and charge says why, in words or by a code."""
    for group, terms, rule in (
        ("BG-20", ("BT-97", "BT-98"), "BR-CO-21"),
        ("BG-21", ("BT-104", "BT-105"), "BR-CO-22"),
        ("BG-27", ("BT-139", "BT-140"), "BR-CO-23"),
        ("BG-28", ("BT-144", "BT-145"), "BR-CO-24"),
    ):
        for each in document.of(group):
            yield any(each[term] for term in terms), rule


def _lines(document: Group, root: Any) -> Iterator[Found]:
    for line in document.groups["BG-25"]:
        price, quantity, per = (_of(line, term) for term in ("BT-146", "BT-129", "BT-149"))
        whole = price * quantity / (per or 1) - _of(line, "BT-136") + _of(line, "BT-141")
        yield whole.quantize(_CENT, ROUND_HALF_UP) == _of(line, "BT-131"), "line"
        yield price >= 0, "BR-27"


def _taxed(document: Group, category: str, rate: Decimal | None = None) -> Decimal:
    """Return what lines, allowances and charges of a category make up."""
    return (
        _summed(document.groups["BG-25"], category, rate, ("BT-151", "BT-152", "BT-131"))
        - _summed(document.groups["BG-20"], category, rate, ("BT-95", "BT-96", "BT-92"))
        + _summed(document.groups["BG-21"], category, rate, ("BT-102", "BT-103", "BT-99"))
    )


def _summed(groups: Iterable[Group], category: str, rate: Decimal | None, terms: tuple[str, str, str]) -> Decimal:
    kind, percent, amount = terms
    wanted = [each for each in groups if each[kind] == [category] and (rate is None or _of(each, percent) == rate)]
    return sum((_of(each, amount) for each in wanted), Decimal(0))


def _used(document: Group) -> set[str]:
    return {category for term in ("BT-151", "BT-95", "BT-102") for category in document[term]}


def _rates(document: Group, category: str) -> list[Group]:
    return [each for each in document.groups["BG-23"] if each["BT-118"] == [category]]


def _percents(document: Group, category: str) -> Iterator[list[str]]:
    for group, kind, percent in (
        ("BG-25", "BT-151", "BT-152"),
        ("BG-20", "BT-95", "BT-96"),
        ("BG-21", "BT-102", "BT-103"),
    ):
        yield from (each[percent] for each in document.groups[group] if each[kind] == [category])


def _standard_rate(document: Group, root: Any) -> Iterator[Found]:
    rates, is_used = _rates(document, "S"), "S" in _used(document)
    yield is_used is bool(rates), "BR-S-01"
    yield not is_used or bool(document["BT-31"] or document["BT-32"] or document["BT-63"]), "BR-S-02"
    for percent in _percents(document, "S"):
        yield len(percent) == 1 and Decimal(percent[0]) > 0, "BR-S-05"
    for rate in rates:
        percentage = _of(rate, "BT-119")
        yield _of(rate, "BT-116") == _taxed(document, "S", percentage), "BR-S-08"
        yield abs(_of(rate, "BT-117") - _of(rate, "BT-116") * percentage / 100) < 1, "BR-S-09"
        yield not (rate["BT-120"] or rate["BT-121"]), "BR-S-10"
    stated = [_of(rate, "BT-119") for rate in rates]
    yield len(set(stated)) == len(stated), "BR-S-08"


def _categories(document: Group, root: Any) -> Iterator[Found]:
    used = _used(document)
    for name, category in CATEGORIES.items():
        rates, rules = _rates(document, name), category.rules
        yield len(rates) == (name in used), f"{rules}-01"
        if name in used:
            for parties in filter(None, (category.seller, category.buyer)):
                yield any(document[term] for term in parties), f"{rules}-02"
            for percent in _percents(document, name):
                yield percent == [] if name == "O" else list(map(Decimal, percent)) == [0], f"{rules}-05"
        for rate in rates:
            yield _of(rate, "BT-116") == _taxed(document, name), f"{rules}-08"
            yield _of(rate, "BT-117") == 0, f"{rules}-09"
            yield bool(rate["BT-120"] or rate["BT-121"]) is (name != "Z"), f"{rules}-10"
    if "K" in used:
        yield bool(document["BT-72"] or document["BT-73"] or document["BT-74"]), "BR-IC-11"
        yield bool(document["BT-80"]), "BR-IC-12"
    if "O" in used:
        yield not (document["BT-31"] or document["BT-48"] or document["BT-63"]), "BR-O-02"
        yield len(document.groups["BG-23"]) == 1, "BR-O-11"
        yield used == {"O"}, "BR-O-12"


def _spelled(document: Group, root: Any) -> Iterator[Found]:
    """Amounts have two places, and one currency; what is there says something."""
    for number in (92, 93, 99, 100, *range(106, 118), 131, 136, 137, 141, 142):
        for amount in document[f"BT-{number}"]:
            yield len(amount.partition(".")[2]) <= 2, "BR-DEC"
    for element in root.iter():
        yield element.get("currencyID", document["BT-5"][0]) in {*document["BT-5"], *document["BT-6"]}, "currency"
        yield element.get("format", "102") == "102", "CII-DT-FORMAT"
    for term, values in document.flat().items():
        yield all(value.strip() for value in values), f"empty {term}"
