"""Answers of the checkout, made of frozen lines and sums alone."""

from app.checkout.schemas import LinksView, PaymentView, PlacedOrder
from app.checkout.service import Placed, Terms, initial_status
from app.core.clock import legal_date
from app.fulfilment.schemas import BankTransferView
from app.fulfilment.views import transfer_view
from app.orders.models import Order, PaymentMethod
from app.orders.schemas import line_views, totals_view
from app.payments.models import PaymentStatus
from app.payments.service import due_on


def bank_transfer(order: Order, terms: Terms) -> BankTransferView | None:
    """Say how to pay; None when the courier collects the money, or the order has to be confirmed before."""
    is_transfer = order.payment_method is PaymentMethod.BANK_TRANSFER
    if not is_transfer or terms.payee is None or order.confirmation_due_at:
        return None
    due = due_on(legal_date(order.placed_at), terms.bank_transfer_days)
    return transfer_view(terms.payee, order.reference, order.total, due)


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
