"""The end of the demo's story: the guest withdraws from the contract, and staff find her statement with its clock."""

import re
from typing import Any
from urllib.parse import urlsplit

from app.auth.models import StaffRole
from app.cli.demo_story import Story

VIEW = re.compile(r"/orders/\d+#view=(\S+)")
ENTRANCE = re.compile(r"Откажете се от договора тук: (\S+)")
KEY = re.compile(r'name="key" value="([0-9a-f-]+)"')
BUTTON = re.compile(r"<button>(Потвърждавам отказа)</button>")
REFERENCE = re.compile(r"<strong>(\d+)</strong>")


def look(story: Story, order: Any) -> None:
    """Open the link in the order's mail, as another device would."""
    key = story.wait("the order's mail comes", lambda: story.find_in_mails(VIEW))
    seen = story.keep("order-view", story.ask("POST", f"/v1/orders/{order['number']}/views", json={"key": key}))
    print(f"   The link in its mail shows it on any device, as {seen['name']}: no address, no phone.")


def play(story: Story, order: Any) -> None:
    reference = _state(story, order)
    whole = re.compile(rf"(?s)\A(.*ЗАЯВЛЕНИЕ №\s{reference}\s.*)\Z")
    receipt = story.wait("the receipt comes", lambda: story.find_in_mails(whole))
    (story.papers / "withdrawal-receipt.txt").write_text(receipt)
    print("    The receipt, with content, date and time, came by mail and is kept as proof.")
    _find(story, reference)


def _state(story: Story, order: Any) -> str:
    """Go through the two steps, as a browser without scripts does."""
    entrance = urlsplit(story.wait("the mail shows the entrance", lambda: story.find_in_mails(ENTRANCE)))
    first = story.page("withdrawal-1.html", f"{entrance.path}?{entrance.query}")
    form = {"name": "Ива Петрова", "order_number": order["number"], "email": story.email, "key": _find_in(KEY, first)}
    second = story.page("withdrawal-2.html", "/withdrawal", form)
    last = story.page("withdrawal-3.html", "/withdrawal/confirmation", form)
    reference = _find_in(REFERENCE, last)
    print(
        f"14. By the entrance in the mail of her order she withdrew, without a login: „{_find_in(BUTTON, second)}“, "
        f"statement no. {reference}."
    )
    return reference


def _find_in(what: re.Pattern[str], page: str) -> str:
    found = what.search(page)
    assert found is not None, what.pattern
    return found[1]


def _find(story: Story, reference: str) -> None:
    headers = story.staff(StaffRole.WAREHOUSE)

    def matched() -> Any:
        items = story.ask("GET", "/v1/staff/withdrawals?limit=100", headers=headers)["items"]
        return next((each for each in items if each["reference"] == reference and each["order_number"]), None)

    stated = story.keep("withdrawal-for-staff", story.wait("the worker finds its order", matched))
    print(
        f"15. Staff find it in their queue, of order {stated['order_number']}: "
        f"the money is due back by {stated['refund_due_on']}."
    )
