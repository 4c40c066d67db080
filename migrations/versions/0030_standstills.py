"""What stands still, the mails about it, and what became of calls to outside systems; a kind of mail.

Works beside the previous release, which knows nothing of these tables and sends no such mail. The three indexes find
what waits or asks for a person, of which there is little, without reading all there ever was.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = (
    "order_confirmation invoice_issued registration account_closed email_change email_changed password_reset"
    " password_changed token_reused invitation request_proof request_received request_incomplete request_extended"
    " request_late request_answered restriction_ends recipient_late recipient_told rights_alarm withdrawal_proof"
    " marketing_proof policy_changed breach_alarm breach_notice upkeep_alarm second_factor_locked offers_stopped"
).split()
NEW = "standstill"
CONCERNS = {"shipments": "concern", "postings": "concern", "mails": "refusal"}


def allow(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_mails_kind"), "mails")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_mails_kind"), "mails", f"kind IN ({listed})")


def upgrade() -> None:
    allow([*KINDS, NEW])
    op.create_table(
        "standstills",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("noticed_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_standstills")),
        sa.CheckConstraint(
            "kind IN ('nobody', 'silent', 'queue', 'parked', 'concern')", name=op.f("ck_standstills_kind")
        ),
    )
    op.create_table(
        "standstill_alarms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("found", JSONB(), nullable=False),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standstill_alarms")),
    )
    op.create_table(
        "adapter_calls",
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("adapter", "outcome", name=op.f("pk_adapter_calls")),
    )
    for table, column in CONCERNS.items():
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, ["order_id"], postgresql_where=where)
    # A table of Procrastinate's: an index more does not touch how it works.
    op.execute(
        "CREATE INDEX procrastinate_jobs_unfinished ON procrastinate_jobs (task_name)"
        " WHERE status IN ('todo', 'doing', 'failed')"
    )


def downgrade() -> None:
    op.execute("DROP INDEX procrastinate_jobs_unfinished")
    for table, column in CONCERNS.items():
        op.drop_index(f"ix_{table}_{column}", table)
    for table in ("adapter_calls", "standstill_alarms", "standstills"):
        op.drop_table(table)
    op.execute(f"DELETE FROM mails WHERE kind = '{NEW}'")
    allow(KINDS)
