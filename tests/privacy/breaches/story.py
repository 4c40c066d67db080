"""What the officer does with a breach, over HTTP; constant texts, so that assertions can be exact."""

from typing import Any

import httpx

from app.auth.models import StaffRole
from app.core.personal import Recipient
from tests.shop import Shop

BREACHES = "/v1/staff/breaches"
SUMMARY = "Чужд достъп до профил на служител"
FOUR = {
    "facts": "Паролата на служител е използвана от непознат адрес.",
    "consequences": "Възможни са нежелани обаждания.",
    "measures": "Достъпът е спрян, паролата е сменена.",
}
ASSESSMENT = {"risk": "high", "reasons": "Видени са имена, адреси и телефони."}
WORDS = {
    "bg": {
        "nature": "Непознат видя данните на Вашата поръчка.",
        "consequences": "Възможно е да получите нежелани обаждания.",
        "measures": "Спряхме достъпа.",
        "advice": "Не отваряйте съмнителни връзки.",
    },
    "en": {
        "nature": "A stranger saw the data of your order.",
        "consequences": "You may receive unwanted calls.",
        "measures": "We ended the access.",
    },
}


class Desk:
    """An officer at the breach desk."""

    def __init__(self, shop: Shop, headers: dict[str, str]) -> None:
        self.shop, self.headers = shop, headers

    async def ask(self, verb: str, path: str = "", **body: Any) -> httpx.Response:
        return await self.shop.http.request(verb, f"{BREACHES}{path}", headers=self.headers, json=body or None)

    async def do(self, verb: str, path: str = "", **body: Any) -> dict[str, Any]:
        answer = await self.ask(verb, path, **body)
        assert answer.is_success, answer.text
        done: dict[str, Any] = answer.json()
        return done

    async def refused(self, verb: str, path: str = "", **body: Any) -> dict[str, Any]:
        answer = await self.ask(verb, path, **body)
        assert answer.is_client_error, answer.text
        problem: dict[str, Any] = answer.json()
        return problem

    async def record(self, **changes: Any) -> str:
        """Record a breach discovered now; returns its path."""
        made = await self.do("POST", summary=SUMMARY, **{"channel": "staff", **changes})
        return f"/{made['id']}"

    async def document(self, breach: str, **assessment: str) -> None:
        """Enter the four fields."""
        for kind, text in FOUR.items():
            await self.do("POST", f"{breach}/entries", kind=kind, text=text)
        await self.do("POST", f"{breach}/assessment", **{**ASSESSMENT, **assessment})

    async def compute(self, breach: str, *searches: dict[str, str]) -> dict[str, Any]:
        return await self.do("PUT", f"{breach}/people", searches=list(searches))

    async def people(self, breach: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.do("GET", f"{breach}/people"))["items"]
        return sorted(found, key=lambda person: person["email"] or "")

    async def notify(self, breach: str, **changes: Any) -> dict[str, Any]:
        """Draft a notification and record that it was sent by e-mail."""
        drafted = await self.do("POST", f"{breach}/notifications")
        path = f"{breach}/notifications/{drafted['id']}/sending"
        return await self.do("POST", path, **{"means": "email", **changes})


async def officer(shop: Shop, email: str = "officer@shop.example") -> Desk:
    return Desk(shop, await shop.staff(StaffRole.PRIVACY_OFFICER, email=email))


async def later(desk: Desk, **by: float) -> Desk:
    """Let time go by; the officer's token expires meanwhile, so that the owner goes on."""
    desk.shop.clock.advance(**by)
    email = f"owner{desk.shop.clock.now():%d%H%M%S}@shop.example"
    return Desk(desk.shop, await desk.shop.staff(StaffRole.OWNER, email=email))


async def watch(shop: Shop) -> None:
    """Look at the clocks and the letters, as the periodic job does, and do what follows."""
    [watching] = [periodic for periodic in shop.work.periodic if periodic.name == "watch_breaches"]
    await watching.run()
    await shop.run_jobs()
    await watching.run()


def handed_to(recipient: Recipient, shop: Shop) -> dict[str, str]:
    """Search for all that a recipient was given until now."""
    return {"by": "recipient", "recipient": recipient, "until": shop.clock.now().isoformat()}
