"""The registers as the responsible person reads, searches and exports them."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from app.auth.models import StaffRole
from app.backoffice.register import RegisterName
from app.integrations.speedy.simulator.shipments import State
from app.privacy.retention.models import RetentionHold, RetentionRun
from app.upkeep.models import BackupAct, BackupEvent, BackupOutcome, BackupRun, IntegrityReport, Soundness
from tests.fulfilment.story import TRANSFER, pay, pdf_text, scan
from tests.sheets import read_sheet
from tests.shop import Shop

CONTRACT = "договор, чл. 6(1)(б)"
QUIET = {
    "retention_runs",
    "holds",
    "requests",
    "breaches",
    "restrictions",
    "cookies",
    "cookie_consents",
    "backups",
    "integrity",
    "dependencies",
}
"""What a shop that opened today has nothing to enter in."""
BORIS = {"first_name": "Борис", "last_name": "Стоянов", "email": "boris@example.bg", "phone": "+359888654321"}


async def officer(shop: Shop) -> dict[str, str]:
    return await shop.staff(StaffRole.PRIVACY_OFFICER)


async def read(shop: Shop, name: str, headers: dict[str, str], **params: Any) -> list[dict[str, Any]]:
    answer = await shop.http.get(f"/v1/staff/registers/{name}", headers=headers, params=params)
    assert answer.status_code == 200, answer.text
    return [entry["cells"] for entry in answer.json()["items"]]


async def read_all(shop: Shop, name: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    """Read a register from its first page to its last."""
    cells: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await shop.http.get(f"/v1/staff/registers/{name}", headers=headers, params={"limit": 100, **cursor})
        page = answer.json()
        cells += [entry["cells"] for entry in page["items"]]
        if page["next_cursor"] is None:
            return cells
        cursor = {"cursor": page["next_cursor"]}


async def search(shop: Shop, name: str, headers: dict[str, str], words: str) -> list[dict[str, Any]]:
    answer = await shop.http.post(f"/v1/staff/registers/{name}/searches", headers=headers, json={"words": words})
    assert answer.status_code == 200, answer.text
    return [entry["cells"] for entry in answer.json()["items"]]


async def audited(shop: Shop, action: str) -> list[tuple[str | None, str | None]]:
    return [
        (subject, detail)
        for subject, detail in await shop.rows(
            "SELECT subject, detail FROM audit_entries WHERE action = :action ORDER BY sequence", action=action
        )
    ]


async def test_every_register_is_listed_read_and_exported(shop: Shop) -> None:
    headers = await officer(shop)
    await shop.account()
    await shop.ordered(consents=["newsletter"])
    await shop.run_jobs()
    listed = (await shop.http.get("/v1/staff/registers", headers=headers)).json()["items"]
    assert [register["name"] for register in listed] == [*RegisterName]
    for register in listed:
        rows = await read_all(shop, register["name"], headers)
        assert rows or register["name"] in QUIET, register["name"]
        assert {key for row in rows for key in row} <= {column["key"] for column in register["columns"]}
        answer = await shop.http.get(f"/v1/staff/registers/{register['name']}/export.csv", headers=headers)
        table = read_sheet(answer.content)
        assert table[0] == [column["title"] for column in register["columns"]]
        assert len(table) == len(rows) + 1, register["name"]


async def test_the_pages_of_the_clients_register_go_from_orders_to_accounts(shop: Shop) -> None:
    headers = await officer(shop)
    await shop.account("zoya@example.bg")
    await shop.account("stoyan@example.bg")
    orders = [await shop.ordered() for _ in range(3)]
    seen: list[str] = []
    cursor = None
    for _ in range(10):
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await shop.http.get("/v1/staff/registers/clients", headers=headers, params=params)).json()
        seen += [entry["cells"]["who"][0 if "№" in entry["cells"]["who"][0] else 2] for entry in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"№ {each['number']}" for each in orders[::-1]] + ["stoyan@example.bg", "zoya@example.bg"]


async def test_g4_what_was_searched_for_goes_on_over_pages_and_walks_no_numbers(shop: Shop) -> None:
    """To walk them is slow as soon as hardly one of the newest orders fits."""
    headers = await officer(shop)
    orders = [await shop.ordered(customer=BORIS) for _ in range(3)]
    statements: list[str] = []
    event.listen(shop.engine.sync_engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    address = "/v1/staff/registers/clients/searches"
    seen: list[str] = []
    after: dict[str, str] = {}
    for _ in orders:
        answer = await shop.http.post(address, headers=headers, json={"words": "стоянов"}, params={"limit": 1, **after})
        page = answer.json()
        seen += [entry["cells"]["who"][0] for entry in page["items"]]
        after = {"cursor": page["next_cursor"]}
    assert seen == [f"№ {each['number']}" for each in orders[::-1]]
    assert after == {"cursor": None}
    searches = [each for each in statements if "search_query" in each and "orders.number +" in each]
    assert len(searches) == 3
    assert all("AS MATERIALIZED" in each for each in searches)


@pytest.mark.parametrize("words", ["number", "BORIS@example.bg", "стоянов", "Борис Ст"])
async def test_a_client_is_found_by_number_address_or_name(shop: Shop, words: str) -> None:
    headers = await officer(shop)
    await shop.ordered()
    placed = await shop.ordered(customer=BORIS)
    [row] = await search(shop, "clients", headers, placed["number"] if words == "number" else words)
    assert row["who"] == [f"№ {placed['number']}", "Борис Стоянов", "boris@example.bg"]
    assert await search(shop, "clients", headers, "nobody@example.bg") == []
    assert await search(shop, "clients", headers, "%") == []


async def test_a_page_of_clients_takes_the_same_few_statements_however_long_it_is(shop: Shop) -> None:
    headers = await officer(shop)
    for _ in range(6):
        await shop.ordered()
    await shop.account("zoya@example.bg")
    await shop.run_jobs()
    statements: list[str] = []
    event.listen(shop.engine.sync_engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    await read(shop, "clients", headers, limit=1)
    of_one = len(statements)
    await read(shop, "clients", headers, limit=5)
    assert len(statements) - of_one == of_one


async def test_what_was_looked_at_is_in_the_audit_by_whose_it_is(shop: Shop) -> None:
    headers = await officer(shop)
    placed = await shop.ordered()
    await read(shop, "clients", headers)
    assert ("register:clients", f"order:{placed['number']}") in await audited(shop, "personal_data_read")


async def test_an_export_is_dated_and_audited_with_its_rows(shop: Shop) -> None:
    headers = await officer(shop)
    await shop.ordered()
    await shop.ordered(customer=BORIS)
    answer = await shop.http.get("/v1/staff/registers/clients/export.csv", headers=headers)
    assert answer.headers["content-disposition"] == 'attachment; filename="clients-2026-11-23.csv"'
    assert answer.headers["cache-control"] == "no-store"
    pdf = await shop.http.get("/v1/staff/registers/clients/export.pdf", headers=headers)
    assert pdf.headers["content-disposition"] == 'attachment; filename="clients-2026-11-23.pdf"'
    said = pdf_text(pdf.content)
    assert "Регистър „Клиенти“" in said
    assert "Извлечение към 23.11.2026 12:00. Записи: 2." in said
    assert "Борис Стоянов" in said
    [(subject, as_csv), (_, as_pdf)] = await audited(shop, "register_exported")
    assert subject == "register:clients"
    assert as_csv is not None
    assert as_csv.startswith("format: csv rows: 2 sha256: ")
    assert as_pdf == "format: pdf rows: 2"


async def test_d1_an_export_speaks_english_and_holds_no_formula(shop: Shop) -> None:
    headers = {**await officer(shop), "Accept-Language": "en"}
    await shop.ordered(customer={**BORIS, "first_name": "Ива;=cmd|' /C calc'!A0"})
    answer = await shop.http.get("/v1/staff/registers/clients/export.csv", headers=headers)
    [columns, row] = read_sheet(answer.content)
    assert columns[:2] == ["Client", "1. Categories of personal data"]
    assert row[0].endswith("; Ива;'=cmd|' /C calc'!A0 Стоянов; boris@example.bg")
    assert row[-1] == "no"


async def test_a_page_that_no_cursor_leads_to_is_refused(shop: Shop) -> None:
    headers = await officer(shop)
    for name in RegisterName:
        answer = await shop.http.get(f"/v1/staff/registers/{name}", headers=headers, params={"cursor": "bm9uZQ"})
        assert answer.status_code == 422, name
        assert answer.json()["code"] == "cursor-unknown"
    unknown = await shop.http.get("/v1/staff/registers/enemies", headers=headers)
    assert unknown.status_code == 422


async def test_the_terms_of_an_order_are_computed_to_the_day(shop: Shop) -> None:
    headers = await officer(shop)
    under_way = await shop.ordered()
    cancelled = await shop.ordered(payment_method=TRANSFER)
    finished = await shop.ordered(payment_method=TRANSFER)
    await shop.http.post(
        f"{cancelled['links']['self']}/cancellation", headers={"X-Order-Token": cancelled["access_token"]}
    )
    await pay(shop, finished)
    await shop.run_jobs()
    await scan(shop, finished, State.DELIVERED)
    terms = {row["who"][0].removeprefix("№ "): row["term"] for row in await read(shop, "clients", headers)}
    assert terms[under_way["number"]] == ["до изпълнение на договора"]
    assert terms[cancelled["number"]] == ["всичко: до 23.11.2027"]
    assert terms[finished["number"]] == [
        "данни за връзка: до 23.11.2028",
        "име, адрес, артикули и плащане: до 31.12.2037",
        "счетоводни документи: до 31.12.2037",
    ]


async def test_runs_of_retention_holds_backups_and_checks_are_registers_too(shop: Shop) -> None:
    headers, at = await officer(shop), shop.clock.now()
    placed = await shop.ordered()
    [[order_id]] = await shop.rows("SELECT id FROM orders")
    kept = BackupRun(
        started_at=at,
        ended_at=at,
        outcome=BackupOutcome.KEPT,
        file="shop-2026-11.backup",
        bytes=10,
        sha256="0" * 64,
        revision="0021",
        rows=3,
    )
    counts = {"orders": {"due": 2, "gone": 2, "held": 0}}
    async with shop.sessions.begin() as session:
        session.add(RetentionRun(started_at=at, finished_at=at, by="system", is_dry=False, counts=counts))
        session.add(
            RetentionHold(
                order_id=order_id, ground="Гр. дело № 1", until=date(2027, 1, 1), set_at=at, set_by="operator"
            )
        )
        session.add(kept)
        await session.flush()
        session.add(BackupEvent(run_id=kept.id, act=BackupAct.VERIFIED, at=at))
        checks = [{"name": "pages", "outcome": "sound"}]
        session.add(IntegrityReport(started_at=at, ended_at=at, outcome=Soundness.SOUND, checks=checks))
    [run] = await read(shop, "retention_runs", headers)
    assert run["counts"] == ["orders: due 2, gone 2, held 0"]
    [hold] = await read(shop, "holds", headers)
    assert (hold["whose"][0], hold["until"]) == (f"№ {placed['number']}", "2027-01-01")
    [backup] = await read(shop, "backups", headers)
    assert (backup["file"], backup["events"]) == ("shop-2026-11.backup", ["23.11.2026 verified"])
    [check] = await read(shop, "integrity", headers)
    assert check["checks"] == ["pages: sound"]
