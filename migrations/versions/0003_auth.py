"""Tables of auth, and the allowances of the throttle.

Works beside any release: nothing was there before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "throttle",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_throttle"),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "clients",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("recipient", sa.String(32), nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret_hash", sa.LargeBinary(), nullable=True),
        sa.Column("previous_valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_clients"),
        sa.CheckConstraint(
            "scopes <@ ARRAY['shipments', 'accounting'] AND cardinality(scopes) > 0", name=op.f("ck_clients_scopes")
        ),
        sa.CheckConstraint("recipient IN ('accountant', 'courier')", name=op.f("ck_clients_recipient")),
        sa.CheckConstraint(
            "(previous_secret_hash IS NULL) = (previous_valid_until IS NULL)",
            name=op.f("ck_clients_previous_secret_has_an_end"),
        ),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.CheckConstraint(
            "role IN ('support', 'warehouse', 'accountant', 'editor', 'privacy_officer', 'owner')",
            name=op.f("ck_staff_role"),
        ),
    )
    op.create_index("uq_staff_email", "staff", [sa.text("lower(email)")], unique=True)


def downgrade() -> None:
    op.drop_table("staff")
    op.drop_table("clients")
    op.drop_table("throttle")
