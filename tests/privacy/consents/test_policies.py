"""Versions of texts: published by who may, in force from their day, announced where they are material (S85, C21)."""

from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.auth.models import StaffRole
from app.integrations.speedy.simulator.shipments import State
from app.privacy.policies import announcing
from app.privacy.policies.announcing import Announcing
from app.privacy.policies.jobs import AnnounceChange
from tests.fulfilment.story import letters, scan
from tests.privacy.consents.lists import WITHDRAWALS, subscribe
from tests.privacy.rights.asking import problem
from tests.shop import Shop, a_wish

TEXTS = "/v1/staff/texts"
CHANGED = "Промяна в политиката за защита на личните данни"
TEXT = {"title": "Политика", "text": "Нова точка.\n\nИ още една."}


def a_text(**changes: Any) -> dict[str, Any]:
    return {
        "purpose": "policy",
        "version": "2026-12-01",
        "effective_on": "2026-12-01",
        "material": True,
        "bg": TEXT,
        "en": {"title": "Policy", "text": "A new point."},
        **changes,
    }


async def publish(shop: Shop, **changes: Any) -> httpx.Response:
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER, email=f"o{shop.clock.at.timestamp()}@shop.example")
    return await shop.http.post(TEXTS, json=a_text(**changes), headers=officer)


async def told(shop: Shop) -> list[str]:
    await shop.run_jobs()
    return sorted(str(letter["To"]) for letter in letters(shop, CHANGED))


async def of(shop: Shop, email: str, **changes: Any) -> dict[str, Any]:
    return await shop.ordered(customer={**a_wish("")["customer"], "email": email}, **changes)


async def test_c21_a_material_change_is_told_once_to_each_with_whom_there_is_a_ground(shop: Shop) -> None:
    await shop.account("account@example.bg")
    await subscribe(shop)
    await of(shop, "under-way@example.bg")
    await of(shop, "Account@example.bg")
    over = await of(shop, "over@example.bg")
    await shop.run_jobs()
    await scan(shop, over, State.DELIVERED)
    await of(shop, "said-no@example.bg", consents=["newsletter"])
    await shop.http.post(WITHDRAWALS, json={"email": "said-no@example.bg"})
    async with shop.sessions.begin() as session:
        # Nothing is under way any more with these two: one wished for the newsletter and never confirmed it.
        await session.execute(text("UPDATE orders SET status = 'cancelled' WHERE email IN ('said-no@example.bg')"))
    assert (await publish(shop)).status_code == httpx.codes.CREATED
    assert await told(shop) == ["Account@example.bg", "iva@example.bg", "under-way@example.bg"]
    shop.clock.advance(minutes=1)
    [(declaration_id,)] = await shop.rows(
        "SELECT id FROM declarations WHERE (purpose, version) = ('policy', '2026-12-01')"
    )
    handler = shop.work.handlers[AnnounceChange]
    await handler(AnnounceChange(declaration_id))
    assert len(await told(shop)) == 3, "each once"
    [letter] = [each for each in letters(shop, CHANGED) if each["To"] == "under-way@example.bg"]
    plain = letter.get_body(("plain",))
    assert plain is not None
    words = plain.get_content()
    for stated in ("1 декември 2026", "Пишем Ви, защото имате поръчка, която изпълняваме.", "versions/2026-12-01"):
        assert stated in " ".join(words.split())
    assert letter["List-Unsubscribe"] is None


@pytest.mark.parametrize("changes", [{"material": False}, {"purpose": "review", "version": "2026-12-02"}])
async def test_what_is_not_material_or_is_shown_before_each_act_is_not_mailed(
    shop: Shop, changes: dict[str, Any]
) -> None:
    await shop.account()
    assert (await publish(shop, **changes)).status_code == httpx.codes.CREATED
    assert await shop.jobs() == {}


async def test_an_announcement_cut_off_goes_on_and_tells_nobody_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "BATCH", 2)
    for number in range(5):
        await shop.account(f"buyer-{number}@example.bg")
    tell = Announcing._tell
    batches = 0

    async def cut(self: Announcing, *arguments: Any) -> None:
        nonlocal batches
        batches += 1
        if batches == 2:
            raise ConnectionResetError
        await tell(self, *arguments)

    monkeypatch.setattr(Announcing, "_tell", cut)
    assert (await publish(shop)).status_code == httpx.codes.CREATED
    await shop.run_jobs()
    assert await shop.count("announcements") == 2
    await shop.make_due()
    assert await told(shop) == [f"buyer-{number}@example.bg" for number in range(5)]
    assert await shop.count("announcements") == 5


async def test_of_who_agrees_no_more_when_the_letter_is_written_it_is_not_sent(shop: Shop) -> None:
    me = await shop.account()
    await publish(shop)
    [(declaration_id,)] = await shop.rows(
        "SELECT id FROM declarations WHERE (purpose, version) = ('policy', '2026-12-01')"
    )
    await shop.work.handlers[AnnounceChange](AnnounceChange(declaration_id))
    assert (await shop.http.delete("/v1/me", headers=me)).status_code == httpx.codes.OK
    assert await told(shop) == []


async def test_s85_a_text_is_in_force_from_its_day_in_bulgaria_and_all_before_it_stay(shop: Shop) -> None:
    made = await publish(shop, purpose="cookies", version="2", effective_on="2026-11-24", material=False)
    assert (made.status_code, made.headers["location"]) == (201, "/v1/declarations/cookies/versions/2")
    assert (await shop.http.get("/v1/policies/cookies")).json()["version"] == "2026-11-22"
    shop.clock.advance(hours=12)  # midnight in Bulgaria, ten in the evening in London
    shown = (await shop.http.get("/v1/policies/cookies")).json()
    assert (shown["version"], shown["text"]) == ("2", "Политика\n\nНова точка.\n\nИ още една.\n")
    assert (await shop.http.get("/v1/declarations/cookies/versions/2026-11-22")).json()["version"] == "2026-11-22"
    audited = "SELECT subject FROM audit_entries WHERE action = 'text_published'"
    assert await shop.rows(audited) == [("text:cookies/2",)]


@pytest.mark.parametrize(
    ("changes", "status", "kind"),
    [
        ({"version": "2023-08-22"}, 409, "version-published"),
        ({"effective_on": "2026-11-22"}, 422, "effective-too-early"),
        ({"effective_on": "2026-02-30"}, 422, "invalid"),
        ({"version": "нова"}, 422, "invalid"),
        ({"bg": {"title": "", "text": "x"}}, 422, "invalid"),
        ({"purpose": "marketing"}, 422, "invalid"),
        ({"material": "yes"}, 422, "invalid"),
        ({"author": "x"}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_published_is_refused_and_nothing_is_said(
    shop: Shop, changes: dict[str, Any], status: int, kind: str
) -> None:
    before = await shop.count("declarations")
    assert problem(await publish(shop, **changes)) == (status, kind)
    assert await shop.count("declarations") == before
    assert await shop.jobs() == {}


async def test_the_shops_own_policy_can_be_published_anew_and_the_longest_text_too(shop: Shop) -> None:
    for version, words in (("2026-12-01", await whole_policy(shop)), ("2026-12-02", "я" * 80_000)):
        text = {"title": "Политика", "text": words}
        made = await publish(shop, version=version, material=False, bg=text, en=text)
        assert made.status_code == httpx.codes.CREATED, made.text
        shown = (await shop.http.get(f"/v1/declarations/policy/versions/{version}")).json()
        assert shown["text"] == f"Политика\n\n{words}\n"
        shop.clock.advance(seconds=1)
    longer = {"title": "Политика", "text": "я" * 80_001}
    assert problem(await publish(shop, version="2026-12-03", bg=longer)) == (422, "invalid")


async def whole_policy(shop: Shop) -> str:
    return str((await shop.http.get("/v1/policies/privacy")).json()["text"]).partition("\n")[2].strip()


async def test_todays_day_may_be_named(shop: Shop) -> None:
    today = date(2026, 11, 23)
    assert (await publish(shop, effective_on=str(today))).status_code == httpx.codes.CREATED
