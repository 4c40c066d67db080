"""Accounts, profiles, sessions, links in mails, the second factor and trainings of staff.

Works beside the previous release: it writes none of these tables, and the new columns have defaults or may be empty.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.core.db import closed_to_changes

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MEMBER = sa.String(32)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", MEMBER, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("language IN ('bg', 'en')", name=op.f("ck_accounts_language")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_index("uq_accounts_email", "accounts", [sa.text("lower(email)")], unique=True)
    op.create_table(
        "familiar_origins",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "digest", name=op.f("pk_familiar_origins")),
    )
    op.create_index(op.f("ix_familiar_origins_seen_at"), "familiar_origins", ["seen_at"])
    op.create_table(
        "addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("method", MEMBER, nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("street_no", sa.Text(), nullable=True),
        sa.Column("block", sa.Text(), nullable=True),
        sa.Column("entrance", sa.Text(), nullable=True),
        sa.Column("floor", sa.Text(), nullable=True),
        sa.Column("apartment", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(method = 'office') = (office_id IS NOT NULL)", name=op.f("ck_addresses_office_id")),
        sa.CheckConstraint("method IN ('address', 'office')", name=op.f("ck_addresses_method")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_addresses_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
    )
    op.create_index(op.f("ix_addresses_account_id_id"), "addresses", ["account_id", "id"])
    op.create_index(
        "uq_addresses_default", "addresses", ["account_id"], unique=True, postgresql_where=sa.text("is_default")
    )
    op.create_table(
        "invoice_profiles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("company_name", sa.Text(), nullable=False),
        sa.Column("eik", sa.Text(), nullable=False),
        sa.Column("vat_number", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("responsible_person", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_invoice_profiles_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_profiles")),
    )
    op.create_index(op.f("ix_invoice_profiles_account_id_id"), "invoice_profiles", ["account_id", "id"])
    op.create_table(
        "login_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_because", MEMBER, nullable=True),
        sa.CheckConstraint(
            "ended_because IN ('logout', 'ended_by_owner', 'password_changed', 'token_reused', 'access_taken')",
            name=op.f("ck_login_sessions_ended_because"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_because IS NULL)", name=op.f("ck_login_sessions_an_end_has_a_reason")
        ),
        sa.CheckConstraint("num_nonnulls(account_id, staff_id) = 1", name=op.f("ck_login_sessions_is_of_one_person")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_login_sessions_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_login_sessions_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
    )
    op.create_index(op.f("ix_login_sessions_account_id"), "login_sessions", ["account_id"])
    op.create_index("ix_login_sessions_over_at", "login_sessions", [sa.text("coalesce(ended_at, expires_at)")])
    op.create_index(op.f("ix_login_sessions_staff_id"), "login_sessions", ["staff_id"])
    op.create_table(
        "mail_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", MEMBER, nullable=False),
        sa.Column("realm", MEMBER, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "purpose IN ('reset_password', 'change_email', 'invitation')", name=op.f("ck_mail_links_purpose")
        ),
        sa.CheckConstraint("realm IN ('account', 'staff')", name=op.f("ck_mail_links_realm")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_mail_links_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_mail_links_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_links")),
    )
    op.create_index(op.f("ix_mail_links_account_id"), "mail_links", ["account_id"])
    op.create_index(op.f("ix_mail_links_expires_at"), "mail_links", ["expires_at"])
    op.create_table(
        "recovery_codes",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "registrations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("address", JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("language", MEMBER, nullable=False),
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("newsletter_declaration_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.CheckConstraint("language IN ('bg', 'en')", name=op.f("ck_registrations_language")),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_registrations_declaration_id")),
        sa.ForeignKeyConstraint(
            ["newsletter_declaration_id"],
            ["declarations.id"],
            name=op.f("fk_registrations_newsletter_declaration_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
    )
    op.create_index("ix_registrations_email", "registrations", [sa.text("lower(email)")])
    op.create_index(op.f("ix_registrations_expires_at"), "registrations", ["expires_at"])
    op.create_table(
        "trainings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("trained_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint("valid_until >= trained_on", name=op.f("ck_trainings_valid_until")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_trainings_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainings")),
    )
    op.create_index(op.f("ix_trainings_staff_id_trained_on"), "trainings", ["staff_id", "trained_on"])
    op.create_table(
        "profiles",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("acceptance_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["acceptance_id"], ["acceptances.id"], name=op.f("fk_profiles_acceptance_id")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_profiles_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_profiles")),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["login_sessions.id"], name=op.f("fk_refresh_tokens_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"])
    op.add_column("carts", sa.Column("account_id", sa.Uuid(), nullable=True))
    op.create_index(
        "uq_carts_account", "carts", ["account_id"], unique=True, postgresql_where=sa.text("ordered_at IS NULL")
    )
    op.create_foreign_key(op.f("fk_carts_account_id"), "carts", "accounts", ["account_id"], ["id"], ondelete="SET NULL")
    op.add_column("clients", sa.Column("networks", sa.ARRAY(sa.Text()), nullable=True))
    op.add_column("orders", sa.Column("account_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_orders_account_id_number"), "orders", ["account_id", "number"])
    op.create_index("ix_orders_email", "orders", [sa.text("lower(email)")])
    op.create_index(op.f("ix_orders_phone"), "orders", ["phone"])
    op.create_index(op.f("ix_orders_status_number"), "orders", ["status", "number"])
    op.create_foreign_key(
        op.f("fk_orders_account_id"), "orders", "accounts", ["account_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column("staff", sa.Column("totp", sa.Text(), nullable=True))
    op.add_column("staff", sa.Column("totp_counter", sa.BigInteger(), nullable=True))
    op.add_column("staff", sa.Column("language", MEMBER, server_default="bg", nullable=False))
    op.create_check_constraint(op.f("ck_staff_language"), "staff", "language IN ('bg', 'en')")
    op.add_column("staff", sa.Column("activated_at", MOMENT, nullable=True))
    op.alter_column("staff", "password_hash", existing_type=sa.TEXT(), nullable=True)
    op.create_check_constraint(
        op.f("ck_staff_active_has_both_factors"),
        "staff",
        "activated_at IS NULL OR (password_hash IS NOT NULL AND totp IS NOT NULL)",
    )
    for guard in closed_to_changes("trainings"):
        op.execute(guard)


def downgrade() -> None:
    op.execute("UPDATE staff SET password_hash = '' WHERE password_hash IS NULL")
    op.drop_constraint(op.f("ck_staff_active_has_both_factors"), "staff")
    op.drop_constraint(op.f("ck_staff_language"), "staff")
    op.alter_column("staff", "password_hash", existing_type=sa.TEXT(), nullable=False)
    op.drop_column("staff", "activated_at")
    op.drop_column("staff", "language")
    op.drop_column("staff", "totp_counter")
    op.drop_column("staff", "totp")
    op.drop_constraint(op.f("fk_orders_account_id"), "orders", type_="foreignkey")
    op.drop_index(op.f("ix_orders_status_number"), table_name="orders")
    op.drop_index(op.f("ix_orders_phone"), table_name="orders")
    op.drop_index("ix_orders_email", table_name="orders")
    op.drop_index(op.f("ix_orders_account_id_number"), table_name="orders")
    op.drop_column("orders", "account_id")
    op.drop_column("clients", "networks")
    op.drop_constraint(op.f("fk_carts_account_id"), "carts", type_="foreignkey")
    op.drop_index("uq_carts_account", table_name="carts", postgresql_where=sa.text("ordered_at IS NULL"))
    op.drop_column("carts", "account_id")
    op.drop_table("refresh_tokens")
    op.drop_table("profiles")
    op.drop_table("trainings")
    op.drop_table("registrations")
    op.drop_table("recovery_codes")
    op.drop_table("mail_links")
    op.drop_table("login_sessions")
    op.drop_table("invoice_profiles")
    op.drop_table("addresses")
    op.drop_table("familiar_origins")
    op.drop_table("accounts")
