"""Refusals about payments."""

from app.core.errors import ShopError
from app.core.language import Text
from app.payments.models import PaymentStatus

STATUSES: dict[PaymentStatus, Text] = {
    PaymentStatus.AWAITED: Text("очаква се", "awaited"),
    PaymentStatus.RECEIVED: Text("получено", "received"),
    PaymentStatus.VOID: Text("не се дължи", "nothing is owed"),
}


class PaymentCannotMove(ShopError):
    title = Text("Плащането не може да премине в това състояние", "Payment cannot move there")
    advice = Text("Състоянието му е „{payment_status}“.", "Its status is “{payment_status}”.")
    example = {"payment_status": "received"}  # noqa: RUF012 - read only
    words = {"payment_status": STATUSES}  # noqa: RUF012 - read only


class AmountDiffers(ShopError):
    title = Text("Сумата е друга", "The amount differs")
    advice = Text("По поръчката се дължат {owed} EUR.", "The order owes {owed} EUR.")
    example = {"owed": "129.90"}  # noqa: RUF012 - read only


class RefundExceedsPayment(ShopError):
    status = 422
    title = Text("Връща се повече, отколкото е платено", "More is refunded than was paid")
    advice = Text("Могат да се върнат най-много {left} €.", "At most {left} € can be refunded.")
    example = {"left": "12.90"}  # noqa: RUF012 - read only


class RefundExceedsLines(ShopError):
    status = 422
    title = Text(
        "Връща се повече, отколкото струват посочените бройки", "More is refunded than the named pieces came to"
    )
    advice = Text("От тях остават {left} €.", "Of them {left} € are left.")
    example = {"left": "12.90"}  # noqa: RUF012 - read only


class LineNotInOrder(ShopError):
    status = 422
    title = Text("Толкова бройки няма за връщане", "So many pieces are not left to be refunded")
    advice = Text("От {sku} остават {pieces}.", "Of {sku} {pieces} are left.")
    example = {"sku": "ION-H-SOFT-2", "pieces": 1}  # noqa: RUF012 - read only
