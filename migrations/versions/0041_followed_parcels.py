"""Find the parcels that tracking follows, with those that the courier would not call off.

Works beside the previous release: what it looks for lies within the new index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

WITH_COURIER = "status IN ('booked', 'handed_over')"
KEPT = "(status = 'cancelled' AND waybill IS NOT NULL AND concern IS NOT NULL)"


def upgrade() -> None:
    op.create_index(
        "ix_shipments_followed", "shipments", ["id"], postgresql_where=sa.text(f"{WITH_COURIER} OR {KEPT}")
    )
    op.drop_index("ix_shipments_on_their_way", "shipments")


def downgrade() -> None:
    op.create_index("ix_shipments_on_their_way", "shipments", ["id"], postgresql_where=sa.text(WITH_COURIER))
    op.drop_index("ix_shipments_followed", "shipments")
