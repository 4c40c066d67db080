"""The job engine's tables, and the guard of tables of record.

Works beside any release: nothing was there before.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GUARD = """
CREATE FUNCTION refuse_change_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The one named way through: erasure sets it for its own transaction.
    IF current_setting('shop.erasure', true) = 'named' AND TG_OP <> 'TRUNCATE' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'table of record: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""


def upgrade() -> None:
    op.execute(GUARD)
    # exec_driver_sql: the engine's script holds % signs and several statements.
    op.get_bind().connection.cursor().execute(SchemaManager.get_schema())


def downgrade() -> None:
    op.execute("DROP FUNCTION refuse_change_of_record")
    op.execute(
        """
        DO $$ DECLARE found record; BEGIN
            FOR found IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate%' LOOP
                EXECUTE 'DROP FUNCTION ' || found.name || ' CASCADE';
            END LOOP;
            DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers;
            DROP TYPE IF EXISTS procrastinate_job_to_defer_v1, procrastinate_job_to_defer_v2,
                procrastinate_job_event_type, procrastinate_job_status CASCADE;
        END $$
        """
    )
