"""Erasures, what recipients are told of them, and when an order came to its end.

Works beside the previous release: an order that it finishes meanwhile has no moment of its end; the daily run of the
storage terms reads it off the order's history.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MEMBER = sa.String(32)
ENDED = """
UPDATE orders SET finished_at = (SELECT max(at) FROM order_events WHERE order_id = orders.id)
WHERE status IN ('delivered', 'cancelled', 'refused', 'returned')
"""


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("order_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("erased", postgresql.JSONB(), nullable=False),
        sa.Column("kept", postgresql.JSONB(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index("ix_erasures_next_on", "erasures", ["next_on"], postgresql_where=sa.text("finished_at IS NULL"))
    op.create_index(op.f("ix_erasures_erased_at"), "erasures", ["erased_at"])
    op.create_index(op.f("ix_erasures_request_id"), "erasures", ["request_id"])
    op.create_table(
        "recipient_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", MEMBER, nullable=False),
        sa.Column("told", MEMBER, nullable=False),
        sa.Column("order_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("alarmed_at", MOMENT, nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient_tasks")),
        sa.ForeignKeyConstraint(["recipient"], ["recipients.key"], name=op.f("fk_recipient_tasks_recipient")),
        sa.UniqueConstraint("cause_id", "recipient", "told", name=op.f("uq_recipient_tasks_cause_id_recipient_told")),
        sa.CheckConstraint(
            "told IN ('erasure', 'rectification', 'restriction', 'restriction_lifted')",
            name=op.f("ck_recipient_tasks_told"),
        ),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name=op.f("ck_recipient_tasks_who_acknowledged")
        ),
    )
    op.create_index(
        "ix_recipient_tasks_open",
        "recipient_tasks",
        ["due_on", "id"],
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.add_column("orders", sa.Column("finished_at", MOMENT, nullable=True))
    op.execute(ENDED)
    finished, reachable = sa.text("finished_at IS NOT NULL"), sa.text("email <> ''")
    op.create_index("ix_orders_finished_at", "orders", ["finished_at", "id"], postgresql_where=finished)
    op.create_index("ix_orders_reachable", "orders", ["finished_at", "id"], postgresql_where=reachable)


def downgrade() -> None:
    op.drop_index("ix_orders_reachable", "orders")
    op.drop_index("ix_orders_finished_at", "orders")
    op.drop_column("orders", "finished_at")
    op.drop_table("recipient_tasks")
    op.drop_table("erasures")
