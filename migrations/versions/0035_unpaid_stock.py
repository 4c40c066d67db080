"""Counts what orders that wait for their payment hold of each article.

Works beside the previous release, which does not look at the count.
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

HELD = """
UPDATE stock SET unpaid = held.quantity FROM (
    SELECT sku, sum(quantity) AS quantity FROM order_lines JOIN orders ON orders.id = order_lines.order_id
    WHERE orders.status = 'placed' AND order_lines.kind = 'goods' GROUP BY sku
) AS held WHERE stock.sku = held.sku
"""


def upgrade() -> None:
    op.execute(HELD)


def downgrade() -> None:
    op.execute("UPDATE stock SET unpaid = 0 WHERE unpaid <> 0")
