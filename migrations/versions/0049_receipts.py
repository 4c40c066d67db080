"""Money that came, whatever it is for: several transfers for an order, one that names none, too little, too much.

Works beside the previous release, which knows of none of it and takes a payment for whole or not at all.
"""

import sqlalchemy as sa
from alembic import op

from app.core.db import closed_to_changes

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def recorded(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("request_digest", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("request_key", name=op.f(f"uq_{table}_request_key")),
        sa.CheckConstraint("amount > 0", name=op.f(f"ck_{table}_amount")),
    )


def of_receipt(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_receipt_id")
    return sa.ForeignKeyConstraint(["receipt_id"], ["receipts.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.add_column("payments", sa.Column("let_off", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    # What the previous release received while both ran.
    op.execute(
        "UPDATE payments SET paid_on = (received_at AT TIME ZONE 'Europe/Sofia')::date"
        " WHERE status = 'received' AND paid_on IS NULL"
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        *recorded("receipts"),
    )
    op.create_index(op.f("ix_receipts_received_on_amount"), "receipts", ["received_on", "amount"])
    op.create_table(
        "receipt_cases",
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("matched_at", MOMENT, nullable=True),
        sa.Column("matched_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_receipt_cases")),
        of_receipt("receipt_cases"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_receipt_cases_order_id"), ondelete="SET NULL"
        ),
        sa.CheckConstraint('"left" >= 0', name=op.f("ck_receipt_cases_left")),
    )
    op.create_index(op.f("ix_receipt_cases_order_id"), "receipt_cases", ["order_id"])
    op.create_index("ix_receipt_cases_open", "receipt_cases", ["receipt_id"], postgresql_where=sa.text('"left" > 0'))
    op.create_table(
        "receipt_settlements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("means", sa.String(32), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=False),
        *recorded("receipt_settlements"),
        of_receipt("receipt_settlements"),
        sa.CheckConstraint("outcome IN ('returned', 'mistaken')", name=op.f("ck_receipt_settlements_outcome")),
        sa.CheckConstraint(
            "means IN ('account', 'card', 'cash', 'other')", name=op.f("ck_receipt_settlements_means")
        ),
        sa.CheckConstraint(
            "(outcome = 'returned') = (means IS NOT NULL)", name=op.f("ck_receipt_settlements_is_by_some_means")
        ),
    )
    op.create_index(op.f("ix_receipt_settlements_receipt_id"), "receipt_settlements", ["receipt_id"])
    for table in ("receipts", "receipt_settlements"):
        for guard in closed_to_changes(table):
            op.execute(guard)


def downgrade() -> None:
    for table in ("receipt_settlements", "receipt_cases", "receipts"):
        op.drop_table(table)
    op.drop_column("payments", "let_off")
