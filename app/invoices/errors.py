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
    example = {"left": "12.90"}  # noqa: RUF012 - read only


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
        "Анулират се фактури и известия на магазина. Фактура с известия се анулира след тях. "
        "Издадено в I-Cash се поправя там.",
        "Invoices and notes of the shop are annulled; an invoice that has notes, after them. "
        "What I-Cash issued is corrected there.",
    )


class ReplacementMissing(ShopError):
    title = Text("Продажбата е в сила", "The sale stands")
    advice = Text(
        "Без фактура няма да бъде отчетена. Изпратете и „replacement“, или кредитирайте фактурата с известие.",
        "Without an invoice it would not be accounted for. Send `replacement` too, or credit the invoice by a note.",
    )


class SeriesAhead(ShopError):
    """A clock that ran ahead has dated a document: a number now would break the order of the dates."""

    title = Text("Последният документ от поредицата е с бъдеща дата", "The last document of the series is dated ahead")
    advice = Text(
        "Часовникът на сървъра е избързал. От {dated} се издава отново; дотогава нищо не се номерира.",
        "The server's clock ran ahead. From {dated} on documents are issued again; until then nothing is numbered.",
    )
    example = {"dated": "2026-12-30"}  # noqa: RUF012 - read only


class GroundMismatch(ValueError):
    """The rates, the seller's registration and the ground for charging no VAT do not go together."""


class VatContradicts(ShopError):
    status = 422
    title = Text("ДДС ставка, която продавачът не може да начисли", "A rate of VAT that the seller cannot charge")
    advice = Text(
        "Посочете ставка като във фактурата. Ставка 0 иска SHOP_ZERO_RATE_GROUND; нерегистриран продавач не начислява "
        "ДДС; обратното начисляване и доставката в ЕС искат ДДС номер на получателя.",
        "Give a rate as on the invoice. Rate 0 needs SHOP_ZERO_RATE_GROUND; a seller who is not registered charges no "
        "VAT; reverse charge and supply within the EU need the buyer's VAT number.",
    )


class RequestKeyReused(ShopError):
    status = 422
    title = Text("Idempotency-Key вече е използван", "Idempotency-Key already used")
    advice = Text(
        "С този ключ вече е издаден друг документ. За нов документ изпратете нов ключ.",
        "Another document was issued with this key. Send a new key for a new document.",
    )
