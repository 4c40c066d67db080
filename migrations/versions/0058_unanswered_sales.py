"""How often I-Cash gave a sale no usable answer: after three, the next one tells whether it is an outage.

A column with a constant default: nothing is rewritten, and the previous release, which leaves it out, works beside it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("postings", sa.Column("unanswered", sa.Integer, nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    op.drop_column("postings", "unanswered")
