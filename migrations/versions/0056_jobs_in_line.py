"""Let a job that waits for others of its lock be no candidate: the next job is found however many wait.

The engine asks of each waiting job whether an earlier one of its lock waits too, which costs the more the more do. Here
whoever meets such a job says so of it, once, and of all that wait with it (`is_behind`); a trigger makes the next one a
candidate when one leaves. Who says it holds the job that goes first meanwhile, so that it cannot leave unseen.

Works beside the previous release, whose way to find the next job keeps the same order and needs none of this. A script
of Procrastinate's that changes the type of `status`, `lock` or `priority` must drop the trigger first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

FIRST = """
CREATE FUNCTION first_in_line(line text) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
BEGIN
    RETURN (SELECT id FROM (
        (SELECT id, priority FROM procrastinate_jobs WHERE lock = line AND status = 'todo' AND is_behind
         ORDER BY priority DESC, id LIMIT 1)
        UNION ALL
        (SELECT id, priority FROM procrastinate_jobs WHERE lock = line AND status = 'todo' AND NOT is_behind
         ORDER BY priority DESC, id LIMIT 1)
    ) AS foremost ORDER BY priority DESC, id LIMIT 1);
END
$$
"""
MAY_BE_DONE = """
CREATE FUNCTION may_be_done(job procrastinate_jobs) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first bigint;
BEGIN
    IF job.lock IS NULL THEN
        RETURN true;
    END IF;
    -- Two who look at once: one of them sees to this line.
    IF NOT pg_try_advisory_xact_lock(hashtextextended('line:' || job.lock, 0)) THEN
        RETURN NULL;
    END IF;
    SELECT id INTO first FROM procrastinate_jobs WHERE lock = job.lock AND status = 'doing';
    IF first IS NULL THEN
        first := first_in_line(job.lock);
        IF first = job.id THEN
            RETURN true;
        END IF;
    END IF;
    -- It leaves later than this, and makes the next one a candidate then; or is about to, and this is tried again.
    PERFORM FROM procrastinate_jobs
        WHERE id = first AND lock = job.lock AND status IN ('todo', 'doing') FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE procrastinate_jobs SET is_behind = false WHERE id = first AND is_behind;
    UPDATE procrastinate_jobs SET is_behind = true WHERE id IN (
        SELECT id FROM procrastinate_jobs
        WHERE lock = job.lock AND status = 'todo' AND NOT is_behind AND id <> first FOR NO KEY UPDATE SKIP LOCKED
    );
    RETURN false;
END
$$
"""
# Of each priority first what had a time and has come due, which was promised before; an index leads to either. The
# planner is told so: of a table that was small yesterday it would think that it reads it faster whole.
TAKE = """
CREATE FUNCTION take_job(queues varchar[], worker bigint) RETURNS procrastinate_jobs LANGUAGE plpgsql
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
LET_NEXT = """
CREATE FUNCTION let_next_in_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line text;
    first bigint;
BEGIN
    FOREACH line IN ARRAY ARRAY[OLD.lock, CASE WHEN TG_OP = 'UPDATE' THEN NEW.lock END] LOOP
        LOOP
            first := first_in_line(line);
            -- One that is left while it is waited for was not the first: look again.
            EXIT WHEN first IS NULL
                OR EXISTS (SELECT FROM procrastinate_jobs WHERE id = first AND status = 'todo' AND NOT is_behind);
            UPDATE procrastinate_jobs SET is_behind = false WHERE id = first AND status = 'todo' AND is_behind;
        END LOOP;
        EXIT WHEN TG_OP = 'DELETE' OR NEW.lock = OLD.lock;
    END LOOP;
    RETURN NULL;
END
$$
"""
TRIGGERS = (
    """
    CREATE TRIGGER next_in_line AFTER UPDATE OF status, lock, priority ON procrastinate_jobs FOR EACH ROW
    WHEN (OLD.lock IS NOT NULL AND (OLD.status, OLD.lock, OLD.priority) IS DISTINCT FROM
        (NEW.status, NEW.lock, NEW.priority) AND NOT (OLD.status = 'todo' AND NEW.status = 'doing'))
    EXECUTE FUNCTION let_next_in_line()
    """,
    """
    CREATE TRIGGER next_in_line_of_gone AFTER DELETE ON procrastinate_jobs FOR EACH ROW
    WHEN (OLD.lock IS NOT NULL AND OLD.status IN ('todo', 'doing')) EXECUTE FUNCTION let_next_in_line()
    """,
)


def upgrade() -> None:
    op.add_column(
        "procrastinate_jobs", sa.Column("is_behind", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        "CREATE INDEX procrastinate_jobs_candidates ON procrastinate_jobs (priority DESC, scheduled_at, id)"
        " WHERE status = 'todo' AND NOT is_behind"
    )
    op.execute(
        "CREATE INDEX procrastinate_jobs_line ON procrastinate_jobs (lock, is_behind, priority DESC, id)"
        " WHERE status = 'todo' AND lock IS NOT NULL"
    )
    for statement in (FIRST, MAY_BE_DONE, TAKE, LET_NEXT, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER next_in_line_of_gone ON procrastinate_jobs")
    op.execute("DROP TRIGGER next_in_line ON procrastinate_jobs")
    op.execute("DROP FUNCTION let_next_in_line()")
    op.execute("DROP FUNCTION take_job(varchar[], bigint)")
    op.execute("DROP FUNCTION may_be_done(procrastinate_jobs)")
    op.execute("DROP FUNCTION first_in_line(text)")
    op.execute("DROP INDEX procrastinate_jobs_line")
    op.execute("DROP INDEX procrastinate_jobs_candidates")
    op.drop_column("procrastinate_jobs", "is_behind")
