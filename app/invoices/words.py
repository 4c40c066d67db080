"""Amounts in Bulgarian words, as a document states them beside the figures.

Written here because num2words knows no Bulgarian. The euro is neuter („едно евро“), a thousand feminine („две
хиляди“), a million masculine („два милиона“).
"""

from app.core.money import Money

LIMIT = Money(100_000_000_000)
"""A thousand million euro: the first amount without words."""

_NEUTER = ("", "едно", "две")
_FEMININE = ("", "една", "две")
_MASCULINE = ("", "един", "два")
_UNITS = ("три", "четири", "пет", "шест", "седем", "осем", "девет", "десет", "единадесет", "дванадесет")
_TEENS = ("тринадесет", "четиринадесет", "петнадесет", "шестнадесет", "седемнадесет", "осемнадесет", "деветнадесет")
_TENS = ("двадесет", "тридесет", "четиридесет", "петдесет", "шестдесет", "седемдесет", "осемдесет", "деветдесет")
_HUNDREDS = (
    "сто", "двеста", "триста", "четиристотин", "петстотин", "шестстотин", "седемстотин", "осемстотин", "деветстотин",
)  # fmt: skip


def in_words(amount: Money) -> str:
    """Return an amount as „сто двадесет и девет евро и 90 цента“; whole euro stand alone."""
    if not Money.ZERO <= amount < LIMIT:
        raise ValueError("an amount in words is neither negative nor a thousand million euro")
    euro, cents = divmod(amount.cents, 100)
    words = f"{_number(euro)} евро"
    return f"{words} и {cents} {'цент' if cents == 1 else 'цента'}" if cents else words


def _number(value: int) -> str:
    if value == 0:
        return "нула"
    millions, thousands, units = value // 1_000_000, value // 1000 % 1000, value % 1000
    groups = [
        _counted(_below_thousand(millions, _MASCULINE), one="един милион", many="милиона"),
        _counted(_below_thousand(thousands, _FEMININE), one="хиляда", many="хиляди"),
        _below_thousand(units, _NEUTER),
    ]
    return _joined([group for group in groups if group])


def _counted(words: list[str], *, one: str, many: str) -> list[str]:
    if words in (["един"], ["една"]):
        return [one]
    return [*words[:-1], f"{words[-1]} {many}"] if words else []


def _below_thousand(value: int, gender: tuple[str, ...]) -> list[str]:
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10) if rest >= 20 else (0, rest)  # noqa: PLR2004 - up to twenty each has its own word
    words = [*gender, *_UNITS, *_TEENS]
    parts = [_HUNDREDS[hundreds - 1] if hundreds else "", _TENS[tens - 2] if tens else "", words[ones]]
    return [part for part in parts if part]


def _joined(groups: list[list[str]]) -> str:
    """Put „и“ before the last part of each group, and before the last group when it is a single part."""
    spoken = [" и ".join([" ".join(group[:-1]), group[-1]]) if len(group) > 1 else group[0] for group in groups]
    if len(groups) > 1 and len(groups[-1]) == 1:
        spoken[-1] = f"и {spoken[-1]}"
    return " ".join(spoken)
