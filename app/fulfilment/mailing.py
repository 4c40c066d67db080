"""Composes the mails of orders, each from its order at the moment of sending."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.link_tokens import link_token
from app.core.language import Text
from app.core.secrets import Secret
from app.core.vat import vat_sums
from app.fulfilment import letters
from app.fulfilment.confirming import CONFIRM
from app.fulfilment.letters import InvoiceLetter, OrderLetter, Transfer
from app.fulfilment.withdrawal_period import may_be_withdrawn_from
from app.invoices import queries as invoice_queries
from app.invoices.service import address_of
from app.mail.messages import Pdf
from app.mail.models import Mail
from app.mail.writing import Letterhead
from app.orders import queries as order_queries
from app.orders.models import LineKind, Order, OrderLine, OrderStatus
from app.orders.view_keys import view_key
from app.orders.whose import is_of_owner
from app.payments import service as payments
from app.privacy import queries as privacy_queries
from app.returns.texts.terms import ContractTerms


@dataclass(frozen=True)
class BankAccount:
    """Where transfers go."""

    iban: str
    bic: str | None
    bank: str | None


@dataclass(frozen=True)
class OrderMails:
    """The composers of orders' mails."""

    letterhead: Letterhead
    account: BankAccount | None
    secret: Secret
    terms: ContractTerms
    zone: ZoneInfo
    """By whose midnight the last day of withdrawing ends."""

    async def confirmation(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        order = await session.get_one(Order, mail.order_id)
        if order.status is OrderStatus.CANCELLED:
            return None  # there is no contract to confirm
        letter = await self._order_letter(session, order)
        return self.letterhead.message(mail, letters.order_confirmation(letter))

    async def invoice(self, session: AsyncSession, mail: Mail) -> EmailMessage:
        assert mail.document_id is not None  # a mail about a document names it
        order = await session.get_one(Order, mail.order_id)
        document, file = await invoice_queries.get_file(session, mail.document_id)
        is_open = await may_be_withdrawn_from(session, order, self.zone, at=self.letterhead.clock.now())
        letter = InvoiceLetter(
            language=order.language,
            trader=self.letterhead.trader,
            person=order.person if await is_of_owner(session, order) else None,
            kind=document.kind,
            number=document.number,
            issued_on=document.issued_on,
            total=document.total,
            order_number=order.reference,
            order_url=order_link(self.letterhead, self.secret, order),
            terms=self.terms,
            withdrawal_url=self._withdrawal_url(order) if is_open else None,
        )
        return self.letterhead.message(mail, letters.invoice_issued(letter), Pdf(letter.filename, file.pdf))

    async def _order_letter(self, session: AsyncSession, order: Order) -> OrderLetter:
        lines = await order_queries.list_lines(session, order.id)
        payment = await payments.get_payment(session, order.id)
        _, declaration = await privacy_queries.get_acceptance(session, order.acceptance_id)
        transfer = None
        if payment.due_on and self.account:
            to = self.account
            transfer = Transfer(iban=to.iban, bic=to.bic, bank=to.bank, due_on=payment.due_on)
        sums = vat_sums((line.vat_rate, line.total) for line in lines) if self.letterhead.trader.vat_number else []
        return OrderLetter(
            language=order.language,
            trader=self.letterhead.trader,
            person=order.person if await is_of_owner(session, order) else None,
            number=order.reference,
            placed_at=order.placed_at,
            lines=tuple(_lines(order, lines)),
            delivery_price=order.delivery,
            vat=tuple(sums),
            total=order.total,
            transfer=transfer,
            delivery_method=order.delivery_method,
            delivery_lines=(order.person, address_of(order), order.phone),
            order_url=order_link(self.letterhead, self.secret, order),
            terms=self.terms,
            withdrawal_url=self._withdrawal_url(order),
            confirm_url=self._confirm_url(order) if order.awaits_confirmation else None,
            confirm_until=order.confirm_until(self.letterhead.clock.now()),
            declaration_version=declaration.version,
        )

    def _withdrawal_url(self, order: Order) -> str:
        return self.letterhead.page(f"withdrawal?order={order.reference}", order.language)

    def _confirm_url(self, order: Order) -> str:
        token = link_token(self.secret, CONFIRM, order.id)
        return self.letterhead.page(f"orders/{order.reference}/confirmation?token={token}", order.language)


def order_link(letterhead: Letterhead, secret: Secret, order: Order) -> str | None:
    key = view_key(secret, order)
    return letterhead.page(f"orders/{order.reference}#view={key}", order.language) if key else None


def _lines(order: Order, lines: Sequence[OrderLine]) -> list[letters.Line]:
    return [
        letters.Line(
            name=Text(line.name, line.name_en).in_(order.language),
            quantity=line.quantity,
            unit_price=line.unit_price,
            total=line.total,
        )
        for line in lines
        if line.kind is LineKind.GOODS
    ]
