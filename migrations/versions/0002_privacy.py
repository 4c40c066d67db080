"""Declarations, acceptances, consents, recipients, agreements, disclosures.

Works beside the previous release, which knows nothing of these tables.
"""

import sqlalchemy as sa
from alembic import op

from app.core.db import closed_to_changes

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MEMBER = sa.String(32)

TABLES_OF_RECORD = ("declarations", "acceptances", "consents", "agreements", "disclosures")

PURPOSES = "'sale', 'enquiry', 'newsletter', 'accounting', 'legal'"
GROUNDS = "'consent', 'contract', 'legal_obligation', 'vital_interests', 'public_task', 'legitimate_interest'"
DECLARATIONS = "'policy', 'order', 'registration', 'contact', 'newsletter', 'blog', 'review', 'cookies'"
CONSENTS = "'registration', 'newsletter', 'blog_comment', 'contact', 'review', 'third_party_marketing'"


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def one_of(table: str, column: str, values: str) -> sa.CheckConstraint:
    return check(table, column, f"{column} IN ({values})")


def upgrade() -> None:
    op.create_table(
        "declarations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", MEMBER, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("title_bg", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("text_bg", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("sha256_bg", sa.Text(), nullable=False),
        sa.Column("sha256_en", sa.Text(), nullable=False),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declarations")),
        sa.UniqueConstraint("purpose", "version", name=op.f("uq_declarations_purpose_version")),
        one_of("declarations", "purpose", DECLARATIONS),
        check("declarations", "sha256_bg", "sha256_bg = encode(sha256(convert_to(text_bg, 'UTF8')), 'hex')"),
        check("declarations", "sha256_en", "sha256_en = encode(sha256(convert_to(text_en, 'UTF8')), 'hex')"),
    )
    op.create_table(
        "acceptances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("language", MEMBER, nullable=False),
        sa.Column("text_sha256", sa.Text(), nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=False),
        sa.Column("means", MEMBER, nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptances")),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_acceptances_declaration_id")),
        one_of("acceptances", "language", "'bg', 'en'"),
        one_of("acceptances", "means", "'api', 'staff'"),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", MEMBER, nullable=False),
        sa.Column("channel", MEMBER, nullable=True),
        sa.Column("act", MEMBER, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("language", MEMBER, nullable=False),
        sa.Column("text_sha256", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("means", MEMBER, nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_consents_declaration_id")),
        one_of("consents", "purpose", CONSENTS),
        one_of("consents", "channel", "'email', 'sms', 'viber', 'phone'"),
        one_of("consents", "act", "'given', 'withdrawn'"),
        one_of("consents", "language", "'bg', 'en'"),
        one_of("consents", "means", "'api', 'staff'"),
    )
    op.create_index(op.f("ix_consents_email"), "consents", ["email"])
    op.create_index(op.f("ix_consents_order_id"), "consents", ["order_id"])
    op.create_table(
        "recipients",
        sa.Column("key", MEMBER, nullable=False),
        sa.Column("kind", MEMBER, nullable=False),
        sa.Column("title_bg", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("purpose_bg", sa.Text(), nullable=False),
        sa.Column("purpose_en", sa.Text(), nullable=False),
        sa.Column("guarantees_bg", sa.Text(), nullable=False),
        sa.Column("guarantees_en", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_recipients")),
        one_of("recipients", "key", "'speedy', 'icash', 'accountant', 'courier'"),
        one_of("recipients", "kind", "'controller', 'processor'"),
    )
    op.create_table(
        "agreements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", MEMBER, nullable=False),
        sa.Column("kind", MEMBER, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.ForeignKeyConstraint(["recipient"], ["recipients.key"], name=op.f("fk_agreements_recipient")),
        one_of("agreements", "kind", "'art28', 'contract'"),
        check("agreements", "ends_on", "ends_on >= signed_on"),
    )
    op.create_index(op.f("ix_agreements_recipient_recorded_at"), "agreements", ["recipient", "recorded_at"])
    op.create_table(
        "disclosures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("disclosed_at", MOMENT, nullable=False),
        sa.Column("recipient", MEMBER, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("categories", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("purpose", MEMBER, nullable=False),
        sa.Column("ground", MEMBER, nullable=False),
        sa.Column("means", MEMBER, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reference_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
        sa.ForeignKeyConstraint(["recipient"], ["recipients.key"], name=op.f("fk_disclosures_recipient")),
        one_of("disclosures", "purpose", PURPOSES),
        one_of("disclosures", "ground", GROUNDS),
        one_of("disclosures", "means", "'push', 'pull', 'download'"),
        check("disclosures", "categories", "cardinality(categories) > 0"),
    )
    op.create_index(op.f("ix_disclosures_order_id"), "disclosures", ["order_id"])
    for table in TABLES_OF_RECORD:
        for guard in closed_to_changes(table):
            op.execute(guard)


def downgrade() -> None:
    for table in ("disclosures", "agreements", "recipients", "consents", "acceptances", "declarations"):
        op.drop_table(table)
