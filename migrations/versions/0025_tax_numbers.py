"""A number of an invoice or a note is given once, though each has a series of its own.

Works beside the previous release: it never gave one twice while both ranges were apart.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    once = sa.text("series IN ('invoices', 'notes')")
    op.create_index("uq_documents_tax_number", "documents", ["number"], unique=True, postgresql_where=once)


def downgrade() -> None:
    op.drop_index("uq_documents_tax_number", "documents")
