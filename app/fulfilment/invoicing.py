"""Issues the invoice of an order that is paid or handed over, renders it, and promises its mail."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock, legal_date
from app.core.db import Sessions
from app.fulfilment.jobs import IssueInvoice
from app.invoices import service as invoices
from app.invoices.models import Document, DocumentFile
from app.invoices.rendering import TEMPLATE_VERSION
from app.invoices.service import Issuer, Occasion
from app.invoices.view import InvoiceView
from app.mail import service as mail
from app.mail.models import MailKind
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus
from app.payments import service as payments
from app.shipping import queries as shipping_queries

Render = Callable[[InvoiceView], Awaitable[bytes]]


@dataclass(frozen=True)
class Invoicing:
    """The handler of `IssueInvoice`; a second run goes on where the first stopped, with the same number."""

    sessions: Sessions
    clock: Clock
    issuer: Issuer
    render: Render
    every_order: bool
    """Or only those for which a company's data were given."""
    first_number: int

    async def issue(self, job: IssueInvoice) -> None:
        document = await self._number(job.order_id)
        if document is None:
            return
        pdf = await self.render(InvoiceView.restored(document.snapshot))
        at = self.clock.now()
        async with self.sessions.begin() as session:
            await invoices.keep_file(session, document.id, pdf, template=TEMPLATE_VERSION, at=at)
            order = await session.get_one(Order, job.order_id)
            await mail.promise(
                session,
                kind=MailKind.INVOICE_ISSUED,
                address=order.email,
                language=order.language,
                order_id=order.id,
                document_id=document.id,
                at=at,
            )

    async def _number(self, order_id: UUID) -> Document | None:
        """Issue, or find, the document that still has no bytes; None when there is nothing to do."""
        async with self.sessions.begin() as session:
            order = await order_queries.lock_order(session, order_id)
            occasion = await _occasion(session, order)
            if occasion is None or not (self.every_order or order.is_company):
                return None
            await invoices.open_series(session, first=self.first_number)
            lines = await order_queries.list_lines(session, order_id)
            document = await invoices.issue_invoice(session, order, lines, self.issuer, occasion, at=self.clock.now())
            await session.flush()  # so that the look for its bytes finds its row
            return None if await session.get(DocumentFile, document.id) else document


async def _occasion(session: AsyncSession, order: Order) -> Occasion | None:
    """Say since when an invoice is due: paid, or handed to the courier; None while neither is true."""
    payment = await payments.get_payment(session, order.id)
    paid_on = legal_date(payment.received_at) if payment.received_at else None
    shipment = await shipping_queries.find_shipment(session, order.id)
    handed_over_on = legal_date(shipment.handed_over_at) if shipment and shipment.handed_over_at else None
    if order.status is OrderStatus.CANCELLED:
        return None
    days = [day for day in (paid_on, handed_over_on) if day]
    return Occasion(min(days), paid_on) if days else None
