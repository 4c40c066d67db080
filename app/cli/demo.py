"""`shop demo`, what `make demo` plays: the whole story over HTTP against a running shop."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
import typer

from app.cli import demo_account, demo_withdrawal
from app.cli.demo_story import Story
from app.core.clock import legal_date


def demo(
    folder: Annotated[Path, typer.Option(help="Where `make run` keeps its data", envvar="SHOP_FOLDER")] = Path("var"),
) -> None:
    """Play the story of one order, of its buyer's account and of her withdrawal, and keep its papers under var/demo."""
    try:
        run = json.loads((folder / "run.json").read_text())
        httpx.get(f"{run['api']}/health/ready", timeout=5).raise_for_status()
    except (OSError, httpx.HTTPError):
        print("No shop is running here. Start one in another terminal: make run", file=sys.stderr)
        raise typer.Exit(1) from None
    papers = folder / "demo"
    papers.mkdir(parents=True, exist_ok=True)
    story = Story(run, papers)
    order = _buy(story)
    demo_withdrawal.look(story, order)
    headers = {"X-Order-Token": order["access_token"]}
    _fulfil(story, order, headers)
    _pull(story, order)
    _hand_over(story, order, headers)
    document = _compare(story, order, headers)
    demo_account.play(story, order, document)
    demo_withdrawal.play(story, order)
    print(f"\nAll papers are in {papers}/")


def _buy(story: Story) -> Any:
    products = story.keep("products", story.ask("GET", "/v1/products"))
    details = [story.ask("GET", f"/v1/products/{product['slug']}") for product in products["items"][:2]]
    skus = [product["variants"][0]["sku"] for product in story.keep("product-details", details)]
    lines = [{"sku": sku, "quantity": quantity} for quantity, sku in enumerate(skus, start=1)]
    cart = story.keep("cart", story.ask("POST", "/v1/carts", json={"lines": lines}))
    quote = story.keep("quote", story.ask("POST", f"/v1/carts/{cart['id']}/quote", json={}))
    print(f"1. A guest put {', '.join(skus)} in a cart: {quote['totals']['total']} EUR with delivery.")
    declaration = story.keep("declaration", story.ask("GET", "/v1/declarations/order"))
    wish = {
        "cart_id": cart["id"],
        "customer": {"first_name": "Ива", "last_name": "Петрова", "email": story.email, "phone": "+359888123456"},
        "delivery": {
            "method": "address",
            "city": "София",
            "postcode": "1618",
            "street": "ул. Българска легия",
            "street_no": "2",
        },
        "payment_method": "cash_on_delivery",
        "expected_total": quote["totals"]["total"],
        "privacy_declaration": {"version": declaration["version"], "accepted": True},
    }
    order = story.ask("POST", "/v1/orders", json=wish, headers={"Idempotency-Key": uuid4().hex})
    story.keep("order", order)
    print(f"2. She accepted the privacy declaration of {declaration['version']} and ordered: no. {order['number']}.")
    return order


def _fulfil(story: Story, order: Any, headers: dict[str, str]) -> None:
    path = f"/v1/orders/{order['number']}"

    def booked() -> Any:
        seen = story.ask("GET", path, headers=headers)
        return seen if seen["shipment"] and seen["shipment"]["status"] == "booked" else None

    seen = story.keep("order-booked", story.wait("the worker books the parcel", booked))
    print(f"3. Speedy booked the parcel: waybill {seen['shipment']['waybill']}.")

    def posted() -> Any:
        state = httpx.get(f"{story.run['icash']}/sim/state", timeout=10).json()
        return next((each for each in state["operations"] if _about(each, order)), None)

    story.keep("icash-operation", story.wait("I-Cash receives the sale", posted))
    print(f"4. I-Cash has the sale: {order['totals']['total']} EUR, to the cent.")


def _about(operation: dict[str, Any], order: Any) -> bool:
    return order["number"] in {str(value) for value in operation.values()}


def _pull(story: Story, order: Any) -> None:
    headers = story.token("courier")

    def ready() -> Any:
        page = story.ask("GET", "/v1/courier/shipments?limit=100", headers=headers)
        return next((item for item in page["items"] if item["order_number"] == order["number"]), None)

    shipment = story.keep("courier-shipment", story.wait("the label is printed", ready))
    story.download(shipment["label"], "label.pdf", headers)
    story.ask("POST", f"/v1/courier/shipments/{shipment['id']}/acknowledgement", headers=headers)
    print("5. The courier's integration pulled the shipment and its label, and acknowledged it.")


def _hand_over(story: Story, order: Any, headers: dict[str, str]) -> None:
    advance = {"reference": order["number"], "to": "accepted"}
    httpx.post(f"{story.run['speedy']}/sim/advance", json=advance, timeout=10).raise_for_status()
    path = f"/v1/orders/{order['number']}"

    def shipped() -> Any:
        seen = story.ask("GET", path, headers=headers)
        return seen if seen["status"] == "shipped" else None

    def issued() -> Any:
        return story.ask("GET", f"{path}/documents", headers=headers)["items"]

    story.keep("order-shipped", story.wait("tracking sees the parcel collected", shipped))
    documents = story.keep("documents", story.wait("the invoice is issued", issued))
    story.download(documents[0]["pdf"], "invoice.pdf", headers)
    print(f"6. The parcel is on its way; invoice {documents[0]['number']} was issued and mailed (var/mail/).")


def _compare(story: Story, order: Any, own: dict[str, str]) -> Any:
    headers = story.token("accountant")
    month = f"{legal_date(datetime.now(UTC)):%Y-%m}"
    page = story.keep("accounting-documents", _all_documents(story, month, headers))
    document = next(each for each in page if each["order_number"] == order["number"])
    pdf = story.download(document["pdf"], "invoice-of-the-accountant.pdf", headers)
    same = pdf == (story.papers / "invoice.pdf").read_bytes()
    which = "the same bytes" if same else "OTHER BYTES"
    print(f"7. The accountant's script downloaded invoice {document['number']}: {which}.")
    archive = story.download(f"/v1/accounting/months/{month}/archive.zip", "month.zip", headers)
    summary = story.keep("month-summary", story.ask("GET", f"/v1/accounting/months/{month}/summary", headers=headers))
    listed = ", ".join(each["check"] for each in summary["differences"])
    agrees = "all checks agree" if summary["agrees"] else f"listed as differences: {listed}"
    print(f"   And the whole month in one archive, {len(archive) / 2**20:.1f} MiB: {agrees}.")
    accepted = story.ask("GET", f"/v1/orders/{order['number']}/declaration", headers=own)
    story.keep("accepted-declaration", accepted)
    print(f"8. The exact text she accepted can be shown: sha256 {accepted['sha256'][:16]}….")
    return document


def _all_documents(story: Story, month: str, headers: dict[str, str]) -> list[Any]:
    items: list[Any] = []
    cursor: str | None = None
    while True:
        query = {"month": month, "limit": "100", **({"cursor": cursor} if cursor else {})}
        page = story.ask("GET", "/v1/accounting/documents", params=query, headers=headers)
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items
