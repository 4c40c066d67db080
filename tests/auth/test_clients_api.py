"""Machine clients, as the owner manages them: secrets shown once, networks enforced, each change audited."""

from typing import Any

import httpx

from app.auth import service
from app.auth.models import Client, StaffRole
from app.auth.scopes import ACTS_FOR, PERMITS, Scope
from app.core.personal import Recipient
from tests.auth.members import UNAUTHENTICATED, audited, of_role
from tests.problems import of_kind
from tests.shop import Shop, Transport

CLIENTS = "/v1/staff/clients"
DOCUMENTS = "/v1/accounting/documents?month=2026-11"
HERE, ELSEWHERE = "127.0.0.1", "192.0.2.7"


async def make(shop: Shop, owner: dict[str, str], **changes: Any) -> dict[str, str]:
    wish = {"name": "Счетоводство", "scopes": ["accounting"], **changes}
    answer = await shop.http.post(CLIENTS, json=wish, headers=owner)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    assert answer.headers["cache-control"] == "no-store"
    made: dict[str, str] = answer.json()
    return made


async def token(shop: Shop, made: dict[str, str], address: str = HERE) -> httpx.Response:
    transport = Transport(shop.app, client=(address, 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as http:
        return await http.post(
            "/v1/auth/token",
            data={"grant_type": "client_credentials"},
            auth=(made["client_id"], made["client_secret"]),
        )


async def documents(shop: Shop, bearer: str, address: str = HERE) -> tuple[int, dict[str, Any]]:
    transport = Transport(shop.app, client=(address, 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as http:
        answer = await http.get(DOCUMENTS, headers={"Authorization": f"Bearer {bearer}"})
        return answer.status_code, answer.json()


async def test_a_client_is_made_listed_renewed_and_revoked(shop: Shop) -> None:
    owner, actor = await of_role(shop, StaffRole.OWNER)
    first = await make(shop, owner)
    client_id = first["client_id"]
    assert (await token(shop, first)).status_code == 200
    listed = await shop.http.get(CLIENTS, headers=owner)
    assert listed.json() == {
        "items": [
            {
                "id": client_id,
                "name": "Счетоводство",
                "scopes": ["accounting"],
                "recipient": "accountant",
                "networks": None,
                "created_at": "2026-11-23T10:00:00Z",
                "last_used_at": "2026-11-23T10:00:00Z",
                "previous_valid_until": None,
                "revoked_at": None,
            }
        ]
    }
    rotated = await shop.http.post(f"{CLIENTS}/{client_id}/secret", json={"overlap_hours": 1}, headers=owner)
    assert (rotated.status_code, rotated.headers["cache-control"]) == (200, "no-store")
    second = rotated.json()
    assert [(await token(shop, each)).status_code for each in (first, second)] == [200, 200]
    shop.clock.advance(hours=1)
    owner = await shop.staff(StaffRole.OWNER, email="other@shop.example")
    assert [(await token(shop, each)).status_code for each in (first, second)] == [401, 200]

    live = (await token(shop, second)).json()["access_token"]
    for _ in range(2):
        assert (await shop.http.delete(f"{CLIENTS}/{client_id}", headers=owner)).status_code == 204
    assert (await token(shop, second)).json()["error"] == "invalid_client"
    assert await documents(shop, live) == (401, UNAUTHENTICATED)
    late = await shop.http.post(f"{CLIENTS}/{client_id}/secret", json={}, headers=owner)
    assert (late.status_code, late.json()) == (
        409,
        {
            **of_kind("client-revoked"),
            "title": "Клиентът е прекратен",
            "status": 409,
            "detail": "Създайте нов клиент.",
        },
    )
    shown = (await shop.http.get(CLIENTS, headers=owner)).text
    assert first["client_secret"] not in shown
    assert second["client_secret"] not in shown
    subject = f"client:{client_id}"
    entries = await audited(shop)
    assert entries[:2] == [
        (actor, "client_created", subject, "accounting"),
        (actor, "client_rotated", subject, "overlap_hours: 1"),
    ]
    assert [(row[1], row[2]) for row in entries[2:]] == [("client_revoked", subject)]


async def test_a_client_calls_from_its_networks_alone(shop: Shop) -> None:
    owner, actor = await of_role(shop, StaffRole.OWNER)
    made = await make(shop, owner, networks=["127.0.0.0/8", "2001:db8::7"])
    live = (await token(shop, made)).json()["access_token"]
    stranger = await token(shop, {**made, "client_secret": "cs_wrong"}, ELSEWHERE)
    refused = await token(shop, made, ELSEWHERE)
    assert (refused.status_code, refused.content) == (401, stranger.content)
    assert (await documents(shop, live))[0] == 200
    assert await documents(shop, live, ELSEWHERE) == (401, UNAUTHENTICATED)

    networks = f"{CLIENTS}/{made['client_id']}/networks"
    limited = await shop.http.put(networks, json={"networks": [ELSEWHERE]}, headers=owner)
    assert (limited.status_code, limited.json()["networks"]) == (200, [ELSEWHERE])
    assert [(await documents(shop, live, address))[0] for address in (HERE, ELSEWHERE)] == [401, 200]
    assert (await shop.http.put(networks, json={"networks": None}, headers=owner)).json()["networks"] is None
    assert [(await documents(shop, live, address))[0] for address in (HERE, ELSEWHERE)] == [200, 200]
    assert [row for row in await audited(shop) if row[1] == "client_networks_changed"] == [
        (actor, "client_networks_changed", f"client:{made['client_id']}", f"networks: {before} → {after}")
        for before, after in (("127.0.0.0/8 2001:db8::7", ELSEWHERE), (ELSEWHERE, "any"))
    ]


def test_an_address_belongs_to_a_network_however_it_is_written() -> None:
    client = Client(networks=["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"])
    inside = ("192.0.2.255", "::ffff:192.0.2.1", "2001:db8::1", "2001:DB8:0::1", "198.51.100.7")
    outside = (
        "192.0.3.0",
        "::ffff:192.0.3.0",
        "2001:db9::1",
        "198.51.100.8",
        "",
        "localhost",
        "192.0.2.1, 8.8.8.8",
        None,
    )
    assert [address for address in (*inside, *outside) if service.may_come_from(client, address)] == list(inside)
    assert all(service.may_come_from(Client(networks=None), address) for address in (*inside, *outside))


async def test_what_is_no_network_is_refused(shop: Shop) -> None:
    owner = await shop.staff(StaffRole.OWNER)
    wrong: dict[str, list[Any]] = {
        "/networks/0": [["192.0.2.7/24"], ["shop.example"], ["fe80::1%eth0"], [""], [3221225985], ["192.0.2.0/33"]],
        "/networks": [[], ["192.0.2.7"] * 51, "192.0.2.7"],
    }
    for pointer, values in wrong.items():
        for networks in values:
            wish = {"name": "a", "scopes": ["accounting"], "networks": networks}
            answer = await shop.http.post(CLIENTS, json=wish, headers=owner)
            assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (422, [pointer]), networks
    assert (await shop.count("clients"), await audited(shop)) == (0, [])


async def test_a_client_acts_for_one_recipient(shop: Shop) -> None:
    assert ACTS_FOR.keys() == PERMITS.keys() == set(Scope)
    owner = await shop.staff(StaffRole.OWNER)
    both = {"name": "a", "scopes": ["accounting", "shipments"]}
    answer = await shop.http.post(CLIENTS, json=both, headers=owner)
    assert (answer.status_code, answer.json()) == (
        422,
        {
            **of_kind("recipients-differ"),
            "title": "Обхватите са за различни получатели",
            "status": 422,
            "detail": "Създайте отделен клиент за всеки получател.",
        },
    )
    assert (await shop.count("clients"), await audited(shop)) == (0, [])
    await make(shop, owner, scopes=["shipments", "shipments"])
    assert await shop.rows("SELECT scopes, recipient FROM clients") == [(["shipments"], Recipient.COURIER)]


async def test_a_client_that_does_not_exist_is_not_found(shop: Shop) -> None:
    owner = await shop.staff(StaffRole.OWNER)
    here = f"{CLIENTS}/cl_0123456789abcdef"
    for verb, path, body in (
        ("DELETE", here, None),
        ("POST", f"{here}/secret", {}),
        ("PUT", f"{here}/networks", {"networks": None}),
    ):
        answer = await shop.http.request(verb, path, json=body, headers=owner)
        assert (answer.status_code, answer.json()) == (
            404,
            {
                **of_kind("client-unknown"),
                "title": "Няма такъв клиент",
                "status": 404,
                "detail": "Проверете идентификатора cl_0123456789abcdef.",
                "client_id": "cl_0123456789abcdef",
            },
        )


async def test_the_audit_has_each_token_that_a_client_is_given_and_none_that_it_is_refused(shop: Shop) -> None:
    owner, _ = await of_role(shop, StaffRole.OWNER)
    made = await make(shop, owner)
    before = await shop.count("audit_entries")
    assert (await token(shop, made)).status_code == 200
    assert (await token(shop, {**made, "client_secret": "cs_another"})).status_code == 401
    entries = "SELECT actor, action, subject, detail, at FROM audit_entries WHERE sequence > :before"
    assert await shop.rows(entries, before=before) == [
        (f"client:{made['client_id']}", "logged_in", None, "accounting", shop.clock.now())
    ]
