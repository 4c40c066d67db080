"""An idempotency key is of its cart, which is ordered once: nobody's key stands in another's way.

Works beside the previous release, which refuses a key that another cart used, as it did before.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("uq_orders_idempotency_key"), "orders")


def downgrade() -> None:
    op.create_unique_constraint(op.f("uq_orders_idempotency_key"), "orders", ["idempotency_key"])
