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


class NothingCame(ShopError):
    title = Text("По поръчката не е постъпило нищо", "Nothing came for the order")
    advice = Text("Отбележете първо какво е постъпило.", "Record what came first.")


class ReceiptUsed(ShopError):
    title = Text("Постъплението вече е уредено", "The receipt is settled already")
    advice = Text("С него е платена поръчка, или нищо не остава.", "It pays an order, or nothing of it is left.")


class ReceiptChanged(ShopError):
    title = Text("Постъплението вече е по друга поръчка", "The receipt is of another order by now")
    advice = Text("Прочетете го отново и решете пак.", "Read it again, and decide anew.")


class SettlementExceedsReceipt(ShopError):
    status = 422
    title = Text("Урежда се повече, отколкото остава", "More is settled than is left")
    advice = Text("Остават {left} €.", "{left} € are left.")
    example = {"left": "5.00"}  # noqa: RUF012 - read only


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
