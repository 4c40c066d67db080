"""Orders that wait to be confirmed, from where orders came, and how much of the stock is held by those unpaid.

Works beside the previous release: the new columns may be empty or have a default. What that release sells or cancels
meanwhile it does not count as unpaid; the count of an article is right again once its orders of that time are over.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("proved_at", "confirmation_due_at"):
        op.add_column("orders", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("origin_digest", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_orders_unproved",
        "orders",
        ["origin_digest"],
        postgresql_where=sa.text("proved_at IS NULL AND status IN ('placed', 'confirmed', 'shipped')"),
    )
    op.create_index(
        "ix_orders_unconfirmed",
        "orders",
        ["confirmation_due_at"],
        postgresql_where=sa.text("status = 'placed' AND proved_at IS NULL AND confirmation_due_at IS NOT NULL"),
    )
    op.add_column("stock", sa.Column("unpaid", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint(op.f("ck_stock_unpaid"), "stock", "unpaid >= 0")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_stock_unpaid"), "stock")
    op.drop_column("stock", "unpaid")
    op.drop_index("ix_orders_unconfirmed", "orders")
    op.drop_index("ix_orders_unproved", "orders")
    for column in ("origin_digest", "confirmation_due_at", "proved_at"):
        op.drop_column("orders", column)
