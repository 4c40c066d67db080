"""Ad-hoc disclosures, and the mail server's host in the register of recipients.

Works beside the previous release: it writes no ad-hoc disclosure, and hands nothing to the new recipient.
"""

import sqlalchemy as sa
from alembic import op

from app.core.db import closed_to_changes

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MEMBER = sa.String(32)
RECIPIENTS = "'speedy', 'icash', 'accountant', 'courier'"
GROUNDS = "'consent', 'contract', 'legal_obligation', 'vital_interests', 'public_task', 'legitimate_interest'"
# Who it is stays open until somebody names it: `legal_name` is empty.
MAIL = {
    "key": "mail",
    "kind": "processor",
    "title_bg": "Доставчик на пощенския сървър",
    "title_en": "Provider of the mail server",
    "purpose_bg": "Пренасяне на писмата за поръчката, профила и правата Ви до Вашата електронна поща",
    "purpose_en": "Carrying the letters about your order, account and rights to your mailbox",
    "guarantees_bg": "Шифрована връзка до сървъра (TLS), достатъчни гаранции за защита на личните данни и писмено"
    " споразумение по чл. 28 от Регламент (ЕС) 2016/679, когато сървърът не е на администратора",
    "guarantees_en": "An encrypted connection to the server (TLS), sufficient guarantees for the protection of personal"
    " data and a written agreement under Art. 28 of Regulation (EU) 2016/679 where the server is not the controller's",
    "legal_name": None,
    "contact": None,
}


def upgrade() -> None:
    op.create_table(
        "ad_hoc_disclosures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("disclosed_at", MOMENT, nullable=False),
        sa.Column("kind", MEMBER, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("ground", MEMBER, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("categories", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ad_hoc_disclosures")),
        _check("kind", "kind IN ('authority', 'lawyer', 'auditor', 'consultant')"),
        _check("ground", f"ground IN ({GROUNDS})"),
        _check("fields", "cardinality(fields) > 0"),
        _check("categories", "cardinality(categories) > 0"),
        _check("authority_asks_by_law", "kind <> 'authority' OR ground = 'legal_obligation'"),
        _check("is_of_one", "num_nonnulls(order_id, email) = 1"),
    )
    op.create_index(op.f("ix_ad_hoc_disclosures_order_id"), "ad_hoc_disclosures", ["order_id"])
    op.create_index("ix_ad_hoc_disclosures_email", "ad_hoc_disclosures", [sa.text("lower(email)")])
    for guard in closed_to_changes("ad_hoc_disclosures"):
        op.execute(guard)
    _allow(f"{RECIPIENTS}, 'mail'")
    columns = [sa.column(name, sa.Text) for name in MAIL]
    op.bulk_insert(sa.table("recipients", *columns), [MAIL])


def downgrade() -> None:
    # What was agreed with the mail server's host is record, but of a recipient that the release before does not know.
    op.execute("SET LOCAL shop.erasure = 'named'")
    op.execute("DELETE FROM agreements WHERE recipient = 'mail'")
    op.execute("DELETE FROM recipients WHERE key = 'mail'")
    _allow(RECIPIENTS)
    op.drop_table("ad_hoc_disclosures")


def _check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_ad_hoc_disclosures_{name}"))


def _allow(keys: str) -> None:
    op.drop_constraint(op.f("ck_recipients_key"), "recipients")
    op.create_check_constraint(op.f("ck_recipients_key"), "recipients", f"key IN ({keys})")
