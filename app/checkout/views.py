"""Answers of the checkout, made of frozen lines and sums alone."""

from app.checkout.schemas import BankTransferView, LinksView, PaymentView, PlacedOrder
from app.checkout.service import Placed, Terms, initial_status
from app.core.clock import legal_date
from app.orders.models import Order, PaymentMethod
from app.orders.schemas import line_views, totals_view
from app.payments.models import PaymentStatus
from app.payments.service import due_on


def bank_transfer(order: Order, terms: Terms) -> BankTransferView | None:
    """Say how to pay; None when the courier collects the money."""
    if order.payment_method is not PaymentMethod.BANK_TRANSFER:
        return None
    return BankTransferView(
        beneficiary=terms.beneficiary,
        iban=terms.iban,
        bic=terms.bic,
        reference=order.reference,
        amount=order.total,
        due_on=due_on(legal_date(order.placed_at), terms.bank_transfer_days),
    )


def placed(result: Placed, terms: Terms, *, for_guest: bool) -> PlacedOrder:
    """Answer a placing; nothing in it changes with the order's later fate, so a repetition gets the same."""
    order = result.order
    token, expires_at = terms.token(order) if for_guest else (None, None)
    here = f"/v1/orders/{order.reference}"
    return PlacedOrder(
        number=order.reference,
        status=initial_status(order.payment_method, order.confirmation_due_at),
        placed_at=order.placed_at,
        confirmation_due_at=order.confirmation_due_at,
        lines=line_views(result.lines, order.language),
        totals=totals_view(order, result.lines),
        payment=PaymentView(
            method=order.payment_method,
            status=PaymentStatus.AWAITED,
            amount=order.total,
            bank_transfer=bank_transfer(order, terms),
        ),
        access_token=token,
        access_token_expires_at=expires_at,
        links=LinksView(self=here, declaration=f"{here}/declaration", documents=f"{here}/documents"),
    )
