"""Those who work here: roles, access, second factors and trainings; who changes what is in the audit."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import text

from app.auth.models import StaffRole
from tests.auth.members import (
    LINK_INVALID,
    MARIA,
    NOT_FOUND,
    TRAINING_MISSING,
    UNAUTHENTICATED,
    accept,
    answered,
    audited,
    code_of,
    confirm,
    invited,
    log_in,
    member_id,
    newest_link,
    of_role,
)
from tests.auth.test_own_logins import ask_for_reset, reset
from tests.problems import of_kind
from tests.shop import Shop
from tests.waiting import under_way, until_waiting

LAST_OWNER = {
    **of_kind("last-owner"),
    "title": "Това е последният собственик",
    "status": 409,
    "detail": "Първо дайте роля „owner“ на друг служител с активен достъп.",
}
MEMBER = "SELECT FROM staff WHERE role = 'support' FOR UPDATE"
NOBODY = "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"
RULES = "Регламент (ЕС) 2016/679 и вътрешни правила"


async def change(shop: Shop, owner: dict[str, str], staff_id: str, **wish: Any) -> httpx.Response:
    return await shop.http.patch(f"/v1/staff/members/{staff_id}", json=wish, headers=owner)


async def train(shop: Shop, by: dict[str, str], staff_id: str, **changes: Any) -> httpx.Response:
    wish = {"subject": RULES, "trained_on": "2026-11-23", **changes}
    return await shop.http.post(f"/v1/staff/members/{staff_id}/trainings", json=wish, headers=by)


async def orders(shop: Shop, headers: dict[str, str]) -> httpx.Response:
    return await shop.http.get("/v1/staff/orders", headers=headers)


async def test_one_sees_ones_own_place(shop: Shop) -> None:
    headers, who = await of_role(shop, StaffRole.SUPPORT)
    assert (await shop.http.get("/v1/staff/me", headers=headers)).json() == {
        "id": who.removeprefix("staff:"),
        "email": "support@shop.example",
        "name": "Мария Иванова",
        "role": "support",
        "state": "active",
        "is_trained": True,
        "trained_until": None,
        "created_at": "2026-11-23T10:00:00Z",
        "last_login_at": "2026-11-23T10:00:00Z",
        "last_used_at": "2026-11-23T10:00:00Z",
        "rights": [
            *("cancel_orders", "confirm_orders", "correct_orders", "enter_requests", "handle_receipts"),
            *("handle_withdrawals", "issue_documents"),
            *("issue_goods_notes", "lift_limits", "read_customers", "read_orders", "read_withdrawals"),
            *("record_consents", "revoke_view_keys"),
        ],
    }


async def test_a_role_changes_what_one_may_from_the_next_request_on(shop: Shop) -> None:
    owner, actor = await of_role(shop, StaffRole.OWNER)
    editor, who = await of_role(shop, StaffRole.EDITOR)
    staff_id = who.removeprefix("staff:")
    refused = await orders(shop, editor)
    assert (refused.status_code, refused.json()) == (
        403,
        {
            **of_kind("role-insufficient"),
            "title": "Ролята не дава това право",
            "status": 403,
            "detail": "Нужно е правото „Преглед и търсене на поръчки“. Обърнете се към собственика на магазина.",
            "right": "read_orders",
        },
    )
    shown = await change(shop, owner, staff_id, role="warehouse", name="Мария Стоянова")
    assert (shown.status_code, shown.json()["role"], shown.json()["name"]) == (200, "warehouse", "Мария Стоянова")
    assert (await orders(shop, editor)).status_code == 200
    assert (await change(shop, owner, staff_id, role="editor")).status_code == 200
    assert (await orders(shop, editor)).status_code == 403
    same = await change(shop, owner, staff_id, role="editor", name="Мария Стоянова", disabled=False)
    assert same.status_code == 200
    assert await audited(shop, but=("logged_in", "personal_data_read")) == [
        (actor, "staff_role_changed", who, "role: editor → warehouse"),
        (actor, "personal_data_changed", who, "name"),
        (actor, "staff_role_changed", who, "role: warehouse → editor"),
    ]


async def test_whoever_is_disabled_is_out_at_once(shop: Shop) -> None:
    owner, actor = await of_role(shop, StaffRole.OWNER)
    secret, codes = await answered(shop, await invited(shop, owner))
    shop.clock.advance(seconds=30)
    given = (await log_in(shop, code_of(shop, secret))).json()
    maria = {"Authorization": f"Bearer {given['access_token']}"}
    await shop.http.post("/v1/auth/forgot-password", json={"email": MARIA, "realm": "staff"})
    staff_id = await member_id(shop, MARIA)
    assert (await shop.http.get("/v1/staff/me", headers=maria)).status_code == 200

    assert (await change(shop, owner, staff_id, disabled=True)).json()["state"] == "disabled"

    refused = await shop.http.get("/v1/staff/me", headers=maria)
    assert (refused.status_code, refused.json()) == (401, UNAUTHENTICATED)
    renewal = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    assert (await shop.http.post("/v1/auth/token", data=renewal)).json()["error"] == "invalid_grant"
    assert (await log_in(shop, codes[0])).json()["error"] == "invalid_grant"
    assert await shop.rows("SELECT ended_because FROM login_sessions WHERE staff_id = :id", id=staff_id) == [
        ("access_taken",)
    ]
    assert await shop.rows("SELECT purpose FROM mail_links WHERE used_at IS NULL") == []
    assert (await change(shop, owner, staff_id, disabled=False)).json()["state"] == "active"
    assert (await shop.http.get("/v1/staff/me", headers=maria)).status_code == 401, "what was ended stays so"
    assert (await log_in(shop, codes[0])).status_code == 200
    who = f"staff:{staff_id}"
    assert (await audited(shop))[2:] == [(actor, "staff_disabled", who, None), (actor, "staff_enabled", who, None)]


async def test_who_was_invited_and_disabled_cannot_answer(shop: Shop) -> None:
    owner = await shop.staff(StaffRole.OWNER)
    token = await invited(shop, owner)
    secret = (await accept(shop, token)).json()["secret"]
    staff_id = await member_id(shop, MARIA)
    assert (await change(shop, owner, staff_id, disabled=True)).status_code == 200
    for late in (await accept(shop, token), await confirm(shop, token, code_of(shop, secret))):
        assert (late.status_code, late.json()) == (422, LINK_INVALID)
    reset = await shop.http.post(f"/v1/staff/members/{staff_id}/mfa-reset", headers=owner)
    assert (reset.status_code, reset.json()) == (
        409,
        {
            **of_kind("member-disabled"),
            "title": "Достъпът на служителя е спрян",
            "status": 409,
            "detail": "Първо възстановете достъпа му.",
        },
    )
    assert await shop.count("mail_links") == 0


async def test_who_is_disabled_while_resetting_the_password_is_out(shop: Shop) -> None:
    owner = await shop.staff(StaffRole.OWNER)
    await shop.staff(StaffRole.SUPPORT)
    staff_id = await member_id(shop, "support@shop.example")
    token = await ask_for_reset(shop, "support@shop.example", realm="staff")
    disabling = change(shop, owner, staff_id, disabled=True)

    disabled, refused = await under_way(shop, MEMBER, disabling, reset(shop, token))

    assert (disabled.status_code, disabled.json()["state"]) == (200, "disabled")
    assert (refused.status_code, refused.json()) == (422, LINK_INVALID)


async def test_the_last_owner_stays_one(shop: Shop) -> None:
    owner, who = await of_role(shop, StaffRole.OWNER)
    staff_id = who.removeprefix("staff:")
    await invited(shop, owner, role="owner")
    other = await member_id(shop, "maria@example.bg")
    before = await audited(shop)
    for wish in ({"role": "support"}, {"disabled": True}, {"name": "Друго Име", "role": "editor"}):
        refused = await change(shop, owner, staff_id, **wish)
        assert (refused.status_code, refused.json()) == (409, LAST_OWNER), "an invited owner is none yet"
    refused = await shop.http.post(f"/v1/staff/members/{staff_id}/mfa-reset", headers=owner)
    assert (refused.status_code, refused.json()) == (409, LAST_OWNER)
    assert await audited(shop) == before
    assert await shop.rows("SELECT role, name, disabled_at, totp IS NULL FROM staff WHERE id = :id", id=staff_id) == [
        ("owner", "Мария Иванова", None, False)
    ]
    await answered(shop, await newest_link(shop))
    assert (await change(shop, owner, staff_id, role="support")).status_code == 200
    assert (await change(shop, owner, other, role="support")).status_code == 403, "the caller is no owner any more"


async def test_two_owners_who_demote_each_other_leave_one(shop: Shop) -> None:
    first = await shop.staff(StaffRole.OWNER, email="first@shop.example")
    second = await shop.staff(StaffRole.OWNER, email="second@shop.example")
    ids = [await member_id(shop, f"{name}@shop.example") for name in ("first", "second")]
    async with shop.sessions.begin() as held:
        await held.execute(text("SELECT FROM staff FOR UPDATE"))
        both = [
            asyncio.create_task(change(shop, first, ids[1], role="editor")),
            asyncio.create_task(change(shop, second, ids[0], disabled=True)),
        ]
        await until_waiting(shop, len(both))
    answers = await asyncio.gather(*both)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert [answer.json() for answer in answers if answer.status_code == 409] == [LAST_OWNER]
    assert await shop.rows("SELECT count(*) FROM staff WHERE role = 'owner' AND disabled_at IS NULL") == [(1,)]


async def test_a_reset_second_factor_is_proved_anew(shop: Shop) -> None:
    owner, actor = await of_role(shop, StaffRole.OWNER)
    secret, codes = await answered(shop, await invited(shop, owner))
    shop.clock.advance(seconds=30)
    maria = {"Authorization": f"Bearer {(await log_in(shop, code_of(shop, secret))).json()['access_token']}"}
    staff_id = await member_id(shop, MARIA)

    answer = await shop.http.post(f"/v1/staff/members/{staff_id}/mfa-reset", headers=owner)

    assert (answer.status_code, answer.json()) == (
        202,
        {"staff_id": staff_id, "expires_at": "2026-11-26T10:00:30Z"},
    )
    assert (await shop.http.get("/v1/staff/me", headers=maria)).status_code == 401
    shop.clock.advance(seconds=30)
    for otp in (code_of(shop, secret), codes[0]):
        assert (await log_in(shop, otp)).json()["error"] == "invalid_grant"
    assert await shop.count("recovery_codes") == 0
    assert await shop.rows("SELECT kind FROM mails ORDER BY id") == [("invitation",), ("invitation",)]
    new_secret, _ = await answered(shop, await newest_link(shop))
    assert new_secret != secret
    who = f"staff:{staff_id}"
    assert (await audited(shop))[1:] == [
        (who, "staff_activated", who, None),
        (actor, "second_factor_reset", who, None),
        (who, "staff_activated", who, None),
    ]


async def test_s44_without_a_training_on_record_customers_data_stay_closed(shop: Shop) -> None:
    order = await shop.ordered()
    officer, officers_name = await of_role(shop, StaffRole.PRIVACY_OFFICER)
    support = await shop.staff(StaffRole.SUPPORT, trained=False)
    staff_id = await member_id(shop, "support@shop.example")
    for verb, path in (
        ("GET", "/v1/staff/orders"),
        ("GET", f"/v1/staff/orders/{order['number']}"),
        ("POST", f"/v1/staff/orders/{order['number']}/cancellation"),
    ):
        refused = await shop.http.request(verb, path, headers=support)
        assert (refused.status_code, refused.json()) == (403, TRAINING_MISSING)
    assert await audited(shop) == []
    assert await shop.rows("SELECT status FROM orders") == [("confirmed",)]

    recorded = await train(shop, officer, staff_id, valid_until="2026-11-30")

    training = recorded.json()
    assert (recorded.status_code, training) == (
        201,
        {
            "id": training["id"],
            "subject": RULES,
            "trained_on": "2026-11-23",
            "valid_until": "2026-11-30",
            "recorded_at": "2026-11-23T10:00:00Z",
            "recorded_by": officers_name,
        },
    )
    assert await audited(shop) == [
        (officers_name, "training_recorded", f"staff:{staff_id}", f"training:{training['id']}")
    ]
    assert (await orders(shop, support)).status_code == 200
    listed = await shop.http.get(f"/v1/staff/members/{staff_id}/trainings", headers=officer)
    assert listed.json() == {"items": [training]}
    assert (await shop.http.get("/v1/staff/members", headers=officer)).status_code == 200
    assert (await audited(shop))[-2:] == [
        (officers_name, "personal_data_read", f"list_trainings staff_id:{staff_id}", None),
        (officers_name, "personal_data_read", "list_members", None),
    ]


async def test_c15_a_training_that_ran_out_closes_them_again(shop: Shop) -> None:
    shop.clock.at = datetime(2026, 11, 23, 21, 55, tzinfo=UTC)  # five minutes to midnight in Bulgaria
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    support = await shop.staff(StaffRole.SUPPORT, trained=False)
    staff_id = await member_id(shop, "support@shop.example")

    async def state() -> tuple[int, bool, str | None]:
        me = (await shop.http.get("/v1/staff/me", headers=support)).json()
        return (await orders(shop, support)).status_code, me["is_trained"], me["trained_until"]

    assert await state() == (403, False, None)
    await train(shop, officer, staff_id, trained_on="2025-11-22", valid_until="2026-11-22")
    assert await state() == (403, False, "2026-11-22")
    await train(shop, officer, staff_id, valid_until="2026-11-23")
    assert await state() == (200, True, "2026-11-23")
    shop.clock.advance(minutes=6)
    assert await state() == (403, False, "2026-11-23")
    assert (await orders(shop, support)).json() == TRAINING_MISSING
    await train(shop, officer, staff_id)
    assert await state() == (200, True, None)


async def test_a_training_that_cannot_be_is_refused(shop: Shop) -> None:
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    await shop.staff(StaffRole.SUPPORT)
    staff_id = await member_id(shop, "support@shop.example")
    before = await shop.count("trainings")
    own = await train(shop, officer, await member_id(shop, "privacy_officer@shop.example"))
    assert (own.status_code, own.json()) == (
        403,
        {
            **of_kind("own-training"),
            "title": "Собственото обучение вписва друг",
            "status": 403,
            "detail": "Нека го впише друг служител с това право; на единствения собственик – операторът на магазина.",
        },
    )
    future = await train(shop, officer, staff_id, trained_on="2026-11-24")
    assert (future.status_code, future.json()) == (
        422,
        {
            **of_kind("training-in-future"),
            "title": "Обучението още не се е състояло",
            "status": 422,
            "detail": "Впишете го в деня, в който се проведе, или по-късно.",
        },
    )
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("/trained_on", {"trained_on": 20260101}),
        ("/trained_on", {"trained_on": "2026-02-30"}),
        ("/trained_on", {"trained_on": "20.11.2026"}),
        ("", {"valid_until": "2026-11-22"}),
        ("/subject", {"subject": " "}),
    ]
    for pointer, wish in wrong:
        refused = await train(shop, officer, staff_id, **wish)
        assert (refused.status_code, [e["pointer"] for e in refused.json()["errors"]]) == (422, [pointer]), wish
    assert (await train(shop, officer, NOBODY)).json() == NOT_FOUND
    assert (await shop.count("trainings"), await audited(shop)) == (before, [])


async def test_of_two_who_record_one_training_at_once_the_second_gets_the_firsts(shop: Shop) -> None:
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    await shop.staff(StaffRole.SUPPORT, trained=False)
    staff_id = await member_id(shop, "support@shop.example")

    first, second = await under_way(shop, MEMBER, train(shop, officer, staff_id), train(shop, officer, staff_id))

    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    assert await shop.rows("SELECT count(*) FROM trainings WHERE staff_id = :id", id=staff_id) == [(1,)]


async def test_who_does_not_work_here_is_not_found(shop: Shop) -> None:
    owner = await shop.staff(StaffRole.OWNER)
    for verb, path in (("PATCH", ""), ("POST", "/mfa-reset"), ("GET", "/trainings")):
        answer = await shop.http.request(verb, f"/v1/staff/members/{NOBODY}{path}", json={}, headers=owner)
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
