"""Every route is guarded, or is public because somebody decided so."""

from fastapi.routing import APIRoute, iter_route_contexts

from app.auth import service as auth
from app.auth.guards import is_guarded
from app.auth.scopes import Scope
from tests.contract import contract
from tests.shop import Shop

PUBLIC = {
    # What the shop sells and says of itself.
    "get_product",
    "list_products",
    "list_policy_versions",
    "list_recipients",
    "show_declaration",
    "show_declaration_version",
    "show_policy",
    # The cart's id is its key, and it holds nothing personal.
    "open_cart",
    "put_cart_line",
    "quote_cart",
    "read_cart",
    "remove_cart_line",
    # Anybody may buy; whoever asks for a token shows a secret.
    "place_order",
    "issue_token",
    "list_signing_keys",
    "live",
    "ready",
}
COURIER = {"list_shipments", "acknowledge_shipment", "download_label"}
ACCOUNTANT = {"list_documents", "download_document"}
PLAIN = {"/openapi.json", "/docs"}


async def test_each_route_is_guarded_or_named_public(shop: Shop) -> None:
    guarded = set()
    plain = set()
    for context in iter_route_contexts(shop.app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            plain.add(context.path)
        elif is_guarded(route):
            guarded.add(route.name)
        else:
            assert route.name in PUBLIC, f"{route.name} is neither guarded nor named public"
    assert plain == PLAIN
    assert guarded & PUBLIC == set()
    assert guarded | PUBLIC == {
        operation["operationId"] for item in contract()["paths"].values() for operation in item.values()
    }


def test_the_contract_names_the_scope_of_each_machines_route() -> None:
    needed = {
        operation["operationId"]: operation["security"]
        for item in contract()["paths"].values()
        for operation in item.values()
        if "security" in operation
    }
    assert needed == {
        **{key: [{"machine_client": ["shipments"]}] for key in COURIER},
        **{key: [{"machine_client": ["accounting"]}] for key in ACCOUNTANT},
    }


async def test_a_client_of_the_wrong_scope_is_refused_by_every_route(shop: Shop) -> None:
    courier = await shop.client(Scope.SHIPMENTS)
    accountant = await shop.client(Scope.ACCOUNTING)
    tried = 0
    for path, item in contract()["paths"].items():
        for verb, operation in item.items():
            if "security" not in operation:
                continue
            address = path.format_map(
                dict.fromkeys(("shipment_id", "document_id"), "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10")
            )
            wrong, scope = (
                (courier, "accounting") if operation["operationId"] in ACCOUNTANT else (accountant, "shipments")
            )
            refused = await shop.http.request(verb, address, params={"month": "2026-11"}, headers=wrong)
            assert refused.status_code == 403, operation["operationId"]
            assert refused.json() == {
                "type": "/problems/insufficient-scope",
                "title": "Недостатъчни права",
                "status": 403,
                "detail": f"За тази заявка е нужен обхват {scope}.",
                "scope": scope,
            }
            unknown = await shop.http.request(verb, address, params={"month": "2026-11"})
            assert unknown.status_code == 401, operation["operationId"]
            assert unknown.headers["www-authenticate"] == 'Bearer realm="shop"'
            tried += 1
    assert tried == len(COURIER | ACCOUNTANT)


async def test_a_revoked_client_is_refused_at_once(shop: Shop) -> None:
    accountant = await shop.client(Scope.ACCOUNTING)
    month = {"month": "2026-11"}
    assert (await shop.http.get("/v1/accounting/documents", params=month, headers=accountant)).status_code == 200
    async with shop.sessions.begin() as session:
        [[client_id]] = await shop.rows("SELECT id FROM clients")
        await auth.revoke_client(session, client_id, actor="test", at=shop.clock.now())
    refused = await shop.http.get("/v1/accounting/documents", params=month, headers=accountant)
    assert refused.status_code == 401
    assert refused.json()["type"] == "/problems/unauthenticated"
    assert await shop.count("disclosures") == 0
