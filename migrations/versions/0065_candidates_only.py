"""Find the priority of the next job among the candidates, not among all that wait.

Of two indexes with the same beginning the planner took the one that holds who waits behind a lock, too, and each look
read thousands of those: no other index gives this order now. Works beside the previous release, which asks the same.
"""

from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

ALIVE = " AND deaths <= most_deaths"
ROW_BY_ROW = "SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off"
TAKE = """
CREATE OR REPLACE FUNCTION take_job(queues varchar[], worker bigint) RETURNS procrastinate_jobs LANGUAGE plpgsql
{planned} AS $$
DECLARE
    below int := 2147483647;
    level int;
    job procrastinate_jobs;
    passed text[] := '{{}}';
    most_deaths int := 32767;
BEGIN
    LOOP
        SELECT priority INTO level FROM procrastinate_jobs
            WHERE status = 'todo' AND NOT is_behind AND priority < below ORDER BY {foremost} LIMIT 1;
        EXIT WHEN NOT FOUND;
        LOOP
            SELECT * INTO job FROM procrastinate_jobs
                WHERE status = 'todo' AND NOT is_behind AND priority = level AND scheduled_at <= now()
                    AND (queues IS NULL OR queue_name = ANY (queues)) AND (lock IS NULL OR lock <> ALL (passed)){alive}
                ORDER BY scheduled_at, id LIMIT 1 FOR UPDATE SKIP LOCKED;
            IF NOT FOUND THEN
                SELECT * INTO job FROM procrastinate_jobs
                    WHERE status = 'todo' AND NOT is_behind AND priority = level AND scheduled_at IS NULL
                        AND (queues IS NULL OR queue_name = ANY (queues)) AND (lock IS NULL OR lock <> ALL (passed)){alive}
                    ORDER BY scheduled_at, id LIMIT 1 FOR UPDATE SKIP LOCKED;
                EXIT WHEN NOT FOUND;
            END IF;
            IF job.deaths > 0 AND (
                NOT pg_try_advisory_xact_lock(hashtextextended('suspects', 0)) OR EXISTS (
                    SELECT FROM procrastinate_jobs WHERE status = 'doing' AND worker_id IS NOT NULL AND deaths > 0
                )
            ) THEN
                most_deaths := 0;
                CONTINUE;
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


def upgrade() -> None:
    planned = f"{ROW_BY_ROW} SET enable_incremental_sort = off"
    op.execute(TAKE.format(planned=planned, foremost="priority DESC, scheduled_at, id", alive=ALIVE))


def downgrade() -> None:
    op.execute(TAKE.format(planned=ROW_BY_ROW, foremost="priority DESC", alive=ALIVE))
