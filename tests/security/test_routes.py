"""Every route is guarded, or is public because somebody decided so."""

from fastapi.routing import APIRoute, iter_route_contexts

from app.auth import service as auth
from app.auth.guards import is_guarded
from app.auth.scopes import Scope
from app.core.directory import Directory
from app.pages.routing import PageRoute, require_own_page, require_own_page_or_nobody
from tests.contract import contract
from tests.shop import Shop

PUBLIC = {
    # What the shop sells and says of itself.
    "get_product",
    "list_products",
    "list_policy_versions",
    "list_recipients",
    "show_notice",
    "show_declaration",
    "show_declaration_version",
    "read_texts",
    "read_checkout_options",
    "show_policy",
    "show_shop",
    # The cart's id is its key, and it holds nothing personal.
    "open_cart",
    "put_cart_line",
    "quote_cart",
    "read_cart",
    "remove_cart_line",
    # Anybody may buy; whoever asks for a token shows a secret.
    "place_order",
    # A mailed link stands behind each, or is asked for.
    "confirm_own_order",
    "view_order",
    "request_order_access",
    "open_order",
    "issue_token",
    "revoke_token",
    # Whoever registers, or has lost the password, cannot log in yet; a mailed link or a password stands behind each.
    "register",
    "verify_email",
    "confirm_email_change",
    "ask_for_password_reset",
    "reset_password",
    "accept_invitation",
    "confirm_second_factor",
    # Anybody may exercise a right; a mailed link stands behind a guest's.
    "make_privacy_request",
    "prove_privacy_request",
    # Nobody is made to log in to say no; a mailed link stands behind what a stranger's word must not do.
    "withdraw_consents",
    "prove_withdrawal",
    # A guest's statement of withdrawal: no login may be asked for (чл. 52а ЗЗП).
    "state_withdrawal",
    "confirm_consent",
    "show_unsubscribe",
    "unsubscribe",
    # The random id is the key to a choice about cookies.
    "list_cookies",
    "choose_cookies",
    "show_cookie_choice",
    "list_signing_keys",
    "live",
    "ready",
}
PLAIN = {"/openapi.json", "/docs"}
PAGES = {
    # They load no row of anybody's.
    "show_file",
    "list_problems",
    "show_problem",
    "read_policy",
    "read_policy_version",
    # The key or the token that is sent opens the order; without one the page is the same of every number.
    "show_order",
    "show_view",
    "ask_for_link",
    "show_access",
    "open_by_link",
    "show_confirmation",
    "confirm_by_link",
    # The cookie's token opens it.
    "download_document",
    "show_declaration",
    "ask_to_cancel",
    "cancel_by_cookie",
    "close_order",
    # As `state_withdrawal`: nobody is made to log in.
    "start_withdrawal",
    "reopen_withdrawal",
    "reopen_order",
    "edit_withdrawal",
    "review_withdrawal",
    "confirm_withdrawal",
}
"""Pages are shown to anybody: what one does is asked of the endpoint whose function it calls."""


async def test_each_route_is_guarded_or_named_public(shop: Shop) -> None:
    guarded, plain, public, pages = set(), set(), set(), set()
    for context in iter_route_contexts(shop.app.routes):
        route = context.original_route
        if isinstance(route, Directory):
            continue  # finds the routes below, and has none of its own
        if not isinstance(route, APIRoute):
            plain.add(context.path)
        elif isinstance(route, PageRoute):
            doors = {each.dependency for each in context.dependencies}
            assert doors & {require_own_page, require_own_page_or_nobody}, route.name
            pages.add(route.name)
        elif is_guarded(route):
            guarded.add(route.name)
        else:
            assert route.name in PUBLIC, f"{route.name} is neither guarded nor named public"
            public.add(route.name)
    assert plain == PLAIN
    assert pages == PAGES
    assert guarded & PUBLIC == set()
    assert public == PUBLIC


def test_the_contract_names_what_each_guarded_route_needs() -> None:
    for path, item in contract()["paths"].items():
        for verb, operation in item.items():
            needs = [scopes for needed in operation.get("security", []) for scopes in needed.values()]
            assert "security" in operation, f"{verb} {path}: E4, what anybody may call says so"
            if operation["operationId"] in PUBLIC - {"place_order"} or operation["tags"] == ["order"]:
                assert not any(needs) or {} in operation["security"], f"{verb} {path}"
            else:
                assert needs, f"{verb} {path}"
                assert all(needs), f"{verb} {path} names no scope"


async def test_a_revoked_client_is_refused_at_once(shop: Shop) -> None:
    accountant = await shop.client(Scope.ACCOUNTING)
    month = {"month": "2026-11"}
    assert (await shop.http.get("/v1/accounting/documents", params=month, headers=accountant)).status_code == 200
    async with shop.sessions.begin() as session:
        [[client_id]] = await shop.rows("SELECT id FROM clients")
        await auth.revoke_client(session, client_id, actor="test", at=shop.clock.now())
    refused = await shop.http.get("/v1/accounting/documents", params=month, headers=accountant)
    assert refused.status_code == 401
    assert refused.json()["code"] == "unauthenticated"
    assert await shop.count("disclosures") == 0
