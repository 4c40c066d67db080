"""What a test does with an order after it was placed, and what it then looks at."""

import email
import io
from datetime import date, datetime
from email import policy
from email.message import EmailMessage
from functools import lru_cache
from typing import Any

import httpx
from pypdf import PdfReader

from app.core import jobs
from app.core.money import Money
from app.core.personal import Recipient
from app.fulfilment.concerns import list_concerns
from app.fulfilment.paying import receive_payment
from app.integrations.speedy.simulator.shipments import Shipment, State
from app.orders import queries as orders
from app.privacy import disclosing
from tests.shop import Shop
from tests.sketches import drawn

COMPANY = {
    "company_name": "Зъбна ООД",
    "eik": "175074752",
    "vat_number": "BG175074752",
    "city": "Пловдив",
    "address": "бул. Шести септември 8",
    "responsible_person": "Петър Иванов",
}
OFFICE = {"method": "office", "office_id": 14}
TRANSFER = "bank_transfer"
ASKED_ONCE = {"/validation/address": 1}
"""What Speedy is asked when an order is placed: whether it goes there."""
HISTORY = (
    'SELECT order_events.status, at, "by" FROM order_events JOIN orders ON orders.id = order_id WHERE number = :number'
    " ORDER BY order_events.id"
)
DISCLOSED = (
    "SELECT recipient, what, means, categories, purpose, ground, actor FROM disclosures"
    " ORDER BY disclosed_at, recipient DESC, what DESC"
)


def guest(order: dict[str, Any]) -> dict[str, str]:
    """Give the header with which a guest opens an order."""
    return {"X-Order-Token": order["access_token"]}


async def read(shop: Shop, order: dict[str, Any]) -> dict[str, Any]:
    answer = await shop.http.get(order["links"]["self"], headers=guest(order))
    assert answer.status_code == httpx.codes.OK, answer.text
    seen: dict[str, Any] = answer.json()
    return seen


async def cancel(shop: Shop, order: dict[str, Any]) -> httpx.Response:
    return await shop.http.post(f"{order['links']['self']}/cancellation", headers=guest(order))


async def documents(shop: Shop, order: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await shop.http.get(order["links"]["documents"], headers=guest(order))
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def own_pdf(shop: Shop, order: dict[str, Any]) -> bytes:
    """Download the one document of an order as its guest."""
    [document] = await documents(shop, order)
    return (await shop.http.get(document["pdf"], headers=guest(order))).content


async def pay(shop: Shop, order: dict[str, Any], amount: str | None = None) -> None:
    """Note that a bank transfer came."""
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        money = Money.of(amount or order["totals"]["total"])
        await receive_payment(session, found.id, money, reference="FT26327", at=shop.clock.now())


def parcel_of(shop: Shop, order: dict[str, Any]) -> Shipment:
    """Find the one live parcel of an order at Speedy."""
    [parcel] = [
        each for each in shop.speedy.shipments if each.reference == order["number"] and each.state != State.CANCELLED
    ]
    return parcel


async def scan(shop: Shop, order: dict[str, Any], to: State) -> None:
    """Let Speedy move the parcel, ask it, and do what follows."""
    shop.speedy.advance(parcel_of(shop, order), to)
    await shop.track()
    await shop.run_jobs()


async def shipment(shop: Shop, order: dict[str, Any], *columns: str) -> tuple[Any, ...]:
    """Read columns of an order's shipment."""
    wanted = ", ".join(f"shipments.{column}" for column in columns)
    [row] = await shop.rows(
        f"SELECT {wanted} FROM shipments JOIN orders ON orders.id = order_id WHERE number = :number",  # noqa: S608 - columns named by a test
        number=int(order["number"]),
    )
    return row


async def status(shop: Shop, order: dict[str, Any]) -> tuple[str, str]:
    """Tell how far order and shipment have come."""
    seen = await read(shop, order)
    return seen["status"], seen["shipment"]["status"]


async def history(shop: Shop, order: dict[str, Any]) -> list[tuple[str, datetime, str]]:
    return [(*row,) for row in await shop.rows(HISTORY, number=int(order["number"]))]


async def concerns(shop: Shop) -> list[tuple[str, str, str]]:
    async with shop.sessions() as session:
        return [
            (each.about, each.order_number, each.code) for each in await list_concerns(session, at=shop.clock.now())
        ]


async def parked(shop: Shop) -> list[str]:
    """Name the jobs that wait for a person."""
    async with shop.sessions() as session:
        return [job.name for job in await jobs.list_parked(session)]


async def release(shop: Shop) -> None:
    """Run every parked job again, as staff does once it is mended."""
    async with shop.sessions.begin() as session:
        for job in await jobs.list_parked(session):
            assert await jobs.release(session, job_id=job.id)
    await shop.run_jobs()


async def retry(shop: Shop, *, concurrency: int = 1) -> None:
    """Let the waiting time of what failed pass, and try it again."""
    await shop.make_due()
    await shop.run_jobs(concurrency=concurrency)


async def end_agreement(shop: Shop, recipient: Recipient) -> None:
    """Put on record that the agreement with a recipient is over."""
    async with shop.sessions.begin() as session:
        await disclosing.record_agreement(
            session,
            recipient,
            reference="Д-1/2026",
            signed_on=date(2026, 1, 2),
            ends_on=date(2026, 11, 1),
            at=shop.clock.now(),
            by="test",
        )


def letters(shop: Shop, subject: str) -> list[EmailMessage]:
    """Read the mails that were sent under a subject with these words."""
    sent = [
        email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in sorted(shop.mails.glob("*.eml"))
    ]
    return [letter for letter in sent if subject in letter["Subject"]]


def attached(letter: EmailMessage) -> list[tuple[str | None, bytes]]:
    return [(part.get_filename(), part.get_content()) for part in letter.iter_attachments()]


@lru_cache(maxsize=200)
def pdf_text(pdf: bytes) -> str:
    """Read what a PDF says, spaces made plain."""
    pages = PdfReader(io.BytesIO(drawn(pdf))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\N{NO-BREAK SPACE}", " ").split())
