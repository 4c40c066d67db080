"""The present name of whom the Pixel belongs to: in the register of cookies, and in the text about them.

Works beside the previous release, which shows both.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.ids import uuid7

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

TEXTS = files("app.privacy") / "texts" / "cookies"
VERSION = "2026-12-01"
FORMER, NOW = (f"{name} Ireland Ltd. (Facebook Pixel)" for name in ("Facebook", "Meta Platforms"))
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
        # The same company under the name that it bears since 2022: nothing is done otherwise.
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


def rename(former: str, now: str) -> None:
    op.execute(sa.text("UPDATE cookies SET provider = :now WHERE provider = :former").bindparams(now=now, former=former))


def upgrade() -> None:
    rename(FORMER, NOW)
    op.bulk_insert(DECLARATIONS, [declaration()])


def downgrade() -> None:
    op.execute("SET LOCAL shop.erasure = 'named'")
    rename(NOW, FORMER)
    # A text under which somebody chose stays: with such a choice on record there is no way back.
    gone = "DELETE FROM declarations WHERE purpose = 'cookies' AND version = :version"
    op.execute(sa.text(gone).bindparams(version=VERSION))
