"""The first texts (the policy, the declaration for orders, the newsletter's consent) and the register of recipients.

Works beside the previous release, which reads none of these rows.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.ids import uuid7

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXTS = files("app.privacy") / "texts"
PUBLISHED = [("policy", "2023-08-22"), ("order", "2026-11-22"), ("newsletter", "2026-11-22")]

DECLARATIONS = sa.table(
    "declarations",
    sa.column("id", sa.Uuid),
    sa.column("purpose", sa.Text),
    sa.column("version", sa.Text),
    sa.column("effective_on", sa.Date),
    sa.column("title_bg", sa.Text),
    sa.column("title_en", sa.Text),
    sa.column("text_bg", sa.Text),
    sa.column("text_en", sa.Text),
    sa.column("sha256_bg", sa.Text),
    sa.column("sha256_en", sa.Text),
    sa.column("material", sa.Boolean),
    sa.column("published_at", sa.DateTime(timezone=True)),
)

DELIVERY = {
    "kind": "controller",
    "purpose_bg": "Доставка на закупените продукти до посочения адрес",
    "purpose_en": "Delivery of the purchased products to the address given",
    "guarantees_bg": "Отделен администратор: отношенията са уредени с договор и двете страни спазват необходимите"
    " технически и организационни мерки за защита на данните",
    "guarantees_en": "A separate controller: the relations are settled by a contract, and both parties observe the"
    " necessary technical and organisational measures for the protection of the data",
    "legal_name": None,
    "contact": None,
}
PROCESSING = {
    "kind": "processor",
    "guarantees_bg": "Достатъчни гаранции за защита на личните данни и писмено споразумение по чл. 28 от Регламент"
    " (ЕС) 2016/679",
    "guarantees_en": "Sufficient guarantees for the protection of personal data and a written agreement under Art. 28"
    " of Regulation (EU) 2016/679",
    "legal_name": None,
    "contact": None,
}
RECIPIENTS = [
    {**DELIVERY, "key": "speedy", "title_bg": "Куриерска фирма Спиди", "title_en": "Courier company Speedy"},
    {
        **DELIVERY,
        "key": "courier",
        "title_bg": "Куриерска фирма, която изтегля готовите пратки",
        "title_en": "Courier company that collects the shipments ready for delivery",
    },
    {
        **PROCESSING,
        "key": "icash",
        "title_bg": "Доставчик на софтуера I-Cash",
        "title_en": "Provider of the software I-Cash",
        "purpose_bg": "Управление на поръчките и издаване на касова бележка или фактура",
        "purpose_en": "Managing the orders and issuing a cash receipt or an invoice",
        "legal_name": "„Онлайн Сървисиз“ ЕООД",
        "contact": "https://icash.bg/",
    },
    {
        **PROCESSING,
        "key": "accountant",
        "title_bg": "Външна счетоводна къща",
        "title_en": "External accounting house",
        "purpose_bg": "Осчетоводяване на извършените продажби и издаване на фактури",
        "purpose_en": "Entering the sales made in the books and issuing invoices",
    },
]


def declaration(purpose: str, version: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": uuid7(),
        "purpose": purpose,
        "version": version,
        "effective_on": date.fromisoformat(version),
        "material": True,
        "published_at": datetime.now(UTC),
    }
    for language in ("bg", "en"):
        # Bytes, not read_text: the hash is of exactly what is shown, line ends included.
        raw = (TEXTS / purpose / f"{version}.{language}.md").read_bytes()
        row[f"text_{language}"] = raw.decode()
        row[f"title_{language}"] = raw.decode().partition("\n")[0]
        row[f"sha256_{language}"] = sha256(raw).hexdigest()
    return row


def upgrade() -> None:
    op.bulk_insert(DECLARATIONS, [declaration(*which) for which in PUBLISHED])
    columns = [sa.column(name, sa.Text) for name in RECIPIENTS[0]]
    op.bulk_insert(sa.table("recipients", *columns), RECIPIENTS)


def downgrade() -> None:
    op.execute("SET LOCAL shop.erasure = 'named'")
    op.execute("DELETE FROM recipients")
    op.execute("DELETE FROM declarations")
