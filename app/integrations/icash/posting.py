"""One sale on its way into I-Cash: looked up first, then step by step, each kept before the next."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any

from app.accounting.ports import (
    BookedState,
    BooksUnavailable,
    BooksUnsure,
    Keep,
    PostingProgress,
    PostingState,
    Sale,
)
from app.integrations.icash import wire
from app.integrations.icash.account import ICashAccount
from app.integrations.icash.cards import Cards
from app.integrations.icash.client import Conversation
from app.integrations.icash.states import state_of
from app.integrations.icash.wire import Operation

COMMENT_LENGTH = 255


@dataclass
class Posting:
    talk: Conversation
    account: ICashAccount
    cards: Cards
    sale: Sale
    keep: Keep

    async def go_on(self, progress: PostingProgress, at: datetime) -> PostingProgress:
        progress, operation = await self._look_up(progress)
        if operation is None:
            progress = await self._open(progress, at)
        elif self._state(operation) in {BookedState.COMPLETE, BookedState.WAITING}:
            return await self._receipt(progress, operation)
        else:
            progress = await self._reconcile(progress, operation)
        if progress.state is PostingState.PRINTED:
            return progress
        progress = await self._add_rows(progress)
        progress = await self._check_total(progress)
        if not self.sale.finalise:
            return progress
        return await self._print(progress, at)

    async def _keep(self, progress: PostingProgress, **changes: Any) -> PostingProgress:
        changed = replace(progress, **changes)
        if changed != progress:
            await self.keep(changed)
        return changed

    async def _ask(
        self, progress: PostingProgress, state: PostingState, endpoint: str, at: datetime
    ) -> PostingProgress:
        """Keep that something is about to be asked for which must not happen twice."""
        if progress.asked_at is not None and progress.asked_at > at:
            # A clock that ran ahead noted it; it was asked by now, and from now on the doubt passes.
            await self._keep(progress, asked_at=at)
            raise BooksUnavailable(endpoint, "may-be-under-way")
        if progress.asked_at is not None and at - progress.asked_at < self.account.assumptions.doubt:
            raise BooksUnavailable(endpoint, "may-be-under-way")
        return await self._keep(progress, state=state, asked_at=at)

    async def _look_up(self, progress: PostingProgress) -> tuple[PostingProgress, Operation | None]:
        """Find the sale in I-Cash, by its number there or, while that is not known, by ours."""
        if progress.operation_id is None:
            found = await self._find()
            if found is None:
                return progress, None
            progress = await self._keep(
                progress,
                state=PostingState.OPENED,
                asked_at=None,
                operation_id=found.id,
                sale_unique_number=found.unique_number,
            )
        return progress, await self._operation(progress)

    async def _find(self) -> Operation | None:
        reference, assumptions = self.sale.reference, self.account.assumptions
        records = await self.talk.search(
            Operation,
            "operations-list",
            {
                "ImportSource": self.account.import_source,
                "ImportRefID": reference,
                "OperationType": "Sell",
                # By default unfinished operations are not listed.
                "OperationStatus": assumptions.set_separator.join(assumptions.all_statuses),
            },
        )
        found = [record for record in records if record.import_reference in (None, reference)]
        if not found:
            return None
        if len(found) > 1:
            raise BooksUnsure("several-operations", found[0].id)
        [operation] = found
        if operation.import_reference is None and (operation.comment or "").strip() != self._comment.strip():
            raise BooksUnsure("operation-not-recognised", operation.id)
        return operation

    @property
    def _comment(self) -> str:
        return self.sale.comment[:COMMENT_LENGTH]

    async def _operation(self, progress: PostingProgress) -> Operation:
        operation = await self.talk.read(Operation, "get-operation", {"OperationID": progress.operation_id})
        if operation.id != progress.operation_id:
            raise BooksUnsure("another-operation", progress.operation_id)
        return operation

    async def _open(self, progress: PostingProgress, at: datetime) -> PostingProgress:
        for line in self.sale.lines:
            await self.cards.ensure_item(self.talk, line)
        buyer = self.sale.buyer
        contragent_id = await self.cards.contragent(self.talk, buyer) if buyer else None
        progress = await self._ask(progress, PostingState.OPENING, "new-operation", at)
        operation = await self.talk.read(
            wire.NewOperation,
            "new-operation",
            {
                "ImportSource": self.account.import_source,
                "ImportRefID": self.sale.reference,
                "OperationType": "Sell",
                "OperationElectronicReceipt": "YES" if self.sale.electronic_receipt else "NO",
                "CashRegisterID": self.account.cash_register_id,
                "StoreID": self.account.store_id,
                "ContragentID": contragent_id,
                "Comment": self._comment or None,
            },
        )
        return await self._keep(
            progress,
            state=PostingState.OPENED,
            asked_at=None,
            operation_id=operation.id,
            sale_unique_number=operation.unique_number,
        )

    async def _reconcile(self, progress: PostingProgress, operation: Operation) -> PostingProgress:
        """Find out whether a row whose answer was lost is there: only the price of the whole tells."""
        if operation.status not in self.account.assumptions.building:
            raise BooksUnsure(f"status-{operation.status.lower()[:20]}", operation.id)
        sums = [Decimal(0), *accumulate(line.total.decimal for line in self.sale.lines)]
        known = len(progress.rows)
        landed = [count for count in (known, known + 1) if count < len(sums) and sums[count] == operation.price]
        if len(landed) != 1:
            raise BooksUnsure("rows-differ", operation.id)
        if landed == [known]:
            return progress
        return await self._keep(progress, rows=(*progress.rows, None))

    async def _add_rows(self, progress: PostingProgress) -> PostingProgress:
        for line in self.sale.lines[len(progress.rows) :]:
            await self.cards.ensure_item(self.talk, line)
            row = await self.talk.read(
                wire.NewRow,
                "add-operation-sale-item",
                {
                    "OperationID": progress.operation_id,
                    "SaleItemInventoryID": line.sku,
                    "Qty": line.quantity,
                    "SaleItemSinglePrice": str(line.unit_price),
                },
            )
            progress = await self._keep(progress, rows=(*progress.rows, row.id))
        return progress

    async def _check_total(self, progress: PostingProgress) -> PostingProgress:
        self._agree(await self._operation(progress))
        if progress.state is not PostingState.OPENED:
            return progress
        return await self._keep(progress, state=PostingState.CHECKED)

    def _agree(self, operation: Operation) -> None:
        if operation.price != self.sale.total.decimal:
            raise BooksUnsure("total-differs", operation.id)
        if operation.currency not in (None, "", self.account.assumptions.currency):
            raise BooksUnsure("currency-differs", operation.id)

    async def _print(self, progress: PostingProgress, at: datetime) -> PostingProgress:
        progress = await self._ask(progress, PostingState.PRINTING, "print-operation", at)
        await self.talk.call(
            "print-operation",
            {"OperationID": progress.operation_id, "PayTypeID": self.account.pay_types[self.sale.pay_type]},
        )
        progress = await self._keep(progress, state=PostingState.PRINTED, asked_at=None)
        for _ in range(self.account.assumptions.polls):
            operation = await self._operation(progress)
            if self._state(operation) is BookedState.COMPLETE:
                return await self._receipt(progress, operation)
            await asyncio.sleep(self.account.assumptions.poll_seconds)
        return progress

    def _state(self, operation: Operation) -> BookedState:
        return state_of(operation, self.account.assumptions)

    async def _receipt(self, progress: PostingProgress, operation: Operation) -> PostingProgress:
        self._agree(operation)
        done = PostingState.COMPLETE if self._state(operation) is BookedState.COMPLETE else PostingState.PRINTED
        return await self._keep(progress, state=done, asked_at=None)
