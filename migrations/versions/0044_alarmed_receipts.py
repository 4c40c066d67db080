"""When the shop was told of a receipt that did not arrive, or go in time: kept with it, so that it is told once.

Works beside the previous release, which tells of a receipt by an alarm of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

REFUSED = "ix_mails_refused_receipts"
UNSENT, ALARMED = "ix_mails_unsent_receipts", "ix_mails_alarmed_receipts"
RECEIPT = "kind = 'withdrawal_receipt'"


def upgrade() -> None:
    op.add_column("mails", sa.Column("alarmed_at", sa.DateTime(timezone=True)))
    unsent = sa.text(f"{RECEIPT} AND state <> 'sent' AND alarmed_at IS NULL")
    op.create_index(UNSENT, "mails", ["created_at"], postgresql_where=unsent)
    alarmed = sa.text(f"{RECEIPT} AND alarmed_at IS NOT NULL")
    op.create_index(ALARMED, "mails", ["alarmed_at"], postgresql_where=alarmed)
    op.drop_index(REFUSED, "mails")


def downgrade() -> None:
    op.drop_column("mails", "alarmed_at")
    where = sa.text(f"{RECEIPT} AND refusal IS NOT NULL")
    op.create_index(REFUSED, "mails", ["about_id"], postgresql_where=where)
