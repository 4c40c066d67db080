"""Refusals of the checkout."""

from app.core.errors import ShopError
from app.core.language import Text


class IdempotencyKeyMissing(ShopError):
    status = 400
    title = Text("Липсва Idempotency-Key", "Idempotency-Key missing")
    advice = Text(
        "Изпратете заглавие Idempotency-Key: 1–255 печатни знака, нови за всяка поръчка, същите при повторение.",
        "Send a header Idempotency-Key: 1–255 printable characters, new for each order, the same for a repetition.",
    )


class IdempotencyKeyReused(ShopError):
    status = 422
    title = Text("Idempotency-Key вече е използван", "Idempotency-Key already used")
    advice = Text(
        "С този ключ вече има друга поръчка. За нова поръчка изпратете нов ключ.",
        "Another order was placed with this key. Send a new key for a new order.",
    )


class OrderInProgress(ShopError):
    title = Text("Поръчката се обработва", "Order in progress")
    advice = Text("Повторете същата заявка след секунда.", "Repeat the same request in a second.")
    headers = {"Retry-After": "1"}  # noqa: RUF012 - read only


class ProductWithdrawn(ShopError):
    title = Text("Продукт вече не се продава", "Product no longer sold")
    advice = Text("Махнете {sku} от количката.", "Take {sku} out of the cart.")


class PaymentMethodUnavailable(ShopError):
    title = Text("Този начин на плащане не се предлага", "Payment method not offered")
    advice = Text("Изберете наложен платеж.", "Choose cash on delivery.")
