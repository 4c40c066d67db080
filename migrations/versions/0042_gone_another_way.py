"""Let orders that went another way than by the courier be shipped, since the moment at which staff said so.

Their sale was promised at that moment, and nobody may cancel them any more. Works beside the previous release: to it
they are as those that the courier has.
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "WITH gone AS (UPDATE orders SET status = 'shipped' FROM shipments, postings"
        " WHERE shipments.order_id = orders.id AND postings.order_id = orders.id"
        " AND orders.status = 'confirmed' AND shipments.status = 'cancelled'"
        " RETURNING orders.id, postings.created_at)"
        ' INSERT INTO order_events (order_id, status, at, "by") SELECT id, \'shipped\', created_at, \'staff\' FROM gone'
    )


def downgrade() -> None:
    """Nothing: what went stays gone."""
