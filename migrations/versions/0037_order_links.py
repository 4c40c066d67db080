"""The counter that keys of orders' views are made of, links that open an order, and the mail that brings one.

Works beside the previous release: the counter has a default, the number may be empty, and that release sends no such
mail.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

PURPOSES = ["reset_password", "change_email", "invitation"]
KINDS = (
    "order_confirmation invoice_issued registration account_closed email_change email_changed password_reset"
    " password_changed token_reused invitation request_proof request_received request_incomplete request_extended"
    " request_late request_answered restriction_ends recipient_late recipient_told rights_alarm withdrawal_proof"
    " marketing_proof policy_changed breach_alarm breach_notice upkeep_alarm second_factor_locked offers_stopped"
    " standstill"
).split()
NEW = "order_access"


def upgrade() -> None:
    op.add_column("orders", sa.Column("view_counter", sa.Integer(), server_default=sa.text("0"), nullable=True))
    op.add_column("mail_links", sa.Column("order_number", sa.BigInteger(), nullable=True))
    _allow("mail_links", "purpose", [*PURPOSES, NEW])
    _allow("mails", "kind", [*KINDS, NEW])


def downgrade() -> None:
    op.execute(f"DELETE FROM mails WHERE kind = '{NEW}'")
    op.execute(f"DELETE FROM mail_links WHERE purpose = '{NEW}'")
    _allow("mails", "kind", KINDS)
    _allow("mail_links", "purpose", PURPOSES)
    op.drop_column("mail_links", "order_number")
    op.drop_column("orders", "view_counter")


def _allow(table: str, column: str, values: list[str]) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{column}"), table)
    listed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} IN ({listed})")
