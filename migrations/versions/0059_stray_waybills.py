"""Waybills that bear an order's number and are not its own; works beside the previous release, which keeps none."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stray_waybills",
        sa.Column("waybill", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("concern", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_stray_waybills_order_id")),
        sa.PrimaryKeyConstraint("waybill", name=op.f("pk_stray_waybills")),
    )
    op.create_index("ix_stray_waybills_order_id", "stray_waybills", ["order_id"])
    op.create_index(
        "ix_stray_waybills_concern", "stray_waybills", ["order_id"], postgresql_where=sa.text("concern IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("stray_waybills")
