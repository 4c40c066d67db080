"""The address that an answer goes to is settled on its own, and who settled it stands in the log.

Works beside the previous release: the new column may be empty, and the check only allows more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

KINDS = (
    "received proved moved message note authority_notified parts_asked identity_asked identity_recorded attached"
    " attachment_read attachment_deleted alarmed extended delayed decided executed copy_given answer_sent"
).split()


def upgrade() -> None:
    op.add_column("rights_requests", sa.Column("checked_destination", sa.Text(), nullable=True))
    _allow([*KINDS, "destination_checked"])


def downgrade() -> None:
    # A line of a case file is never deleted: with one of the new kind there is no way back.
    _allow(KINDS)
    op.drop_column("rights_requests", "checked_destination")


def _allow(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_rights_events_kind"), "rights_events")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_rights_events_kind"), "rights_events", f"kind IN ({listed})")
