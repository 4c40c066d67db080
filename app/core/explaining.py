"""What is wrong with a field of a request, in words that say what to do."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from app.core.language import Language, Text

CHOICE = re.compile(r"'([^']*)'|(?<![\w'])(\d+)(?![\w'])")
"""How pydantic names a choice: in quotes, within an enumeration's member too; numbers bare."""
SHAPES: dict[str, Text] = {}
CHOICES: dict[type[StrEnum], Mapping[Any, Text]] = {}
"""What the values of a type are called, where a person may be shown them; filled by whoever builds the app."""
Explain = Callable[[Mapping[str, Any]], Text]


def shape(pattern: str, words: Text) -> str:
    """Give a field its pattern, and whoever breaks it the words for what it asks."""
    SHAPES[pattern] = words
    return pattern


def _pattern(context: Mapping[str, Any]) -> Text:
    return SHAPES[context["pattern"]]


def _at_least(context: Mapping[str, Any]) -> Text:
    count = context["min_length"]
    if count == 1:
        return Text("Попълнете това поле", "Fill in this field")
    return Text(f"Най-малко {count} знака", f"At least {count} characters")


def _at_most(context: Mapping[str, Any]) -> Text:
    count = context["max_length"]
    return Text(
        f"Най-много {count} {'знак' if count == 1 else 'знака'}",
        f"At most {count} {'character' if count == 1 else 'characters'}",
    )


def _too_short(context: Mapping[str, Any]) -> Text:
    """Speak of a list, or of a secret, whose length pydantic counts as it counts a list's."""
    if context["field_type"] != "List":
        return _at_least(context)
    count = context["min_length"]
    return Text("Изберете поне едно", "Choose at least one") if count == 1 else _few(f"{count}", "поне", "at least")


def _too_long(context: Mapping[str, Any]) -> Text:
    if context["field_type"] != "List":
        return _at_most(context)
    count = context["max_length"]
    return Text("Изберете само едно", "Choose only one") if count == 1 else _few(f"{count}", "най-много", "at most")


def _few(count: str, bg: str, en: str) -> Text:
    return Text(f"Посочете {bg} {count}", f"Give {en} {count}")


def _one_of(expected: str) -> Text:
    named = [quoted or number for quoted, number in CHOICE.findall(expected)]
    kinds = [words for words in CHOICES.values() if {*named} <= {value.value for value in words}]
    if not named or not kinds:
        listed = ", ".join(named)
        return Text(f"Изберете едно от: {listed}", f"Choose one of: {listed}")
    # Of several types with these values it is the one that has the fewest beside them.
    chosen = [text for value, text in min(kinds, key=len).items() if value.value in named]
    return Text(
        _choose("Изберете", "или", "„“", [text.bg for text in chosen]),
        _choose("Choose", "or", "“”", [text.en for text in chosen]),
    )


def _choose(verb: str, between: str, quotes: str, names: list[str]) -> str:
    *most, last = [f"{quotes[0]}{name}{quotes[1]}" for name in names]
    return f"{verb} {', '.join(most)} {between} {last}" if most else f"{verb} {last}"


ORDER_NUMBER = shape("^[0-9]{9}$", Text("Номерът на поръчката е девет цифри", "An order's number is nine digits"))
MONTH = shape("^20[0-9]{2}-(0[1-9]|1[0-2])$", Text("Напишете месец като 2026-11", "Write a month as 2026-11"))
REQUEST_KEY = shape(
    "^[!-~]{1,255}$",
    Text("Ключът е до 255 латински букви, цифри и знаци, без интервали", "Up to 255 signs of ASCII, without spaces"),
)
VERSION = shape(
    "^[0-9A-Za-z.-]{1,32}$",
    Text("Напишете версията като 2026-11-22", "Write a version as 2026-11-22"),
)
NEEDED = Text("Попълнете това поле", "Fill in this field")
WHOLE = Text("Трябва да е цяло число", "Must be a whole number")
YES_OR_NO = Text("Изберете „да“ или „не“", "Choose yes or no")
LISTED = Text("Трябва да е списък", "Must be a list")
OBJECT = Text("Трябва да е обект", "Must be an object")
IDENTIFIER = Text("Номерът не е цял или е сгрешен: копирайте го отново", "The number is cut or mistyped: copy it again")
DAY = Text("Напишете дата като 2026-11-20", "Write a date as 2026-11-20")
MOMENT = Text("Напишете дата, час и зона като 2026-11-23T09:30:00+02:00", "Write a moment as 2026-11-23T09:30:00+02:00")

TEXTS: dict[str, Text | Explain] = {
    "missing": NEEDED,
    "extra_forbidden": Text("Непознато поле; не се приема", "Unknown field; it is not accepted"),
    "string_type": Text("Трябва да е текст", "Must be text"),
    "string_sub_type": Text("Трябва да е текст", "Must be text"),
    "string_too_short": _at_least,
    "string_too_long": _at_most,
    "string_pattern_mismatch": _pattern,
    "string_unicode": Text("Текстът е повреден: напишете го отново", "The text is damaged: type it again"),
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": Text("Твърде голямо число", "Too large a number"),
    "int_from_float": WHOLE,
    "finite_number": WHOLE,
    "bool_type": YES_OR_NO,
    "bool_parsing": YES_OR_NO,
    "greater_than_equal": lambda context: Text(f"Най-малко {context['ge']}", f"At least {context['ge']}"),
    "less_than_equal": lambda context: Text(f"Най-много {context['le']}", f"At most {context['le']}"),
    "list_type": LISTED,
    "too_long": _too_long,
    "too_short": _too_short,
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
    "dict_type": OBJECT,
    "bytes_type": OBJECT,
    "enum": lambda context: _one_of(context["expected"]),
    "literal_error": lambda context: _one_of(context["expected"]),
    "union_tag_invalid": lambda context: _one_of(context["expected_tags"]),
    "union_tag_not_found": NEEDED,
    "uuid_parsing": IDENTIFIER,
    "uuid_type": IDENTIFIER,
    "date_type": DAY,
    "date_parsing": DAY,
    "date_from_datetime_parsing": DAY,
    "date_from_datetime_inexact": DAY,
    "datetime_type": MOMENT,
    "datetime_parsing": MOMENT,
    "datetime_from_date_parsing": MOMENT,
    "datetime_object_invalid": MOMENT,
    "timezone_aware": MOMENT,
}
"""What pydantic finds, by its error types; what it says itself repeats what was sent, or speaks of its inner life."""

BULGARIAN = {
    "unprintable": "Съдържа знаци, които не могат да се отпечатат",
    "turned": "Съдържа невидими знаци, които обръщат посоката на текста; напишете го наново",
    "piled": "Съдържа буква с твърде много знаци върху нея",
    "blank": "Не може да е празно",
    "address_in_text": "Без адреси на сайтове и имейли: без ://, www. и @",
    "host_in_name": "Тук се пише име, а не адрес на сайт; след точка оставете интервал",
    "not_by_post": "Само за получено по пощата",
    "after_receipt": "Не след деня на получаването",
    "email": "Не е адрес на електронна поща",
    "phone": "Не е телефонен номер",
    "eik": "Не е ЕИК: контролната цифра не съвпада",
    "vat_number": "Не е номер по ДДС на българско дружество",
    "vat_number_of_another": "Номерът по ДДС не е на дружеството с този ЕИК",
    "iban": "Не е номер на банкова сметка: дължината или контролните цифри не съвпадат",
    "bic": "Не е банков код: напишете осемте или единадесетте му букви и цифри",
    "amount": "Напишете сума над 0.00 и най-много 1000000.00",
    "place_missing": "Посочете улица, блок или бележка, по която да Ви намерят",
    "date": "Не е дата като 2026-11-20",
    "moment": MOMENT.bg,
    "ends_before_it_began": "Краят не може да е преди началото",
    "network": "Не е адрес в мрежата и не е мрежа като 192.0.2.0/24",
    "authority_ground": "На орган се предоставят данни само по законово задължение",
    "order_or_email": "Посочете или номера на поръчката, или адрес на електронна поща",
    "address_or_token": "Посочете или адрес на електронна поща, или кода от писмото, не и двете",
    "exactly_one": "Посочете или адрес на електронна поща, или телефонен номер",
    "one_of": "Посочете или количество, или сума",
    "twice": "Посочете всеки ред само веднъж",
    "means": "Посочете начина само на върнатото, и непременно за него",
    "processor": "Обработващ се посочва само за нарушение, за което той е съобщил",
    "not_the_button": "Изборите не са тези на натиснатия бутон: изберете отново",
    "empty": "Посочете какво да се търси",
    "of_another_kind": "Поле за друг вид искане",
    "against_missing": "Посочете срещу какво възразявате",
    "text_missing": "Посочете какво искате",
    "nothing_said": "Напишете нещо",
}
"""What the shop itself finds; the English stands where it is raised."""


def explain(error: Mapping[str, Any], language: Language) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if text := TEXTS.get(kind):
        return (text if isinstance(text, Text) else text(context)).in_(language)
    return BULGARIAN[kind] if language is Language.BG and kind in BULGARIAN else str(error["msg"])
