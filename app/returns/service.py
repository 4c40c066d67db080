"""Takes statements of withdrawal: each is kept with its receipt, whatever it says, and the rest is promised."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.queries import list_names
from app.core.clock import legal_date
from app.core.db import Write, together
from app.core.hosts import parted
from app.core.ids import uuid7
from app.core.jobs import Promise, defer
from app.core.language import Language
from app.core.legal_terms import REFUND_DAYS
from app.mail import service as mail
from app.mail.models import MailKind
from app.returns import queries
from app.returns.errors import WithdrawalKeyReused
from app.returns.jobs import MatchWithdrawal
from app.returns.letters import Article, Receipt, fingerprint, receipt
from app.returns.models import Identity, Withdrawal, WithdrawalCase, WithdrawalVia
from app.returns.schemas import Statement
from app.returns.texts.terms import ContractTerms, write_texts
from app.returns.texts.wording import TextKey


@dataclass(frozen=True, slots=True)
class Stating:
    """When and how a statement came, and in whose language its receipt is written."""

    stated_at: datetime
    language: Language
    email: str | None
    opened_order_id: UUID | None = None
    """Which order the caller showed to be theirs."""
    via: WithdrawalVia = WithdrawalVia.ONLINE
    sent_on: date | None = None
    recorded_by: str | None = None


async def state(
    session: AsyncSession, statement: Statement, stating: Stating, terms: ContractTerms, *, at: datetime
) -> Withdrawal:
    """Keep a statement and promise its receipt; the same again returns the first, another under its key is refused.

    Whether there is such an order is not looked at: that is the promised job's.
    """
    number, earlier = await queries.take_number(session, statement.key)
    if earlier is None:
        skus = [line.sku for line in statement.lines or ()]
        names = await list_names(session, skus, stating.language) if skus else {}
        row = _row(statement, stating, number, names, terms, at=at)
        new = insert(Withdrawal).values(row).on_conflict_do_nothing(index_elements=[Withdrawal.key])
        if await session.scalar(new.returning(Withdrawal.id)):
            return await _promise(session, Withdrawal(**row), at=at)
        earlier = await queries.find_by_key(session, statement.key)  # somebody's who was at it at the same time
    assert earlier is not None  # it conflicted
    if _said(earlier) != _said_by(statement, stating):
        raise WithdrawalKeyReused
    return earlier


def refund_due_on(stated_at: datetime) -> date:
    """Give the last day for the money to go back (чл. 54 ЗЗП)."""
    return legal_date(stated_at) + timedelta(days=REFUND_DAYS)


def _row(
    statement: Statement,
    stating: Stating,
    number: int,
    names: Mapping[str, str],
    terms: ContractTerms,
    *,
    at: datetime,
) -> dict[str, Any]:
    lines = [line.model_dump() for line in statement.lines] if statement.lines else None
    due_on = refund_due_on(stating.stated_at)
    texts = write_texts(terms, stating.language, on=legal_date(stating.stated_at))
    writing = receipt(
        Receipt(
            language=stating.language,
            trader=terms.trader,
            number=number,
            stated_at=stating.stated_at,
            via=stating.via,
            name=parted(statement.name),
            order_number=parted(statement.order_number),
            email=stating.email,
            articles=tuple(
                Article(parted(line.sku), line.quantity, names.get(line.sku)) for line in statement.lines or ()
            ),
            goods=parted(statement.goods) if statement.goods else None,
            refund_due_on=due_on,
            refund=texts[TextKey.REFUND],
            return_of_goods=texts[TextKey.RETURN_OF_GOODS],
            return_cost=texts[TextKey.RETURN_COST],
        )
    )
    return {
        "id": uuid7(),
        "key": statement.key,
        "number": number,
        "stated_at": stating.stated_at,
        "sent_on": stating.sent_on,
        "recorded_at": at,
        "recorded_by": stating.recorded_by,
        "via": stating.via,
        "language": stating.language,
        "name": statement.name,
        "order_number": statement.order_number,
        "email": stating.email,
        "lines": lines,
        "goods": statement.goods,
        "opened_order_id": stating.opened_order_id,
        "receipt_subject": writing.subject,
        "receipt_text": writing.text,
        "receipt_html": writing.html,
        "receipt_sha256": fingerprint(writing),
    }


async def _promise(session: AsyncSession, stated: Withdrawal, *, at: datetime) -> Withdrawal:
    case = {
        "withdrawal_id": stated.id,
        "refund_due_on": refund_due_on(stated.stated_at),
        "identity": Identity.UNPROVED,
    }
    promises = [Promise(MatchWithdrawal(stated.id))]
    writes = [Write(WithdrawalCase, [case])]
    if stated.email is not None:
        write, promise = mail.promised(
            kind=MailKind.WITHDRAWAL_RECEIPT,
            address=stated.email,
            language=stated.language,
            about_id=stated.id,
            at=at,
        )
        writes.append(write)
        promises.append(promise)
    await session.execute(together(*writes))
    await defer(session, *promises)
    return stated


def _said(stated: Withdrawal) -> tuple[object, ...]:
    when = stated.stated_at if stated.recorded_by else None
    said = stated.name, stated.order_number, stated.email, stated.lines, stated.goods
    return *said, stated.via, stated.sent_on, when


def _said_by(statement: Statement, stating: Stating) -> tuple[object, ...]:
    lines = [line.model_dump() for line in statement.lines] if statement.lines else None
    when = stating.stated_at if stating.recorded_by else None
    said = statement.name, statement.order_number, stating.email, lines, statement.goods
    return *said, stating.via, stating.sent_on, when
