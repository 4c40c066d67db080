"""The breach desk: breaches, their entries, who is affected, what the authority and the people were told.

Works beside the previous release, which knows nothing of these tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.db import closed_to_changes

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MEMBER = sa.String(32)

OF_RECORD = ("breach_entries", "breach_searches", "breach_wordings")
STATUSES = "'discovered', 'assessed', 'notified', 'not_notified', 'people_told', 'people_not_told', 'closed'"
CHANNELS = "'staff', 'processor', 'customer', 'authority', 'monitoring', 'other'"
EXEMPTIONS = "'nobody_affected', 'encrypted', 'risk_removed', 'disproportionate'"
RISKS = "'unlikely', 'risk', 'high'"
KINDS = (
    "'facts', 'consequences', 'measures', 'risk_assessment', 'proposed_measures', 'reasons_of_delay',"
    " 'reasons_not_to_notify', 'reasons_not_to_tell', 'public_notice', 'note', 'moved', 'people_computed', 'closing'"
)
LETTERS = "'none', 'waiting', 'sent', 'refused', 'unreachable', 'drawn'"

# What a breach was when it was recorded stays as it is; named columns follow its course.
KEEP_BUT = """
CREATE FUNCTION keep_all_but() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('shop.erasure', true) = 'named' THEN
        RETURN NEW;
    END IF;
    IF to_jsonb(OLD) - TG_ARGV IS DISTINCT FROM to_jsonb(NEW) - TG_ARGV THEN
        RAISE EXCEPTION 'table of record: a kept column of % is refused', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$
"""
# Named columns are set once, where nothing stood before.
SET_ONCE = """
CREATE FUNCTION set_only_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text;
BEGIN
    IF current_setting('shop.erasure', true) = 'named' THEN
        RETURN NEW;
    END IF;
    FOR changed IN
        SELECT before.key FROM jsonb_each(to_jsonb(OLD)) AS before
        WHERE before.value IS DISTINCT FROM to_jsonb(NEW) -> before.key
            AND NOT (before.key = ANY (TG_ARGV) AND before.value = 'null'::jsonb)
    LOOP
        RAISE EXCEPTION 'table of record: % of % is refused', changed, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END LOOP;
    RETURN NEW;
END
$$
"""
# As `refuse_change_of_record`, for tables of which a part follows its course.
REFUSE_LOSS = """
CREATE FUNCTION refuse_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('shop.erasure', true) = 'named' AND TG_OP <> 'TRUNCATE' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'table of record: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""
COURSE = (
    "drill_hours", "status", "risk", "kzld_notified_at", "not_notified_at", "exemption", "letters_started_at",
    "letters_done_at", "publicly_told_at", "closed_at", "people_computed_at", "people", "records", "categories",
)
OF_LETTER = (
    "letter", "promised_at", "sent_at", "message_id", "refusal", "language", "found_by", "records", "email", "account_id",
)
OF_SENDING = ("sent_at", "sent_by", "means", "reference")


def check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def one_of(table: str, column: str, values: str) -> sa.CheckConstraint:
    return check(table, column, f"{column} IN ({values})")


def of_breach(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["breach_id"], ["breaches.id"], name=op.f(f"fk_{table}_breach_id"))


def upgrade() -> None:
    _breaches()
    _entries()
    _people()
    _notifications()
    op.execute(KEEP_BUT)
    op.execute(SET_ONCE)
    op.execute(REFUSE_LOSS)
    for table in OF_RECORD:
        for guard in closed_to_changes(table):
            op.execute(guard)
    for table, function, columns in (
        ("breaches", "keep_all_but", COURSE),
        ("breach_people", "keep_all_but", OF_LETTER),
        ("breach_notifications", "set_only_once", OF_SENDING),
    ):
        named = ", ".join(f"'{column}'" for column in columns)
        op.execute(
            f"CREATE TRIGGER {table}_keep BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}({named})"
        )
        op.execute(
            f"CREATE TRIGGER {table}_stay BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_loss()"
        )
    for table in ("breaches", "breach_notifications"):
        op.execute(
            f"CREATE TRIGGER {table}_are_not_deleted BEFORE DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_loss()"
        )
    # A search made anew lets go of whom it finds no more, but for those who were written to.
    op.execute(
        "CREATE TRIGGER breach_people_told_are_not_deleted BEFORE DELETE ON breach_people"
        " FOR EACH ROW WHEN (OLD.promised_at IS NOT NULL) EXECUTE FUNCTION refuse_loss()"
    )


def _breaches() -> None:
    op.create_table(
        "breaches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("drill_hours", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("channel", MEMBER, nullable=False),
        sa.Column("processor", MEMBER, nullable=True),
        sa.Column("discovered_at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("status", MEMBER, nullable=False),
        sa.Column("risk", MEMBER, nullable=True),
        sa.Column("kzld_notified_at", MOMENT, nullable=True),
        sa.Column("not_notified_at", MOMENT, nullable=True),
        sa.Column("exemption", MEMBER, nullable=True),
        sa.Column("letters_started_at", MOMENT, nullable=True),
        sa.Column("letters_done_at", MOMENT, nullable=True),
        sa.Column("publicly_told_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("people_computed_at", MOMENT, nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("records", sa.Integer(), nullable=True),
        sa.Column("categories", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaches")),
        sa.UniqueConstraint("number", name=op.f("uq_breaches_number")),
        sa.ForeignKeyConstraint(["processor"], ["recipients.key"], name=op.f("fk_breaches_processor")),
        one_of("breaches", "status", STATUSES),
        one_of("breaches", "channel", CHANNELS),
        one_of("breaches", "exemption", EXEMPTIONS),
        check("breaches", "only_a_drill_has_a_clock_of_its_own", "drill OR drill_hours = 0"),
        check("breaches", "a_processor_reports_itself", "(channel = 'processor') OR processor IS NULL"),
    )
    op.create_index(op.f("ix_breaches_drill_number"), "breaches", ["drill", "number"])


def _entries() -> None:
    op.create_table(
        "breach_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("kind", MEMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("risk", MEMBER, nullable=True),
        sa.Column("status", MEMBER, nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_entries")),
        of_breach("breach_entries"),
        sa.ForeignKeyConstraint(["corrects_id"], ["breach_entries.id"], name=op.f("fk_breach_entries_corrects_id")),
        one_of("breach_entries", "kind", KINDS),
        one_of("breach_entries", "risk", RISKS),
        one_of("breach_entries", "status", STATUSES),
        check("breach_entries", "an_assessment_has_a_risk", "(kind = 'risk_assessment') = (risk IS NOT NULL)"),
        check("breach_entries", "a_move_has_a_status", "(kind = 'moved') = (status IS NOT NULL)"),
    )
    op.create_index(
        op.f("ix_breach_entries_breach_id_kind_sequence"), "breach_entries", ["breach_id", "kind", "sequence"]
    )
    op.create_table(
        "breach_searches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("run_at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("search", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_searches")),
        of_breach("breach_searches"),
    )
    op.create_index(op.f("ix_breach_searches_breach_id_id"), "breach_searches", ["breach_id", "id"])


def _people() -> None:
    op.create_table(
        "breach_people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("language", MEMBER, nullable=False),
        sa.Column("found_by", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("letter", MEMBER, nullable=False),
        sa.Column("promised_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_people")),
        of_breach("breach_people"),
        sa.UniqueConstraint("breach_id", "key", name=op.f("uq_breach_people_breach_id_key")),
        one_of("breach_people", "language", "'bg', 'en'"),
        one_of("breach_people", "letter", LETTERS),
    )
    op.create_index("ix_breach_people_key", "breach_people", [sa.text("lower(key)")])
    op.create_index(op.f("ix_breach_people_account_id"), "breach_people", ["account_id"])
    op.create_index(op.f("ix_breach_people_breach_id_letter_id"), "breach_people", ["breach_id", "letter", "id"])
    op.create_table(
        "breach_wordings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("language", MEMBER, nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("consequences", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_wordings")),
        of_breach("breach_wordings"),
        one_of("breach_wordings", "language", "'bg', 'en'"),
    )
    op.create_index(
        op.f("ix_breach_wordings_breach_id_language_id"), "breach_wordings", ["breach_id", "language", "id"]
    )


def _notifications() -> None:
    op.create_table(
        "breach_notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("drafted_at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("sent_by", sa.Text(), nullable=True),
        sa.Column("means", MEMBER, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_notifications")),
        of_breach("breach_notifications"),
        one_of("breach_notifications", "means", "'email', 'post', 'portal', 'in_person'"),
        check(
            "breach_notifications",
            "a_sending_says_when_who_and_how",
            "num_nonnulls(sent_at, sent_by, means) IN (0, 3)",
        ),
        check("breach_notifications", "sha256", "sha256 = encode(sha256(pdf), 'hex')"),
    )
    op.create_index(op.f("ix_breach_notifications_breach_id_id"), "breach_notifications", ["breach_id", "id"])
    op.create_index(
        "uq_breach_notifications_sent",
        "breach_notifications",
        ["breach_id", "phase"],
        unique=True,
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )
    op.create_table(
        "breach_alarms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("stage", MEMBER, nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_alarms")),
        of_breach("breach_alarms"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_breach_alarms_staff_id")),
        sa.UniqueConstraint(
            "breach_id",
            "stage",
            "staff_id",
            name=op.f("uq_breach_alarms_breach_id_stage_staff_id"),
            postgresql_nulls_not_distinct=True,
        ),
        one_of("breach_alarms", "stage", "'24_hours', '48_hours', '66_hours', 'overdue'"),
    )


def downgrade() -> None:
    for table in (
        "breach_alarms", "breach_notifications", "breach_wordings", "breach_people", "breach_searches",
        "breach_entries", "breaches",
    ):  # fmt: skip
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_loss")
    op.execute("DROP FUNCTION set_only_once")
    op.execute("DROP FUNCTION keep_all_but")
