"""The log of logins, changes of rights, and reads of personal data by staff.

Works beside the previous release, which knows nothing of these tables.
"""

import sqlalchemy as sa
from alembic import op

from app.core.db import closed_to_changes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ACTIONS = (
    "'logged_in', 'logged_out', 'session_ended', 'token_reused', 'password_changed', 'password_reset', 'email_changed',"
    " 'account_registered', 'account_closed', 'staff_invited', 'staff_activated', 'staff_role_changed',"
    " 'staff_disabled', 'staff_enabled', 'second_factor_reset', 'recovery_codes_renewed', 'training_recorded',"
    " 'client_created', 'client_rotated', 'client_revoked', 'client_networks_changed', 'personal_data_read',"
    " 'personal_data_changed', 'audit_read', 'access_reviewed', 'orders_claimed'"
)
# `auth.auditing.verifying` computes the same hash on its own.
LINK = """
CREATE FUNCTION link_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head audit_head%ROWTYPE;
    part text;
    written text := '';
BEGIN
    -- Held until the commit: entries are numbered without a gap, each after the one that it continues.
    SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
    NEW.sequence := head.sequence + 1;
    NEW.previous := head.hash;
    FOREACH part IN ARRAY ARRAY[
        NEW.sequence::text, (extract(epoch FROM NEW.at) * 1000000)::bigint::text,
        NEW.actor, NEW.action, NEW.subject, NEW.detail
    ] LOOP
        -- Each part after its length in bytes: no two entries are written alike.
        written := written || coalesce(octet_length(convert_to(part, 'UTF8')) || ':' || part, '-') || ',';
    END LOOP;
    NEW.hash := sha256(NEW.previous || convert_to(written, 'UTF8'));
    UPDATE audit_head SET sequence = NEW.sequence, hash = NEW.hash;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("only_one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("only_one", name=op.f("ck_audit_head_only_one")),
        sa.PrimaryKeyConstraint("only_one", name=op.f("pk_audit_head")),
    )
    op.execute("INSERT INTO audit_head (sequence, hash) VALUES (0, decode(repeat('00', 32), 'hex'))")
    op.create_table(
        "audit_entries",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(f"action IN ({ACTIONS})", name=op.f("ck_audit_entries_action")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_entries")),
    )
    for column in ("actor", "subject", "action"):
        op.create_index(op.f(f"ix_audit_entries_{column}_sequence"), "audit_entries", [column, "sequence"])
    op.execute(LINK)
    op.execute(
        "CREATE TRIGGER audit_entries_are_linked BEFORE INSERT ON audit_entries"
        " FOR EACH ROW EXECUTE FUNCTION link_audit_entry()"
    )
    for guard in closed_to_changes("audit_entries"):
        op.execute(guard)
    # The head moves from within the trigger above, and by no statement of its own.
    op.execute(
        "CREATE TRIGGER audit_head_is_record BEFORE UPDATE OR DELETE ON audit_head"
        " FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change_of_record()"
    )
    op.execute(
        "CREATE TRIGGER audit_head_is_kept BEFORE TRUNCATE ON audit_head"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record()"
    )


def downgrade() -> None:
    op.drop_table("audit_entries")
    op.execute("DROP FUNCTION link_audit_entry")
    op.drop_table("audit_head")
