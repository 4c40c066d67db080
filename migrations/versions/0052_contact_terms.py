"""How a buyer is reached is kept to the end of the guarantee: the declaration says so, certificates are computed anew.

Works beside the previous release, which lets go of it later, and shows whichever text is in force.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.ids import uuid7

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

TEXTS = files("app.privacy") / "texts" / "order"
VERSION = "2026-11-30"
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
        "purpose": "order",
        "version": VERSION,
        "effective_on": date.fromisoformat(VERSION),
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
    op.bulk_insert(DECLARATIONS, [declaration()])
    # Their days were stored as they were then: the next night asks again.
    op.execute(
        "UPDATE erasures SET next_on = least(next_on, current_date)"
        " WHERE finished_at IS NULL AND cardinality(order_ids) > 0"
    )


def downgrade() -> None:
    op.execute("SET LOCAL shop.erasure = 'named'")
    # A text that somebody accepted stays: with such an acceptance on record there is no way back.
    gone = "DELETE FROM declarations WHERE purpose = 'order' AND version = :version"
    op.execute(sa.text(gone).bindparams(version=VERSION))
