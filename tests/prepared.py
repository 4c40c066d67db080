"""Does first what an example of the contract only names: a link that was mailed, a password, a client."""

from collections.abc import Awaitable, Callable
from typing import Any

from app.accounts import registering
from app.auth.link_tokens import link_token
from app.auth.models import LinkPurpose, StaffRole
from app.fulfilment.confirming import CONFIRM
from app.orders import queries
from app.orders.view_keys import view_key
from app.privacy import opting_in
from app.privacy.models import DeclarationPurpose
from app.privacy.rights import intake
from app.privacy.schemas import newest
from app.privacy.withdrawals import proving
from tests.auth.logins import code_at
from tests.auth.members import code_of, member_id
from tests.contract import contract
from tests.factories.accounts import PASSWORD
from tests.shop import Shop

Headers = dict[str, str]
Made = dict[str, Any]
"""Members of a body and parameters of a path, in place of the example's."""


def example(kind: str) -> Any:
    return contract()["components"]["schemas"][kind]["examples"][0]


async def mailed(
    shop: Shop, table: str, purpose: str, path: str, body: Any, headers: Headers | None = None
) -> dict[str, str]:
    """Ask for a link; give the token that its mail will bear, by the row that it is about."""
    ids = f"SELECT id FROM {table}"  # noqa: S608 - a name of ours
    before = {*await shop.rows(ids)}
    answer = await shop.http.post(path, json=body, headers=headers)
    assert answer.is_success, answer.text
    [(row_id,)] = {*await shop.rows(ids)} - before
    return {"token": link_token(shop.app.state.secret, purpose, row_id)}


async def registration(shop: Shop, _: Made, __: Headers) -> Made:
    return await mailed(shop, "registrations", registering.LINK, "/v1/auth/register", example("Register"))


async def forgotten(shop: Shop, _: Made, __: Headers) -> Made:
    await shop.account("forgetful@example.bg")
    wish = {"email": "forgetful@example.bg"}
    return await mailed(shop, "mail_links", LinkPurpose.RESET_PASSWORD, "/v1/auth/forgot-password", wish)


async def moved(shop: Shop, _: Made, __: Headers) -> Made:
    headers, wish = await shop.account("moving@example.bg"), {"email": "moved@example.bg", "password": PASSWORD}
    asked = await mailed(shop, "mail_links", LinkPurpose.CHANGE_EMAIL, "/v1/me/email-changes", wish, headers)
    return {**asked, "password": PASSWORD}


async def invited(shop: Shop, given: Made, _: Headers) -> Made:
    headers = await shop.staff(StaffRole.OWNER, email=f"inviting-{given['key']}@shop.example")
    wish = {**example("Invite"), "email": f"{given['key']}@shop.example"}
    return await mailed(shop, "mail_links", LinkPurpose.INVITATION, "/v1/staff/invitations", wish, headers)


async def enrolling(shop: Shop, given: Made, headers: Headers) -> Made:
    asked = await invited(shop, given, headers)
    wish = {**asked, "password": PASSWORD}
    answer = await shop.http.post("/v1/auth/invitations/acceptance", json=wish)
    return {**asked, "code": code_of(shop, answer.json()["secret"])}


async def access(shop: Shop, given: Made, _: Headers) -> Made:
    path, wish = f"/v1/orders/{given['number']}/access-links", {"email": "iva@example.bg"}
    return await mailed(shop, "mail_links", LinkPurpose.ORDER_ACCESS, path, wish)


async def view(shop: Shop, given: Made, _: Headers) -> Made:
    async with shop.sessions() as session:
        order = await queries.get_order(session, given["number"])
    return {"key": view_key(shop.app.state.secret, order)}


async def unconfirmed(shop: Shop, given: Made, _: Headers) -> Made:
    async with shop.sessions() as session:
        order = await queries.get_order(session, given["number"])
    return {"token": link_token(shop.app.state.secret, CONFIRM, order.id)}


async def wished(shop: Shop, _: Made, __: Headers) -> Made:
    declaration = {"version": newest(DeclarationPurpose.ORDER), "accepted": True}
    await shop.ordered(privacy_declaration=declaration, consents=["newsletter"])
    [[consent_id]] = await shop.rows("SELECT id FROM consents WHERE act = 'asked' ORDER BY id DESC LIMIT 1")
    return {"token": link_token(shop.app.state.secret, opting_in.LINK, consent_id)}


async def withdrawn(shop: Shop, _: Made, __: Headers) -> Made:
    wish = {**example("Withdraw"), "email": "tired@example.bg"}
    return await mailed(shop, "pending_withdrawals", proving.LINK, "/v1/consents/withdrawals", wish)


async def requested(shop: Shop, _: Made, __: Headers) -> Made:
    wish = {**example("AskAsPerson"), "preferred_form": "paper"}
    return await mailed(shop, "rights_requests", intake.PROOF, "/v1/privacy/requests", wish)


async def known(_: Shop, __: Made, ___: Headers) -> Made:
    return {"password": PASSWORD}


async def changing(_: Shop, __: Made, ___: Headers) -> Made:
    return {"current_password": PASSWORD}


async def with_code(shop: Shop, _: Made, __: Headers) -> Made:
    return {"password": PASSWORD, "otp": code_at(shop)}


async def somebody(shop: Shop, _: Made, __: Headers) -> Made:
    await shop.account("buyer@example.bg")
    return {"username": "buyer@example.bg", "password": PASSWORD}


async def client(shop: Shop, _: Made, headers: Headers) -> Made:
    answer = await shop.http.post("/v1/staff/clients", json=example("MakeClient"), headers=headers)
    return {"client_id": answer.json()["client_id"]}


async def member(shop: Shop, given: Made, _: Headers) -> Made:
    email = f"{given['key']}@shop.example"
    await shop.staff(StaffRole.SUPPORT, email=email)
    return {"staff_id": await member_id(shop, email)}


PREPARED: dict[str, Callable[[Shop, Made, Headers], Awaitable[Made]]] = {
    "verify_email": registration,
    "reset_password": forgotten,
    "confirm_email_change": moved,
    "accept_invitation": invited,
    "confirm_second_factor": enrolling,
    "open_order": access,
    "view_order": view,
    "confirm_own_order": unconfirmed,
    "confirm_consent": wished,
    "prove_withdrawal": withdrawn,
    "prove_privacy_request": requested,
    "change_password": changing,
    "ask_for_email_change": known,
    "close_own_account": known,
    "renew_recovery_codes": with_code,
    "issue_token": somebody,
    "rotate_secret": client,
    "limit_networks": client,
    "change_member": member,
    "record_training": member,
}
"""By the operation whose example it is."""
