"""The matrix: every route, every kind of caller, and what each is answered. A new route without a row fails it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, async_sessionmaker

from app.auth.link_tokens import link_token
from app.auth.models import StaffRole
from app.auth.scopes import Scope
from app.pages.routing import PageRoute
from app.privacy.marketing import UNSUBSCRIBE
from app.privacy.rights.deciding import tell_delay
from app.privacy.rights.intake import ACCESS
from app.privacy.rights.models import RightsRequest
from tests.contract import contract
from tests.dice import dice
from tests.factories.breaches import make_notification
from tests.fulfilment.story import COMPANY, TRANSFER, documents, guest, pay
from tests.privacy.rights.asking import ask, attachment
from tests.returns.stating import state
from tests.security.callers import (
    FORGED,
    MACHINES,
    NOBODY,
    SHOPPERS,
    STAFF,
    WELL_KNOWN,
    Callers,
    claims_of,
    gather,
    token_of,
)
from tests.security.records import with_choice, with_records
from tests.shop import Shop

UNAUTHENTICATED = "401 unauthenticated"
NO_SCOPE = "403 insufficient-scope"
NO_RIGHT = "403 role-insufficient"
NO_TRAINING = "403 training-missing"
NOT_FOUND = "404 not-found"
ON_RECORD = " on record"
LEFT = """
    SELECT pg_current_xact_id_if_assigned()::text,
           EXISTS (SELECT FROM audit_entries WHERE action IN ('personal_data_read', 'personal_data_changed'))
"""
NO_FIELD = {"no_such_field": 1}
NO_MONTH = {"month": "2026-13"}
"""For answers that read on their own while they are sent: here all is one connection."""

OWNER, SUPPORT, WAREHOUSE = StaffRole.OWNER, StaffRole.SUPPORT, StaffRole.WAREHOUSE
ACCOUNTANT, EDITOR, OFFICER = StaffRole.ACCOUNTANT, StaffRole.EDITOR, StaffRole.PRIVACY_OFFICER


@dataclass(frozen=True)
class Row:
    """What each caller is answered, and what is sent.

    Unless a row says otherwise the body is one that is refused with 422, and only once the caller may pass.
    """

    answers: Mapping[str, str]
    rightful: tuple[str, ...] = ("shopper",)
    """Whose tokens the forged ones are, each answered alike."""
    send: Mapping[str, Any] = field(default_factory=dict)


def row(passing: str, callers: tuple[str, ...], send: Mapping[str, Any], rightful: str, **others: Any) -> Row:
    """Fill a row: who is not among the callers is answered as `others` say of their kind."""
    kinds = {"nobody": NOBODY, "shoppers": SHOPPERS, "staff": STAFF, "machines": MACHINES, "forged": FORGED}
    answers = {caller: answer for kind, answer in others.items() for caller in kinds[kind]}
    return Row({**answers, **dict.fromkeys(callers, passing)}, (rightful,), send)


def public(status: int = 200, **send: Any) -> Row:
    """Answer all alike; what is in the Authorization header is not even looked at."""
    return row(str(status), (*WELL_KNOWN, *FORGED), send, "shopper")


def anybody(status: int = 200, **send: Any) -> Row:
    """Answer all alike, but do not take a token that proves nothing for none."""
    return row(str(status), WELL_KNOWN, send, "shopper", forged=UNAUTHENTICATED)


def order(status: int = 200, **send: Any) -> Row:
    """Open it to the order's owner: by the guest's token, or by the account it belongs to."""
    others = dict.fromkeys(("nobody", "shoppers", "staff", "machines"), NOT_FOUND)
    return row(str(status), ("guest", "shopper"), send, "shopper", **others, forged=UNAUTHENTICATED)


def account(status: int = 200, **send: Any) -> Row:
    """Open it to any shopper, each for themselves."""
    others = {"nobody": UNAUTHENTICATED, "staff": NO_SCOPE, "machines": NO_SCOPE, "forged": UNAUTHENTICATED}
    return row(str(status), SHOPPERS, send, "shopper", **others)


def own(status: int = 200, **send: Any) -> Row:
    """Open it to the shopper whose thing it is."""
    of_any = account(status, **send)
    return Row({**of_any.answers, "other shopper": NOT_FOUND}, send=send)


def person(status: int = 200, **send: Any) -> Row:
    """Open it to any shopper and any of the staff, each for themselves."""
    others = {"nobody": UNAUTHENTICATED, "machines": NO_SCOPE, "forged": UNAUTHENTICATED}
    return row(str(status), (*SHOPPERS, *STAFF), send, "shopper", **others)


def own_login(status: int = 200, **send: Any) -> Row:
    """Open it to the shopper whose login it is."""
    of_any = person(status, **send)
    return Row({**of_any.answers, **dict.fromkeys(("other shopper", *STAFF), NOT_FOUND)}, send=send)


def staff(*roles: StaffRole, status: int = 200, **send: Any) -> Row:
    """Open it to these roles; to an owner without a training, too, if it is the owner's."""
    others = {"nobody": UNAUTHENTICATED, "shoppers": NO_SCOPE, "machines": NO_SCOPE, "forged": UNAUTHENTICATED}
    found = row(str(status), roles, send, OWNER, **others, staff=NO_RIGHT)
    return Row({**found.answers, "untrained": found.answers[OWNER]}, (OWNER,), send)


def staffs(*roles: StaffRole) -> Row:
    """Open it to these roles: data of those who work here are behind it, and the audit has each use."""
    of_staff = staff(*roles)
    return Row({**of_staff.answers, **dict.fromkeys((*roles, "untrained"), f"200{ON_RECORD}")}, (OWNER,))


def trained(of_staff: Row) -> Row:
    """Ask for a training on record, too."""
    return Row({**of_staff.answers, "untrained": NO_TRAINING}, of_staff.rightful, of_staff.send)


def personal(*roles: StaffRole, status: int = 200, **send: Any) -> Row:
    """Open it to these roles with a training on record: customers' data are behind it, and the audit has each use."""
    answer = f"{status}{ON_RECORD if httpx.codes.is_success(status) else ''}"
    of_staff = staff(*roles, **send)
    return Row({**of_staff.answers, **dict.fromkeys(roles, answer), "untrained": NO_TRAINING}, (OWNER,), send)


def machine(scope: Scope, status: int = 200, **send: Any) -> Row:
    """Open it to machine clients of this scope."""
    others = {"nobody": UNAUTHENTICATED, "shoppers": NO_SCOPE, "staff": NO_SCOPE, "machines": NO_SCOPE}
    return row(str(status), (scope,), send, scope, **others, forged=UNAUTHENTICATED)


def machine_or(scope: Scope, *roles: StaffRole, status: int = 200, **send: Any) -> Row:
    """Open it to machine clients of this scope, or trained staff of these roles."""
    of_staff = personal(*roles, status=status, **send)
    return Row({**of_staff.answers, scope: str(status)}, (scope, OWNER), send)


MATRIX: dict[str, Row] = {
    "list_products": public(),
    "get_product": public(),
    "read_texts": public(params={"place": "checkout"}),
    "show_declaration": public(),
    "show_declaration_version": public(),
    "show_policy": public(),
    "show_shop": public(),
    "list_retention_rules": personal(OFFICER, OWNER),
    "count_retention": personal(OFFICER, OWNER),
    "list_retention_runs": personal(OFFICER, OWNER),
    "start_retention_run": personal(OFFICER, OWNER, status=202),
    "list_holds": personal(OFFICER, OWNER),
    "set_hold": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "lift_hold": personal(OFFICER, OWNER),
    "list_restrictions": personal(OFFICER, OWNER),
    "lift_restriction": personal(OFFICER, OWNER),
    "list_erasures": personal(OFFICER, OWNER),
    "download_certificate": personal(OFFICER, OWNER),
    "list_recipient_tasks": personal(OFFICER, OWNER),
    "acknowledge_recipient_task": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "list_policy_versions": public(),
    "publish_text": staff(OFFICER, OWNER, status=422, json=NO_FIELD),
    "list_cookies": public(),
    "choose_cookies": public(422, json=NO_FIELD),
    "show_cookie_choice": public(),
    "enter_cookie": staff(OFFICER, OWNER, status=422, json=NO_FIELD),
    "strike_cookie": staff(OFFICER, OWNER, status=204),
    "confirm_consent": public(422, json=NO_FIELD),
    "show_unsubscribe": public(),
    "unsubscribe": public(422, data={"no_such_field": "1"}),
    "withdraw_consents": anybody(422, json=NO_FIELD),
    "prove_withdrawal": public(422, json=NO_FIELD),
    "withdraw_for_somebody": personal(SUPPORT, OFFICER, OWNER, status=422, json=NO_FIELD),
    "state_withdrawal": public(422, json=NO_FIELD),
    "list_recipients": public(),
    "list_signing_keys": public(),
    "live": public(),
    "ready": public(),
    "open_cart": public(201),
    "read_cart": public(),
    "put_cart_line": public(422, json=NO_FIELD),
    "remove_cart_line": public(),
    "read_checkout_options": public(),
    "quote_cart": public(422, json=NO_FIELD),
    "issue_token": public(400),
    "revoke_token": public(data={"token": "rt_unknown"}),
    "register": public(422, json=NO_FIELD),
    "verify_email": public(422, json=NO_FIELD),
    "confirm_email_change": public(422, json=NO_FIELD),
    "ask_for_password_reset": public(422, json=NO_FIELD),
    "reset_password": public(422, json=NO_FIELD),
    "place_order": anybody(422, json=NO_FIELD, headers={"Idempotency-Key": "k"}),
    "read_order": order(),
    "view_order": public(422, json=NO_FIELD),
    "request_order_access": public(422, json=NO_FIELD),
    "open_order": public(422, json=NO_FIELD),
    "confirm_own_order": public(422, json=NO_FIELD),
    "cancel_own_order": order(204),
    "read_accepted_declaration": order(),
    "list_own_documents": order(),
    "download_own_document": order(),
    "read_own_cart": own(),
    "adopt_cart": account(422, json=NO_FIELD),
    "reorder": own(),
    "list_own_orders": account(),
    "claim_guest_orders": account(),
    "read_profile": account(),
    "change_profile": account(422, json=NO_FIELD),
    "close_own_account": account(),
    "ask_for_email_change": account(422, json=NO_FIELD),
    "list_addresses": account(),
    "add_address": account(422, json=NO_FIELD),
    "read_address": own(),
    "replace_address": own(json="example"),
    "delete_address": own(204),
    "list_invoice_profiles": account(),
    "add_invoice_profile": account(422, json=NO_FIELD),
    "read_invoice_profile": own(),
    "replace_invoice_profile": own(json="example"),
    "delete_invoice_profile": own(204),
    "list_own_consents": account(),
    "give_own_consent": account(422, json=NO_FIELD),
    "withdraw_own_consent": account(422, json=NO_FIELD),
    "list_own_sessions": person(),
    "end_own_sessions": person(204),
    "end_own_session": own_login(204),
    "change_password": person(422, json=NO_FIELD),
    "accept_invitation": public(422, json=NO_FIELD),
    "read_own_place": staff(*StaffRole),
    "confirm_second_factor": public(422, json=NO_FIELD),
    "renew_recovery_codes": staff(*StaffRole, status=422, json=NO_FIELD),
    "invite_member": staff(OWNER, status=422, json=NO_FIELD),
    "list_members": staffs(OFFICER, OWNER),
    "change_member": staff(OWNER, status=422, json=NO_FIELD),
    "reset_second_factor": staff(OWNER, status=202),
    "lift_limits": staff(SUPPORT, OFFICER, OWNER, status=422, json=NO_FIELD),
    "record_training": staff(OFFICER, OWNER, status=422, json=NO_FIELD),
    "list_trainings": staffs(OFFICER, OWNER),
    "read_access_review": staff(OFFICER, OWNER),
    "download_access_review": staff(OFFICER, OWNER),
    "list_audit_entries": staff(OFFICER, OWNER),
    "list_clients": staff(OWNER),
    "make_client": trained(staff(OWNER, status=422, json=NO_FIELD)),
    "rotate_secret": trained(staff(OWNER, status=422, json=NO_FIELD)),
    "limit_networks": staff(OWNER, status=422, json=NO_FIELD),
    "revoke_client": staff(OWNER, status=204),
    "list_orders": personal(SUPPORT, WAREHOUSE, OFFICER, OWNER),
    "search_orders": personal(SUPPORT, WAREHOUSE, OFFICER, OWNER, json="example"),
    "search_as_staff": personal(SUPPORT, WAREHOUSE, OFFICER, OWNER, json="example"),
    "read_order_as_staff": personal(SUPPORT, WAREHOUSE, OFFICER, OWNER),
    "confirm_order_as_staff": personal(SUPPORT, OWNER, status=204),
    "correct_order": personal(SUPPORT, OWNER, status=422, json=NO_FIELD),
    "cancel_order_as_staff": personal(SUPPORT, OWNER, status=204),
    "list_contract_withdrawals": personal(SUPPORT, WAREHOUSE, OWNER),
    "read_contract_withdrawal": personal(SUPPORT, WAREHOUSE, OWNER),
    **dict.fromkeys(
        (
            *("record_withdrawal", "match_withdrawal", "check_withdrawer", "settle_withdrawal", "note_bounce"),
            *("resend_receipt", "reopen_withdrawal"),
        ),
        personal(SUPPORT, OWNER, status=422, json=NO_FIELD),
    ),
    "revoke_view_keys": personal(SUPPORT, OWNER, status=204),
    "list_owed_refunds": personal(SUPPORT, OWNER),
    "list_receipts": personal(SUPPORT, OWNER),
    "record_receipt": personal(SUPPORT, OWNER, status=422, json=NO_FIELD),
    "match_receipt": personal(SUPPORT, OWNER, status=422, json=NO_FIELD),
    "settle_receipt": personal(SUPPORT, OWNER, status=422, json=NO_FIELD),
    "accept_shortfall": personal(SUPPORT, OWNER, status=409),
    "read_creditable": personal(SUPPORT, OWNER),
    "issue_credit_note": personal(SUPPORT, OWNER, status=422, json=NO_FIELD),
    "issue_debit_note": personal(SUPPORT, OWNER, status=422, json=NO_FIELD),
    "annul_document": personal(SUPPORT, OWNER, status=422, json=NO_FIELD),
    "record_refund": personal(SUPPORT, OWNER, status=422, json=NO_FIELD),
    "issue_goods_note": personal(WAREHOUSE, SUPPORT, OWNER, status=201),
    "search_customers": personal(SUPPORT, OFFICER, OWNER, json="example"),
    "make_privacy_request": anybody(422, json=NO_FIELD),
    "prove_privacy_request": public(422, json=NO_FIELD),
    "read_privacy_request": order(),
    "add_to_privacy_request": order(422, json=NO_FIELD),
    "attach_to_privacy_request": order(422, json=NO_FIELD),
    "withdraw_privacy_request": order(),
    "download_own_copy": order(409),
    "list_own_privacy_requests": account(),
    "enter_privacy_request": personal(SUPPORT, OFFICER, OWNER, status=422, json=NO_FIELD),
    "enter_privacy_message": personal(SUPPORT, OFFICER, OWNER, status=422, json=NO_FIELD),
    "enter_privacy_attachment": personal(SUPPORT, OFFICER, OWNER, status=422, json=NO_FIELD),
    "list_privacy_requests": personal(OFFICER, OWNER),
    "search_privacy_requests": personal(OFFICER, OWNER, json="example"),
    "read_privacy_case": personal(OFFICER, OWNER),
    "read_privacy_attachment": personal(OFFICER, OWNER),
    "download_privacy_letter": personal(OFFICER, OWNER),
    "ask_for_missing_parts": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "ask_for_identity": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "record_identity": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "settle_destination": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "resume_privacy_request": personal(OFFICER, OWNER),
    "note_in_privacy_case": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "extend_privacy_request": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "tell_of_delay": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "decide_privacy_request": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "record_posting": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "download_copy_to_print": personal(OFFICER, OWNER, status=409),
    "list_breaches": personal(OFFICER, OWNER),
    "record_breach": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "read_breach": personal(OFFICER, OWNER),
    "add_breach_entry": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "assess_breach": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "decide_not_to_notify": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "exempt_from_letters": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "record_public_notice": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "close_breach": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "advance_drill": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "preview_affected_people": personal(OFFICER, OWNER, json="example"),
    "compute_affected_people": personal(OFFICER, OWNER, status=409, json="example"),
    "list_affected_people": personal(OFFICER, OWNER),
    "send_breach_letters": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "draft_notification": personal(OFFICER, OWNER, status=409),
    "download_notification": personal(OFFICER, OWNER),
    "mark_notification_sent": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "record_reference": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "list_backups": staff(OFFICER, OWNER),
    "read_backup": staff(OFFICER, OWNER),
    "list_integrity_reports": staff(OFFICER, OWNER),
    "read_integrity_report": staff(OFFICER, OWNER),
    "list_dependency_reports": staff(OFFICER, OWNER),
    "read_dependency_report": staff(OFFICER, OWNER),
    "list_standstills": staff(OFFICER, OWNER),
    "list_shipments": machine(Scope.SHIPMENTS),
    "acknowledge_shipment": machine(Scope.SHIPMENTS, 204),
    "download_label": machine(Scope.SHIPMENTS),
    "list_documents": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER, params={"month": "2026-11"}),
    "show_notice": public(),
    "list_registers": personal(OFFICER, OWNER),
    "read_register": personal(OFFICER, OWNER),
    "search_register": personal(OFFICER, OWNER, json="example"),
    "export_register_as_csv": personal(OFFICER, OWNER),
    "export_register_as_pdf": personal(OFFICER, OWNER),
    "make_inspection_pack": personal(OFFICER, OWNER, status=422, params={"paper": "silk"}),
    "read_statistics": personal(OFFICER, OWNER, params={"month": "2026-11"}),
    "name_recipient": staff(OFFICER, OWNER, status=422, json=NO_FIELD),
    "record_agreement": staff(OFFICER, OWNER, status=422, json=NO_FIELD),
    "record_ad_hoc_disclosure": personal(OFFICER, OWNER, status=422, json=NO_FIELD),
    "list_own_disclosures": account(),
    "show_own_notice": account(),
    "download_document": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER),
    "search_documents": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER, json={"kind": "invoice"}),
    "download_selection": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER, status=422, json=NO_FIELD),
    "download_e_invoice": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER),
    "read_month_summary": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER),
    "read_sales_report": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER),
    "download_sales_ledger": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER, status=422, path=NO_MONTH),
    "download_audit_file": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER, status=422, path=NO_MONTH),
    "download_delta_import": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER, status=422, path=NO_MONTH),
    "download_month_archive": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER, status=422, path=NO_MONTH),
    "list_document_series": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER),
    "prove_series": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER),
    "print_series_proof": machine_or(Scope.ACCOUNTING, ACCOUNTANT, OWNER),
    "close_books_of_month": staff(OWNER, status=409),
}


def routes(app: FastAPI) -> dict[str, tuple[str, str]]:
    """Give verb and path of each route of the API by its name; pages are none of them (tests/security/test_routes)."""
    return {
        context.original_route.name: (verb, str(context.path))
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute) and not isinstance(context.original_route, PageRoute)
        for verb in context.original_route.methods or ()
    }


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["short", "whole"])
async def test_every_caller_of_every_route_is_answered_as_the_matrix_says(shop: Shop, whole: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """To every route all who may pass; of those who may not, in short three by the dice of the route."""
    found_at = routes(shop.app)
    assert set(found_at) == set(MATRIX), "a route without a row, or a row without a route"
    assert {frozenset(each.answers) for each in MATRIX.values()} == {frozenset((*WELL_KNOWN, *FORGED))}
    things, callers = await with_everything(shop)
    wrong = []
    async with on_one_connection(shop) as connection:
        for name, each in MATRIX.items():
            verb, path = found_at[name]
            async with shop.sessions.begin() as session:
                await session.execute(text("TRUNCATE throttle"))  # the callers share one address
            send = {**each.send}
            things_of = {**things, **send.pop("path", {})}
            if send.get("json") == "example":
                send["json"] = example(path, verb)
            for caller, expected in (each.answers if whole else in_short(name, each.answers)).items():
                for whose, coming in headers_of(callers, caller, each.rightful).items():
                    headers = {**send.get("headers", {}), **coming}
                    asked = shop.http.build_request(verb, path.format_map(things_of), **{**send, "headers": headers})
                    found = await answered(shop, connection, asked)
                    if found != expected:
                        wrong.append(f"{name} answers {caller} ({whose}) {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


async def test_d8_what_a_client_has_of_a_file_is_asked_after_its_rights(shop: Shop) -> None:
    """Who may not have the file is answered as without a condition, and nobody is told what is not theirs to know."""
    found_at = routes(shop.app)
    files = {name for name, (verb, path) in found_at.items() if is_stored(path, verb)}
    assert files == STORED
    things, callers = await with_everything(shop)
    conditions = {"304": {"If-None-Match": "*"}, "412": {"If-Match": '"another"'}}
    wrong = []
    async with on_one_connection(shop) as connection:
        for name, (status, condition) in product(sorted(files), conditions.items()):
            verb, path = found_at[name]
            async with shop.sessions.begin() as session:
                await session.execute(text("TRUNCATE throttle"))  # the callers share one address
            row = MATRIX[name]
            for caller, answer in in_short(name, row.answers).items():
                expected = status if answer.startswith("200") else answer
                for whose, coming in headers_of(callers, caller, row.rightful).items():
                    asked = shop.http.build_request(verb, path.format_map(things), headers={**condition, **coming})
                    found = (await answered(shop, connection, asked)).removesuffix(ON_RECORD)
                    if found != expected:
                        wrong.append(f"{name} answers {caller} ({whose}) {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


STORED = {
    *("download_own_document", "download_document", "download_e_invoice", "download_label", "download_notification"),
    *("download_certificate", "read_privacy_attachment", "download_privacy_letter"),
}


def is_stored(path: str, verb: str) -> bool:
    """Say whether an operation answers with a file that has an ETag, to somebody who is to be known."""
    said = contract()["paths"][path][verb.lower()]
    return "412" in said["responses"] and bool(said["security"])


@asynccontextmanager
async def on_one_connection(shop: Shop) -> AsyncIterator[AsyncConnection]:
    """Answer every request on one connection, whose transaction a test can undo.

    It was taken by another task: no request may be told that it holds one. The throttle and what doors look up, which
    are past every transaction, keep the sessions that they have.
    """
    connection, kept = shop.engine.connect(), shop.app.state.sessions
    await asyncio.create_task(connection.start())
    shop.app.state.sessions = async_sessionmaker(
        connection, expire_on_commit=False, autoflush=False, join_transaction_mode="create_savepoint"
    )
    try:
        yield connection
    finally:
        shop.app.state.sessions = kept
        await connection.close()


def in_short(name: str, answers: Mapping[str, str]) -> dict[str, str]:
    """Choose all who may pass, and three of the others by the dice of the route."""
    refused = [caller for caller, answer in answers.items() if answer[:3] in {"401", "403", "404"}]
    drawn = dice(name).sample(refused, k=min(3, len(refused)))
    return {caller: answer for caller, answer in answers.items() if caller in drawn or caller not in refused}


def headers_of(callers: Callers, caller: str, rightful: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Give what a caller comes with; a forger comes with the token of each who may pass."""
    if caller in FORGED:
        return {whose: callers.forged[caller, whose] for whose in rightful}
    return {caller: callers.headers[caller]}


async def answered(shop: Shop, connection: AsyncConnection, request: httpx.Request) -> str:
    """Send a request, tell the answer and whether the audit has it as use of personal data, and undo what it did."""
    async with connection.begin() as whole:
        answer = await shop.http.send(request)
        [(wrote, noted)] = await connection.execute(text(LEFT))
        await whole.rollback()
    if answer.status_code not in {401, 403, 404}:
        return f"{answer.status_code}{ON_RECORD if noted else ''}"
    assert answer.status_code == httpx.codes.NOT_FOUND or not wrote, f"{request.url} wrote what it refused"
    return f"{answer.status_code} {answer.json()['code']}"


def example(path: str, verb: str) -> Any:
    """Give the contract's own example of a body."""
    body = contract()["paths"][path][verb.lower()]["requestBody"]["content"]["application/json"]["schema"]
    return contract()["components"]["schemas"][body["$ref"].rpartition("/")[2]]["examples"][0]


async def with_everything(shop: Shop) -> tuple[dict[str, str], Callers]:
    """Make the first shopper's things: an order placed as a guest and claimed since, a cart, an address, a company."""
    placed = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, placed)
    await shop.run_jobs()
    [document] = await documents(shop, placed)
    callers = await gather(shop, guest(placed))
    asked = await with_request(shop, callers)
    own = callers.headers["shopper"]
    assert (await shop.http.post("/v1/me/orders/claims", headers=own)).json()["count"] == 1
    cart = await shop.cart()
    await shop.http.put("/v1/me/cart", json={"cart_id": await shop.cart()}, headers=own)
    address = await shop.http.post("/v1/me/addresses", json=example("/v1/me/addresses", "post"), headers=own)
    company = await shop.http.post("/v1/me/invoice-profiles", json=COMPANY, headers=own)
    logins = await shop.http.get("/v1/me/sessions", headers=own)
    [[shipment_id]] = await shop.rows("SELECT id FROM shipments")
    async with shop.sessions.begin() as session:
        notification = await make_notification(session, at=shop.clock.now())
    recorded = await with_records(shop)
    await state(shop)
    [[withdrawal_id]] = await shop.rows("SELECT id FROM withdrawals")
    [[receipt_id]] = await shop.rows("SELECT id FROM receipts")
    things = {
        "breach_id": str(notification.breach_id),
        "notification_id": str(notification.id),
        "number": placed["number"],
        "document_id": document["id"],
        "shipment_id": str(shipment_id),
        "withdrawal_id": str(withdrawal_id),
        "receipt_id": str(receipt_id),
        "cart_id": cart,
        "sku": "ION-H-SOFT-2",
        "slug": (await shop.http.get("/v1/products")).json()["items"][0]["slug"],
        "purpose": "order",
        "version": "2026-11-22",
        "kind": "privacy",
        "name": "trainings",
        "recipient": "accountant",
        "address_id": address.json()["id"],
        "profile_id": company.json()["id"],
        "staff_id": claims_of(token_of(callers.headers[SUPPORT]))["sub"],
        "client_id": claims_of(token_of(callers.headers[Scope.SHIPMENTS]))["client_id"],
        "session_id": logins.json()["items"][0]["id"],
        **asked,
        **dict.fromkeys(("backup_id", "report_id", "hold_id", "restriction_id", "task_id", "erasure_id"), recorded),
        "consent_id": await with_choice(shop),
        "cookie_name": "_fbp",
        "month": "2026-11",
        "series": "invoices",
        "token": link_token(shop.app.state.secret, UNSUBSCRIBE, uuid4()),
    }
    return things, callers


async def with_request(shop: Shop, callers: Callers) -> dict[str, str]:
    """Make the shopper's request, with a paper attached and a letter sent; the guest has its token, too."""
    asked = await ask(shop, callers.headers["shopper"])
    token = link_token(shop.app.state.secret, ACCESS, UUID(asked["id"]))
    callers.headers["guest"] = {**callers.headers["guest"], "X-Request-Token": token}
    attached = await shop.http.post(
        f"/v1/privacy/requests/{asked['id']}/attachments", **attachment(), headers=callers.headers["shopper"]
    )
    async with shop.sessions.begin() as session:  # past the desk, which would audit it
        request = await session.get_one(RightsRequest, UUID(asked["id"]))
        await tell_delay(session, request, "Чакаме.", at=shop.clock.now(), by="test")
    await shop.run_jobs()
    [[letter_id]] = await shop.rows("SELECT event_id FROM rights_letters")
    return {"request_id": asked["id"], "attachment_id": attached.json()["id"], "letter_id": str(letter_id)}
