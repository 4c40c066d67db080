"""A statement of withdrawal outlives the killing of every process, and its receipt is there."""

import email
from email import policy
from email.message import EmailMessage
from pathlib import Path

from tests.faults.house import House
from tests.returns.stating import RECEIVED, a_statement


def mailed(house: House) -> list[EmailMessage]:
    files = Path(house.environment["SHOP_FOLDER"], "mail").glob("*.eml")
    return [email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


async def test_a_statement_outlives_the_killing_of_every_process_and_its_receipt_is_there(house: House) -> None:
    await house.open("api")
    said = a_statement()
    answer = await house.http.post("/v1/withdrawals", json=said)
    assert answer.status_code == 201
    house.api.kill()
    await house.open("worker")
    house.worker.kill()  # whatever it was at
    await house.open("api", "worker")
    again = await house.http.post("/v1/withdrawals", json=said)
    assert (again.status_code, again.json()) == (201, answer.json())
    await house.quiet()
    assert await house.rows("SELECT count(*) FROM withdrawals") == [(1,)]
    assert await house.rows("SELECT kind, state FROM mails") == [("withdrawal_receipt", "sent")]
    sent = mailed(house)
    # Cut off between the sending and the record it goes twice, under one name.
    assert {(each["Subject"], each["To"]) for each in sent} == {
        (f"{RECEIVED}: № {answer.json()['reference']}", said["email"])
    }
    assert len({each["Message-ID"] for each in sent}) == 1
