"""Restriction at every door (S64, GDPR Art. 18(2)): every route for every caller, every job, every kind of mail."""

from collections import Counter, defaultdict
from collections.abc import Collection
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import httpx
import pytest
from pypdf.errors import PyPdfError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.auth.models import StaffRole
from app.core.holders import Person
from app.core.jobs import Job, Parked
from app.core.language import Language
from app.core.personal import Recipient
from app.fulfilment.mail_gate import may_be_sent
from app.integrations.speedy.simulator.shipments import State
from app.mail.models import Mail, MailKind
from app.privacy.restricting import PersonRestricted, RestrictionGround, restrict
from app.shipping.ports import CourierRefused
from tests.accounts.closing import EMAIL, member
from tests.fulfilment.story import letters, pdf_text, scan
from tests.privacy.breaches.test_records import told_and_notified
from tests.privacy.restricted import WORDS, buy, restrict_her
from tests.privacy.rights.asking import ask
from tests.security.callers import WELL_KNOWN, Callers
from tests.security.test_matrix import MATRIX, example, on_one_connection, routes, with_everything
from tests.shop import Shop

HERS: dict[str, dict[str, Any]] = {
    "search_orders": {"json": {"email": EMAIL}},
    "search_as_staff": {"json": {"words": EMAIL}},
    "search_customers": {"json": {"email": EMAIL}},
    "search_privacy_requests": {"json": {"email": EMAIL}},
    "search_register": {"json": {"words": EMAIL}},
}

ANSWERS_FOR_HER = {"privacy_officer", "owner"}
"""Who decides about her requests and answers her claims (GDPR Art. 18(2)); the audit has each look."""
LAWFUL: dict[str, set[str]] = {
    **dict.fromkeys(
        (
            *("list_restrictions", "read_privacy_case", "resume_privacy_request"),
            *("list_orders", "search_orders", "search_as_staff", "read_order_as_staff", "search_customers"),
            *("read_register", "search_register", "export_register_as_csv", "export_register_as_pdf"),
        ),
        ANSWERS_FOR_HER,
    ),
    # Ids, of who looked at what: the audit is kept whole.
    "list_audit_entries": {*ANSWERS_FOR_HER, "untrained"},
    # The books: number, day and amounts, nobody's name.
    "list_documents": {"accountant", "owner", "accounting"},
    "search_documents": {"accountant", "owner", "accounting"},
}
BITES: dict[str, frozenset[str] | set[str]] = {
    **dict.fromkeys(
        ("list_orders", "search_orders", "search_as_staff", "read_order_as_staff"), frozenset({"support", "warehouse"})
    ),
    "search_customers": {"support"},
    "download_document": {"accountant", "owner", "accounting"},
    "download_e_invoice": {"accountant", "owner", "accounting"},
}
"""Who saw her before and does not any more."""


def said(answer: httpx.Response) -> str:
    """Read what an answer shows, whatever its form."""
    kind = answer.headers.get("content-type", "")
    if kind.startswith("application/pdf"):
        return paper(answer.content)
    if kind.startswith("application/zip"):
        with ZipFile(BytesIO(answer.content)) as archive:
            inside = {name: archive.read(name) for name in archive.namelist()}
        return " ".join(paper(each) if name.endswith(".pdf") else each.decode() for name, each in inside.items())
    return answer.text


def paper(content: bytes) -> str:
    try:
        return pdf_text(content)
    except PyPdfError:  # one that a test made up
        return content.decode(errors="replace")


async def shows_her(shop: Shop, connection: AsyncConnection, request: httpx.Request, traces: Collection[str]) -> bool:
    """Say whether she is in the answer, and undo what the request did."""
    async with connection.begin() as whole:
        answer = await shop.http.send(request)
        await whole.rollback()
    return any(trace in said(answer) for trace in traces)


async def walk(shop: Shop, things: dict[str, str], callers: Callers) -> dict[str, set[str]]:
    """Call every route as everybody who may pass and is not her; returns who is shown anything of her, by route."""
    shown = defaultdict[str, set[str]](set)
    [(account_id,)] = await shop.rows("SELECT id FROM accounts WHERE email = :email", email=EMAIL)
    traces = (*WORDS, str(account_id), things["number"])
    async with on_one_connection(shop) as connection:
        found_at = routes(shop.app)
        for name in MATRIX:
            (verb, path), row = found_at[name], MATRIX[name]
            send = {**row.send, **HERS.get(name, {})}
            things_of = {**things, **send.pop("path", {})}
            if send.get("json") == "example":
                send["json"] = example(path, verb)
            async with shop.sessions.begin() as session:
                await session.execute(text("TRUNCATE throttle"))
            for caller in WELL_KNOWN:
                if row.answers[caller][:3] in {"401", "403"}:
                    continue
                headers = {**send.get("headers", {}), **callers.headers[caller]}
                request = shop.http.build_request(verb, path.format_map(things_of), **{**send, "headers": headers})
                if await shows_her(shop, connection, request, traces):
                    shown[name].add(str(caller))
    return dict(shown)


async def with_her(shop: Shop) -> tuple[dict[str, str], Callers]:
    """Let Снежина receive a parcel and ask the rights desk; every path leads to what is hers."""
    things, callers = await with_everything(shop)
    await shop.agree(Recipient.SPEEDY, Recipient.ICASH, Recipient.ACCOUNTANT, Recipient.COURIER)
    me = await member(shop)
    number = await buy(shop, me)
    await shop.run_jobs()
    await scan(shop, {"number": number}, State.DELIVERED)
    await shop.run_jobs()
    asked = await ask(shop, me, "complaint")
    await shop.run_jobs()
    of_order = "JOIN orders ON orders.id = order_id WHERE orders.number = :number"
    [(shipment_id,)] = await shop.rows(f"SELECT shipments.id FROM shipments {of_order}", number=int(number))  # noqa: S608 - of ours
    [(document_id,)] = await shop.rows(f"SELECT documents.id FROM documents {of_order}", number=int(number))  # noqa: S608 - as above
    hers = {"number": number, "shipment_id": str(shipment_id), "document_id": str(document_id)}
    return {**things, **hers, "request_id": asked["id"], "name": "clients"}, callers


@pytest.mark.slow
async def test_s64_who_is_restricted_is_shown_by_no_route_but_to_who_answers_for_her(shop: Shop) -> None:
    things, callers = await with_her(shop)
    before = await walk(shop, things, callers)
    await restrict_her(shop)
    after = await walk(shop, things, callers)
    assert after == LAWFUL
    gone = {name: who - after.get(name, set()) for name, who in before.items()}
    assert {name: who for name, who in gone.items() if who} == BITES


IVA = "iva@example.bg"
LEFT_THE_SHOP = "SELECT recipient, what FROM disclosures ORDER BY disclosed_at, id"
JOBS = {
    "book_shipment": "nothing is under way: nothing is booked",
    "cancel_shipment": "what the courier has of a parcel that is called off is told to nobody else",
    "call_off_stray": "what the courier has of a parcel too many is told to nobody else",
    "post_sale": "refused: it waits until the restriction ends",
    "issue_invoice": "a document is made and kept, as the law of taxes has it; its letter waits",
    "send_mail": "by the kind of mail",
    "claim_guest_orders": "her own act",
    "match_withdrawal": "her own statement",
    "tell_people_of_breach": "the law's duty to protect her (GDPR Art. 34)",
    "draw_rights_letter": "the answer to her own request",
    "announce_change": "she is left out",
    "run_retention": "her orders stay as they are",
    "take_backup": "storing",
    "rehearse_restore": "storing",
    "check_integrity": "storing",
    "report_dependencies": "holds nobody's data",
}
PERIODIC = {
    *("track_shipments", "clean", "end_restrictions", "retention", "finish_erasures", "release_unpaid"),
    *("promise_missing_sales", "mind_withdrawals"),
    *(
        "mind_requests",
        "watch_breaches",
        "log_audit_head",
        "verify_documents",
        "reconcile_icash",
        "find_stray_waybills",
        "promise_upkeep",
        "keep_erasure_list",
    ),
}
AGAIN = (
    "UPDATE shipments SET status = 'waiting', waybill = NULL, sent_at = NULL, concern = NULL",
    "UPDATE postings SET finished_at = NULL",
    "UPDATE mails SET state = 'waiting', sent_at = NULL",
)
MAILED_TO_HER = {
    *("registration", "account_closed", "email_change", "email_changed", "password_reset", "password_changed"),
    *("token_reused", "request_proof", "request_received", "request_incomplete", "request_extended", "request_late"),
    *("request_answered", "restriction_ends", "withdrawal_proof", "marketing_proof", "breach_notice"),
    *("offers_stopped", "withdrawal_receipt", "order_access", "order_cancelled", "order_refunded"),
}
"""What she asked for herself, what the law says must be told to her."""
OF_CONTRACT = {
    *("order_confirmation", "order_corrected", "invoice_issued"),
    *("payment_received", "order_shipped", "ready_for_pickup"),
}
"""What waits once the contract is over."""
MAILED_TO_OTHERS = {
    *("invitation", "second_factor_locked", "rights_alarm", "breach_alarm", "upkeep_alarm", "recipient_late"),
    *("recipient_told", "standstill", "withdrawal_alarm"),
}


async def restricted(shop: Shop) -> dict[str, Any]:
    """Restrict Ива, of whom one order is over and nothing is under way; returns what jobs take."""
    await shop.agree(*Recipient)
    await shop.ordered()
    await shop.run_jobs()
    [(order_id, number)] = await shop.rows("SELECT id, number FROM orders")
    await scan(shop, {"number": str(number)}, State.DELIVERED)
    await shop.run_jobs()
    await shop.account()
    [(account_id,)] = await shop.rows("SELECT id FROM accounts")
    async with shop.sessions.begin() as session:
        ground = RestrictionGround.CLAIMS
        await restrict(session, Person(IVA, account_id), ground=ground, request_id=None, at=shop.clock.now())
    return {"order_id": order_id, "account_id": account_id}


async def of_her(shop: Shop) -> dict[str, int]:
    """Count the letters that went to her, by their subject."""
    return dict(Counter(str(letter["Subject"]) for letter in letters(shop, "") if letter["To"] == IVA))


def job_of(kind: type[Job], ids: dict[str, Any]) -> Job:
    return kind.read({name: str(ids[name]) for name in kind.__annotations__ if name != "name"})


async def test_s64_no_job_uses_the_data_of_who_is_restricted(shop: Shop) -> None:
    ids = await restricted(shop)
    handlers = shop.work.handlers
    assert {kind.name for kind in handlers} == {*JOBS}, "a job without a row, or a row without a job"
    async with shop.sessions.begin() as session:
        for statement in AGAIN:
            await session.execute(text(statement))
    [(ids["mail_id"],)] = await shop.rows("SELECT id FROM mails WHERE kind = 'invoice_issued'")
    before = (await shop.rows(LEFT_THE_SHOP), shop.speedy.references(), len(shop.icash.operations), await of_her(shop))
    outcome = {}
    for kind in handlers:
        if kind.name in {"book_shipment", "cancel_shipment", "post_sale", "issue_invoice", "send_mail"}:
            try:
                await handlers[kind](job_of(kind, ids))
            except Parked as refusal:
                outcome[kind.name] = type(refusal)
    # A parcel that was delivered is not called off; asked for it, the courier is told its own number.
    assert outcome == {
        "cancel_shipment": CourierRefused,
        "post_sale": PersonRestricted,
        "send_mail": PersonRestricted,
    }
    after = (await shop.rows(LEFT_THE_SHOP), shop.speedy.references(), len(shop.icash.operations), await of_her(shop))
    assert after == before


async def test_s64_the_law_still_speaks_to_who_is_restricted(shop: Shop) -> None:
    ids = await restricted(shop)
    told = await of_her(shop)
    await told_and_notified(shop)
    me = await shop.account("boris@example.bg")
    await ask(shop, me, "complaint")
    shop.clock.advance(days=366 * 12)
    for kind in shop.work.handlers:
        if kind.name in {"claim_guest_orders", "run_retention"}:
            await shop.work.handlers[kind](job_of(kind, {**ids, "by": "test"}))
    await shop.run_jobs()
    new = Counter(await of_her(shop)) - Counter(told)
    # She ordered once more meanwhile: that contract is performed.
    assert new == {"Нарушение на сигурността на личните Ви данни": 1, "Поръчка № 100000002 е приета": 1}
    assert await shop.rows("SELECT email, first_name FROM orders") == [(IVA, "Ива")] * 2, "stored, for her claims"


async def test_c21_s64_a_change_of_the_policy_is_told_to_all_but_who_is_restricted(shop: Shop) -> None:
    await restricted(shop)
    await shop.account("boris@example.bg")
    before = await of_her(shop)
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    wish = {**example("/v1/staff/texts", "post"), "purpose": "policy", "material": True}
    assert (await shop.http.post("/v1/staff/texts", json=wish, headers=officer)).status_code == httpx.codes.CREATED
    await shop.run_jobs()
    assert [letter["To"] for letter in letters(shop, "Промяна в политиката")] == ["boris@example.bg"]
    assert await of_her(shop) == before


async def test_s64_nothing_that_runs_by_the_clock_uses_the_data_of_who_is_restricted(shop: Shop) -> None:
    await restricted(shop)
    assert {periodic.name for periodic in shop.work.periodic} == PERIODIC, "one without a row, or a row without one"
    before = (await shop.rows(LEFT_THE_SHOP), await shop.rows("SELECT * FROM orders"), await of_her(shop))
    shop.clock.advance(days=366 * 12)
    for periodic in shop.work.periodic:
        await periodic.run()
    async with shop.sessions.begin() as session:  # copies of the whole database are not what this is about
        await session.execute(
            text("DELETE FROM procrastinate_jobs WHERE task_name ~ 'backup|restore|integrity|depend'")
        )
    await shop.run_jobs()
    assert (await shop.rows(LEFT_THE_SHOP), await shop.rows("SELECT * FROM orders"), await of_her(shop)) == before


async def test_s64_each_kind_of_mail_goes_to_who_is_restricted_or_waits(shop: Shop) -> None:
    ids = await restricted(shop)
    sent, waits = set(), set()
    for kind in MailKind:
        of_order = kind in OF_CONTRACT
        about: dict[str, Any] = {"order_id": ids["order_id"]} if of_order else {"about_id": uuid4()}
        mail = Mail(kind=kind, address=IVA, language=Language.BG, created_at=shop.clock.now(), **about)
        async with shop.sessions() as session:
            try:
                await may_be_sent(session, mail)
                sent.add(kind.value)
            except PersonRestricted:
                waits.add(kind.value)
    assert waits == OF_CONTRACT | {"policy_changed"}
    assert sent == MAILED_TO_HER | MAILED_TO_OTHERS
