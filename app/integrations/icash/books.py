"""The shop's books kept in I-Cash."""

from collections.abc import Sequence
from datetime import date, datetime

import httpx

from app.accounting.ports import (
    BookedDocument,
    BookedSale,
    BooksRefused,
    Family,
    Keep,
    PostingProgress,
    RequestStream,
    Sale,
)
from app.integrations.circuit import Circuit
from app.integrations.icash import wire
from app.integrations.icash.account import ICashAccount
from app.integrations.icash.cards import Cards
from app.integrations.icash.client import Conversation, ICashClient
from app.integrations.icash.posting import Posting
from app.integrations.icash.reading import Reading


class ICashBooks:
    """A `SalesBook` and a `BooksReader`."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        account: ICashAccount,
        stream: RequestStream,
        circuit: Circuit | None = None,
    ) -> None:
        self._account = account
        self._client = ICashClient(http, account, stream, circuit or Circuit())
        self._cards = Cards(account)
        self._reading = Reading(self._client, account)

    async def post(
        self, sale: Sale, progress: PostingProgress, keep: Keep, *, at: datetime, is_trial: bool = False
    ) -> PostingProgress:
        for line in sale.lines:
            self._cards.tax_group(line)
        if sale.finalise and sale.pay_type not in self._account.pay_types:
            raise BooksRefused(Family.NOT_CONFIGURED, "print-operation", "PayTypeID")
        async with self._client.open(is_trial=is_trial) as talk:
            posting = Posting(talk, self._account, self._cards, sale, keep)
            try:
                return await posting.go_on(progress, at)
            except BooksRefused:
                self._cards.forget()
                raise

    async def list_sales(self, on: date) -> Sequence[BookedSale]:
        return await self._reading.sales(on)

    async def list_documents(self, on: date) -> Sequence[BookedDocument]:
        return await self._reading.documents(on)

    async def check(self, *, is_trial: bool = False) -> None:
        account = self._account
        async with self._client.open(is_trial=is_trial) as talk:
            registers = {choice.id: choice.store_id for choice in await _choices(talk, "get-cash-registers")}
            _require(account.cash_register_id in registers, "get-cash-registers", "CashRegisterID")
            _require(registers[account.cash_register_id] in (None, account.store_id), "get-cash-registers", "StoreID")
            pay_types = {choice.id for choice in await _choices(talk, "get-pay-types")}
            _require(pay_types.issuperset(account.pay_types.values()), "get-pay-types", "PayTypeID")
            units = {choice.id for choice in await _choices(talk, "get-measure-units")}
            _require(account.measure_unit_id in units, "get-measure-units", "SaleItemPrimaryMeasureUnitID")


async def _choices(talk: Conversation, endpoint: str) -> list[wire.Choice]:
    return wire.parse(wire.Choices, await talk.call(endpoint, {})).root


def _require(holds: bool, endpoint: str, parameter: str) -> None:  # noqa: FBT001 - the condition itself
    if not holds:
        raise BooksRefused(Family.NOT_CONFIGURED, endpoint, parameter)
