"""What tests about staff share: inviting somebody, answering, and what the audit says of it."""

from typing import Any

import httpx
from passlib.totp import TOTP  # type: ignore[import-untyped] # libpass says nothing of its types

from app.auth.link_tokens import link_token
from app.auth.models import StaffRole
from app.auth.totp import SPACES
from tests.factories.accounts import PASSWORD
from tests.problems import of_kind
from tests.shop import Shop

MARIA = "maria@example.bg"
LINK_INVALID = {
    **of_kind("link-invalid"),
    "title": "Връзката не е валидна",
    "status": 422,
    "detail": "Връзката е използвана или срокът ѝ е изтекъл. Поискайте нова.",
}
CODE_WRONG = {
    **of_kind("code-wrong"),
    "title": "Грешен код",
    "status": 422,
    "detail": "Въведете кода, който приложението показва сега; часовникът на устройството трябва да е верен.",
}
NOT_FOUND = {
    **of_kind("not-found"),
    "title": "Няма такъв запис",
    "status": 404,
    "detail": "Проверете адреса и правата си за достъп.",
}
UNAUTHENTICATED = {
    **of_kind("unauthenticated"),
    "title": "Нужно е удостоверяване",
    "status": 401,
    "detail": "Изпратете валиден токен за достъп в заглавието Authorization.",
}
TRAINING_MISSING = {
    **of_kind("training-missing"),
    "title": "Няма вписано обучение",
    "status": 403,
    "detail": "Преди работа с лични данни трябва да бъде вписано действащо обучение за защитата им.",
}


async def member_id(shop: Shop, email: str) -> str:
    [[staff_id]] = await shop.rows("SELECT id FROM staff WHERE lower(email) = lower(:email)", email=email)
    return str(staff_id)


async def invite(shop: Shop, owner: dict[str, str], **changes: Any) -> httpx.Response:
    wish = {"email": MARIA, "name": "Мария Стоянова", "role": "support", **changes}
    return await shop.http.post("/v1/staff/invitations", json=wish, headers=owner)


async def newest_link(shop: Shop) -> str:
    """Give the token of the link that was made last."""
    [[link_id]] = await shop.rows("SELECT id FROM mail_links ORDER BY created_at DESC LIMIT 1")
    return link_token(shop.app.state.secret, "invitation", link_id)


async def invited(shop: Shop, owner: dict[str, str], **changes: Any) -> str:
    answer = await invite(shop, owner, **changes)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return await newest_link(shop)


async def accept(shop: Shop, token: str, password: str = PASSWORD) -> httpx.Response:
    return await shop.http.post("/v1/auth/invitations/acceptance", json={"token": token, "password": password})


async def confirm(shop: Shop, token: str, code: str) -> httpx.Response:
    return await shop.http.post("/v1/auth/mfa/confirmation", json={"token": token, "code": code})


def code_of(shop: Shop, secret: str) -> str:
    """Give what an authenticator app shows now that was given this key."""
    code: str = TOTP(key=SPACES.sub("", secret), format="base32").generate(shop.clock.now()).token
    return code


async def answered(shop: Shop, token: str) -> tuple[str, list[str]]:
    """Answer an invitation; returns the key of the second factor and the recovery codes."""
    secret: str = (await accept(shop, token)).json()["secret"]
    answer = await confirm(shop, token, code_of(shop, secret))
    assert answer.status_code == httpx.codes.OK, answer.text
    return secret, answer.json()["recovery_codes"]


async def log_in(shop: Shop, otp: str | None, email: str = MARIA) -> httpx.Response:
    form = {"grant_type": "password", "scope": "staff", "username": email, "password": PASSWORD}
    return await shop.http.post("/v1/auth/token", data={**form, **({"otp": otp} if otp else {})})


async def audited(shop: Shop, *, but: tuple[str, ...] = ("logged_in", "entry_refused")) -> list[tuple[Any, ...]]:
    """List the audit's entries: actor, action, subject, detail."""
    found = await shop.rows("SELECT actor, action, subject, detail FROM audit_entries ORDER BY sequence")
    return [row for row in found if row[1] not in but]


async def of_role(shop: Shop, role: StaffRole) -> tuple[dict[str, str], str]:
    """Let somebody of a role log in; returns headers and how records name them."""
    headers = await shop.staff(role)
    return headers, f"staff:{await member_id(shop, f'{role}@shop.example')}"
