"""By when money for a cancelled order is to go back; two kinds of mail about it.

Works beside the previous release, which cancels no order that was paid and sends no such mail.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

KINDS = (
    "order_confirmation invoice_issued registration account_closed email_change email_changed password_reset"
    " password_changed token_reused invitation request_proof request_received request_incomplete request_extended"
    " request_late request_answered restriction_ends recipient_late recipient_told rights_alarm withdrawal_proof"
    " marketing_proof policy_changed breach_alarm breach_notice upkeep_alarm second_factor_locked offers_stopped"
    " standstill order_access"
).split()
NEW = ["order_cancelled", "order_refunded"]


def allow(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_mails_kind"), "mails")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_mails_kind"), "mails", f"kind IN ({listed})")


def upgrade() -> None:
    allow([*KINDS, *NEW])
    op.add_column("payments", sa.Column("refund_due_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_payments_refund_due",
        "payments",
        ["refund_due_on", "order_id"],
        postgresql_where=sa.text("refund_due_on IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_payments_refund_due", "payments")
    op.drop_column("payments", "refund_due_on")
    op.execute(f"DELETE FROM mails WHERE kind IN ('{NEW[0]}', '{NEW[1]}')")
    allow(KINDS)
