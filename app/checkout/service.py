"""Placing an order: one transaction that takes all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.forms import AddressDelivery
from app.auth.errors import Unauthenticated
from app.auth.guest_tokens import guest_token
from app.auth.models import Account
from app.cart import service as carts
from app.cart.errors import CartOrdered
from app.catalog import service as stock
from app.checkout import queries
from app.checkout.errors import IdempotencyKeyReused, OrderInProgress, PaymentMethodUnavailable, TotalAboveExpected
from app.checkout.limits import Limits, Proof
from app.checkout.pricing import Priced, PriceRules, price
from app.checkout.schemas import PlaceOrder, QuoteView
from app.core.db import Write, together
from app.core.ids import uuid7
from app.core.jobs import Promise, defer
from app.core.secrets import Secret
from app.fulfilment.jobs import IssueInvoice, invoice_lock
from app.fulfilment.starting import Start, start
from app.mail import service as mail
from app.mail.models import MailKind
from app.orders import queries as order_queries
from app.orders.models import Order, OrderEvent, OrderLine, OrderStatus, PaymentMethod
from app.orders.states import Actor
from app.payments import service as payments
from app.payments.transfers import Payee
from app.privacy import queries as privacy_queries
from app.privacy import service as privacy
from app.privacy.opting_in import opt_in
from app.privacy.purposes import Point, askable
from app.privacy.service import Evidence, Proved
from app.shipping.places import refusal
from app.shipping.ports import Place


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms the shop sells, and with what guests' tokens are made."""

    rules: PriceRules
    bank_transfer_days: int
    payee: Payee | None
    """To whom transfers go; None: they are not offered."""
    guest_token_secret: Secret
    guest_token_days: int
    limits: Limits

    @property
    def payment_methods(self) -> tuple[PaymentMethod, ...]:
        """Name what is offered, as `PaymentMethodUnavailable` refuses the rest."""
        return tuple(method for method in PaymentMethod if self.payee or method is not PaymentMethod.BANK_TRANSFER)

    def digests_of(self, origin: str) -> list[bytes]:
        """Name a place by digests that only the shop can make: a plain one of an address is found by trying all."""
        return self.guest_token_secret.codes(f"order-origin:{origin}")

    def token(self, order: Order) -> tuple[str, datetime]:
        """Derive the guest's key to an order: the same each time it is asked for, kept nowhere."""
        expires_at = order.placed_at.replace(microsecond=0) + timedelta(days=self.guest_token_days)
        return guest_token(self.guest_token_secret, order.id, expires_at), expires_at


@dataclass(frozen=True, slots=True)
class Placed:
    order: Order
    lines: list[OrderLine]
    replayed: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who wants an order under which key, and from where; `account_id` is None for a guest."""

    key: str
    account_id: UUID | None
    evidence: Evidence
    origin: str
    unserved: Place | None
    """Where it is to go, if the courier does not go there."""


def _said(wish: PlaceOrder, account_id: UUID | None) -> str:
    """Say what a wish is told by again; kept keyed, so that nobody can confirm a guess of what was in it."""
    whose = f"{account_id}:" if account_id else ""
    return f"order-wish:{whose}{wish.model_dump_json()}"


async def place_order(session: AsyncSession, wish: PlaceOrder, attempt: Attempt, terms: Terms) -> Placed:
    """Turn a cart into an order; the same key and wish of the same caller again return the order they made.

    Refused, with nothing changed: another wish or another caller under a used key of the cart, a key still at work, a
    place where the courier does not go, an ordered or empty cart, a declaration not accepted or out of date, more than
    one order may take, a total above the agreed one (a lower one is taken), one open order too many from one place,
    goods not in stock.
    """
    evidence = attempt.evidence
    if wish.payment_method not in terms.payment_methods:
        raise PaymentMethodUnavailable
    claim = await queries.claim(session, attempt.key, wish.cart_id, at=evidence.at)
    if not claim.is_free:
        raise OrderInProgress
    if claim.order_id:
        return await _replay(session, wish, attempt, terms)
    if attempt.unserved:
        raise refusal(attempt.unserved, "/delivery", evidence.language)
    try:
        basket, standing = await queries.get_basket_of(
            session,
            wish.cart_id,
            wish.customer,
            attempt.account_id,
            terms.digests_of(attempt.origin),
            terms.limits,
        )
    except CartOrdered:
        # The one who held the key may have committed between our two looks.
        if await queries.find_by_key(session, attempt.key, wish.cart_id):
            return await _replay(session, wish, attempt, terms)
        raise
    privacy.check_declaration(wish.privacy_declaration, claim.declaration)
    priced = price(basket.items, wish.payment_method, terms.rules)
    terms.limits.check_size(priced, wish.payment_method)
    if priced.total > wish.expected_total:
        raise TotalAboveExpected(QuoteView.of(priced, evidence.language))
    proof = terms.limits.proof(priced, standing, at=evidence.at)

    acceptance_id = uuid7()
    order = _order(wish, attempt, priced, proof, acceptance_id, terms)
    begun = _begin(order, priced, evidence.at)
    mail_write, mail_promise = mail.promised(
        kind=MailKind.ORDER_CONFIRMATION,
        address=order.email,
        language=order.language,
        order_id=order.id,
        at=evidence.at,
    )
    lines = _lines(order, priced)
    consents, proofs = await _consents(session, wish, order, evidence)
    order.number = await _write(
        session,
        privacy.acceptance_insert(acceptance_id, claim.declaration, evidence),
        carts.close(wish.cart_id, at=evidence.at),
        payments.awaiting(order.id, order.payment_method, order.total, days=terms.bank_transfer_days, at=evidence.at),
        _event(order),
        mail_write,
        *begun.writes,
        *consents,
        Write(OrderLine, [_row(line) for line in lines]),
        Write(Order, [_row(order)]),
    )
    await defer(session, *begun.promises, mail_promise, *proofs)
    # Last, because a popular article is one row: whoever holds it holds up everybody behind.
    share = terms.limits.unpaid_stock_percent if order.status is OrderStatus.PLACED else None
    await stock.reserve(session, basket.wanted, order.id, unpaid_percent=share, at=evidence.at)
    return Placed(order, lines, replayed=False)


async def _replay(session: AsyncSession, wish: PlaceOrder, attempt: Attempt, terms: Terms) -> Placed:
    order = await queries.find_by_key(session, attempt.key, wish.cart_id)
    assert order is not None  # orders are never deleted while their key is looked at
    known = bytes.fromhex(order.wish_digest)
    if not terms.guest_token_secret.made(known, _said(wish, attempt.account_id)):
        raise IdempotencyKeyReused
    return Placed(order, list(await order_queries.list_lines(session, order.id)), replayed=True)


def initial_status(method: PaymentMethod, confirmation_due_at: datetime | None) -> OrderStatus:
    """Cash on delivery is confirmed at once unless somebody has to say so, everything else when it is paid."""
    at_once = method is PaymentMethod.CASH_ON_DELIVERY and confirmation_due_at is None
    return OrderStatus.CONFIRMED if at_once else OrderStatus.PLACED


def _order(
    wish: PlaceOrder, attempt: Attempt, priced: Priced, proof: Proof, acceptance_id: UUID, terms: Terms
) -> Order:
    place = wish.delivery
    where = (
        place.model_dump(exclude={"method"}) if isinstance(place, AddressDelivery) else {"office_id": place.office_id}
    )
    company = wish.invoice
    return Order(
        id=uuid7(),
        cart_id=wish.cart_id,
        account_id=attempt.account_id,
        idempotency_key=attempt.key,
        wish_digest=terms.guest_token_secret.code(_said(wish, attempt.account_id)).hex(),
        acceptance_id=acceptance_id,
        status=initial_status(wish.payment_method, proof.due_at),
        placed_at=attempt.evidence.at,
        origin_digest=None if proof.proved_at else terms.digests_of(attempt.origin)[0],
        proved_at=proof.proved_at,
        confirmation_due_at=proof.due_at,
        language=attempt.evidence.language,
        **wish.customer.model_dump(),
        delivery_method=place.method,
        **where,
        company_name=company.company_name if company else None,
        company_eik=company.eik if company else None,
        company_vat_number=company.vat_number if company else None,
        company_city=company.city if company else None,
        company_address=company.address if company else None,
        company_responsible_person=company.responsible_person if company else None,
        comment=wish.comment,
        payment_method=wish.payment_method,
        goods=priced.goods,
        discount=priced.discount,
        delivery=priced.delivery,
        vat=priced.vat,
        total=priced.total,
    )


def _begin(order: Order, priced: Priced, at: datetime) -> Start:
    if order.status is not OrderStatus.CONFIRMED:
        # One that waits to be confirmed gets its proforma then.
        is_due = order.pays_by_proforma and not order.awaits_confirmation
        return Start((), (Promise(IssueInvoice(order.id), invoice_lock(order.id)),) if is_due else ())
    return start(order.id, weight_grams=priced.weight_grams, cash_on_delivery=order.total, at=at)


def _event(order: Order) -> Write:
    event = {"order_id": order.id, "status": order.status, "at": order.placed_at, "by": Actor.CUSTOMER}
    return Write(OrderEvent, [event])


def _lines(order: Order, priced: Priced) -> list[OrderLine]:
    return [
        OrderLine(
            order_id=order.id,
            position=position,
            kind=line.item.kind,
            sku=line.item.sku,
            name=line.item.name.bg,
            name_en=line.item.name.en,
            quantity=line.item.quantity,
            unit_price=line.item.unit_price,
            discount=line.discount,
            total=line.total,
            vat_rate=line.item.vat_rate,
            vat=line.vat,
            weight_grams=line.item.weight_grams,
        )
        for position, line in enumerate(priced.lines, start=1)
    ]


async def _consents(
    session: AsyncSession, wish: PlaceOrder, order: Order, evidence: Evidence
) -> tuple[Sequence[Write], Sequence[Promise]]:
    """Record the newsletter's box: a consent under the account's own address, under any other a wish (complaint 22)."""
    if not wish.consents:
        return (), ()
    asked = privacy.NEWSLETTER_BY_EMAIL
    offered = askable(asked.purpose, asked.channel, Point.CHECKOUT)
    wording = await privacy_queries.get_current(session, offered.wording, at=evidence.at)
    account = await session.get(Account, order.account_id) if order.account_id else None
    if account and account.email.lower() == order.email.lower():
        given = privacy.consent_insert(
            asked, wording, evidence, email=order.email, order_id=order.id, proved=Proved(evidence.at)
        )
        return [given], ()
    wished = opt_in(asked, wording, evidence, email=order.email, order_id=order.id)
    return wished.writes, wished.promises


def _row(entity: Order | OrderLine) -> dict[str, object]:
    return {key: value for key, value in vars(entity).items() if not key.startswith("_")}


async def _write(session: AsyncSession, *writes: Write) -> int:
    """Write the order, which is the last, and all that hangs on it in one round trip; returns its number."""
    try:
        number = await session.scalar(together(*writes, returning="number"))
    except IntegrityError as problem:
        if "fk_orders_account_id" in str(problem.orig):
            raise Unauthenticated from None  # the account was closed since the guard let it pass
        raise
    assert isinstance(number, int)
    return number
