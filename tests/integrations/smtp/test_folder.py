"""The postman of development."""

import asyncio
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

from app.integrations.smtp.folder import FolderPostman
from tests.integrations.smtp.test_client import make_message


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_each_message_is_kept_once_under_its_id(tmp_path: Path) -> None:
    first, second = make_message(), make_message(subject="Фактура")
    folder = tmp_path / "var" / "mail"
    postman = FolderPostman(folder)

    await asyncio.gather(*(postman.send(message) for message in (first, first, second, first)))

    subjects = {name: message_from_bytes(raw, policy=SMTP)["Subject"] for name, raw in kept(folder).items()}
    assert subjects == {f"{mail['Message-ID'].strip('<>')}.eml": mail["Subject"] for mail in (first, second)}


async def test_no_id_leads_out_of_the_folder(tmp_path: Path) -> None:
    message = make_message()
    message.replace_header("Message-ID", "<../../stolen@shop.example>")

    await FolderPostman(tmp_path / "mail").send(message)

    assert list(kept(tmp_path / "mail")) == ["..%2F..%2Fstolen@shop.example.eml"]


async def test_a_mailbox_of_other_letters_is_kept_as_it_is(tmp_path: Path) -> None:
    await FolderPostman(tmp_path).send(make_message("ива@пример.бг"))

    (raw,) = kept(tmp_path).values()
    assert "To: ива@пример.бг\r\n".encode() in raw
