"""When an order's account was closed: whoever has the address later does not claim the order as a guest's.

Works beside the previous release: it leaves the new column empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("account_closed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "account_closed_at")
