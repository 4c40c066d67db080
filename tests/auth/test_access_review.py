"""The access review: who can see what, in two selects however many they are; reading it is audited (C15)."""

from app.auth.models import StaffRole
from app.auth.roles import rights_of
from app.auth.scopes import Scope
from tests.auth.members import answered, audited, invited, member_id, of_role
from tests.checkout.watching import statements
from tests.sheets import read_records
from tests.shop import Shop

REVIEW = "/v1/staff/access-review"
NOW = "2026-11-23T10:00:00Z"


async def test_c15_the_review_says_who_can_see_what(shop: Shop) -> None:
    owner, actor = await of_role(shop, StaffRole.OWNER)
    await shop.staff(StaffRole.EDITOR)
    await shop.staff(StaffRole.SUPPORT, trained=False)
    await invited(shop, owner, role="warehouse")
    await shop.client(Scope.ACCOUNTING)

    review = (await shop.http.get(REVIEW, headers=owner)).json()

    assert [
        (each["email"], each["role"], each["state"], each["opens_personal_data"], each["last_login_at"])
        for each in review["members"]
    ] == [
        ("owner@shop.example", "owner", "active", True, NOW),
        ("editor@shop.example", "editor", "active", False, NOW),
        ("support@shop.example", "support", "active", False, NOW),
        ("maria@example.bg", "warehouse", "invited", False, None),
    ]
    assert review["members"][2] == {
        "id": await member_id(shop, "support@shop.example"),
        "email": "support@shop.example",
        "name": "Мария Иванова",
        "role": "support",
        "state": "active",
        "is_trained": False,
        "trained_until": None,
        "created_at": NOW,
        "last_login_at": NOW,
        "last_used_at": NOW,
        "rights": sorted(rights_of(StaffRole.SUPPORT)),
        "opens_personal_data": False,
    }
    [[client_id]] = await shop.rows("SELECT id FROM clients")
    assert review["clients"] == [
        {
            "id": client_id,
            "name": "accounting",
            "scopes": ["accounting"],
            "recipient": "accountant",
            "networks": None,
            "created_at": NOW,
            "last_used_at": NOW,
            "previous_valid_until": None,
            "revoked_at": None,
            "opens_personal_data": True,
        }
    ]
    assert review["reviewed_at"] == NOW
    assert [row for row in await audited(shop) if row[1] == "access_reviewed"] == [
        (actor, "access_reviewed", None, None)
    ]


async def test_the_table_says_the_same_and_holds_no_formula(shop: Shop) -> None:
    owner, actor = await of_role(shop, StaffRole.OWNER)
    await answered(shop, await invited(shop, owner, name="=HYPERLINK(1)"))
    await shop.client(Scope.SHIPMENTS)
    answer = await shop.http.get(f"{REVIEW}.csv", headers=owner)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="access-review.csv"'
    rows = read_records(answer.content)
    assert [*rows[0]][:2] == ["kind", "id"]
    assert [(row["kind"], row["role_or_scopes"], row["opens_personal_data"], row["state"]) for row in rows] == [
        ("staff", "owner", "yes", "active"),
        ("staff", "support", "no", "active"),
        ("client", "shipments", "yes", "active"),
    ]
    assert rows[1] == {
        "kind": "staff",
        "id": await member_id(shop, "maria@example.bg"),
        "name": "'=HYPERLINK(1)",
        "email": "maria@example.bg",
        "role_or_scopes": "support",
        "rights": "cancel_orders confirm_orders correct_orders enter_requests handle_receipts handle_withdrawals"
        " issue_documents"
        " issue_goods_notes lift_limits read_customers read_orders read_withdrawals record_consents revoke_view_keys",
        "opens_personal_data": "no",
        "is_trained": "no",
        "trained_until": "",
        "state": "active",
        "recipient": "",
        "networks": "",
        "created_at": "2026-11-23T10:00:00+00:00",
        "last_login_at": "",
        "last_used_at": "",
    }
    assert (rows[2]["recipient"], rows[2]["networks"]) == ("courier", "any")
    assert (await audited(shop))[-1] == (actor, "access_reviewed", None, None)


async def test_a_review_costs_the_same_however_many_work_here(shop: Shop) -> None:
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    counts = []
    for number in range(2):
        with statements(shop) as sent:
            assert (await shop.http.get(REVIEW, headers=officer)).status_code == 200
        counts.append(len([each for each in sent if each.startswith("SELECT")]))
        for each in range(5):
            await shop.staff(StaffRole.SUPPORT, email=f"s{number}{each}@shop.example")
    assert counts == [3, 3], "the session, the members, the clients"
