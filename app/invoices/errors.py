"""Refusals of documents."""

from app.core.errors import ShopError
from app.core.language import Text


class CreditExceedsInvoice(ShopError):
    status = 422
    title = Text("Известието надхвърля фактурата", "The note exceeds the invoice")
    advice = Text(
        "По този ред на фактурата остават {left} €. Посочете ред от нея и не повече от остатъка.",
        "{left} € are left of this line of the invoice. Name a line of it, and no more than is left.",
    )


class NothingToCorrect(ShopError):
    title = Text("По поръчката няма действаща фактура", "The order has no invoice in force")
    advice = Text(
        "Известие се издава само към фактура. Без фактура отбележете само върнатата сума.",
        "A note corrects an invoice. Where there is none, record the refund alone.",
    )


class AlreadyAnnulled(ShopError):
    title = Text("Документът вече е анулиран", "The document is annulled already")
    advice = Text("Прочетете документите на поръчката.", "Read the documents of the order.")


class NotAnnullable(ShopError):
    title = Text("Този документ не се анулира", "This document is not annulled")
    advice = Text(
        "Анулират се фактури и известия. Фактура с известия се анулира след тях.",
        "Invoices and notes are annulled; an invoice that has notes, after them.",
    )


class RequestKeyReused(ShopError):
    status = 422
    title = Text("Idempotency-Key вече е използван", "Idempotency-Key already used")
    advice = Text(
        "С този ключ вече е издаден друг документ. За нов документ изпратете нов ключ.",
        "Another document was issued with this key. Send a new key for a new document.",
    )
