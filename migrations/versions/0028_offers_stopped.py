"""Whose offers stop on anybody's word is mailed of it.

Works beside the previous release: it only widens what the check allows.
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KINDS = (
    "order_confirmation invoice_issued registration account_closed email_change email_changed password_reset"
    " password_changed token_reused invitation request_proof request_received request_incomplete request_extended"
    " request_late request_answered restriction_ends recipient_late recipient_told rights_alarm withdrawal_proof"
    " marketing_proof policy_changed breach_alarm breach_notice upkeep_alarm second_factor_locked"
).split()


def upgrade() -> None:
    _allow([*KINDS, "offers_stopped"])


def downgrade() -> None:
    op.execute("DELETE FROM mails WHERE kind = 'offers_stopped'")
    _allow(KINDS)


def _allow(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_mails_kind"), "mails")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_mails_kind"), "mails", f"kind IN ({listed})")
