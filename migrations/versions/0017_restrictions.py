"""Restrictions of processing.

Works beside the previous release, which knows of none: restrict nobody before every process is of this release.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "restrictions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("ground", sa.String(32), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("lifting_at", MOMENT, nullable=True),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("lifting_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restrictions")),
        sa.CheckConstraint(
            "ground IN ('accuracy_contested', 'unlawful', 'claims', 'objection')", name=op.f("ck_restrictions_ground")
        ),
        sa.CheckConstraint(
            "lifted_at IS NULL OR lifting_at IS NOT NULL", name=op.f("ck_restrictions_told_before_lifted")
        ),
    )
    in_force = sa.text("lifted_at IS NULL")
    op.create_index("ix_restrictions_email", "restrictions", [sa.text("lower(email)")], postgresql_where=in_force)
    op.create_index("ix_restrictions_account", "restrictions", ["account_id"], postgresql_where=in_force)
    op.create_index(op.f("ix_restrictions_since_id"), "restrictions", ["since", "id"])


def downgrade() -> None:
    op.drop_table("restrictions")
