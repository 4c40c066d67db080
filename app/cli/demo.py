"""`shop demo`, what `make demo` plays: the whole story over HTTP against a running shop."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
import typer

from app.core.clock import legal_date

PATIENCE_SECONDS = 90
SECRETS = frozenset({"access_token", "client_secret"})


class Story:
    """Speaks with the shop as each of its users does, and keeps what they are given."""

    def __init__(self, run: dict[str, Any], papers: Path) -> None:
        self.run = run
        self.papers = papers
        self.step = 0
        self.http = httpx.Client(base_url=run["api"], timeout=30)

    def ask(self, method: str, path: str, **request: Any) -> Any:
        answer = self.http.request(method, path, **request)
        if answer.is_error:
            raise typer.BadParameter(f"{method} {path} answered {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else None

    def keep(self, name: str, content: Any) -> Any:
        """Write a step's JSON under var/demo, its secrets struck out."""
        self.step += 1
        text = json.dumps(_struck(content), ensure_ascii=False, indent=2)
        (self.papers / f"{self.step:02d}-{name}.json").write_text(text + "\n")
        return content

    def download(self, path: str, name: str, headers: dict[str, str]) -> bytes:
        answer = self.http.get(path, headers=headers)
        if answer.is_error or not answer.content.startswith(b"%PDF"):
            raise typer.BadParameter(f"{path} gave no PDF: {answer.status_code}")
        (self.papers / name).write_bytes(answer.content)
        return answer.content

    def token(self, who: str) -> dict[str, str]:
        login = next(login for login in self.run["logins"] if login["who"] == who)
        form = {"grant_type": "client_credentials"}
        answer = self.ask("POST", "/v1/auth/token", data=form, auth=(login["login"], login["password"]))
        return {"Authorization": f"Bearer {answer['access_token']}"}

    def wait(self, what: str, look: Callable[[], Any]) -> Any:
        """Look until there is something to see, showing that we wait."""
        started = time.monotonic()
        print(f"   … {what} ", end="", flush=True)
        while time.monotonic() - started < PATIENCE_SECONDS:
            if found := look():
                print(f"({time.monotonic() - started:.0f} s)")
                return found
            print(".", end="", flush=True)
            time.sleep(0.5)
        print()
        raise typer.BadParameter(f"{what}: nothing after {PATIENCE_SECONDS} s; see var/log/")


def demo(
    folder: Annotated[Path, typer.Option(help="Where `make run` keeps its data", envvar="SHOP_FOLDER")] = Path("var"),
) -> None:
    """Play the story of one order and keep its papers under var/demo."""
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
    headers = {"X-Order-Token": order["access_token"]}
    _fulfil(story, order, headers)
    _pull(story, order)
    _hand_over(story, order, headers)
    _account(story, order, headers)
    print(f"\nAll papers are in {papers}/")


def _buy(story: Story) -> Any:
    products = story.keep("products", story.ask("GET", "/v1/products"))
    details = [story.ask("GET", f"/v1/products/{product['slug']}") for product in products["items"][:2]]
    skus = [product["variants"][0]["sku"] for product in story.keep("product-details", details)]
    cart = story.ask("POST", "/v1/carts")
    for quantity, sku in enumerate(skus, start=1):
        story.ask("PUT", f"/v1/carts/{cart['id']}/lines/{sku}", json={"quantity": quantity})
    quote = story.keep("quote", story.ask("POST", f"/v1/carts/{cart['id']}/quote", json={}))
    print(f"1. A guest put {', '.join(skus)} in a cart: {quote['totals']['total']} EUR with delivery.")
    declaration = story.keep("declaration", story.ask("GET", "/v1/declarations/order"))
    wish = {
        "cart_id": cart["id"],
        "customer": {"first_name": "Ива", "last_name": "Петрова", "email": "iva@example.bg", "phone": "+359888123456"},
        "delivery": {
            "method": "address",
            "city": "София",
            "postcode": "1618",
            "street": "ул. Българска легия",
            "street_no": "2",
        },
        "payment_method": "cash_on_delivery",
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


def _account(story: Story, order: Any, own: dict[str, str]) -> None:
    headers = story.token("accountant")
    month = f"{legal_date(datetime.now(UTC)):%Y-%m}"
    page = story.keep("accounting-documents", _all_documents(story, month, headers))
    document = next(each for each in page if each["order_number"] == order["number"])
    pdf = story.download(document["pdf"], "invoice-of-the-accountant.pdf", headers)
    same = pdf == (story.papers / "invoice.pdf").read_bytes()
    print(f"7. The accountant downloaded invoice {document['number']}: {'the same bytes' if same else 'OTHER BYTES'}.")
    accepted = story.ask("GET", f"/v1/orders/{order['number']}/declaration", headers=own)
    story.keep("accepted-declaration", accepted)
    print(f"8. The exact text she accepted can be shown: sha256 {accepted['sha256'][:16]}….")


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


def _struck(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: "…" if key in SECRETS else _struck(value) for key, value in content.items()}
    return [_struck(each) for each in content] if isinstance(content, list) else content
