"""What operators do from the command line, and that each refusal says what to do."""

from datetime import date
from pathlib import Path

import anyio.to_thread
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.cli import shop as commands
from tests.fulfilment import story
from tests.shop import Shop, as_lesser


class Terminal:
    """A terminal of the shop's operator."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self._environment = {
            "SHOP_DATABASE_URL": as_lesser(shop.database),
            "SHOP_OWNER_DATABASE_URL": shop.database,
            "SHOP_FOLDER": str(folder),
            "SHOP_GUEST_TOKEN_SECRET": shop.settings.guest_token_secret.get_secret_value(),
            "SHOP_SEALING_SECRET": shop.settings.sealing_secret.get_secret_value(),
            "COLUMNS": "250",
            "NO_COLOR": "1",
        }

    async def run(self, *words: str) -> tuple[int, str]:
        """Run a command; gives its exit code and what it printed, the frame of a refusal taken off."""

        def invoke() -> tuple[int, str]:
            result = CliRunner().invoke(commands, words, env=self._environment)
            assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
            return result.exit_code, result.output

        code, output = await anyio.to_thread.run_sync(invoke)
        return code, "\n".join(line.strip("│╭╮╰╯─ ") for line in output.splitlines()).strip()

    async def refused(self, *words: str) -> str:
        """Run a command that is refused; gives the reason."""
        code, said = await self.run(*words)
        assert code == 2, said
        assert "Traceback" not in said
        return said.splitlines()[-1].partition("Invalid value: ")[2]

    async def done(self, *words: str) -> str:
        code, said = await self.run(*words)
        assert code == 0, said
        return said


@pytest.fixture
def terminal(shop: Shop, tmp_path: Path) -> Terminal:
    return Terminal(shop, tmp_path)


async def test_a_payment_that_came_confirms_the_order_and_issues_its_invoice(shop: Shop, terminal: Terminal) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    number = order["number"]
    assert await terminal.done("payments", "receive", number, "30.79", "--reference", "FT26327") == (
        f"Order {number}: 30.79 EUR received."
    )
    await shop.run_jobs()
    assert await shop.rows("SELECT status, bank_reference FROM payments") == [("received", "FT26327")]
    assert await story.status(shop, order) == ("confirmed", "booked")
    assert [document["number"] for document in await story.documents(shop, order)] == ["0000000001"]

    twice = (await terminal.done("payments", "receive", number, "30.79")).splitlines()
    [(first,), (second,)] = await shop.rows("SELECT id FROM receipts ORDER BY id")
    assert twice == [
        f"Order {number}: 30.79 EUR received.",
        f"30.79 EUR is to be settled (surplus): receipt {second}",
        f"The same amount came on that day by receipt {first}: is it the same line of the statement?",
    ]


async def test_a_payment_that_does_not_fit_changes_nothing(shop: Shop, terminal: Terminal) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    number = order["number"]
    for amount in ("30,79", "30.795", "much", "Infinity", "NaN", "", "0", "1000000.01"):
        said = await terminal.refused("payments", "receive", number, amount)
        assert said == "an amount in euro, with a point: 129.90", amount
    for unknown in ("999999999", "1", "x"):
        assert await terminal.refused("payments", "receive", unknown, "30.79") == f"no order has the number {unknown}"
    assert await shop.rows("SELECT status, received_at FROM payments") == [("awaited", None)]
    assert (await shop.count("receipts"), (await story.read(shop, order))["status"]) == (0, "placed")


async def test_typed_c4_what_came_too_little_or_for_nothing_is_recorded(shop: Shop, terminal: Terminal) -> None:
    number = (await shop.ordered(payment_method=story.TRANSFER))["number"]
    part = await terminal.done("payments", "receive", number, "30.00")
    [(receipt_id,)] = await shop.rows("SELECT id FROM receipts")
    assert part.splitlines() == [
        f"Order {number}: 30.00 EUR received.",
        f"30.00 EUR is to be settled (partial): receipt {receipt_id}",
    ]
    assert await terminal.done("payments", "receive", number, "0.79") == f"Order {number}: 0.79 EUR received."
    nameless = await terminal.done("payments", "receive", "-", "12.00", "--reference", "ПЕТРОВА")
    assert "12.00 EUR is to be settled (unmatched): receipt" in nameless
    assert await shop.rows("SELECT status FROM payments") == [("received",)]


async def test_an_agreement_lets_go_what_waited_for_it(shop: Shop, terminal: Terminal) -> None:
    async with shop.sessions.begin() as session:
        await session.execute(text("SET LOCAL shop.erasure = 'named'"))
        await session.execute(text("DELETE FROM agreements WHERE recipient = 'speedy'"))
    order = await shop.ordered()
    await shop.run_jobs()
    waiting = (await terminal.done("jobs", "list")).splitlines()
    job_id = waiting[0].split()[1]
    [(order_id,)] = await shop.rows("SELECT id FROM orders")
    assert waiting == [
        f'job {job_id}  book_shipment  {{"order_id": "{order_id}"}}  after 1 attempts',
        f"order {order['number']}  shipment: agreement_missing",
    ]

    said = await terminal.done(
        *("recipients", "agree", "speedy", "--reference", "Д-7/2026", "--signed-on", "2026-11-02", "--by", "Манол")
    )
    assert said == "Agreement Д-7/2026 with speedy is on record. Release what waited for it: shop jobs list"
    [latest] = await shop.rows(
        "SELECT kind, signed_on, ends_on, recorded_by FROM agreements WHERE reference = 'Д-7/2026'"
    )
    assert latest == ("contract", date(2026, 11, 2), None, "Манол")

    assert await terminal.done("jobs", "release", job_id) == f"Job {job_id} runs again."
    await shop.run_jobs()
    assert shop.speedy.references() == [order["number"]]
    assert await terminal.done("jobs", "list") == "Nothing waits for a person."
    assert await terminal.refused("jobs", "release", job_id) == f"no parked or waiting job has the number {job_id}"


async def test_an_agreement_cannot_end_before_it_begins(shop: Shop, terminal: Terminal) -> None:
    before = await shop.count("agreements")
    said = await terminal.refused(
        *("recipients", "agree", "icash", "--reference", "Д-8", "--signed-on", "2026-11-02", "--ends-on", "2026-11-01")
    )
    assert said == "an agreement ends on the day it was signed or later"
    assert await shop.count("agreements") == before
    code, said = await terminal.run("recipients", "agree", "nobody", "--reference", "Д-8", "--signed-on", "2026-11-02")
    assert code == 2
    assert "'nobody' is not one of 'speedy', 'icash', 'accountant', 'courier'" in said


@pytest.mark.parametrize("unfit", ["\u200b", "Д\u202e-8", " "])
async def test_typed_c3_a_command_takes_no_text_that_nobody_sees(shop: Shop, terminal: Terminal, unfit: str) -> None:
    before = await shop.rows("SELECT * FROM agreements"), await shop.rows("SELECT * FROM recipients")
    code, said = await terminal.run("recipients", "agree", "speedy", "--reference", unfit, "--signed-on", "2026-11-02")
    assert (code, "--reference" in said) == (2, True)
    code, said = await terminal.run("recipients", "name", "accountant", unfit)
    assert (code, "legal_name" in said) == (2, True)
    assert before == (await shop.rows("SELECT * FROM agreements"), await shop.rows("SELECT * FROM recipients"))


async def test_a_recipient_gets_its_name_in_the_register(shop: Shop, terminal: Terminal) -> None:
    said = await terminal.done("recipients", "name", "accountant", "Сметко ООД", "--contact", "office@smetko.bg")
    assert said == "accountant: Сметко ООД"
    assert await shop.rows("SELECT legal_name, contact FROM recipients WHERE key = 'accountant'") == [
        ("Сметко ООД", "office@smetko.bg")
    ]


async def test_a_concern_without_a_parked_job_is_listed_too(shop: Shop, terminal: Terminal) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await story.cancel(shop, order)
    await shop.run_jobs()
    assert await terminal.done("jobs", "list") == f"order {order['number']}  posting: cancelled_after_posting"


async def test_a_concern_that_was_looked_at_is_settled(shop: Shop, terminal: Terminal) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await story.cancel(shop, order)
    number = order["number"]
    assert await terminal.done("jobs", "settle", number, "posting") == (
        f"Order {number}: the concern about its posting is settled."
    )
    said = await terminal.refused("jobs", "settle", number, "posting")
    assert said == f"order {number} has no concern about its posting"
    assert await terminal.refused("jobs", "settle", "999999999", "shipment") == "no order has the number 999999999"


async def test_f1_a_sale_that_is_stuck_is_shown_set_aside_and_released(shop: Shop, terminal: Terminal) -> None:
    order = await shop.ordered()
    # An outage: no concern of this sale, however long it takes.
    shop.icash.fail("html-502", times=1000, committed=False)
    await shop.run_jobs()
    for _ in range(2):
        await story.retry(shop)
    [shown] = (await terminal.done("jobs", "list")).splitlines()
    job_id = shown.split()[1]
    assert shown.startswith(f"job {job_id}  post_sale  ")
    assert shown.endswith("after 3 attempts, is tried again")
    said = await terminal.done("jobs", "set-aside", job_id)
    assert said == f"Job {job_id} is set aside. Run it again: shop jobs release {job_id}"
    assert await terminal.refused("jobs", "set-aside", job_id) == (
        f"no job that was tried in vain waits with the number {job_id}; is it under way?"
    )
    shop.icash.faults = type(shop.icash.faults)()
    assert await terminal.done("jobs", "release", job_id) == f"Job {job_id} runs again."
    await shop.run_jobs()
    assert [operation.import_reference for operation in shop.icash.operations] == [order["number"]]


async def test_all_parked_jobs_of_a_name_are_released_together(shop: Shop, terminal: Terminal) -> None:
    shop.speedy.conduct.money_transfer_allowed = False
    placed = [await shop.ordered() for _ in range(3)]
    await shop.run_jobs()
    assert await story.parked(shop) == ["book_shipment"] * 3
    shop.speedy.conduct.money_transfer_allowed = True
    assert await terminal.done("jobs", "release", "--all", "post_sale") == "0 jobs run again."
    assert await terminal.done("jobs", "release", "--all", "book_shipment") == "3 jobs run again."
    await shop.run_jobs()
    assert sorted(str(number) for number in shop.speedy.references()) == [order["number"] for order in placed]
    for words in ([], ["1", "--all", "book_shipment"]):
        said = await terminal.refused("jobs", "release", *words)
        assert said == "give the number of one job, or --all and the name of many"
