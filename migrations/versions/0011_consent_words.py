"""What somebody writes when taking a consent back, and indexes by which all of a person's rows are found.

Works beside the previous release: it leaves the new column empty, and asks for consents by no index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consents", sa.Column("words", sa.Text(), nullable=True))
    op.drop_index(op.f("ix_consents_email"), table_name="consents")
    op.create_index("ix_consents_email", "consents", [sa.text("lower(email)")])
    op.create_index("ix_mails_address", "mails", [sa.text("lower(address)")])
    op.create_index(
        "ix_mails_created_at_of_accounts", "mails", ["created_at"], postgresql_where=sa.text("order_id IS NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_mails_created_at_of_accounts", table_name="mails")
    op.drop_index("ix_mails_address", table_name="mails")
    op.drop_index("ix_consents_email", table_name="consents")
    op.create_index(op.f("ix_consents_email"), "consents", ["email"])
    op.drop_column("consents", "words")
