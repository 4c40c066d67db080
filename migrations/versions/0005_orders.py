"""Carts, orders and what follows from them: payments, shipments, postings, documents, mails.

Works beside the release before it: only new tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.db import closed_to_changes

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OF_RECORD = ("order_lines", "order_events", "documents", "document_files", "labels", "tracking_records")


def upgrade() -> None:
    op.execute("CREATE SEQUENCE order_numbers START WITH 100000001")
    op.create_table(
        "carts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carts")),
    )
    op.create_index(
        "ix_carts_open", "carts", ["created_at"], unique=False, postgresql_where=sa.text("ordered_at IS NULL")
    )
    op.create_table(
        "document_series",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.CheckConstraint("last BETWEEN 0 AND 9999999999", name=op.f("ck_document_series_last")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_document_series")),
    )
    op.create_table(
        "icash_nonces",
        sa.Column("api_key_hash", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("api_key_hash", name=op.f("pk_icash_nonces")),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('order_confirmation', 'invoice_issued')", name=op.f("ck_mails_kind")),
        sa.CheckConstraint("language IN ('bg', 'en')", name=op.f("ck_mails_language")),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'refused')", name=op.f("ck_mails_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint(
            "order_id",
            "kind",
            "document_id",
            name=op.f("uq_mails_order_id_kind_document_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "cart_lines",
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 99", name=op.f("ck_cart_lines_quantity")),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_cart_lines_cart_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["sku"], ["variants.sku"], name=op.f("fk_cart_lines_sku")),
        sa.PrimaryKeyConstraint("cart_id", "sku", name=op.f("pk_cart_lines")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default=sa.text("nextval('order_numbers')"), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("wish_digest", sa.Text(), nullable=False),
        sa.Column("acceptance_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("delivery_method", sa.String(length=32), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("street_no", sa.Text(), nullable=True),
        sa.Column("block", sa.Text(), nullable=True),
        sa.Column("entrance", sa.Text(), nullable=True),
        sa.Column("floor", sa.Text(), nullable=True),
        sa.Column("apartment", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("company_name", sa.Text(), nullable=True),
        sa.Column("company_eik", sa.Text(), nullable=True),
        sa.Column("company_vat_number", sa.Text(), nullable=True),
        sa.Column("company_city", sa.Text(), nullable=True),
        sa.Column("company_address", sa.Text(), nullable=True),
        sa.Column("company_responsible_person", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("payment_method", sa.String(length=32), nullable=False),
        sa.Column("goods", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("delivery", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("delivery_method IN ('address', 'office')", name=op.f("ck_orders_delivery_method")),
        sa.CheckConstraint("language IN ('bg', 'en')", name=op.f("ck_orders_language")),
        sa.CheckConstraint(
            "payment_method IN ('cash_on_delivery', 'bank_transfer')", name=op.f("ck_orders_payment_method")
        ),
        sa.CheckConstraint(
            "status IN ('placed', 'confirmed', 'shipped', 'delivered', 'cancelled', 'refused', 'returned')",
            name=op.f("ck_orders_status"),
        ),
        sa.CheckConstraint("total >= 0", name=op.f("ck_orders_total")),
        sa.ForeignKeyConstraint(["acceptance_id"], ["acceptances.id"], name=op.f("fk_orders_acceptance_id")),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_orders_cart_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("acceptance_id", name=op.f("uq_orders_acceptance_id")),
        sa.UniqueConstraint("cart_id", name=op.f("uq_orders_cart_id")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_orders_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note', 'debit_note')", name=op.f("ck_documents_kind")),
        sa.CheckConstraint("number ~ '^[0-9]{10}$'", name=op.f("ck_documents_number")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_documents_order_id")),
        sa.ForeignKeyConstraint(["series"], ["document_series.key"], name=op.f("fk_documents_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("series", "number", name=op.f("uq_documents_series_number")),
    )
    op.create_index(op.f("ix_documents_issued_on_number_id"), "documents", ["issued_on", "number", "id"], unique=False)
    op.create_index(op.f("ix_documents_order_id"), "documents", ["order_id"], unique=False)
    op.create_index(
        "uq_documents_invoice", "documents", ["order_id"], unique=True, postgresql_where=sa.text("kind = 'invoice'")
    )
    op.create_table(
        "order_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('placed', 'confirmed', 'shipped', 'delivered', 'cancelled', 'refused', 'returned')",
            name=op.f("ck_order_events_status"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_events_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_events")),
    )
    op.create_index(op.f("ix_order_events_order_id_id"), "order_events", ["order_id", "id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("vat_rate", sa.Integer(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('goods', 'delivery')", name=op.f("ck_order_lines_kind")),
        sa.CheckConstraint("quantity > 0 AND discount >= 0 AND total >= 0", name=op.f("ck_order_lines_amounts")),
        sa.CheckConstraint("total = unit_price * quantity - discount", name=op.f("ck_order_lines_total")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_order_lines")),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bank_reference", sa.Text(), nullable=True),
        sa.CheckConstraint("method IN ('cash_on_delivery', 'bank_transfer')", name=op.f("ck_payments_method")),
        sa.CheckConstraint("status IN ('awaited', 'received', 'void')", name=op.f("ck_payments_status")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("order_id", name=op.f("uq_payments_order_id")),
    )
    op.create_index(
        "ix_payments_due",
        "payments",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("status = 'awaited' AND due_on IS NOT NULL"),
    )
    op.create_table(
        "postings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=True),
        sa.Column("sale_unique_number", sa.Text(), nullable=True),
        sa.Column("rows", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concern", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('new', 'opening', 'opened', 'checked', 'printing', 'printed', 'complete')",
            name=op.f("ck_postings_state"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_postings_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_postings_operation_id")),
        sa.UniqueConstraint("order_id", name=op.f("uq_postings_order_id")),
    )
    op.create_table(
        "shipments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.Column("cash_on_delivery", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waybill", sa.Text(), nullable=True),
        sa.Column("parcel_ids", postgresql.ARRAY(sa.TEXT()), nullable=True),
        sa.Column("pickup_on", sa.Date(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("phase", sa.String(length=32), nullable=True),
        sa.Column("tracked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concern", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "phase IN ('registered', 'picked_up', 'in_transit', 'delayed', 'out_for_delivery', 'attempted', 'ready_for_pickup', 'refused', 'returning', 'delivered', 'returned', 'cancelled', 'attention')",
            name=op.f("ck_shipments_phase"),
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'booked', 'handed_over', 'delivered', 'returned', 'cancelled')",
            name=op.f("ck_shipments_status"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shipments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
        sa.UniqueConstraint("order_id", name=op.f("uq_shipments_order_id")),
        sa.UniqueConstraint("waybill", name=op.f("uq_shipments_waybill")),
    )
    op.create_index(
        "ix_shipments_ready",
        "shipments",
        ["booked_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'booked' AND acknowledged_at IS NULL"),
    )
    op.create_index(
        "ix_shipments_on_their_way",
        "shipments",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('booked', 'handed_over')"),
    )
    op.create_table(
        "document_files",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("template_version", sa.Text(), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_document_files_document_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_document_files")),
    )
    op.create_table(
        "labels",
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipments.id"], name=op.f("fk_labels_shipment_id")),
        sa.PrimaryKeyConstraint("shipment_id", name=op.f("pk_labels")),
    )
    op.create_table(
        "tracking_records",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=32), nullable=True),
        sa.Column("continued_as", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "phase IN ('registered', 'picked_up', 'in_transit', 'delayed', 'out_for_delivery', 'attempted', 'ready_for_pickup', 'refused', 'returning', 'delivered', 'returned', 'cancelled', 'attention')",
            name=op.f("ck_tracking_records_phase"),
        ),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipments.id"], name=op.f("fk_tracking_records_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_records")),
        sa.UniqueConstraint("shipment_id", "at", "code", name=op.f("uq_tracking_records_shipment_id_at_code")),
    )
    for table in OF_RECORD:
        for statement in closed_to_changes(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("tracking_records")
    op.drop_table("labels")
    op.drop_table("document_files")
    op.drop_table("shipments")
    op.drop_table("postings")
    op.drop_table("payments")
    op.drop_table("order_lines")
    op.drop_table("order_events")
    op.drop_table("documents")
    op.drop_table("orders")
    op.drop_table("cart_lines")
    op.drop_table("mails")
    op.drop_table("icash_nonces")
    op.drop_table("document_series")
    op.drop_table("carts")
    op.execute("DROP SEQUENCE order_numbers")
