"""Sends the mails that were promised, each composed from its order at the moment of sending."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock
from app.core.db import Sessions
from app.core.language import Text
from app.core.vat import vat_sums
from app.fulfilment import letters
from app.fulfilment.letters import InvoiceLetter, OrderLetter, Trader, Transfer
from app.invoices import queries as invoice_queries
from app.invoices.service import address_of
from app.mail import queries as mail_queries
from app.mail import service as mail
from app.mail.jobs import SendMail
from app.mail.messages import message_id
from app.mail.models import Mail, MailKind
from app.mail.ports import MailRefused, Postman
from app.orders import queries as order_queries
from app.orders.models import LineKind, Order, OrderLine
from app.payments import service as payments
from app.privacy import queries as privacy_queries


@dataclass(frozen=True)
class BankAccount:
    """Where transfers go."""

    iban: str
    bic: str | None
    bank: str | None


@dataclass(frozen=True)
class Correspondence:
    """The handler of `SendMail`."""

    sessions: Sessions
    postman: Postman
    clock: Clock
    trader: Trader
    account: BankAccount | None
    public_url: str
    storefront_url: str

    async def send(self, job: SendMail) -> None:
        async with self.sessions() as session:
            promised = await mail_queries.find_unsent(session, job.mail_id)
            if promised is None:
                return
            message = await self._compose(session, promised)
        try:
            await self.postman.send(message)
        except MailRefused as refusal:
            async with self.sessions.begin() as session:
                await mail.mark_refused(session, job.mail_id, code=refusal.code)
            raise
        async with self.sessions.begin() as session:
            await mail.mark_sent(session, job.mail_id, message_id=message["Message-ID"], at=self.clock.now())

    async def _compose(self, session: AsyncSession, promised: Mail) -> EmailMessage:
        order = await session.get_one(Order, promised.order_id)
        name = message_id(promised.id, urlsplit(self.public_url).hostname or "localhost")
        if promised.kind is MailKind.ORDER_CONFIRMATION:
            letter = await self._order_letter(session, order)
            return letters.order_confirmation(letter, message_id=name, to=promised.address, at=self.clock.now())
        assert promised.document_id is not None  # a mail about a document names it
        document, file = await invoice_queries.get_file(session, promised.document_id)
        invoice = InvoiceLetter(
            language=order.language,
            trader=self.trader,
            person=order.person,
            number=document.number,
            issued_on=document.issued_on,
            total=document.total,
            order_number=order.reference,
            order_url=self._order_url(order),
            pdf=file.pdf,
        )
        return letters.invoice_issued(invoice, message_id=name, to=promised.address, at=self.clock.now())

    async def _order_letter(self, session: AsyncSession, order: Order) -> OrderLetter:
        lines = await order_queries.list_lines(session, order.id)
        payment = await payments.get_payment(session, order.id)
        _, declaration = await privacy_queries.get_acceptance(session, order.acceptance_id)
        transfer = None
        if payment.due_on and self.account:
            to = self.account
            transfer = Transfer(iban=to.iban, bic=to.bic, bank=to.bank, due_on=payment.due_on)
        sums = vat_sums((line.vat_rate, line.total) for line in lines) if self.trader.vat_number else []
        return OrderLetter(
            language=order.language,
            trader=self.trader,
            person=order.person,
            number=order.reference,
            placed_at=order.placed_at,
            lines=tuple(_lines(order, lines)),
            delivery_price=order.delivery,
            vat=tuple(sums),
            total=order.total,
            transfer=transfer,
            delivery_method=order.delivery_method,
            delivery_lines=(order.person, address_of(order), order.phone),
            order_url=self._order_url(order),
            declaration_version=declaration.version,
        )

    def _order_url(self, order: Order) -> str:
        return f"{self.storefront_url}/orders/{order.reference}"


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
