"""Refusals of the month's files."""

from app.core.errors import ShopError
from app.core.language import Text


class NothingDelivered(ShopError):
    """The schema of the audit file has room for no empty month (fact sheet 3.4.7)."""

    title = Text("Няма доставени поръчки за този месец", "No order was delivered in this month")
    advice = Text(
        "Файлът по Приложение № 38 не може да бъде празен. Попитайте счетоводителя дали се подава нещо.",
        "The file of Annex 38 cannot be empty. Ask the accountant whether anything is to be filed.",
    )


class ShopNotRegistered(ShopError):
    title = Text("Магазинът няма номер в НАП", "The shop has no number of the NRA")
    advice = Text(
        "Файлът се подава от електронен магазин, вписан в НАП: задайте SHOP_NRA_SHOP_NUMBER.",
        "The file is filed by a shop in the register of the NRA: set SHOP_NRA_SHOP_NUMBER.",
    )


class NoVatLedger(ShopError):
    title = Text("Продавачът не е регистриран по ЗДДС", "The seller is not registered for VAT")
    advice = Text("Дневник за продажбите не се води.", "There is no ledger of sales.")


class ZeroRateGroundMissing(ShopError):
    """Which column of the ledger it stands in depends on the ground (fact sheet §4)."""

    title = Text("Няма основание за продажбите с 0 %: SHOP_ZERO_RATE_GROUND", "Sales at 0 % without their ground")
    advice = Text(
        "Има продажби без фактура с 0 %: задайте SHOP_ZERO_RATE_GROUND, за да има колона за тях в дневника.",
        "There are sales without invoice at 0 %: set SHOP_ZERO_RATE_GROUND, so that the ledger has a column for them.",
    )


class MonthNotOver(ShopError):
    title = Text("Месецът не е приключил", "The month is not over")
    advice = Text("Затваря се след {last}, по българско време.", "It can be closed after {last}, Bulgarian time.")
    example = {"last": "2026-11-30"}  # noqa: RUF012 - read only


class MonthClosed(ShopError):
    title = Text("Месецът вече е затворен", "The month is closed already")
    advice = Text("Последният затворен месец е {last}.", "The last closed month is {last}.")
    example = {"last": "2026-10"}  # noqa: RUF012 - read only
