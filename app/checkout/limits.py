"""How much may be ordered at once, and by whom it is not known yet whether they mean it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.checkout.errors import OrderTooLarge, TooManyOpenOrders
from app.checkout.pricing import Priced
from app.core.money import Money
from app.orders.models import PaymentMethod


@dataclass(frozen=True, slots=True)
class Most:
    """The largest order that one way of paying takes."""

    pieces: int
    total: Money
    kilograms: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of whoever orders: how many orders of theirs are open that nobody proved to mean."""

    has_proved_address: bool
    """The order's address is that of the account that orders."""
    by_email: int
    by_phone: int
    by_origin: int


@dataclass(frozen=True, slots=True)
class Proof:
    """When it was proved that the owner of the address ordered, or until when that is waited for; at most one."""

    proved_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one order may take, and what strangers may take before it is known that they mean it."""

    most: Mapping[PaymentMethod, Most]
    unproved_pieces: int
    unproved_total: Money
    """An order above either waits until it is confirmed."""
    confirmation_hours: int
    open_by_email: int
    open_by_phone: int
    open_by_origin: int
    unpaid_stock_percent: int

    def check_size(self, priced: Priced, method: PaymentMethod) -> None:
        """Refuse with OrderTooLarge what is more than this way of paying takes."""
        most = self.most[method]
        grams = 1000 * most.kilograms
        if priced.pieces > most.pieces or priced.total > most.total or priced.weight_grams > grams:
            raise OrderTooLarge(
                payment_method=method.value,
                most_pieces=most.pieces,
                most_total=str(most.total),
                most_kilograms=most.kilograms,
            )

    def proof(self, priced: Priced, standing: Standing, *, at: datetime) -> Proof:
        """Say whether an order has to be confirmed; refuses with TooManyOpenOrders one too many of an origin.

        An address and a phone number are anybody's to type: too many open orders under them do not keep their owner
        from ordering, the next one only waits for the link in the mail.
        """
        if standing.has_proved_address:
            return Proof(proved_at=at)
        if standing.by_origin >= self.open_by_origin:
            raise TooManyOpenOrders
        must_confirm = (
            priced.pieces > self.unproved_pieces
            or priced.total > self.unproved_total
            or standing.by_email >= self.open_by_email
            or standing.by_phone >= self.open_by_phone
        )
        return Proof(due_at=at + timedelta(hours=self.confirmation_hours)) if must_confirm else Proof()
