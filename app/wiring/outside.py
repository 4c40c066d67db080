"""Picks the adapters: how one process reaches the outside world."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import make_url

from app.accounting.ports import BooksReader, SalesBook
from app.accounting.stream import PostgresStream
from app.core.clock import Clock
from app.core.db import Sessions
from app.core.processes import Computers
from app.fulfilment.invoicing import Render
from app.integrations.icash import ICashAccount, ICashBooks
from app.integrations.icash.account import Assumptions
from app.invoices.papers import Paper, Rendered, rendered
from app.mail.ports import Postman
from app.settings import Settings
from app.shipping.ports import Courier
from app.wiring.circuits import Counts, circuit, count_nothing
from app.wiring.courier import courier, trusted
from app.wiring.post import postman


@dataclass(frozen=True)
class Adapters:
    """The outside world, as one process reaches it."""

    courier: Courier
    books: SalesBook
    reader: BooksReader
    """The same books, read back."""
    postman: Postman
    render: Render


def icash_account(settings: Settings) -> ICashAccount:
    groups = {20: settings.icash_tax_group_20, 9: settings.icash_tax_group_9, 0: settings.icash_tax_group_0}
    return ICashAccount(
        api_key=settings.icash_api_key,
        secret_key=settings.icash_secret_key.get_secret_value(),
        warehouse_id=settings.icash_warehouse_id,
        user_id=settings.icash_user_id,
        store_id=settings.icash_store_id,
        cash_register_id=settings.icash_cash_register_id,
        measure_unit_id=settings.icash_measure_unit_id,
        pay_types={
            "cash_on_delivery": settings.icash_pay_type_cash_on_delivery,
            "bank_transfer": settings.icash_pay_type_bank_transfer,
        },
        tax_groups={rate: group for rate, group in groups.items() if group is not None},
        assumptions=Assumptions(
            doubt=timedelta(seconds=settings.icash_doubt_seconds), poll_seconds=settings.icash_poll_seconds
        ),
    )


def renderer(computers: Computers) -> Render:
    """Draw in another process: WeasyPrint computes for a tenth of a second, and the loop must not wait for it."""

    async def draw(view: Paper) -> Rendered:
        return await computers.run(rendered, view)

    return draw


@asynccontextmanager
async def adapters(
    settings: Settings,
    database_url: str,
    clock: Clock,
    render: Render,
    counts: Counts = count_nothing,
    *,
    sessions: Sessions | None = None,
) -> AsyncIterator[Adapters]:
    """Open the ways to the outside; production settings have refused to leave one out.

    With `sessions` the courier is asked at a pace that is shared with all who are at work on the same database.
    """
    assert settings.speedy_url is not None
    assert settings.icash_url is not None
    dsn = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    account = icash_account(settings)
    async with (
        PostgresStream(dsn, account.api_key, clock).kept() as stream,
        httpx.AsyncClient(verify=trusted()) as to_speedy,
        httpx.AsyncClient(base_url=settings.icash_url, verify=trusted()) as to_icash,
    ):
        books = ICashBooks(to_icash, account, stream, circuit(settings, counts("icash")))
        yield Adapters(
            courier=courier(to_speedy, settings, clock, counts, sessions),
            books=books,
            reader=books,
            postman=postman(settings, counts("mail")),
            render=render,
        )
