"""What each refund is for, line by line: the books take it off at the rates of these lines.

Works beside the previous release: it notes refunds without, which the check of their month names.
"""

import sqlalchemy as sa
from alembic import op

from app.core.db import closed_to_changes

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

TABLE = "refunded_lines"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("refund_id", "position", name=op.f("pk_refunded_lines")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_refunded_lines_refund_id")),
        sa.ForeignKeyConstraint(
            ["order_id", "position"],
            ["order_lines.order_id", "order_lines.position"],
            name=op.f("fk_refunded_lines_order_id_position"),
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_refunded_lines_quantity")),
    )
    op.create_index(op.f("ix_refunded_lines_order_id_position"), TABLE, ["order_id", "position"])
    for guard in closed_to_changes(TABLE):
        op.execute(guard)


def downgrade() -> None:
    op.drop_table(TABLE)
