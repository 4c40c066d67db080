"""Products, variants, prices, stock and its ledger.

Works beside the previous release, which knows nothing of these tables.
"""

import sqlalchemy as sa
from alembic import op

from app.core.db import closed_to_changes

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title_bg", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("summary_bg", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("description_bg", sa.Text(), nullable=False),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
        sa.UniqueConstraint("slug", name="uq_products_slug"),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="ck_products_slug"),
    )
    op.create_index(
        "ix_products_position_id", "products", ["position", "id"], postgresql_where=sa.text("published_at IS NOT NULL")
    )
    op.create_table(
        "variants",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("label_bg", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("vat_rate", sa.Integer(), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.Column("hygiene_sealed", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("discontinued", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sku", name="pk_variants"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_variants_product_id"),
        sa.CheckConstraint("sku ~ '^[A-Za-z0-9._-]{1,20}$'", name="ck_variants_sku"),
        sa.CheckConstraint("price > 0", name="ck_variants_price"),
        sa.CheckConstraint("vat_rate IN (0, 9, 20)", name="ck_variants_vat_rate"),
        sa.CheckConstraint("weight_grams > 0", name="ck_variants_weight_grams"),
    )
    op.create_index("ix_variants_product_id", "variants", ["product_id"])
    op.create_table(
        "prices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("vat_rate", sa.Integer(), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_prices"),
        sa.ForeignKeyConstraint(["sku"], ["variants.sku"], name="fk_prices_sku"),
        sa.CheckConstraint("price > 0", name="ck_prices_price"),
        sa.CheckConstraint("vat_rate IN (0, 9, 20)", name="ck_prices_vat_rate"),
    )
    op.create_index("ix_prices_sku_valid_from_id", "prices", ["sku", "valid_from", "id"])
    op.create_table(
        "stock",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("available", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sku", name="pk_stock"),
        sa.ForeignKeyConstraint(["sku"], ["variants.sku"], name="fk_stock_sku"),
        sa.CheckConstraint("available >= 0", name="ck_stock_available"),
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stock_movements"),
        sa.ForeignKeyConstraint(["sku"], ["stock.sku"], name="fk_stock_movements_sku"),
        sa.CheckConstraint("change <> 0", name="ck_stock_movements_change"),
        sa.CheckConstraint(
            "reason IN ('receipt', 'correction', 'sale', 'cancellation', 'return')", name="ck_stock_movements_reason"
        ),
        sa.CheckConstraint(
            "(order_id IS NULL) = (reason IN ('receipt', 'correction'))", name="ck_stock_movements_order_id"
        ),
    )
    op.create_index(
        "ix_stock_movements_order_id",
        "stock_movements",
        ["order_id"],
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    for table in ("prices", "stock_movements"):
        for statement in closed_to_changes(table):
            op.execute(statement)


def downgrade() -> None:
    for table in ("stock_movements", "stock", "prices", "variants", "products"):
        op.drop_table(table)
