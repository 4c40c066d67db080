"""On which day the whole amount of a payment had come: the tax event of what is paid before it is handed over.

What came before this release came on the day on which it was noted. Works beside the previous release: it leaves the
new column empty of what it notes meanwhile.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("paid_on", sa.Date(), nullable=True))
    op.execute("UPDATE payments SET paid_on = (received_at AT TIME ZONE 'Europe/Sofia')::date WHERE status = 'received'")
    op.create_index("ix_payments_paid", "payments", ["paid_on"], postgresql_where=sa.text("paid_on IS NOT NULL"))


def downgrade() -> None:
    op.drop_column("payments", "paid_on")
