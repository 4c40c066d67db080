"""Goes through the books after the faults: everything that was promised is there, once, to the cent."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from decimal import Decimal

from app.core.money import Money
from tests.faults.buyers import Bought
from tests.faults.house import STOCK, House


async def nothing_lost_nothing_doubled(
    house: House, bought: Collection[Bought], *, paid: Collection[str], invoiced: Collection[str]
) -> None:
    """Compare the shop, Speedy and I-Cash with what the buyers were told.

    `paid` are the orders paid by transfer, `invoiced` those that must have an invoice, by number.
    """
    assert await house.unfinished() == {}, "jobs that are waiting, under way or parked"
    orders = {order.number: order for order in bought}
    assert len(orders) == len(bought), "two buyers were given one number"
    await _orders(house, orders)
    sold = {number: order for number, order in orders.items() if order.method == "cash_on_delivery" or number in paid}
    await _parcels(house, sold)
    await _sales(house, sold)
    await _invoices(house, orders, invoiced)
    await _mails(house, orders, paid, invoiced)
    await _stock(house)
    await _nobody_is_needed(house)


async def _orders(house: House, orders: Mapping[str, Bought]) -> None:
    rows = await house.rows("SELECT lpad(number::text, 9, '0'), idempotency_key, total FROM orders")
    assert {number: (key, Money(cents)) for number, key, cents in rows} == {
        order.number: (order.key, order.total) for order in orders.values()
    }
    assert len(rows) == len(orders)
    [(acceptances, payments)] = await house.rows(
        "SELECT (SELECT count(*) FROM acceptances), (SELECT count(*) FROM payments)"
    )
    assert (acceptances, payments) == (len(orders), len(orders))


async def _parcels(house: House, sold: Mapping[str, Bought]) -> None:
    shipments = await house.speedy_state()
    collected = {
        number: str(order.total) if order.method == "cash_on_delivery" else None for number, order in sold.items()
    }
    assert Counter(shipment["reference"] for shipment in shipments) == Counter(sold.keys())
    assert {shipment["reference"]: shipment["cash_on_delivery"] for shipment in shipments} == collected
    assert not [shipment for shipment in shipments if shipment["state"] == "cancelled"]
    kept = await house.rows(
        "SELECT lpad(number::text, 9, '0'), waybill FROM shipments JOIN orders ON orders.id = order_id"
        " JOIN labels ON labels.shipment_id = shipments.id"
    )
    assert sorted(kept) == sorted((shipment["reference"], shipment["id"]) for shipment in shipments)


async def _sales(house: House, sold: Mapping[str, Bought]) -> None:
    operations = await house.icash_state()
    assert Counter(operation["import_reference"] for operation in operations) == Counter(sold.keys())
    lines = await house.rows(
        "SELECT lpad(number::text, 9, '0'), sku, quantity FROM order_lines JOIN orders ON orders.id = order_id"
        " WHERE order_lines.total > 0"
    )
    for operation in operations:
        number = operation["import_reference"]
        assert Decimal(operation["total"]) == sold[number].total.decimal
        entered: Counter[str] = Counter()
        for row in operation["rows"]:
            entered[row["sku"]] += Decimal(row["quantity"])  # type: ignore[assignment] # counted exactly
        assert entered == {sku: quantity for owner, sku, quantity in lines if owner == number}
        amounts = [Decimal(row["quantity"]) * Decimal(row["price"]) for row in operation["rows"]]
        assert sum(amounts) == sold[number].total.decimal
    finished = await house.rows("SELECT count(*) FROM postings WHERE finished_at IS NOT NULL AND concern IS NULL")
    assert finished == [(len(sold),)]


async def _invoices(house: House, orders: Mapping[str, Bought], invoiced: Collection[str]) -> None:
    rows = await house.rows(
        "SELECT documents.number, lpad(orders.number::text, 9, '0'), issued_on, documents.total, pdf, sha256"
        " FROM documents JOIN orders ON orders.id = order_id LEFT JOIN document_files ON document_id = documents.id"
        " ORDER BY documents.number"
    )
    dense([row[0] for row in rows])
    assert Counter(row[1] for row in rows) == Counter(invoiced)
    assert [row[2] for row in rows] == sorted(row[2] for row in rows)
    for _, number, _, cents, pdf, sha256 in rows:
        assert Money(cents) == orders[number].total
        assert bytes(pdf).startswith(b"%PDF")
        assert hashlib.sha256(pdf).hexdigest() == sha256


def dense(numbers: list[str]) -> None:
    """Check that a series has neither gap nor double."""
    assert numbers == [f"{number:010d}" for number in range(1, len(numbers) + 1)]


async def _mails(house: House, orders: Mapping[str, Bought], paid: Collection[str], invoiced: Collection[str]) -> None:
    rows = await house.rows(
        "SELECT kind, lpad(number::text, 9, '0'), state, message_id FROM mails JOIN orders ON orders.id = order_id"
    )
    wanted = Counter([("order_confirmation", number) for number in orders])
    wanted += Counter([("payment_received", number) for number in paid])
    wanted += Counter([("invoice_issued", number) for number in invoiced])
    wanted += Counter([("order_shipped", number) for number in {*invoiced} - {*paid}])  # invoiced as it was handed over
    assert Counter((kind, number) for kind, number, _, _ in rows) == wanted
    assert {state for _, _, state, _ in rows} == {"sent"}
    kept = {file.stem for file in (house.folder / "mail").glob("*.eml")}
    assert len(kept) == len(rows) == len({message_id for *_, message_id in rows})


async def _stock(house: House) -> None:
    rows = await house.rows(
        "SELECT sku, available, (SELECT sum(change) FROM stock_movements WHERE stock_movements.sku = stock.sku),"
        " (SELECT coalesce(sum(quantity), 0) FROM order_lines WHERE order_lines.sku = stock.sku) FROM stock"
    )
    for sku, available, ledger, sold in rows:
        assert (sku, available, ledger) == (sku, STOCK - sold, STOCK - sold)


async def _nobody_is_needed(house: House) -> None:
    concerns = await house.rows(
        "SELECT concern FROM shipments WHERE concern IS NOT NULL UNION ALL SELECT refusal FROM mails WHERE refusal"
        " IS NOT NULL"
    )
    assert concerns == []


async def taken_in_order(house: House) -> None:
    """Check that I-Cash heard of the sales in the order in which they were promised."""
    promised = await house.rows(
        "SELECT lpad(number::text, 9, '0') FROM procrastinate_jobs"
        " JOIN orders ON orders.id = (args->>'order_id')::uuid WHERE task_name = 'post_sale'"
        " ORDER BY procrastinate_jobs.id"
    )
    operations = sorted(await house.icash_state(), key=lambda operation: int(operation["id"]))
    assert [operation["import_reference"] for operation in operations] == [number for (number,) in promised]
