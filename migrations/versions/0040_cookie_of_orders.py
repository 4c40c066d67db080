"""The cookie that keeps an order open for a day: in the register of cookies, and in the text about them.

Works beside the previous release, which shows both and sets no such cookie.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.ids import uuid7

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TEXTS = files("app.privacy") / "texts" / "cookies"
VERSION = "2026-11-30"
NAME = "__Host-order-…"
COOKIE = {
    "name": NAME,
    "provider": "„Комплийт Дентал Солюшънс“ ЕООД",
    "purpose_bg": "Отваря поръчка в браузъра, след като сте натиснали връзката от писмото; името завършва с номера ѝ",
    "purpose_en": "Opens an order in the browser, after you pressed the link in our e-mail; its name ends with the number",
    "category": "necessary",
    "lifetime_bg": "24 часа",
    "lifetime_en": "24 hours",
    "is_third_party": False,
}
COOKIES = sa.table("cookies", *(sa.column(name, sa.Boolean if name == "is_third_party" else sa.Text) for name in COOKIE))
DECLARATIONS = sa.table(
    "declarations",
    sa.column("id", sa.Uuid),
    sa.column("effective_on", sa.Date),
    sa.column("material", sa.Boolean),
    sa.column("published_at", sa.DateTime(timezone=True)),
    *(
        sa.column(name, sa.Text)
        for name in ("purpose", "version", "title_bg", "title_en", "text_bg", "text_en", "sha256_bg", "sha256_en")
    ),
)


def declaration() -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": uuid7(),
        "purpose": "cookies",
        "version": VERSION,
        "effective_on": date.fromisoformat(VERSION),
        # A cookie more that is strictly necessary: nothing is kept by consent that was not before.
        "material": False,
        "published_at": datetime.now(UTC),
    }
    for language in ("bg", "en"):
        # Bytes, not read_text: the hash is of exactly what is shown, line ends included.
        raw = (TEXTS / f"{VERSION}.{language}.md").read_bytes()
        row[f"text_{language}"] = raw.decode()
        row[f"title_{language}"] = raw.decode().partition("\n")[0]
        row[f"sha256_{language}"] = sha256(raw).hexdigest()
    return row


def upgrade() -> None:
    op.bulk_insert(COOKIES, [COOKIE])
    op.bulk_insert(DECLARATIONS, [declaration()])


def downgrade() -> None:
    op.execute("SET LOCAL shop.erasure = 'named'")
    op.execute(sa.text("DELETE FROM cookies WHERE name = :name").bindparams(name=NAME))
    # A text under which somebody chose stays: with such a choice on record there is no way back.
    gone = "DELETE FROM declarations WHERE purpose = 'cookies' AND version = :version"
    op.execute(sa.text(gone).bindparams(version=VERSION))
