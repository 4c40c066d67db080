"""What the catalogue refuses."""

from collections.abc import Sequence
from typing import TypedDict

from app.core.errors import NotFound, ShopError
from app.core.language import Text

MOST_TOLD = 10
"""Beyond that the count of what is in stock is nobody's business."""


class Left(TypedDict):
    """How many of an article can still be had."""

    sku: str
    available: int


def told(items: Sequence[Left]) -> list[Left]:
    return [Left(sku=item["sku"], available=min(item["available"], MOST_TOLD)) for item in items]


class ProductNotFound(NotFound):
    title = Text("Няма такъв продукт", "No such product")
    advice = Text("Проверете адреса или потърсете в списъка.", "Check the address or search the list.")


class VariantNotFound(NotFound):
    title = Text("Няма такъв артикул", "No such article")
    advice = Text("Проверете кода на артикула (SKU).", "Check the article's code (SKU).")


class HeldUnpaid(ShopError):
    """Enough is there, but orders that are neither paid nor confirmed hold their share; `items` says what they may."""

    title = Text("Твърде много чака плащане", "Too much is waiting for payment")
    advice = Text(
        "Намалете количествата до посочените в items, изберете наложен платеж или опитайте по-късно.",
        "Lower the quantities to those in items, choose cash on delivery, or try again later.",
    )

    def __init__(self, items: Sequence[Left]) -> None:
        super().__init__(items=told(items))


class OutOfStock(ShopError):
    """Not all that was wanted is there; `items` lists what is short, `sku` and `available` name the first of it."""

    title = Text("Недостатъчна наличност", "Not enough in stock")
    advice = Text(
        "Намалете количествата до посочените в items или премахнете изчерпаните артикули.",
        "Lower the quantities to those in items, or remove what is sold out.",
    )

    def __init__(self, items: Sequence[Left]) -> None:
        left = told(items)
        super().__init__(items=left, **left[0])
