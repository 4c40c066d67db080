"""Mails that are about something else than an order.

Works beside the previous release.
"""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Fill in."""


def downgrade() -> None:
    """Fill in."""
