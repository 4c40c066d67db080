"""Refusals about carts."""

from app.core.errors import ShopError
from app.core.language import Text


class CartOrdered(ShopError):
    title = Text("Количката вече е поръчана", "Cart already ordered")
    advice = Text("Започнете нова количка.", "Start a new cart.")


class CartEmpty(ShopError):
    title = Text("Количката е празна", "Cart is empty")
    advice = Text("Добавете продукт и опитайте отново.", "Add a product and try again.")


class CartFull(ShopError):
    title = Text("Твърде много различни продукти", "Too many different products")
    advice = Text("Най-много {most} реда в една количка.", "At most {most} lines in one cart.")
    example = {"most": 50}  # noqa: RUF012 - read only


class ProductUnknown(ShopError):
    status = 404
    title = Text("Няма такъв продукт", "No such product")
    advice = Text("Проверете кода {sku}.", "Check the code {sku}.")
    example = {"sku": "ION-H-SOFT-2"}  # noqa: RUF012 - read only
