"""A mail to a mailbox that was sent enough is held back, and another brings it; links are found by their address.

Works beside the previous release, which holds nothing back: it sends what is held at once, as it always did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ACTIONS = (
    "logged_in logged_out session_ended token_reused password_changed password_reset email_changed account_registered"
    " account_closed staff_invited staff_activated staff_role_changed staff_disabled staff_enabled second_factor_reset"
    " recovery_codes_renewed training_recorded client_created client_rotated client_revoked client_networks_changed"
    " personal_data_read personal_data_changed audit_read access_reviewed orders_claimed register_exported"
    " inspection_packed agreement_recorded recipient_named text_published person_erased person_restricted"
    " restriction_lifted hold_set hold_lifted retention_run backup_restored month_closed entry_refused"
    " second_factor_unlocked"
).split()


def upgrade() -> None:
    op.add_column("mails", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mails", sa.Column("carried_by", sa.Uuid(), nullable=True))
    _allow([*ACTIONS, "limits_lifted"])
    op.create_index("ix_mail_links_email", "mail_links", [sa.text("lower(email)")])


def downgrade() -> None:
    # An audit entry is never deleted: with one of the new kind there is no way back.
    _allow(ACTIONS)
    op.drop_index("ix_mail_links_email", table_name="mail_links")
    op.drop_column("mails", "carried_by")
    op.drop_column("mails", "held_at")


def _allow(actions: list[str]) -> None:
    op.drop_constraint(op.f("ck_audit_entries_action"), "audit_entries")
    listed = ", ".join(f"'{action}'" for action in actions)
    op.create_check_constraint(op.f("ck_audit_entries_action"), "audit_entries", f"action IN ({listed})")
