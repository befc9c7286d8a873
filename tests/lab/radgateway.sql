-- RAD Gateway's agent-to-agent tasks. Times are without zone, in UTC.
CREATE SCHEMA radgateway AUTHORIZATION worker;
SET ROLE worker;
SET search_path = radgateway;

CREATE TABLE workspaces (id text PRIMARY KEY);
CREATE TABLE a2a_tasks (
    id uuid PRIMARY KEY,
    status text NOT NULL,
    session_id text NOT NULL,
    message jsonb NOT NULL,
    artifacts jsonb DEFAULT '[]',
    metadata jsonb,
    created_at timestamp DEFAULT now(),
    updated_at timestamp DEFAULT now(),
    expires_at timestamp,
    parent_id uuid REFERENCES a2a_tasks,
    workspace_id text REFERENCES workspaces,
    assigned_agent_id text
);
CREATE INDEX a2a_tasks_status_idx ON a2a_tasks (status);
CREATE INDEX a2a_tasks_session_idx ON a2a_tasks (session_id);
CREATE INDEX a2a_tasks_created_idx ON a2a_tasks (created_at);
CREATE INDEX a2a_tasks_expires_idx ON a2a_tasks (expires_at) WHERE expires_at IS NOT NULL;

INSERT INTO workspaces VALUES ('atelier'), ('foundry');

-- Three orphans of a gateway that was restarted, three that expired unseen, some that wait for a person.
INSERT INTO a2a_tasks (id, status, session_id, message, created_at, updated_at, expires_at, workspace_id,
                       assigned_agent_id)
SELECT md5('rad' || i)::uuid, s.status, 'session-' || i % 17,
       jsonb_build_object('role', 'user', 'text', 'task ' || i),
       now() - interval '3 hours' + i * interval '10 s',
       now() - interval '70 min' + i * interval '8 s',
       CASE WHEN i BETWEEN 4 AND 6 THEN now() - interval '15 min' ELSE now() + interval '2 hours' END,
       (ARRAY['atelier', 'foundry'])[1 + i % 2], (ARRAY['planner', 'coder', 'reviewer', NULL])[1 + i % 4]
FROM generate_series(1, 160) i,
     LATERAL (SELECT CASE WHEN i <= 3 THEN 'working' WHEN i <= 18 THEN 'submitted'
                          WHEN i <= 23 THEN 'input-required' WHEN i <= 29 THEN 'failed'
                          WHEN i <= 33 THEN 'canceled' ELSE 'completed' END AS status) s;
