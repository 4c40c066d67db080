"""Count the workers that died over a job, one after the other, so that the job is parked and not they all lost.

With a worker die the jobs that it had beside the one that killed it. So those that are suspected are done one at a
time: whoever is counted again was alone. A run that ends, however it ends, or a person who releases the job clears it.

Works beside the previous release, which counts nothing and takes jobs as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

BEFORE = """
CREATE OR REPLACE FUNCTION take_job(queues varchar[], worker bigint) RETURNS procrastinate_jobs LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
DECLARE
    below int := 2147483647;
    level int;
    job procrastinate_jobs;
    passed text[] := '{}';
BEGIN
    LOOP
        SELECT priority INTO level FROM procrastinate_jobs
            WHERE status = 'todo' AND NOT is_behind AND priority < below ORDER BY priority DESC LIMIT 1;
        EXIT WHEN NOT FOUND;
        LOOP
            SELECT * INTO job FROM procrastinate_jobs
                WHERE status = 'todo' AND NOT is_behind AND priority = level AND scheduled_at <= now()
                    AND (queues IS NULL OR queue_name = ANY (queues)) AND (lock IS NULL OR lock <> ALL (passed))
                ORDER BY scheduled_at, id LIMIT 1 FOR UPDATE SKIP LOCKED;
            IF NOT FOUND THEN
                SELECT * INTO job FROM procrastinate_jobs
                    WHERE status = 'todo' AND NOT is_behind AND priority = level AND scheduled_at IS NULL
                        AND (queues IS NULL OR queue_name = ANY (queues)) AND (lock IS NULL OR lock <> ALL (passed))
                    ORDER BY scheduled_at, id LIMIT 1 FOR UPDATE SKIP LOCKED;
                EXIT WHEN NOT FOUND;
            END IF;
            CASE may_be_done(job)
            WHEN true THEN
                UPDATE procrastinate_jobs SET status = 'doing', worker_id = worker WHERE id = job.id
                    RETURNING * INTO job;
                RETURN job;
            WHEN false THEN
                NULL;
            ELSE
                passed := passed || job.lock;
            END CASE;
        END LOOP;
        below := level;
    END LOOP;
    RETURN NULL;
END
$$
"""
TAKE = (
    BEFORE.replace("passed text[] := '{}';", "passed text[] := '{}';\n    most_deaths int := 32767;")
    .replace("OR lock <> ALL (passed))\n", "OR lock <> ALL (passed)) AND deaths <= most_deaths\n")
    .replace(
        "            CASE may_be_done(job)",
        """\
            IF job.deaths > 0 AND (
                NOT pg_try_advisory_xact_lock(hashtextextended('suspects', 0)) OR EXISTS (
                    SELECT FROM procrastinate_jobs WHERE status = 'doing' AND worker_id IS NOT NULL AND deaths > 0
                )
            ) THEN
                most_deaths := 0;
                CONTINUE;
            END IF;
            CASE may_be_done(job)""",
    )
)
CLEAR = """
CREATE FUNCTION clear_of_deaths() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.deaths := 0;
    RETURN NEW;
END
$$
"""
CLEARED = """
CREATE TRIGGER job_is_cleared BEFORE UPDATE OF status ON procrastinate_jobs FOR EACH ROW
WHEN (OLD.deaths > 0 AND OLD.status IN ('doing', 'failed') AND NEW.status <> OLD.status)
EXECUTE FUNCTION clear_of_deaths()
"""


def upgrade() -> None:
    op.add_column("procrastinate_jobs", sa.Column("deaths", sa.SmallInteger(), nullable=False, server_default="0"))
    for statement in (TAKE, CLEAR, CLEARED):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER job_is_cleared ON procrastinate_jobs")
    op.execute("DROP FUNCTION clear_of_deaths()")
    op.execute(BEFORE)
    op.drop_column("procrastinate_jobs", "deaths")
