"""Refusals about profiles."""

from app.core.errors import ShopError
from app.core.language import Text


class AddressBookFull(ShopError):
    title = Text("Адресната книга е пълна", "Address book full")
    advice = Text(
        "Запазват се най-много {most} адреса. Изтрийте ненужен и опитайте отново.",
        "At most {most} addresses are kept. Delete one that you no longer need and try again.",
    )
    example = {"most": 20}  # noqa: RUF012 - read only


class InvoiceProfilesFull(ShopError):
    title = Text("Твърде много данни за фактура", "Too many invoice profiles")
    advice = Text(
        "Запазват се най-много {most} фирми. Изтрийте ненужна и опитайте отново.",
        "At most {most} companies are kept. Delete one that you no longer need and try again.",
    )
    example = {"most": 20}  # noqa: RUF012 - read only
