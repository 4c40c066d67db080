"""Since when, how often and until when a mail was deferred by its server: so that it is left alone for longer each time.

Works beside the previous release, which writes none of it and retries as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mails", sa.Column("deferred_at", sa.DateTime(timezone=True)))
    op.add_column("mails", sa.Column("deferrals", sa.Integer(), server_default="0", nullable=False))
    op.add_column("mails", sa.Column("retry_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in ("retry_at", "deferrals", "deferred_at"):
        op.drop_column("mails", name)
