"""Promises about what is collected, and what never is."""

from typing import Any

from app.settings import Settings
from tests.contract import contract
from tests.fulfilment import story
from tests.shop import Shop
from tests.test_personal_columns import every_table, sensitive_columns

FILES = {"multipart/form-data", "application/octet-stream"}
# Whoever acts for another attaches the power of attorney (S77): the one file that anybody may be asked for.
ATTACHING = "attach"


async def test_s01_the_controller_is_named_to_anybody(shop: Shop) -> None:
    answer = await shop.http.get("/v1/shop")
    assert answer.status_code == 200
    assert answer.json() == {
        "name": "„Комплийт Дентал Солюшънс“ ЕООД",
        "eik": "204235072",
        "vat_number": "BG204235072",
        "address": "гр. София, п.к. 1618, р-н Витоша, ул. „Българска легия“ № 2",
        "email": "office@completedental.solutions",
        "phone": None,
        "responsible_person": "Манол Ивчев",
    }
    [said] = [field for name, field in Settings.model_fields.items() if name == "seller_responsible_person"]
    assert said.default == "Манол Ивчев"


def test_s19_no_column_is_made_for_anybodys_identity() -> None:
    assert list(sensitive_columns(every_table())) == []


def test_s20_no_photo_or_other_file_is_asked_for() -> None:
    taking = {
        operation["operationId"]
        for operation in operations()
        if FILES & operation.get("requestBody", {}).get("content", {}).keys()
    }
    assert {name for name in taking if ATTACHING not in name} == set()


def operations() -> list[dict[str, Any]]:
    return [operation for path in contract()["paths"].values() for operation in path.values()]


async def test_c01_an_order_collects_only_what_is_stated_and_says_why(shop: Shop) -> None:
    """Minimisation, lawfulness, transparency, security: as S28 to S31, on one order."""
    await shop.ordered()
    stated = (await shop.http.get("/v1/declarations/order")).json()["text"]
    for category in ("име и фамилия", "електронна поща", "адрес за доставка", "телефон"):
        assert category in stated
    [(ip_columns,)] = await shop.rows(
        "SELECT count(*) FROM information_schema.columns WHERE table_name = 'orders' AND column_name ~ 'ip|agent'"
    )
    assert ip_columns == 0


async def test_c04_letters_about_an_order_need_no_consent_and_are_no_marketing(shop: Shop) -> None:
    await shop.ordered()
    await shop.run_jobs()
    assert await shop.count("consents") == 0
    [letter] = story.letters(shop, "")
    assert letter["List-Unsubscribe"] is None
    assert letter["List-Unsubscribe-Post"] is None
