-- The Dependency Orchestrator's task queue: the columns of its published schema, whose inline index clauses
-- no PostgreSQL accepts, as a table that does load.
CREATE SCHEMA orchestrator AUTHORIZATION worker;
SET ROLE worker;
SET search_path = orchestrator;

CREATE TABLE tasks (
    task_id varchar(64) PRIMARY KEY,
    skill_name varchar(100) NOT NULL,
    task_type varchar(50) NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'queued',
    source_repo varchar(255) NOT NULL,
    target_repo varchar(255) NOT NULL,
    change_event jsonb NOT NULL,
    relationship_config jsonb NOT NULL,
    created_at timestamptz DEFAULT now(),
    started_at timestamptz,
    ended_at timestamptz,
    result jsonb,
    error text,
    worker_id varchar(100),
    attempt_count integer DEFAULT 0,
    max_attempts integer DEFAULT 3
);
CREATE TABLE task_history (
    id serial PRIMARY KEY,
    task_id varchar(64) NOT NULL REFERENCES tasks ON DELETE CASCADE,
    status varchar(20) NOT NULL,
    "timestamp" timestamptz DEFAULT now(),
    worker_id varchar(100),
    error text,
    duration_ms integer
);
CREATE INDEX tasks_queued_idx ON tasks (created_at) WHERE status = 'queued';
CREATE INDEX tasks_started_idx ON tasks (started_at) WHERE status = 'started';
CREATE INDEX tasks_status_idx ON tasks (status);
CREATE INDEX task_history_task_idx ON task_history (task_id);

-- Takes the oldest task that has an attempt left. One at its last attempt stays queued for ever.
CREATE FUNCTION get_next_task(who varchar) RETURNS varchar LANGUAGE sql AS $$
    UPDATE orchestrator.tasks
    SET status = 'started', started_at = now(), worker_id = who, attempt_count = attempt_count + 1
    WHERE task_id = (SELECT task_id FROM orchestrator.tasks
                     WHERE status = 'queued' AND attempt_count < max_attempts
                     ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING task_id
$$;
CREATE FUNCTION end_task(id varchar, outcome varchar, why text) RETURNS void LANGUAGE sql AS $$
    WITH t AS (
        UPDATE orchestrator.tasks SET status = outcome, ended_at = now(), error = why WHERE task_id = id
        RETURNING task_id, worker_id, started_at)
    INSERT INTO orchestrator.task_history (task_id, status, worker_id, error, duration_ms)
    SELECT task_id, outcome, worker_id, why, extract(epoch FROM now() - started_at) * 1000 FROM t
$$;

-- At first sight: some waiting, two lost by a worker that died, two at their last attempt, some failed.
INSERT INTO tasks (task_id, skill_name, task_type, status, source_repo, target_repo, change_event,
                   relationship_config, created_at, started_at, ended_at, error, worker_id, attempt_count)
SELECT 'seed-' || i,
       CASE WHEN i % 2 = 0 THEN 'receive_change_notification' ELSE 'get_impact_analysis' END,
       CASE WHEN i % 3 = 0 THEN 'template_triage' ELSE 'consumer_triage' END,
       s.status, 'acme/service-' || i % 7, 'acme/client-' || i % 11,
       jsonb_build_object('commit', md5(i::text)), jsonb_build_object('kind', 'api_consumer'),
       now() - interval '40 min' + i * interval '5 s',
       CASE WHEN s.status <> 'queued' THEN now() - interval '25 min' + i * interval '3 s' END,
       CASE WHEN s.status IN ('finished', 'failed') THEN now() - interval '24 min' + i * interval '3 s' END,
       CASE WHEN s.status = 'failed' THEN 'upstream answered 502' END,
       CASE WHEN s.status <> 'queued' THEN 'build-3-' || 4000 + i % 3 END,
       CASE WHEN i IN (31, 32) THEN 3 WHEN s.status = 'queued' THEN 0 ELSE 1 END
FROM generate_series(1, 240) i,
     LATERAL (SELECT CASE WHEN i <= 2 THEN 'started' WHEN i <= 40 THEN 'queued' WHEN i <= 46 THEN 'failed'
                          ELSE 'finished' END AS status) s;
INSERT INTO task_history (task_id, status, worker_id, error)
SELECT task_id, status, worker_id, error FROM tasks WHERE ended_at IS NOT NULL;

GRANT USAGE ON SCHEMA orchestrator TO monitor;
GRANT SELECT ON tasks, task_history TO monitor;
