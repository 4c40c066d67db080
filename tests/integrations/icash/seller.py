"""A process that posts sales: `python -m tests.integrations.icash.seller URL DSN FIRST COUNT`."""

import asyncio
import sys

from app.accounting.ports import PostingProgress, PostingState
from app.accounting.stream import PostgresStream
from app.core.clock import SystemClock
from app.integrations.icash import ICashBooks
from tests.integrations.icash.desk import AT, LINES, connect, make_account, make_sale


async def keep(progress: PostingProgress) -> None:
    pass


async def sell(url: str, dsn: str, first: int, number: int) -> None:
    account = make_account()
    async with connect(url) as http:
        books = ICashBooks(http, account, PostgresStream(dsn, account.api_key, SystemClock()))
        for reference in range(first, first + number):
            sale = make_sale(str(reference), lines=LINES[:2])
            assert (await books.post(sale, PostingProgress(), keep, at=AT)).state is PostingState.COMPLETE


if __name__ == "__main__":
    asyncio.run(sell(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
