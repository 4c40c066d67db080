"""What keeps the register of recipients: refusals, and what the command writes into the audit."""

from pathlib import Path
from typing import Any

import pytest

from app.auth.models import StaffRole
from tests.backoffice.test_registers import audited, officer, read
from tests.cli.test_operate import Terminal
from tests.shop import Shop

SIGNED = {"reference": "Д-9/2026", "signed_on": "2026-11-20"}


@pytest.fixture
def terminal(shop: Shop, tmp_path: Path) -> Terminal:
    return Terminal(shop, tmp_path)


@pytest.mark.parametrize("change", [{"ends_on": "2026-11-19"}, {"reference": " "}, {"signed_on": 1}, {"kind": "art28"}])
async def test_an_agreement_that_makes_no_sense_is_refused(shop: Shop, change: dict[str, Any]) -> None:
    headers, before = await officer(shop), await shop.count("agreements")
    answer = await shop.http.post("/v1/staff/recipients/icash/agreements", headers=headers, json={**SIGNED, **change})
    assert answer.status_code == 422
    assert await shop.count("agreements") == before
    assert await audited(shop, "agreement_recorded") == []


async def test_an_agreement_is_ended_by_recording_its_last_day_and_the_first_record_stays(shop: Shop) -> None:
    headers = await officer(shop)
    path = "/v1/staff/recipients/mail/agreements"
    await shop.http.post(path, headers=headers, json=SIGNED)
    await shop.http.post(path, headers=headers, json={**SIGNED, "ends_on": "2026-11-22"})
    ended, made = [row for row in await read(shop, "agreements", headers) if row["reference"] == "Д-9/2026"]
    assert (made["ends_on"], ended["ends_on"]) == (None, "2026-11-22")
    assert made["recipient"] == "доставчик на пощенския сървър"
    assert made["kind"] == "споразумение по чл. 28"


async def test_letters_go_out_without_a_paper_with_the_mail_server_and_the_register_says_so(shop: Shop) -> None:
    headers = await officer(shop)
    await shop.http.post(
        "/v1/staff/recipients/mail/agreements", headers=headers, json={**SIGNED, "ends_on": "2026-11-21"}
    )
    await shop.ordered()
    await shop.run_jobs()
    assert await shop.rows("SELECT state FROM mails") == [("sent",)]
    [mail] = [row for row in await read(shop, "recipients", headers) if row["recipient"] == "mail"]
    assert mail["agreement"].endswith("прекратено на 21.11.2026")


async def test_a_command_that_keeps_the_register_is_audited_as_the_operators(shop: Shop, terminal: Terminal) -> None:
    await terminal.done("recipients", "name", "mail", "„Поща“ ООД")
    await terminal.done("recipients", "agree", "mail", "--reference", "Д-9/2026", "--signed-on", "2026-11-20")
    assert await audited(shop, "recipient_named") == [("recipient:mail", None)]
    [(subject, detail)] = await audited(shop, "agreement_recorded")
    [(newest,)] = await shop.rows("SELECT id FROM agreements WHERE reference = 'Д-9/2026'")
    assert (subject, detail) == ("recipient:mail", f"agreement:{newest}")
    assert {actor for (actor,) in await shop.rows("SELECT actor FROM audit_entries")} == {"operator"}


async def test_who_records_what_went_out_needs_the_right_to_the_registers_and_a_training(shop: Shop) -> None:
    untrained = await shop.staff(StaffRole.PRIVACY_OFFICER, trained=False)
    answer = await shop.http.post("/v1/staff/ad-hoc-disclosures", headers=untrained, json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "training-missing")
