"""The log of logins, changes of rights, and reads of personal data by staff.

Works beside the previous release.
"""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Fill in."""


def downgrade() -> None:
    """Fill in."""
