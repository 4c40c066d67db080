"""Refusals about withdrawals; none of them refuses a statement for what it says."""

from app.core.errors import ShopError
from app.core.language import Text


class WithdrawalKeyReused(ShopError):
    status = 422
    title = Text("Ключът вече е използван", "Key already used")
    advice = Text(
        "С този ключ вече е подадено друго заявление. За ново заявление изпратете нов ключ.",
        "Another statement was made with this key. Send a new key for a new statement.",
    )
