"""The order history of an account with a thousand orders, against one indexed query; alone, and among many orders."""

from typing import Any

import httpx

from app.auth.passwords import HASHER
from benchmarks.accounts import INSERT
from benchmarks.driver import HOST, repeat, request
from benchmarks.measuring import Contender, compete
from benchmarks.ordering import an_order
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage
from benchmarks.verifying import PASSWORD

OWN, ALL = 1_000, 100_000
FIRST_NUMBER = 700_000_000

# Copies of one order: the first are the account's, the later ones of a thousand others. The foreign keys to carts
# and accounts are off for this session alone.
COPIES = """
SET session_replication_role = replica;
CREATE TEMP TABLE made AS SELECT n, lpad(to_hex(n), 31, '0') AS id FROM generate_series({first}, {last}) AS n;
INSERT INTO orders SELECT copy.* FROM made, orders AS one, jsonb_populate_record(one, jsonb_build_object(
    'id', '7' || made.id, 'number', {base} + n, 'cart_id', '6' || made.id, 'acceptance_id', '5' || made.id,
    'account_id', CASE WHEN n <= {own} THEN one.account_id::text ELSE 'f' || lpad(to_hex(n % 1000), 31, '0') END,
    'idempotency_key', 'history-' || n)) AS copy WHERE one.number = {number};
INSERT INTO acceptances SELECT copy.* FROM made, orders JOIN acceptances AS one ON one.id = orders.acceptance_id,
    jsonb_populate_record(one, jsonb_build_object('id', '5' || made.id)) AS copy WHERE orders.number = {number};
INSERT INTO order_lines SELECT copy.* FROM made, orders AS one JOIN order_lines AS line ON line.order_id = one.id,
    jsonb_populate_record(line, jsonb_build_object('order_id', '7' || made.id)) AS copy WHERE one.number = {number};
INSERT INTO payments SELECT copy.* FROM made, orders AS one JOIN payments AS payment ON payment.order_id = one.id,
    jsonb_populate_record(payment, jsonb_build_object('id', '4' || made.id, 'order_id', '7' || made.id)) AS copy
    WHERE one.number = {number};
INSERT INTO shipments SELECT copy.* FROM made, orders AS one JOIN shipments AS shipment ON shipment.order_id = one.id,
    jsonb_populate_record(shipment, jsonb_build_object('id', '3' || made.id, 'order_id', '7' || made.id)) AS copy
    WHERE one.number = {number};
DROP TABLE made;
ANALYZE orders; ANALYZE acceptances; ANALYZE order_lines; ANALYZE payments; ANALYZE shipments
"""


async def history_figures(stage: Stage, report: Report) -> None:
    bearer, order = await _order_of_an_account(stage)
    with stage.superuser() as connection:
        found = connection.execute("SELECT account_id FROM orders WHERE number = %s", [int(order["number"])]).fetchone()
    assert found
    _copy(stage, order["number"], 1, OWN)
    ours = repeat(request("GET", "/v1/me/orders", bearer))
    query = repeat(request("GET", f"/history/{found[0]}"))
    api, bare = [stage.api, stage.server], [stage.bare, stage.server]
    (alone,) = await compete(Contender(f"history of {OWN:,} orders, alone", stage.api_port, api, ours))
    among_many(stage, order["number"])
    among, its = await compete(
        Contender(f"history of {OWN:,} orders, among {ALL:,}", stage.api_port, api, ours),
        Contender("one indexed query, 20 rows", stage.bare_port, bare, query),
    )
    report.add(alone, among, its)
    report.figures += [
        Figure.part_of("order history (20), of one indexed query", among, its, 50, aim=70),
        Figure.below("the same, CPU with 100 times the orders", among.cpu / alone.cpu, 1.3, "×"),
    ]


def among_many(stage: Stage, number: str) -> None:
    """Put a hundred thousand orders of others beside it, unless another part did."""
    with stage.superuser() as connection:
        found = connection.execute("SELECT FROM orders WHERE number = %s", [FIRST_NUMBER + ALL]).fetchone()
    if found is None:
        _copy(stage, number, OWN + 1, ALL)


async def _order_of_an_account(stage: Stage) -> tuple[dict[str, str], Any]:
    """Log an account in and place its order; returns the header of its calls, and the order."""
    with stage.superuser() as connection:
        connection.execute(INSERT.replace("bench-", "history-"), [HASHER.hash(PASSWORD), 1])
    form = {"grant_type": "password", "username": "history-0@example.bg", "password": PASSWORD}
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{stage.api_port}") as client:
        given = (await client.post("/v1/auth/token", data=form)).raise_for_status().json()
        bearer = {"authorization": f"Bearer {given['access_token']}"}
    return bearer, await an_order(stage, bearer)


def _copy(stage: Stage, number: str, first: int, last: int) -> None:
    with stage.superuser() as connection:
        connection.execute(COPIES.format(number=int(number), first=first, last=last, own=OWN, base=FIRST_NUMBER))
