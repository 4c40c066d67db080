"""Let the audit's head be moved by its own trigger, as its owner: who writes an entry needs no right to change it."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The path is set, so that no table of a caller's own is taken for the head.
    op.execute("ALTER FUNCTION link_audit_entry() SECURITY DEFINER SET search_path = public, pg_temp")


def downgrade() -> None:
    op.execute("ALTER FUNCTION link_audit_entry() SECURITY INVOKER RESET search_path")
