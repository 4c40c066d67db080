"""The day of a payment, whoever notes it: the previous release, which works beside this one for a while, leaves it out.

Its sale would be in no report of sales, and its invoice could not be dated. Works beside the previous release.
"""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

NOTE = """
CREATE FUNCTION note_day_of_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.paid_on := (NEW.received_at AT TIME ZONE 'Europe/Sofia')::date;
    RETURN NEW;
END
$$
"""
EACH = """
CREATE TRIGGER payments_have_their_day BEFORE INSERT OR UPDATE ON payments
FOR EACH ROW WHEN (NEW.status = 'received' AND NEW.paid_on IS NULL) EXECUTE FUNCTION note_day_of_payment()
"""


def upgrade() -> None:
    op.execute(NOTE)
    op.execute(EACH)
    op.execute("UPDATE payments SET paid_on = NULL WHERE status = 'received' AND paid_on IS NULL")  # those until now


def downgrade() -> None:
    op.execute("DROP TRIGGER payments_have_their_day ON payments")
    op.execute("DROP FUNCTION note_day_of_payment")
