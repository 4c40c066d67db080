"""A kind of mail that tells what of an order was put right, and where a mail says what it tells of.

Works beside the previous release, which sends no such mail.
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

KINDS = (
    "order_confirmation invoice_issued registration account_closed email_change email_changed password_reset"
    " password_changed token_reused invitation request_proof request_received request_incomplete request_extended"
    " request_late request_answered restriction_ends recipient_late recipient_told rights_alarm withdrawal_proof"
    " marketing_proof policy_changed breach_alarm breach_notice upkeep_alarm second_factor_locked offers_stopped"
    " standstill order_access order_cancelled order_refunded withdrawal_receipt withdrawal_alarm"
).split()
NEW = "order_corrected"


def allow(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_mails_kind"), "mails")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_mails_kind"), "mails", f"kind IN ({listed})")


def upgrade() -> None:
    allow([*KINDS, NEW])
    op.add_column("mails", sa.Column("parts", sa.Text()))


def downgrade() -> None:
    op.drop_column("mails", "parts")
    op.execute(f"DELETE FROM mails WHERE kind = '{NEW}'")
    allow(KINDS)
