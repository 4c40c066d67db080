"""Refusals about withdrawals; none of them refuses a statement for what it says."""

from app.core.errors import ShopError
from app.core.language import Text
from app.returns.models import WithdrawalOutcome

OUTCOMES = {
    WithdrawalOutcome.REFUNDED.value: Text("парите са върнати", "the money was refunded"),
    WithdrawalOutcome.NOTHING_OWED.value: Text("нищо не се дължи", "nothing is owed"),
    WithdrawalOutcome.NOT_A_WITHDRAWAL.value: Text("не е отказ от договор", "it is no withdrawal"),
}


class WithdrawalKeyReused(ShopError):
    status = 422
    title = Text("Ключът вече е използван", "Key already used")
    advice = Text(
        "С този ключ вече е подадено друго заявление. За ново заявление изпратете нов ключ.",
        "Another statement was made with this key. Send a new key for a new statement.",
    )


class WithdrawalChanged(ShopError):
    title = Text("Заявлението междувременно е променено", "Statement changed meanwhile")
    advice = Text(
        "Заявлението вече е към поръчка {order_number}. Прегледайте го отново.",
        "The statement is of order {order_number} by now. Look at it again.",
    )
    example = {"order_number": "100000001"}  # noqa: RUF012 - read only


class WithdrawalUnmatched(ShopError):
    title = Text("Не е намерена поръчка", "No order found yet")
    advice = Text("Първо посочете поръчката, за която е заявлението.", "First say which order the statement is of.")


class WithdrawalSettled(ShopError):
    title = Text("Заявлението вече е уредено", "Statement already settled")
    advice = Text("Уредено е: {outcome}. Не е променено нищо.", "It was settled: {outcome}. Nothing was changed.")
    example = {"outcome": "refunded"}  # noqa: RUF012 - read only
    words = {"outcome": OUTCOMES}  # noqa: RUF012 - read only


class WithdrawerChecked(ShopError):
    title = Text("Вече е известно чия е поръчката", "Already known whose order it is")
    advice = Text("Не е нужна друга проверка.", "No other check is needed.")


class WithdrawerUnchecked(ShopError):
    """Whose order it is, is checked before money moves (fact sheet 11.1)."""

    title = Text("Не е проверено кой се отказва", "Not checked who withdraws")
    advice = Text(
        "За поръчката има заявление за отказ № {reference}. Проверете дали е от купувача и отбележете как.",
        "Of this order there is statement of withdrawal no. {reference}. Check that it is the buyer's, and record how.",
    )
    example = {"reference": "10001"}  # noqa: RUF012 - read only


class RefundMissing(ShopError):
    title = Text("Няма вписано връщане на пари", "No refund on record")
    advice = Text(
        "След заявлението не е вписана върната сума по поръчката. Първо я впишете.",
        "Since the statement no refund of the order is on record. First record it.",
    )


class RefundIncomplete(ShopError):
    title = Text("Не е върнато всичко", "Not all is back")
    advice = Text(
        "По поръчката остават {left} EUR. Върнете ги и ги впишете или напишете защо не се връщат.",
        "Of the order {left} EUR are left. Refund and record them, or say why they do not go back.",
    )
    example = {"left": "12.90"}  # noqa: RUF012 - read only


class WithdrawalOpen(ShopError):
    title = Text("Заявлението не е уредено", "Statement not settled")
    advice = Text("По него се работи. Не е променено нищо.", "It is under way. Nothing was changed.")


class ReceiptWaiting(ShopError):
    title = Text("Разписката вече е на път", "Receipt already on its way")
    advice = Text("Тя още не е изпратена на този адрес. Изчакайте.", "It is not sent to this address yet. Wait for it.")


class StatedInFuture(ShopError):
    status = 422
    title = Text("Моментът е в бъдещето", "The moment is in the future")
    advice = Text("Посочете кога е получено заявлението.", "Say when the statement was received.")
