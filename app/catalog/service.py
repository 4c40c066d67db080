"""What changes the catalogue: new products, prices, and every movement of stock."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.errors import HeldUnpaid, Left, OutOfStock, VariantNotFound
from app.catalog.models import Price, Product, Reason, Stock, Variant
from app.core.money import Money

MOST = 99
"""Pieces of one SKU in one order."""

MOVE = text("""
WITH moved AS (
    UPDATE stock SET available = available + :change WHERE sku = :sku AND available + :change >= 0 RETURNING sku
)
INSERT INTO stock_movements (sku, change, reason, at) SELECT sku, :change, :reason, :at FROM moved RETURNING sku
""")

# Orders that are neither paid nor confirmed may hold a share of what could be sold, so many percent, rounded up.
# One statement for lock, decision, change and ledger. `locked` reads each row as it is once its lock is held, and both
# `short` and the new number are made of that. The UPDATE's own view of `stock` is older: PostgreSQL holds the row that
# it makes of it against the CHECK before it looks for a newer one, so goods just given back would be refused.
RESERVE = text("""
WITH wanted AS (
    SELECT * FROM unnest(CAST(:skus AS text[]), CAST(:quantities AS integer[])) AS wish (sku, quantity)
), locked AS MATERIALIZED (
    SELECT stock.sku, stock.available, stock.unpaid, CASE WHEN CAST(:share AS integer) IS NULL THEN stock.available
        ELSE least(
            stock.available, ((CAST(stock.available AS bigint) + stock.unpaid) * :share + 99) / 100 - stock.unpaid
        ) END AS free
    FROM stock
    JOIN variants ON variants.sku = stock.sku AND NOT variants.discontinued
    JOIN products ON products.id = variants.product_id AND products.published_at IS NOT NULL
    WHERE stock.sku = ANY (CAST(:skus AS text[]))
    ORDER BY stock.sku
    FOR UPDATE OF stock
), short AS MATERIALIZED (
    SELECT wanted.sku, greatest(coalesce(locked.free, 0), 0) AS free, coalesce(locked.available, 0) >= wanted.quantity
        AS is_there
    FROM wanted LEFT JOIN locked USING (sku)
    WHERE coalesce(locked.free, 0) < wanted.quantity
), taken AS (
    UPDATE stock SET available = locked.available - wanted.quantity,
        unpaid = locked.unpaid + CASE WHEN CAST(:share AS integer) IS NULL THEN 0 ELSE wanted.quantity END
    FROM wanted JOIN locked USING (sku)
    WHERE stock.sku = wanted.sku AND NOT EXISTS (SELECT FROM short)
    RETURNING stock.sku, wanted.quantity
), written AS (
    INSERT INTO stock_movements (sku, change, reason, order_id, at)
    SELECT sku, -quantity, 'sale', :order_id, :at FROM taken ORDER BY sku
)
SELECT sku, free, is_there FROM short ORDER BY sku
""")

LOCK_HELD = text("""
SELECT sku FROM stock
WHERE sku IN (SELECT sku FROM stock_movements WHERE order_id = :order_id)
ORDER BY sku
FOR UPDATE
""")

GIVE_BACK = text("""
WITH held AS (
    SELECT sku, -sum(change) AS quantity FROM stock_movements
    WHERE order_id = :order_id GROUP BY sku HAVING sum(change) < 0
), given AS (
    UPDATE stock SET available = stock.available + held.quantity,
        unpaid = CASE WHEN :was_unpaid THEN greatest(stock.unpaid - held.quantity, 0) ELSE stock.unpaid END
    FROM held WHERE stock.sku = held.sku
    RETURNING stock.sku, held.quantity
)
INSERT INTO stock_movements (sku, change, reason, order_id, at)
SELECT sku, quantity, :reason, :order_id, :at FROM given ORDER BY sku
RETURNING sku, change
""")

SECURE = text("""
WITH held AS (
    SELECT sku, -sum(change) AS quantity FROM stock_movements
    WHERE order_id = :order_id GROUP BY sku HAVING sum(change) < 0
)
UPDATE stock SET unpaid = greatest(stock.unpaid - held.quantity, 0) FROM held WHERE stock.sku = held.sku
""")


_UNPAID = """
    SELECT sku, CAST(coalesce(held.quantity, 0) AS integer) AS quantity FROM stock LEFT JOIN (
        SELECT sku, sum(quantity) AS quantity FROM order_lines JOIN orders ON orders.id = order_id
        WHERE orders.status = 'placed' AND kind = 'goods' GROUP BY sku
    ) AS held USING (sku) WHERE stock.unpaid <> coalesce(held.quantity, 0)
"""
LOCK_MISCOUNTED = text(f"""
SELECT sku FROM stock WHERE sku IN (SELECT sku FROM ({_UNPAID}) AS counted) ORDER BY sku FOR UPDATE
""")  # noqa: S608 - a text of ours
RECOUNT = text(f"""
UPDATE stock SET unpaid = counted.quantity FROM ({_UNPAID}) AS counted
WHERE stock.sku = counted.sku AND stock.sku = ANY (:skus)
""")  # noqa: S608 - as above


async def add_product(session: AsyncSession, product: Product, *, at: datetime) -> None:
    """Put a product with its variants on offer: their first prices are noted, their stock starts at nothing."""
    product.created_at = product.updated_at = at
    product.index()
    session.add(product)
    await session.flush()  # the rows below refer to the variants by SKU alone
    for variant in product.variants:
        session.add(Stock(sku=variant.sku, available=0))
        session.add(Price(sku=variant.sku, price=variant.price, vat_rate=variant.vat_rate, valid_from=at))
    await session.flush()  # what follows counts on the stock rows


async def set_price(session: AsyncSession, sku: str, price: Money, vat_rate: int, *, at: datetime) -> None:
    """Change a price and note it in the history; the price that already holds changes nothing."""
    variant = await session.get(Variant, sku, with_for_update=True, populate_existing=True)
    if variant is None:
        raise VariantNotFound(sku=sku)
    if (variant.price, variant.vat_rate) == (price, vat_rate):
        return
    variant.price, variant.vat_rate = price, vat_rate
    session.add(Price(sku=sku, price=price, vat_rate=vat_rate, valid_from=at))
    await session.flush()  # whoever reads later in this transaction reads the new price


async def receive(session: AsyncSession, sku: str, quantity: int, *, at: datetime) -> None:
    """Add what a supplier has delivered."""
    if quantity < 1:
        raise ValueError("a receipt adds")
    await _move(session, sku, quantity, Reason.RECEIPT, at)


async def correct(session: AsyncSession, sku: str, change: int, *, at: datetime) -> None:
    """Bring the ledger to what was counted; refuses to fall below nothing."""
    await _move(session, sku, change, Reason.CORRECTION, at)


async def _move(
    session: AsyncSession, sku: str, change: int, reason: Literal[Reason.RECEIPT, Reason.CORRECTION], at: datetime
) -> None:
    moved = await session.execute(MOVE, {"sku": sku, "change": change, "reason": reason.value, "at": at})
    if moved.first() is None:
        available = await session.scalar(select(Stock.available).where(Stock.sku == sku))
        if available is None:
            raise VariantNotFound(sku=sku)
        raise OutOfStock([Left(sku=sku, available=available)])


async def reserve(
    session: AsyncSession,
    wanted: Sequence[tuple[str, int]],
    order_id: UUID,
    *,
    unpaid_percent: int | None = None,
    at: datetime,
) -> None:
    """Take everything an order wants, or nothing; refuses with what is short. One round trip.

    `unpaid_percent`, of an order that is neither paid nor confirmed: how much of what could be sold such orders may
    hold together. What is there but theirs no longer is refused with HeldUnpaid.

    Rows are locked in the order of their SKU, so that two orders never wait for each other. What is no longer offered
    counts as sold out.
    """
    quantities = Counter[str]()
    for sku, quantity in wanted:
        quantities[sku] += quantity
    if not quantities or not all(1 <= quantity <= MOST for quantity in quantities.values()):
        raise ValueError(f"an order takes 1 to {MOST} of each SKU")
    wish = {
        "skus": list(quantities),
        "quantities": list(quantities.values()),
        "share": unpaid_percent,
        "order_id": order_id,
        "at": at,
    }
    if short := (await session.execute(RESERVE, wish)).all():
        is_held = all(is_there for *_, is_there in short)
        left = [Left(sku=sku, available=free) for sku, free, is_there in short if is_held or not is_there]
        raise HeldUnpaid(left) if is_held else OutOfStock(left)


async def secure(session: AsyncSession, order_id: UUID) -> None:
    """Count what an order holds no longer as unpaid: it was paid or confirmed just now."""
    await session.execute(LOCK_HELD, {"order_id": order_id})
    await session.execute(SECURE, {"order_id": order_id})


async def recount_unpaid(session: AsyncSession) -> None:
    """Count anew what unpaid orders hold, where the count differs: a release that does not count may have sold beside.

    Locked first and counted after: what was under way while this waited is in the second statement's sight.
    """
    skus = (await session.scalars(LOCK_MISCOUNTED)).all()
    if skus:
        await session.execute(RECOUNT, {"skus": list(skus)})


async def restock(
    session: AsyncSession,
    order_id: UUID,
    reason: Literal[Reason.CANCELLATION, Reason.RETURN],
    *,
    was_unpaid: bool = False,
    at: datetime,
) -> dict[str, int]:
    """Give back what the order still holds by the ledger, and say what that was; a second call finds nothing.

    `was_unpaid`: it was neither paid nor confirmed.

    Two statements: only one that starts after the locks are held sees what a call beside this one has given back.
    """
    await session.execute(LOCK_HELD, {"order_id": order_id})
    returned = {"order_id": order_id, "reason": reason.value, "was_unpaid": was_unpaid, "at": at}
    given = await session.execute(GIVE_BACK, returned)
    return dict(given.all())
