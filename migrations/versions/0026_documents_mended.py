"""What a database lacks that ran 0022 as it was at first: sums of comparisons, three indexes, an action less to note.

0022 was edited when it had landed already. Where its later form ran, this changes nothing.

Works beside the previous release, which gives each comparison its sums, and notes nothing of the action that goes.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ACTIONS = (
    "logged_in logged_out session_ended token_reused password_changed password_reset email_changed account_registered"
    " account_closed staff_invited staff_activated staff_role_changed staff_disabled staff_enabled second_factor_reset"
    " recovery_codes_renewed training_recorded client_created client_rotated client_revoked client_networks_changed"
    " personal_data_read personal_data_changed audit_read access_reviewed orders_claimed register_exported"
    " inspection_packed agreement_recorded recipient_named text_published person_erased person_restricted"
    " restriction_lifted hold_set hold_lifted retention_run backup_restored month_closed"
).split()
# No release ever noted `documents_verified`. All entries are read again, so only where it is still allowed.
NARROW = """
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = 'audit_entries'::regclass AND conname = 'ck_audit_entries_action'
        AND pg_get_constraintdef(oid) LIKE '%documents\\_verified%'
    ) THEN
        ALTER TABLE audit_entries DROP CONSTRAINT ck_audit_entries_action,
            ADD CONSTRAINT ck_audit_entries_action CHECK (action IN ({actions}));
    END IF;
END
$$
"""


def upgrade() -> None:
    # A row of record is not updated: what was compared before has no sums, as the default of this moment says.
    op.execute("ALTER TABLE reconciliations ADD COLUMN IF NOT EXISTS sums jsonb NOT NULL DEFAULT '{}'")
    op.alter_column("reconciliations", "sums", server_default=None)
    for table, column in (("annulments", "replacement_id"), ("refunds", "document_id"), ("profiles", "acceptance_id")):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], if_not_exists=True)
    op.execute(NARROW.format(actions=", ".join(f"'{action}'" for action in ACTIONS)))


def downgrade() -> None:
    """Leave everything: 0022 as it is today makes all of this, and its own downgrade takes it away."""
