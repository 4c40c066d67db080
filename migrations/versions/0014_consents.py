"""Double opt-in, proof of who consented with what, suppression, announcements, cookies and the choices about them.

Works beside the previous release: it leaves the new columns empty, asks for no confirmation and writes none of the new
tables. The texts of this release are in force from their own days on.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.db import closed_to_changes
from app.core.ids import uuid7

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MEMBER = sa.String(32)
LANGUAGES = "'bg', 'en'"
DECLARATIONS = "'policy', 'order', 'registration', 'contact', 'newsletter', 'blog', 'review', 'cookies'"
NEW_DECLARATIONS = "'sms', 'viber', 'survey', 'third_party_marketing'"
CONSENTS = "'registration', 'newsletter', 'blog_comment', 'contact', 'review', 'third_party_marketing'"
CHANNELS = "'email', 'sms', 'viber', 'phone'"
MEANS = "'api', 'staff'"
NEW_MEANS = "'link', 'one_click'"

TEXTS = files("app.privacy") / "texts"
PUBLISHED = [
    *((purpose, "2026-11-22") for purpose in ("contact", "blog", "review", "cookies", "sms", "viber", "survey")),
    *((purpose, "2026-11-26") for purpose in ("order", "registration", "newsletter")),
]
TEXT_TABLE = sa.table(
    "declarations",
    sa.column("id", sa.Uuid),
    sa.column("purpose", sa.Text),
    sa.column("version", sa.Text),
    sa.column("effective_on", sa.Date),
    sa.column("title_bg", sa.Text),
    sa.column("title_en", sa.Text),
    sa.column("text_bg", sa.Text),
    sa.column("text_en", sa.Text),
    sa.column("sha256_bg", sa.Text),
    sa.column("sha256_en", sa.Text),
    sa.column("material", sa.Boolean),
    sa.column("published_at", MOMENT),
)

SHOP = "„Комплийт Дентал Солюшънс“ ЕООД"
COOKIES = [
    {
        "name": "__Secure-refresh",
        "provider": SHOP,
        "purpose_bg": "Поддържа Ви влезли в профила, ако сте избрали това при вход",
        "purpose_en": "Keeps you logged in to your account, if you chose so at login",
        "category": "necessary",
        "lifetime_bg": "до 30 дни от последното ползване",
        "lifetime_en": "up to 30 days from its last use",
        "is_third_party": False,
    },
    {
        "name": "cookie-consent",
        "provider": SHOP,
        "purpose_bg": "Помни какво сте избрали за бисквитките",
        "purpose_en": "Remembers what you chose about cookies",
        "category": "necessary",
        "lifetime_bg": "12 месеца",
        "lifetime_en": "12 months",
        "is_third_party": False,
    },
    {
        "name": "cart",
        "provider": SHOP,
        "purpose_bg": "Помни количката Ви, докато поръчате; не съдържа лични данни",
        "purpose_en": "Remembers your cart until you order; holds no personal data",
        "category": "necessary",
        "lifetime_bg": "30 дни",
        "lifetime_en": "30 days",
        "is_third_party": False,
    },
    {
        "name": "_fbp",
        "provider": "Facebook Ireland Ltd. (Facebook Pixel)",
        "purpose_bg": "Разпознава посетителя, за да му показва реклами според поведението му на сайта",
        "purpose_en": "Recognises the visitor, to show advertisements by the behaviour on the site",
        "category": "marketing",
        "lifetime_bg": "3 месеца",
        "lifetime_en": "3 months",
        "is_third_party": True,
    },
]


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def allow(table: str, column: str, values: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{column}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} IN ({values})")


def upgrade() -> None:
    allow("declarations", "purpose", f"{DECLARATIONS}, {NEW_DECLARATIONS}")
    allow("acceptances", "means", f"{MEANS}, {NEW_MEANS}")
    allow("consents", "means", f"{MEANS}, {NEW_MEANS}")
    allow("consents", "purpose", f"{CONSENTS}, 'survey'")
    allow("consents", "act", "'asked', 'given', 'withdrawn'")
    for table in ("acceptances", "consents", "registrations"):
        op.add_column(table, sa.Column("user_agent", sa.Text(), nullable=True))
    op.add_column("consents", sa.Column("follows_id", sa.Uuid(), nullable=True))
    op.add_column("consents", sa.Column("proof_sent_at", MOMENT, nullable=True))
    op.add_column("consents", sa.Column("proved_at", MOMENT, nullable=True))
    op.add_column("consents", sa.Column("received_by", MEMBER, nullable=True))
    op.add_column("consents", sa.Column("said_by", MEMBER, nullable=True))
    op.create_check_constraint(
        op.f("ck_consents_received_by"), "consents", "received_by IN ('email', 'post', 'phone', 'in_person')"
    )
    op.create_check_constraint(op.f("ck_consents_said_by"), "consents", "said_by IN ('person', 'parent', 'proxy')")
    op.create_index(
        "ix_consents_audience", "consents", ["purpose", "channel", sa.text("lower(email)"), "recorded_at", "id"]
    )
    op.create_index(
        op.f("ix_consents_follows_id"), "consents", ["follows_id"], postgresql_where=sa.text("follows_id IS NOT NULL")
    )
    _suppression()
    _announcements()
    _cookies()
    op.bulk_insert(TEXT_TABLE, [declaration(*which) for which in PUBLISHED])


def _suppression() -> None:
    op.create_table(
        "address_secret",
        sa.Column("only_one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("inner_pad", sa.LargeBinary(), nullable=False),
        sa.Column("outer_pad", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("only_one", name=op.f("pk_address_secret")),
        check("address_secret", "only_one", "only_one"),
    )
    # 32 bytes of four random UUIDs: gen_random_uuid is the one source of strong chance without an extension.
    op.execute(
        "INSERT INTO address_secret (inner_pad, outer_pad) SELECT sha256(uuid_send(gen_random_uuid()) ||"
        " uuid_send(gen_random_uuid())), sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))"
    )
    # An envelope of two secret prefixes around SHA-256, nested as HMAC is: the address cannot be guessed without them.
    op.execute(
        "CREATE FUNCTION address_key(address text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$"
        " SELECT sha256(outer_pad || sha256(inner_pad || convert_to(lower(address), 'UTF8'))) FROM address_secret $$"
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", MEMBER, nullable=False),
        sa.Column("channel", MEMBER, nullable=True),
        sa.Column("suppressed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
        sa.UniqueConstraint(
            "key",
            "purpose",
            "channel",
            name=op.f("uq_suppressions_key_purpose_channel"),
            postgresql_nulls_not_distinct=True,
        ),
        check("suppressions", "purpose", f"purpose IN ({CONSENTS}, 'survey')"),
        check("suppressions", "channel", f"channel IN ({CHANNELS})"),
    )
    op.create_table(
        "pending_withdrawals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("purposes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("language", MEMBER, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_withdrawals")),
        check("pending_withdrawals", "language", f"language IN ({LANGUAGES})"),
    )
    op.create_index("ix_pending_withdrawals_email", "pending_withdrawals", [sa.text("lower(email)")])
    op.create_index(op.f("ix_pending_withdrawals_expires_at"), "pending_withdrawals", ["expires_at"])


def _announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("ground", MEMBER, nullable=False),
        sa.Column("announced_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
        sa.ForeignKeyConstraint(["declaration_id"], ["declarations.id"], name=op.f("fk_announcements_declaration_id")),
        sa.UniqueConstraint("declaration_id", "key", name=op.f("uq_announcements_declaration_id_key")),
        check("announcements", "ground", "ground IN ('consent', 'contract')"),
    )
    for guard in closed_to_changes("announcements"):
        op.execute(guard)


def _cookies() -> None:
    op.create_table(
        "cookies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("purpose_bg", sa.Text(), nullable=False),
        sa.Column("purpose_en", sa.Text(), nullable=False),
        sa.Column("category", MEMBER, nullable=False),
        sa.Column("lifetime_bg", sa.Text(), nullable=False),
        sa.Column("lifetime_en", sa.Text(), nullable=False),
        sa.Column("is_third_party", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cookies")),
        check("cookies", "category", "category IN ('necessary', 'functional', 'statistics', 'marketing')"),
    )
    op.create_table(
        "cookie_consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("functional", sa.Boolean(), nullable=False),
        sa.Column("statistics", sa.Boolean(), nullable=False),
        sa.Column("marketing", sa.Boolean(), nullable=False),
        sa.Column("method", MEMBER, nullable=False),
        sa.Column("language", MEMBER, nullable=False),
        sa.Column("text_sha256", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=True),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cookie_consents")),
        sa.ForeignKeyConstraint(
            ["declaration_id"], ["declarations.id"], name=op.f("fk_cookie_consents_declaration_id")
        ),
        check("cookie_consents", "method", "method IN ('accept_all', 'reject_all', 'choose')"),
        check("cookie_consents", "language", f"language IN ({LANGUAGES})"),
    )
    op.create_index(op.f("ix_cookie_consents_consent_id_recorded_at"), "cookie_consents", ["consent_id", "recorded_at"])
    for guard in closed_to_changes("cookie_consents"):
        op.execute(guard)
    columns = [sa.column(name, sa.Boolean if name == "is_third_party" else sa.Text) for name in COOKIES[0]]
    op.bulk_insert(sa.table("cookies", *columns), COOKIES)


def declaration(purpose: str, version: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": uuid7(),
        "purpose": purpose,
        "version": version,
        "effective_on": date.fromisoformat(version),
        # What follows an earlier text states more exactly what was said before: nobody's rights change.
        "material": version == "2026-11-22",
        "published_at": datetime.now(UTC),
    }
    for language in ("bg", "en"):
        # Bytes, not read_text: the hash is of exactly what is shown, line ends included.
        raw = (TEXTS / purpose / f"{version}.{language}.md").read_bytes()
        row[f"text_{language}"] = raw.decode()
        row[f"title_{language}"] = raw.decode().partition("\n")[0]
        row[f"sha256_{language}"] = sha256(raw).hexdigest()
    return row


def downgrade() -> None:
    op.execute("SET LOCAL shop.erasure = 'named'")
    for table in ("cookie_consents", "cookies", "announcements", "pending_withdrawals", "suppressions"):
        op.drop_table(table)
    op.execute("DROP FUNCTION address_key")
    op.drop_table("address_secret")
    # What the previous release cannot read is not there for it: its rows would stand in the way of its checks.
    op.execute("DELETE FROM consents WHERE act = 'asked' OR purpose = 'survey' OR means IN ('link', 'one_click')")
    op.drop_index(op.f("ix_consents_follows_id"), table_name="consents")
    op.drop_index("ix_consents_audience", table_name="consents")
    for name in ("said_by", "received_by"):
        op.drop_constraint(op.f(f"ck_consents_{name}"), "consents")
    for name in ("said_by", "received_by", "proved_at", "proof_sent_at", "follows_id"):
        op.drop_column("consents", name)
    for table in ("registrations", "consents", "acceptances"):
        op.drop_column(table, "user_agent")
    allow("consents", "act", "'given', 'withdrawn'")
    allow("consents", "purpose", CONSENTS)
    allow("consents", "means", MEANS)
    allow("acceptances", "means", MEANS)
    # A text under which somebody consented stays: with such a consent on record there is no way back.
    for purpose, version in PUBLISHED:
        op.execute(
            sa.text("DELETE FROM declarations WHERE purpose = :purpose AND version = :version").bindparams(
                purpose=purpose, version=version
            )
        )
    op.execute(f"DELETE FROM declarations WHERE purpose IN ({NEW_DECLARATIONS})")
    allow("declarations", "purpose", DECLARATIONS)
