"""The end of the demo's story: the guest withdraws from the contract, and staff find her statement with its clock."""

import re
from typing import Any

from app.cli.demo_story import Story

VIEW = re.compile(r"/orders/\d+#view=(\S+)")


def look(story: Story, order: Any) -> None:
    """Open the link in the order's mail, as another device would."""
    key = story.wait("the order's mail comes", lambda: story.find_in_mails(VIEW))
    seen = story.keep("order-view", story.ask("POST", f"/v1/orders/{order['number']}/views", json={"key": key}))
    print(f"   The link in its mail shows it on any device, as {seen['name']}: no address, no phone.")
