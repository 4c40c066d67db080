"""Refusals of the checkout."""

from app.checkout.schemas import QuoteView
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
        "С този ключ тази количка е поръчана с други данни. За нова поръчка започнете нова количка.",
        "With this key this cart was ordered with other data. For a new order start a new cart.",
    )


class OrderInProgress(ShopError):
    title = Text("Поръчката се обработва", "Order in progress")
    advice = Text("Повторете същата заявка след секунда.", "Repeat the same request in a second.")
    headers = {"Retry-After": "1"}  # noqa: RUF012 - read only


class ProductWithdrawn(ShopError):
    title = Text("Продукт вече не се продава", "Product no longer sold")
    advice = Text("Махнете {sku} от количката.", "Take {sku} out of the cart.")
    example = {"sku": "ION-H-SOFT-2"}  # noqa: RUF012 - read only


class PaymentMethodUnavailable(ShopError):
    title = Text("Този начин на плащане не се предлага", "Payment method not offered")
    advice = Text("Изберете наложен платеж.", "Choose cash on delivery.")


class TotalAboveExpected(ShopError):
    """A price not shown does not bind (ЗЗП чл. 49): `quote` is what the order would come to now."""

    title = Text("Общата сума е по-висока от очакваната", "Total above the expected one")
    advice = Text(
        "Поръчката вече струва {total} €. Покажете новата сума и поискайте ново съгласие.",
        "The order now costs {total} €. Show the new total and ask for consent again.",
    )

    example = {  # noqa: RUF012 - read only
        "total": "139.90",
        "quote": {
            "lines": [
                {
                    "kind": "goods",
                    "sku": "ION-CLASSIC-WHITE",
                    "name": "Четка",
                    "quantity": 1,
                    "unit_price": "139.90",
                    "discount": "0.00",
                    "total": "139.90",
                    "vat_rate": 20,
                    "vat": "23.32",
                    "slug": "ionna-chetka",
                    "availability": "in_stock",
                }
            ],
            "totals": {
                "goods": "139.90",
                "discount": "0.00",
                "delivery": "0.00",
                "vat_by_rate": [{"rate": 20, "base": "116.58", "vat": "23.32"}],
                "vat": "23.32",
                "total": "139.90",
                "currency": "EUR",
            },
            "available": True,
        },
    }

    def __init__(self, quote: QuoteView) -> None:
        super().__init__(total=str(quote.totals.total), quote=quote.model_dump(mode="json"))


class OrderTooLarge(ShopError):
    """More than an order so paid may hold: the courier has a ceiling of his own, and nobody may take all there is."""

    title = Text("Твърде голяма поръчка за този начин на плащане", "Order too large for this payment method")
    advice = Text(
        "Една поръчка може да е най-много {most_pieces} броя, {most_total} € и {most_kilograms} кг. Намалете"
        " количествата, изберете друг начин на плащане или ни пишете.",
        "One order may be {most_pieces} pieces, {most_total} € and {most_kilograms} kg at most. Lower the quantities,"
        " choose another payment method, or write to us.",
    )
    example = {  # noqa: RUF012 - read only
        "payment_method": "cash_on_delivery",
        "most_pieces": 40,
        "most_total": "2500.00",
        "most_kilograms": 32,
    }


class TooManyOpenOrders(ShopError):
    """So many orders came from one place that nobody has proved to mean."""

    title = Text("Твърде много непотвърдени поръчки", "Too many unproved orders")
    advice = Text(
        "Оттук вече има много отворени поръчки. Влезте в профила си, за да поръчате още, или ни пишете.",
        "Many orders from here are still open. Log in to order more, or write to us.",
    )
