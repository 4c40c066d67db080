"""Let the named way of erasure delete, and empty the columns that a guard names; it rewrites nothing that is on record.

Works beside the previous release, whose erasures change no more than these.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The one named way through: erasure sets it for its own transaction.
    IF current_setting('shop.erasure', true) = 'named' THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        -- The arguments of the trigger name what may be emptied; all else stays.
        IF TG_OP = 'UPDATE' AND TG_NARGS > 0 AND NOT EXISTS (
            SELECT FROM jsonb_each(to_jsonb(NEW)) AS after
            WHERE after.value IS DISTINCT FROM to_jsonb(OLD) -> after.key
                AND NOT (after.key = ANY (TG_ARGV) AND after.value = 'null'::jsonb)
        ) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'table of record: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""
KEEP_BUT = """
CREATE OR REPLACE FUNCTION keep_all_but() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{passes}    IF to_jsonb(OLD) - TG_ARGV IS DISTINCT FROM to_jsonb(NEW) - TG_ARGV THEN
        RAISE EXCEPTION 'table of record: a kept column of % is refused', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$
"""
SET_ONCE = """
CREATE OR REPLACE FUNCTION set_only_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text;
BEGIN
{passes}    FOR changed IN
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
BEFORE = """
CREATE OR REPLACE FUNCTION refuse_change_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The one named way through: erasure sets it for its own transaction.
    IF current_setting('shop.erasure', true) = 'named' AND TG_OP <> 'TRUNCATE' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'table of record: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""
PASSES_BEFORE = """\
    IF current_setting('shop.erasure', true) = 'named' THEN
        RETURN NEW;
    END IF;
"""


def upgrade() -> None:
    op.execute(REFUSE_CHANGE)
    op.execute(KEEP_BUT.format(passes=""))
    op.execute(SET_ONCE.format(passes=""))
    _guard_acceptances("'ip', 'origin', 'user_agent'")


def downgrade() -> None:
    _guard_acceptances("")
    op.execute(SET_ONCE.format(passes=PASSES_BEFORE))
    op.execute(KEEP_BUT.format(passes=PASSES_BEFORE))
    op.execute(BEFORE)


def _guard_acceptances(emptied: str) -> None:
    op.execute("DROP TRIGGER acceptances_is_record ON acceptances")
    op.execute(
        "CREATE TRIGGER acceptances_is_record BEFORE UPDATE OR DELETE ON acceptances"
        f" FOR EACH ROW EXECUTE FUNCTION refuse_change_of_record({emptied})"
    )
