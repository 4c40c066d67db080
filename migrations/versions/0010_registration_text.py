"""The text for registration: its declaration, and the wording of the consent that a profile rests on (S13).

Works beside the previous release, which does not read this row.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.ids import uuid7

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXTS = files("app.privacy") / "texts" / "registration"
VERSION = "2026-11-22"

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


def declaration() -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": uuid7(),
        "purpose": "registration",
        "version": VERSION,
        "effective_on": date.fromisoformat(VERSION),
        "material": True,
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
    op.bulk_insert(DECLARATIONS, [declaration()])


def downgrade() -> None:
    op.execute("SET LOCAL shop.erasure = 'named'")
    op.execute("DELETE FROM declarations WHERE purpose = 'registration'")
