"""Notes, annulments, sale documents, refunds, the sealed chain of documents, closed months, reconciliations.

Works beside the previous release: its documents are sealed by the same trigger, and the new columns have defaults.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.core.db import closed_to_changes

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OLD_KINDS = "'invoice', 'credit_note', 'debit_note'"
KINDS = f"{OLD_KINDS}, 'proforma', 'sale_document', 'goods_note', 'annulment_protocol'"
ACTIONS = (
    "logged_in logged_out session_ended token_reused password_changed password_reset email_changed account_registered"
    " account_closed staff_invited staff_activated staff_role_changed staff_disabled staff_enabled second_factor_reset"
    " recovery_codes_renewed training_recorded client_created client_rotated client_revoked client_networks_changed"
    " personal_data_read personal_data_changed audit_read access_reviewed orders_claimed register_exported"
    " inspection_packed agreement_recorded recipient_named text_published person_erased person_restricted"
    " restriction_lifted hold_set hold_lifted retention_run backup_restored"
).split()
OF_RECORD = (
    "credited_lines",
    "annulments",
    "retired_documents",
    "document_reports",
    "refunds",
    "closed_months",
    "month_entries",
    "invoice_issuers",
    "reconciliations",
    "reconciliation_findings",
)
# `invoices.verifying` computes the same hashes on its own.
SEAL = """
CREATE FUNCTION seal_document() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    part text;
    written text := '';
BEGIN
    -- The series' row is locked by whoever took its number, until the commit: documents are sealed one after the other.
    SELECT head INTO STRICT NEW.previous_hash FROM document_series WHERE key = NEW.series FOR UPDATE;
    NEW.snapshot_sha256 := encode(sha256(convert_to(NEW.snapshot::text, 'UTF8')), 'hex');
    FOREACH part IN ARRAY ARRAY[
        NEW.series, NEW.number, NEW.kind, NEW.issued_on::text, NEW.order_id::text,
        NEW.base::text, NEW.vat::text, NEW.total::text, NEW.snapshot_sha256
    ] LOOP
        written := written || octet_length(convert_to(part, 'UTF8')) || ':' || part || ',';
    END LOOP;
    NEW.hash := encode(sha256(convert_to(NEW.previous_hash || written, 'UTF8')), 'hex');
    UPDATE document_series SET head = NEW.hash WHERE key = NEW.series;
    RETURN NEW;
END
$$
"""
# What was issued before is sealed in the order of its numbers, as if the trigger had been there.
SEAL_EARLIER = """
DO $$
DECLARE
    row documents%ROWTYPE;
    part text;
    written text;
    fingerprint text;
    before text;
    sealed text;
BEGIN
    FOR row IN SELECT * FROM documents ORDER BY series, number LOOP
        SELECT head INTO STRICT before FROM document_series WHERE key = row.series;
        fingerprint := encode(sha256(convert_to(row.snapshot::text, 'UTF8')), 'hex');
        written := '';
        FOREACH part IN ARRAY ARRAY[
            row.series, row.number, row.kind, row.issued_on::text, row.order_id::text,
            row.base::text, row.vat::text, row.total::text, fingerprint
        ] LOOP
            written := written || octet_length(convert_to(part, 'UTF8')) || ':' || part || ',';
        END LOOP;
        sealed := encode(sha256(convert_to(before || written, 'UTF8')), 'hex');
        UPDATE documents SET snapshot_sha256 = fingerprint, previous_hash = before, hash = sealed WHERE id = row.id;
        UPDATE document_series SET head = sealed WHERE key = row.series;
    END LOOP;
END
$$
"""


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def link(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    _allow([*ACTIONS, "month_closed"])
    _documents()
    _notes()
    _months()
    _reconciliations()
    for table in OF_RECORD:
        for guard in closed_to_changes(table):
            op.execute(guard)


def _documents() -> None:
    op.add_column("document_series", sa.Column("first", sa.BigInteger(), nullable=False, server_default="1"))
    op.add_column("document_series", sa.Column("head", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE document_series SET first = coalesce("
        "(SELECT min(number::bigint) FROM documents WHERE series = key), last + 1)"
    )
    op.drop_constraint(op.f("ck_documents_kind"), "documents", type_="check")
    op.create_check_constraint(op.f("ck_documents_kind"), "documents", f"kind IN ({KINDS})")
    op.add_column("documents", sa.Column("edition", sa.SmallInteger(), nullable=False, server_default="1"))
    op.add_column("documents", sa.Column("corrects_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_documents_corrects_id"), "documents", "documents", ["corrects_id"], ["id"])
    for column in ("snapshot_sha256", "previous_hash", "hash"):
        op.add_column("documents", sa.Column(column, sa.Text(), nullable=False, server_default=""))
    for column in ("request_key", "request_digest"):
        op.add_column("documents", sa.Column(column, sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_documents_request_key"), "documents", ["request_key"])
    op.drop_index("uq_documents_invoice", "documents")
    op.create_index(
        "uq_documents_once",
        "documents",
        ["order_id", "kind", "edition"],
        unique=True,
        postgresql_where=sa.text("kind IN ('invoice', 'proforma', 'sale_document', 'goods_note')"),
    )
    op.create_index(
        op.f("ix_documents_corrects_id"),
        "documents",
        ["corrects_id"],
        postgresql_where=sa.text("corrects_id IS NOT NULL"),
    )
    op.create_index(
        "ix_documents_buyer_eik", "documents", [sa.text("(snapshot #>> '{buyer,eik}')"), "issued_on", "number", "id"]
    )
    op.create_index("ix_documents_number", "documents", ["number"])
    op.execute("ALTER TABLE documents DISABLE TRIGGER documents_is_record")
    op.execute(SEAL_EARLIER)
    op.execute("ALTER TABLE documents ENABLE TRIGGER documents_is_record")
    op.execute(SEAL)
    op.execute(
        "CREATE TRIGGER documents_are_sealed BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION seal_document()"
    )
    op.add_column("document_files", sa.Column("xml", sa.LargeBinary(), nullable=True))
    op.add_column("document_files", sa.Column("xml_sha256", sa.Text(), nullable=True))
    op.create_table(
        "retired_documents",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("retired_at", MOMENT, nullable=False),
        key("retired_documents", "series", "number"),
        check("retired_documents", "kind", f"kind IN ({KINDS})"),
    )
    op.create_table(
        "document_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("series", JSONB(), nullable=False),
        sa.Column("faults", JSONB(), nullable=False),
        key("document_reports", "id"),
        check("document_reports", "outcome", "outcome IN ('sound', 'unsound')"),
    )
    op.create_index(op.f("ix_document_reports_made_at_id"), "document_reports", ["made_at", "id"])


def _notes() -> None:
    op.create_table(
        "credited_lines",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        key("credited_lines", "document_id", "position"),
        link("credited_lines", "document_id", "documents.id"),
        link("credited_lines", "invoice_id", "documents.id"),
        check("credited_lines", "amounts", "quantity >= 0 AND gross > 0 AND vat >= 0"),
    )
    op.create_index(op.f("ix_credited_lines_invoice_id"), "credited_lines", ["invoice_id"])
    op.create_table(
        "annulments",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("replacement_id", sa.Uuid(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("annulled_at", MOMENT, nullable=False),
        sa.Column("annulled_on", sa.Date(), nullable=False),
        sa.Column("annulled_by", sa.Text(), nullable=False),
        key("annulments", "document_id"),
        link("annulments", "document_id", "documents.id"),
        link("annulments", "protocol_id", "documents.id"),
        link("annulments", "replacement_id", "documents.id"),
        sa.UniqueConstraint("protocol_id", name=op.f("uq_annulments_protocol_id")),
    )
    op.create_index(op.f("ix_annulments_annulled_on"), "annulments", ["annulled_on"])
    op.create_index(op.f("ix_annulments_replacement_id"), "annulments", ["replacement_id"])
    op.create_table(
        "refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("means", sa.String(32), nullable=False),
        sa.Column("refunded_on", sa.Date(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("request_digest", sa.Text(), nullable=True),
        key("refunds", "id"),
        link("refunds", "order_id", "orders.id"),
        link("refunds", "document_id", "documents.id"),
        sa.UniqueConstraint("request_key", name=op.f("uq_refunds_request_key")),
        check("refunds", "amount", "amount > 0"),
        check("refunds", "means", "means IN ('account', 'card', 'cash', 'other')"),
        check("refunds", "month", "month ~ '^20[0-9]{2}-(0[1-9]|1[0-2])$'"),
    )
    op.create_index(op.f("ix_refunds_order_id"), "refunds", ["order_id"])
    op.create_index(op.f("ix_refunds_document_id"), "refunds", ["document_id"])
    op.create_index(op.f("ix_refunds_month_id"), "refunds", ["month", "id"])


def _months() -> None:
    op.create_table(
        "closed_months",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("summary", JSONB(), nullable=False),
        key("closed_months", "month"),
        check("closed_months", "month", "month ~ '^20[0-9]{2}-(0[1-9]|1[0-2])$'"),
    )
    op.create_table(
        "month_entries",
        sa.Column("report", sa.String(32), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        key("month_entries", "report", "order_id"),
        link("month_entries", "order_id", "orders.id"),
        link("month_entries", "month", "closed_months.month"),
        check("month_entries", "report", "report IN ('audit_file', 'sales_report')"),
    )
    op.create_index(op.f("ix_month_entries_month_report"), "month_entries", ["month", "report"])
    op.create_index(op.f("ix_month_entries_order_id"), "month_entries", ["order_id"])
    op.create_table(
        "invoice_issuers",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("issuer", sa.String(32), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        key("invoice_issuers", "month"),
        check("invoice_issuers", "issuer", "issuer IN ('shop', 'icash')"),
        check("invoice_issuers", "month", "month ~ '^20[0-9]{2}-(0[1-9]|1[0-2])$'"),
    )
    # Each sale that goes takes its acceptance along, which an account might refer to.
    op.create_index(op.f("ix_profiles_acceptance_id"), "profiles", ["acceptance_id"])
    op.create_index("ix_orders_delivered", "order_events", ["at", "order_id"], postgresql_where=sa.text("status = 'delivered'"))
    op.create_index("ix_payments_received", "payments", ["received_at"], postgresql_where=sa.text("received_at IS NOT NULL"))
    op.create_index("ix_shipments_handed_over", "shipments", ["handed_over_at"], postgresql_where=sa.text("handed_over_at IS NOT NULL"))


def _reconciliations() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("sums", JSONB(), nullable=False),
        key("reconciliations", "id"),
    )
    op.create_index(op.f("ix_reconciliations_made_at_id"), "reconciliations", ["made_at", "id"])
    op.create_table(
        "reconciliation_findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reconciliation_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=True),
        sa.Column("theirs", sa.Text(), nullable=True),
        key("reconciliation_findings", "id"),
        link("reconciliation_findings", "reconciliation_id", "reconciliations.id"),
        link("reconciliation_findings", "order_id", "orders.id"),
        check(
            "reconciliation_findings",
            "kind",
            "kind IN ('missing_there', 'missing_here', 'doubled', 'different_total', 'document_missing',"
            " 'document_differs', 'not_cancelled')",
        ),
    )
    op.create_index(
        op.f("ix_reconciliation_findings_reconciliation_id"), "reconciliation_findings", ["reconciliation_id"]
    )
    op.create_index(op.f("ix_reconciliation_findings_order_id"), "reconciliation_findings", ["order_id"])


def downgrade() -> None:
    op.drop_table("reconciliation_findings")
    op.drop_table("reconciliations")
    op.drop_index(op.f("ix_profiles_acceptance_id"), "profiles")
    op.drop_index("ix_shipments_handed_over", "shipments")
    op.drop_index("ix_payments_received", "payments")
    op.drop_index("ix_orders_delivered", "order_events")
    for table in ("invoice_issuers", "month_entries", "closed_months", "refunds", "annulments", "credited_lines"):
        op.drop_table(table)
    op.drop_table("document_reports")
    op.drop_table("retired_documents")
    op.drop_column("document_files", "xml_sha256")
    op.drop_column("document_files", "xml")
    op.execute("DROP TRIGGER documents_are_sealed ON documents")
    op.execute("DROP FUNCTION seal_document")
    for index in ("ix_documents_number", "ix_documents_buyer_eik", op.f("ix_documents_corrects_id"), "uq_documents_once"):
        op.drop_index(index, "documents")
    op.create_index(
        "uq_documents_invoice", "documents", ["order_id"], unique=True, postgresql_where=sa.text("kind = 'invoice'")
    )
    op.drop_constraint(op.f("uq_documents_request_key"), "documents", type_="unique")
    for column in ("request_digest", "request_key", "hash", "previous_hash", "snapshot_sha256", "corrects_id", "edition"):
        op.drop_column("documents", column)
    op.drop_constraint(op.f("ck_documents_kind"), "documents", type_="check")
    op.create_check_constraint(op.f("ck_documents_kind"), "documents", f"kind IN ({OLD_KINDS})")
    op.drop_column("document_series", "head")
    op.drop_column("document_series", "first")
    # An audit entry is never deleted: with one of a new kind there is no way back.
    _allow(ACTIONS)


def _allow(actions: list[str]) -> None:
    op.drop_constraint(op.f("ck_audit_entries_action"), "audit_entries")
    listed = ", ".join(f"'{action}'" for action in actions)
    op.create_check_constraint(op.f("ck_audit_entries_action"), "audit_entries", f"action IN ({listed})")
