"""The second half of the demo's story: the guest gets an account, staff look at her order, she closes the account."""

import re
from typing import Any

from app.auth.models import StaffRole
from app.cli.demo_story import Story, bearer

LINK = re.compile(r"/verify-email#token=([\w-]+)")


def play(story: Story, order: Any, document: Any) -> None:
    _register(story)
    headers = _log_in(story, order)
    _work(story, order, document)
    _close(story, headers)


def _register(story: Story) -> None:
    declaration = story.keep("registration-declaration", story.ask("GET", "/v1/declarations/registration"))
    wish = {
        "first_name": "Ива",
        "last_name": "Петрова",
        "email": story.email,
        "password": story.password,
        "privacy_declaration": {"version": declaration["version"], "accepted": True},
        "consents": ["registration"],
    }
    story.keep("registration", story.ask("POST", "/v1/auth/register", json=wish))
    token = story.wait("the mail with the link comes", lambda: story.find_in_mails(LINK))
    story.ask("POST", "/v1/auth/verify-email", json={"token": token, "password": story.password})
    print(
        f"9. She asked for an account, accepted the declaration of {declaration['version']} and consented; "
        "the mailed link proved her address."
    )


def _log_in(story: Story, order: Any) -> dict[str, str]:
    form = {"grant_type": "password", "username": story.email, "password": story.password}
    first = story.keep("login", story.ask("POST", "/v1/auth/token", data=form))
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = story.keep("login-refreshed", story.ask("POST", "/v1/auth/token", data=form))
    headers = bearer(second)
    story.keep("profile", story.ask("GET", "/v1/me", headers=headers))

    def claimed() -> Any:
        page = story.ask("GET", "/v1/me/orders", headers=headers)
        return page if [each["number"] for each in page["items"]] == [order["number"]] else None

    story.keep("own-orders", story.wait("the worker finds what she ordered as a guest", claimed))
    print(f"10. Logged in, she has order {order['number']} in her history; her refresh token was rotated.")
    return headers


def _work(story: Story, order: Any, document: Any) -> None:
    headers = story.staff(StaffRole.ACCOUNTANT)
    pdf = story.download(document["pdf"], "invoice-of-the-accountants-login.pdf", headers)
    same = pdf == (story.papers / "invoice.pdf").read_bytes()
    path = f"/v1/staff/orders/{order['number']}"
    story.keep("order-for-support", story.ask("GET", path, headers=story.staff(StaffRole.SUPPORT)))
    print(
        "11. The accountant logged in as a person, with a second factor, and downloaded "
        f"{'the same bytes' if same else 'OTHER BYTES'}; support read the order."
    )
    headers = story.staff(StaffRole.OWNER)
    subjects = (f"download_document document_id:{document['id']}", f"read_order_as_staff number:{order['number']}")
    pages = [story.ask("GET", "/v1/staff/audit", params={"subject": each}, headers=headers) for each in subjects]
    entries = story.keep("audit", [page["items"][0] for page in pages])
    print(f"12. The owner finds both in the audit log: entries {' and '.join(str(e['sequence']) for e in entries)}.")


def _close(story: Story, headers: dict[str, str]) -> None:
    closed = story.ask("DELETE", "/v1/me", headers={**headers, "Accept-Language": "en"})
    story.keep("closed-account", closed)
    print("13. She closed her account. The answer says what went at once, and what is kept:")
    for kept in closed["kept"]:
        until = f"until {kept['until']}" if kept["until"] else "while it lasts"
        print(f"      {until}: {kept['what']} ({kept['law']})")
