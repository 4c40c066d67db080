"""Mails that are about something else than an order, and the kinds of those of accounts and staff.

Works beside the previous release: each of its mails names an order and is promised once as before. A mail of a new
kind that its worker takes fails there and is tried again, until a worker of this release has it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OF_ORDERS = "kind IN ('order_confirmation', 'invoice_issued')"
OF_ALL = (
    "kind IN ('order_confirmation', 'invoice_issued', 'registration', 'account_closed', 'email_change',"
    " 'email_changed', 'password_reset', 'password_changed', 'token_reused', 'invitation')"
)


def upgrade() -> None:
    op.alter_column("mails", "order_id", existing_type=sa.Uuid(), nullable=True)
    op.add_column("mails", sa.Column("about_id", sa.Uuid(), nullable=True))
    op.create_check_constraint(op.f("ck_mails_is_about_one_thing"), "mails", "num_nonnulls(order_id, about_id) = 1")
    op.drop_constraint(op.f("ck_mails_kind"), "mails")
    op.create_check_constraint(op.f("ck_mails_kind"), "mails", OF_ALL)
    op.create_unique_constraint(
        op.f("uq_mails_order_id_about_id_kind_document_id"),
        "mails",
        ["order_id", "about_id", "kind", "document_id"],
        postgresql_nulls_not_distinct=True,
    )
    op.drop_constraint(op.f("uq_mails_order_id_kind_document_id"), "mails")


def downgrade() -> None:
    op.execute("DELETE FROM mails WHERE order_id IS NULL")
    op.create_unique_constraint(
        op.f("uq_mails_order_id_kind_document_id"),
        "mails",
        ["order_id", "kind", "document_id"],
        postgresql_nulls_not_distinct=True,
    )
    op.drop_constraint(op.f("uq_mails_order_id_about_id_kind_document_id"), "mails")
    op.drop_constraint(op.f("ck_mails_kind"), "mails")
    op.create_check_constraint(op.f("ck_mails_kind"), "mails", OF_ORDERS)
    op.drop_constraint(op.f("ck_mails_is_about_one_thing"), "mails")
    op.drop_column("mails", "about_id")
    op.alter_column("mails", "order_id", existing_type=sa.Uuid(), nullable=False)
