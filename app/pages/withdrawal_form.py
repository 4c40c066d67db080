"""The statement of withdrawal as a form: its fields, and what is shown back of it."""

import re
from collections.abc import Iterable, Iterator, Mapping

from app.core.language import Language, Text
from app.core.seen import is_blank
from app.orders.models import LineKind
from app.orders.schemas import LineView
from app.pages.forms import Form, Label
from app.returns.letters import LINE, WHOLE
from app.returns.models import Withdrawal
from app.returns.schemas import MOST_LINES, StateWithdrawal

ADDRESS = "/withdrawal"
LINE_FIELD = re.compile(r"lines/([0-9]{1,2})/(sku|quantity|title)")
LONGEST_TITLE = 80
"""So that fifty of them, each letter six bytes of a form, stay below what a body may have."""
NOTHING = frozenset({"", "0"})

NAME = Label(Text("Име и фамилия", "Full name"), autocomplete="name")
ORDER = Label(
    Text("Номер на поръчката", "Order number"),
    Text(
        "Деветте цифри от писмата ни. Ако номерът не Ви е под ръка, напишете с какво да я познаем: дата, стоки.",
        "The nine digits in our e-mails. If you do not have it at hand, say what we can tell it by: date, goods.",
    ),
)
EMAIL = Label(
    Text("Имейл за потвърждението", "E-mail for the receipt"),
    Text("Веднага Ви изпращаме заявлението с дата и час.", "We send you the statement with date and time at once."),
    autocomplete="email",
)
GOODS = Label(
    Text("От кои стоки се отказвате", "Which goods you withdraw from"),
    Text(
        "Попълнете само ако задържате част от поръчката; иначе отказът е за всичко.",
        "Fill this in only if you keep part of the order; otherwise you withdraw from all of it.",
    ),
    rows=3,
)
NONE_CHOSEN = Text(
    "Нула значи, че задържате стоката. Посочете поне един брой от нещо или оставете всички полета празни: "
    "тогава отказът е за цялата поръчка",
    "Zero means that you keep the article. Enter at least one piece of something, or leave all of these fields empty: "
    "then you withdraw from the whole order",
)
HIDDEN = Label(Text("", ""), is_hidden=True)


def form_of(typed: Mapping[str, str]) -> Form[StateWithdrawal]:
    """Make the form; an order's page that led here has named its lines, which then take the place of free words."""
    lines: dict[str, Label] = {}
    for number, title in titles(typed).items():
        lines[f"lines/{number}/sku"] = lines[f"lines/{number}/title"] = HIDDEN
        lines[f"lines/{number}/quantity"] = Label(Text(title, title))
    part = lines or {"goods": GOODS}
    return Form(StateWithdrawal, {"name": NAME, "order_number": ORDER, "email": EMAIL, **part, "key": HIDDEN})


def titles(typed: Mapping[str, str]) -> dict[str, str]:
    """Name the lines that are there to choose from: by their number, in order."""
    numbers = sorted({match[1] for match in map(LINE_FIELD.fullmatch, typed) if match}, key=int)[:MOST_LINES]
    return {
        number: typed.get(f"lines/{number}/title") or typed.get(f"lines/{number}/sku") or number for number in numbers
    }


def stated_in(typed: Mapping[str, str]) -> dict[str, str]:
    """Take the statement out of what was typed: without lines of which nothing is chosen, and without their titles.

    The goods are one line to whoever reads them; people part them by what the Enter key gives.
    """
    stated = {name: value for name, value in typed.items() if not _is_left_out(name, typed)}
    if "goods" not in stated:
        return stated
    lines = [line.strip() for line in stated["goods"].splitlines() if not is_blank(line)]
    return {**stated, "goods": "; ".join(lines)}


def nothing_chosen(typed: Mapping[str, str], language: Language) -> dict[str, str]:
    """Refuse zeros where nothing else is chosen: left out, they would leave a statement about everything."""
    names = [f"lines/{number}/quantity" for number in titles(typed)]
    chosen = {name: quantity for name in names if (quantity := typed.get(name, "").strip())}
    return dict.fromkeys(chosen, NONE_CHOSEN.in_(language)) if NOTHING.issuperset(chosen.values()) else {}


def _is_left_out(name: str, typed: Mapping[str, str]) -> bool:
    line = LINE_FIELD.fullmatch(name)
    if line is None:
        return False
    return line[2] == "title" or typed.get(f"lines/{line[1]}/quantity", "").strip() in NOTHING


def prefilled(order_number: str, lines: Iterable[LineView], *, name: str = "", email: str = "") -> dict[str, str]:
    """Fill the form in where an order's page leads to it, by POST to `/withdrawal/start`."""
    fields = {"order_number": order_number, "name": name, "email": email}
    for number, line in enumerate([line for line in lines if line.kind is LineKind.GOODS][:MOST_LINES]):
        fields[f"lines/{number}/sku"] = line.sku
        fields[f"lines/{number}/title"] = f"{line.name[:LONGEST_TITLE]} × {line.quantity}"
    return {field: value for field, value in fields.items() if value}


def facts(stated: StateWithdrawal | Withdrawal, typed: Mapping[str, str], language: Language) -> list[tuple[str, str]]:
    """List what the statement says, in full."""
    part = Text("Отказ от", "Withdrawal from")
    listed = [
        (NAME.text, stated.name),
        (Text("Поръчка", "Order"), stated.order_number),
        (part, "\n".join(_part(stated, typed, language)) or WHOLE.in_(language)),
        (EMAIL.text, stated.email or ""),
    ]
    return [(label.in_(language), value) for label, value in listed]


def _part(stated: StateWithdrawal | Withdrawal, typed: Mapping[str, str], language: Language) -> Iterator[str]:
    known = {typed.get(f"lines/{number}/sku"): title for number, title in titles(typed).items()}
    for line in stated.lines or ():
        sku, quantity = (line["sku"], line["quantity"]) if isinstance(line, dict) else (line.sku, line.quantity)
        yield LINE.in_(language).format(article=known.get(sku, sku), quantity=quantity)
    if stated.goods:
        yield stated.goods
