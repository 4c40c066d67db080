"""The interest that IP addresses are kept for, named in the text about cookies as GDPR Art. 6(1)(f) names it.

The text of 0051 stays as it was published. This one is in force from the same day, so of the two it alone ever is, and
nobody is asked twice; where it is published later, from the day of that. Works beside the previous release.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.clock import legal_date
from app.core.ids import uuid7

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

TEXTS = files("app.privacy") / "texts" / "cookies"
VERSION = "2026-12-01.2"
DAY = date(2026, 12, 1)
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
    now = datetime.now(UTC)
    row: dict[str, Any] = {
        "id": uuid7(),
        "purpose": "cookies",
        "version": VERSION,
        "effective_on": max(DAY, legal_date(now)),
        # A word put right: the ground, б. „е“, was named beside it, and the English stays.
        "material": False,
        "published_at": now,
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
    # A text under which somebody chose stays: with such a choice on record there is no way back.
    gone = "DELETE FROM declarations WHERE purpose = 'cookies' AND version = :version"
    op.execute(sa.text(gone).bindparams(version=VERSION))
