"""The register of recipients, as anybody may read it."""

from typing import Any

from httpx import AsyncClient


def brief(recipient: dict[str, Any]) -> tuple[str, str, str, str | None]:
    return recipient["key"], recipient["kind"], recipient["title"], recipient["legal_name"]


async def test_the_recipients_are_listed_with_role_and_purpose(client: AsyncClient) -> None:
    answer = await client.get("/v1/privacy/recipients")

    recipients = answer.json()["items"]
    assert [brief(recipient) for recipient in recipients] == [
        ("accountant", "processor", "Външна счетоводна къща", None),
        ("courier", "controller", "Куриерска фирма, която изтегля готовите пратки", None),
        ("icash", "processor", "Доставчик на софтуера I-Cash", "„Онлайн Сървисиз“ ЕООД"),
        ("mail", "processor", "Доставчик на пощенския сървър", None),
        ("speedy", "controller", "Куриерска фирма Спиди", None),
    ]
    assert [recipient["purpose"] for recipient in recipients] == [
        "Осчетоводяване на извършените продажби и издаване на фактури",
        "Доставка на закупените продукти до посочения адрес",
        "Управление на поръчките и издаване на касова бележка или фактура",
        "Пренасяне на писмата за поръчката, профила и правата Ви до Вашата електронна поща",
        "Доставка на закупените продукти до посочения адрес",
    ]
    assert recipients[2]["contact"] == "https://icash.bg/"
    assert answer.headers["Cache-Control"] == "public, max-age=60"


async def test_the_register_speaks_english_too(client: AsyncClient) -> None:
    answer = await client.get("/v1/privacy/recipients", headers={"Accept-Language": "en"})

    icash = answer.json()["items"][2]
    assert (icash["title"], icash["purpose"]) == (
        "Provider of the software I-Cash",
        "Managing the orders and issuing a cash receipt or an invoice",
    )
    assert answer.headers["Content-Language"] == "en"
