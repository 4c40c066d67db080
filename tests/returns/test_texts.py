"""What the law wants said: which words, where, in both languages, and as the settings have it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.core.language import Language, Text
from app.core.money import Money
from app.mail.writing import NO_BREAK
from app.returns.texts import wording
from app.returns.texts.labels import LABELS, LabelKey
from app.returns.texts.schemas import LABELS_OF, TEXTS_OF, Place
from app.returns.texts.terms import ReturnCost, write_labels, write_texts
from app.returns.texts.wording import TextKey
from tests.fulfilment import story
from tests.returns.terms import TERMS
from tests.shop import Shop, a_wish

APP = Path(__file__).parents[2] / "app"
TODAY = date(2026, 11, 23)
CYRILLIC = re.compile("[а-я]", re.IGNORECASE)
OF_THE_SHOP_ALONE = {TextKey.DELIVERY, TextKey.PAYMENT, TextKey.MODEL_FORM, TextKey.SUPERVISION}
"""What a mail has for its own order, or not at all."""
KEPT_WORDS = {
    LabelKey.ORDER_BUTTON: Text("Поръчка със задължение за плащане", "Order with obligation to pay"),
    LabelKey.WITHDRAW: Text("Откажете се от договора тук", "Withdraw from contract here"),
    LabelKey.CONFIRM_WITHDRAWAL: Text("Потвърждавам отказа", "Confirm withdrawal"),
}


def sentences() -> Iterator[Text]:
    yield from LABELS.values()
    yield from (each for each in vars(wording).values() if isinstance(each, Text))


async def read(shop: Shop, place: Place) -> Any:
    answer = await shop.http.get("/v1/texts", params={"place": place})
    assert answer.status_code == 200
    return answer.json()


def test_the_buttons_have_the_laws_own_words() -> None:
    assert {key: LABELS[key] for key in KEPT_WORDS} == KEPT_WORDS


@pytest.mark.parametrize("place", Place)
async def test_a_place_has_its_words_in_both_languages_in_order(shop: Shop, place: Place) -> None:
    told = await read(shop, place)

    assert told["place"] == place
    assert list(told["labels"]) == [*LABELS_OF[place]]
    assert list(told["texts"]) == [*TEXTS_OF[place]]
    for each in (*told["labels"].values(), *told["texts"].values()):
        assert list(each) == ["bg", "en"]
        assert all(each.values())
        assert CYRILLIC.search(each["bg"])
        assert not re.search(r"[{}]", each["bg"] + each["en"])
    assert told["addresses"] == {
        "withdrawal": f"{pages(shop)}/withdrawal",
        "order": f"{pages(shop)}/orders/{{number}}",
        "problems": f"{pages(shop)}/problems",
    }


def pages(shop: Shop) -> str:
    return shop.app.state.contract_terms.withdrawal_url.removesuffix("/withdrawal")  # type: ignore[no-any-return]


async def test_before_the_contract_all_of_the_withdrawal_is_said(shop: Shop) -> None:
    """Чл. 47, ал. 1, т. 8 ЗЗП: conditions, term, procedure, form, who pays the return, where the function is."""
    told = await read(shop, Place.CHECKOUT)
    texts = {key: text["bg"] for key, text in told["texts"].items()}

    assert told["labels"]["order_button"] == {
        "bg": "Поръчка със задължение за плащане",
        "en": "Order with obligation to pay",
    }
    assert "в срок от 14 дни, без да посочвате причина" in texts["withdrawal_right"]
    assert (
        f"„Откажете се от договора тук“ в писмата ни за поръчката и на нейната страница или направо на {pages(shop)}/"
        in (texts["withdrawal_procedure"])
    )
    assert "„Потвърждавам отказа“" in texts["withdrawal_procedure"]
    assert "най-късно 14 дни след като ни уведомите" in texts["refund"]
    assert texts["return_cost"] == "При отказ от договора преките разходи за връщане на стоката са за Ваша сметка."
    assert texts["model_form"].splitlines()[2] == "Поръчка № ……, поръчано на ……, получено на ……"
    assert texts["delivery"] == (
        "Доставяме само в България, със „Спиди“, до адрес, офис или автомат. "
        "Доставката струва 4,99\N{NO-BREAK SPACE}€; "
        "за стоки на стойност от 60,00\N{NO-BREAK SPACE}€ нагоре е безплатна."
    )
    assert texts["seller"].splitlines()[:2] == ["„Комплийт Дентал Солюшънс“ ЕООД, ЕИК 204235072", "ДДС № BG204235072"]


@pytest.mark.parametrize("language", Language)
async def test_the_mail_that_confirms_the_order_says_the_same(shop: Shop, language: Language) -> None:
    before = await read(shop, Place.CHECKOUT)
    wish = {**a_wish(await shop.cart()), "payment_method": "cash_on_delivery"}
    placed = await shop.place(wish, **{"Accept-Language": language})
    assert placed.status_code == 201
    await shop.run_jobs()
    [letter] = story.letters(shop, placed.json()["number"])
    plain = letter.get_body(("plain",))
    assert plain is not None
    said = plain.get_content().replace("\r\n", "\n").replace(NO_BREAK, " ")

    for key in {*before["texts"]} - OF_THE_SHOP_ALONE:
        assert before["texts"][key][language].replace(NO_BREAK, " ") in said, key


async def test_the_answer_is_the_same_whoever_asks_and_is_asked_for_again_by_its_tag(shop: Shop) -> None:
    first = await shop.http.get("/v1/texts?place=order")
    english = await shop.http.get("/v1/texts?place=order", headers={"Accept-Language": "en"})
    again = await shop.http.get("/v1/texts?place=order", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=120"
    assert first.headers["content-language"] == "bg, en"
    assert "accept-language" not in first.headers.get("vary", "").casefold()
    assert (english.content, english.headers["etag"]) == (first.content, first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("query", "pointer"), [("place=nowhere", "?place"), ("", "?place"), ("place=order&language=bg", "?language")]
)
async def test_a_place_that_is_none_is_named(shop: Shop, query: str, pointer: str) -> None:
    refused = await shop.http.get(f"/v1/texts?{query}")

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


def test_who_pays_the_return_is_a_setting() -> None:
    of_shop = replace(TERMS, return_cost=ReturnCost.SHOP)

    assert [write_texts(of_shop, each, on=TODAY)[TextKey.RETURN_COST] for each in Language] == [
        "При отказ от договора разходите за връщане на стоката са за наша сметка.",
        "If you withdraw from the contract, we bear the cost of returning the goods.",
    ]


@pytest.mark.parametrize(("on", "extended"), [(date(2026, 7, 30), False), (date(2026, 7, 31), True)])
def test_from_its_day_on_repair_extends_the_guarantee(on: date, extended: bool) -> None:  # noqa: FBT001
    guarantee = write_texts(replace(TERMS, guarantee_years=3), Language.BG, on=on)[TextKey.GUARANTEE]

    assert "3 години от доставката" in guarantee
    assert guarantee.endswith("Ако изберете ремонт, гаранцията се удължава с 12 месеца.") is extended


def test_only_the_ways_of_paying_that_are_offered_are_named() -> None:
    by_cash = replace(TERMS, accepted=TERMS.accepted[:1], delivery_price=Money.ZERO)
    texts = write_texts(by_cash, Language.EN, on=TODAY)

    assert texts[TextKey.PAYMENT] == (
        "Cash on delivery: you pay the courier when you receive the parcel. For orders of up to €2,500.00 and 32 kg."
    )
    assert texts[TextKey.DELIVERY].endswith(" Delivery is free.")
    assert (
        "Банков превод: превеждате сумата до 5 работни дни"
        in write_texts(TERMS, Language.BG, on=TODAY)[TextKey.PAYMENT]
    )


def test_the_seal_never_refuses_a_statement() -> None:
    seal = write_texts(TERMS, Language.BG, on=TODAY)[TextKey.HYGIENE_SEAL]

    assert "единствено за запечатана стока" in seal
    assert "само ако сте я разпечатали след доставката" in seal
    assert "Приемаме всяко заявление" in seal


def test_both_languages_ask_for_the_same_values() -> None:
    for each in sentences():
        assert set(re.findall(r"{(\w+)}", each.bg)) == set(re.findall(r"{(\w+)}", each.en)), each.bg


def test_everything_that_is_written_is_shown_somewhere() -> None:
    assert (
        {key for shown in TEXTS_OF.values() for key in shown}
        == {*TextKey}
        == {*write_texts(TERMS, Language.BG, on=TODAY)}
    )
    assert {key for shown in LABELS_OF.values() for key in shown} == {*LabelKey} == {*write_labels(TERMS, Language.BG)}


def runs(text: str) -> set[tuple[str, ...]]:
    """Cut a text into what eight words in a row say."""
    words = re.findall(r"[\w{}-]+", text.casefold())
    return {tuple(words[start : start + 8]) for start in range(len(words) - 7)}


def written_elsewhere() -> Iterator[tuple[Path, str]]:
    for file in (*APP.rglob("*.txt"), *APP.rglob("*.html")):
        yield file, file.read_text()
    for file in APP.rglob("*.py"):
        if "texts" not in file.parts:
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield file, node.value


def test_no_sentence_of_the_law_is_written_twice() -> None:
    here = {run for each in sentences() for text in (each.bg, each.en) for run in runs(text)}

    twice = {
        (str(file.relative_to(APP)), " ".join(run)) for file, text in written_elsewhere() for run in runs(text) & here
    }
    assert twice == set()
