"""Wrong codes of the second factor are counted, audited and mailed of, and lock it.

Works beside the previous release: the new columns have defaults, and the two checks only allow more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KINDS = (
    "order_confirmation invoice_issued registration account_closed email_change email_changed password_reset"
    " password_changed token_reused invitation request_proof request_received request_incomplete request_extended"
    " request_late request_answered restriction_ends recipient_late recipient_told rights_alarm withdrawal_proof"
    " marketing_proof policy_changed breach_alarm breach_notice upkeep_alarm"
).split()
NEW_KINDS = ["second_factor_locked"]
ACTIONS = (
    "logged_in logged_out session_ended token_reused password_changed password_reset email_changed account_registered"
    " account_closed staff_invited staff_activated staff_role_changed staff_disabled staff_enabled second_factor_reset"
    " recovery_codes_renewed training_recorded client_created client_rotated client_revoked client_networks_changed"
    " personal_data_read personal_data_changed audit_read access_reviewed orders_claimed register_exported"
    " inspection_packed agreement_recorded recipient_named text_published person_erased person_restricted"
    " restriction_lifted hold_set hold_lifted retention_run backup_restored month_closed"
).split()
NEW_ACTIONS = ["entry_refused", "second_factor_unlocked"]


def upgrade() -> None:
    op.add_column("staff", sa.Column("refused_codes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("staff", sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
    _allow("mails", "kind", [*KINDS, *NEW_KINDS])
    _allow("audit_entries", "action", [*ACTIONS, *NEW_ACTIONS])


def downgrade() -> None:
    op.execute(f"DELETE FROM mails WHERE kind IN ({_listed(NEW_KINDS)})")
    _allow("mails", "kind", KINDS)
    # An audit entry is never deleted: with one of a new kind there is no way back.
    _allow("audit_entries", "action", ACTIONS)
    op.drop_column("staff", "locked_until")
    op.drop_column("staff", "refused_codes")


def _allow(table: str, column: str, values: list[str]) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{column}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} IN ({_listed(values)})")


def _listed(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)
