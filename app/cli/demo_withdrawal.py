"""The end of the demo's story: the guest withdraws from the contract, and staff find her statement with its clock."""

import re
from typing import Any
from uuid import uuid4

from app.cli.demo_story import Story

VIEW = re.compile(r"/orders/\d+#view=(\S+)")


def look(story: Story, order: Any) -> None:
    """Open the link in the order's mail, as another device would."""
    key = story.wait("the order's mail comes", lambda: story.find_in_mails(VIEW))
    seen = story.keep("order-view", story.ask("POST", f"/v1/orders/{order['number']}/views", json={"key": key}))
    print(f"   The link in its mail shows it on any device, as {seen['name']}: no address, no phone.")


def play(story: Story, order: Any) -> None:
    stated = _state(story, order)
    _receive(story, stated)


def _state(story: Story, order: Any) -> Any:
    texts = story.keep("texts-of-an-order", story.ask("GET", "/v1/texts", params={"place": "order"}))
    statement = {
        "name": "Ива Петрова",
        "order_number": order["number"],
        "email": story.email,
        "key": str(uuid4()),
    }
    stated = story.keep("withdrawal", story.ask("POST", "/v1/withdrawals", json=statement))
    labels = texts["labels"]
    print(
        f"14. „{labels['withdraw']['bg']}“: without a login she stated that she withdraws, as the page behind it does "
        f"at „{labels['confirm_withdrawal']['bg']}“: statement no. {stated['reference']}."
    )
    return stated


def _receive(story: Story, stated: Any) -> None:
    whole = re.compile(rf"(?s)\A(.*ЗАЯВЛЕНИЕ №\s{stated['reference']}\s.*)\Z")
    receipt = story.wait("the receipt comes", lambda: story.find_in_mails(whole))
    (story.papers / "withdrawal-receipt.txt").write_text(receipt)
    print("    Its receipt, with content, date and time, is kept as proof as it was mailed.")
