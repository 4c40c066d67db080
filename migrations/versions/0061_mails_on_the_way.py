"""Kinds of mails that tell how an order gets on: paid, sent, waiting to be picked up.

Works beside the previous release, which sends no such mail. Each mail is looked at once for the wider list, a fraction
of a second for half a million.
"""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

KINDS = (
    "order_confirmation invoice_issued registration account_closed email_change email_changed password_reset"
    " password_changed token_reused invitation request_proof request_received request_incomplete request_extended"
    " request_late request_answered restriction_ends recipient_late recipient_told rights_alarm withdrawal_proof"
    " marketing_proof policy_changed breach_alarm breach_notice upkeep_alarm second_factor_locked offers_stopped"
    " standstill order_access order_cancelled order_refunded withdrawal_receipt withdrawal_alarm order_corrected"
).split()
NEW = ("payment_received", "order_shipped", "ready_for_pickup")


def allow(*kinds: str) -> None:
    op.drop_constraint(op.f("ck_mails_kind"), "mails")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_mails_kind"), "mails", f"kind IN ({listed})")


def upgrade() -> None:
    allow(*KINDS, *NEW)


def downgrade() -> None:
    op.execute(f"DELETE FROM mails WHERE kind IN {NEW}")
    allow(*KINDS)
