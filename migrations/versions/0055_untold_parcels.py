"""Since when the courier does not tell of a parcel; works beside the previous release, which does not ask.

A column without a default is added in an instant, however many rows there are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shipments", sa.Column("untold_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("shipments", "untold_since")
