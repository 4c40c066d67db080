"""The day on which a statement of withdrawal was posted: by it, and not by its receipt, it is in time.

Works beside the previous release, which leaves it out.
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("withdrawals", sa.Column("sent_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("withdrawals", "sent_on")
