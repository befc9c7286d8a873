-- Stand-ins for the tables of all queue definitions that ship, each in a schema of its own, with a few rows in
-- every state. Columns are those that the definitions name, with the types that their owners give them.
\set ON_ERROR_STOP 1
set client_min_messages = warning;

-- The three seed systems ------------------------------------------------------------------------------
create schema orch;
create table orch.tasks(task_id text primary key, skill_name text, task_type text, status text, source_repo text,
    created_at timestamptz default now(), started_at timestamptz, ended_at timestamptz, result jsonb, error text,
    worker_id text, attempt_count int default 0, max_attempts int default 3);
create table orch.task_history(id serial, task_id text, status text, "timestamp" timestamptz default now(), worker_id text, error text);
insert into orch.tasks(task_id, skill_name, task_type, status, created_at, started_at, worker_id, attempt_count)
select 't' || i, 'skill', case when i % 5 = 0 then 'template' else 'triage' end,
       case when i <= 20 then 'queued' when i <= 26 then 'started' when i <= 60 then 'finished' else 'failed' end,
       now() - i * interval '1 min', case when i between 21 and 23 then now() - interval '20 min' when i > 20 then now() end,
       case when i > 20 then 'w-' || i end, case when i = 1 then 3 else 0 end
from generate_series(1, 70) i;

create schema "My Items";
create table "My Items".queues(name text, namespace text, lease_timeout_ns bigint, expire_timeout_ns bigint, dead_queue text,
    max_attempts int, partition_info jsonb);
insert into "My Items".queues(name, dead_queue) values ('orders', 'orders-dead'), ('orders-dead', ''), ('emails', '');
create table "My Items"."items_1buPSdlPil_0"(id text primary key, is_leased boolean not null, lease_deadline timestamptz,
    expire_deadline timestamptz, enqueue_at timestamptz, created_at timestamptz default now(), attempts int default 0,
    max_attempts int default 0, kind text);
create table "My Items"."items_1buPSdlPil_1"(like "My Items"."items_1buPSdlPil_0" including all);
create table "My Items"."items_HWpwuIDm9m_0"(like "My Items"."items_1buPSdlPil_0" including all);
create table "My Items"."items_af67ca2fe7ff_000000"(like "My Items"."items_1buPSdlPil_0" including all);
insert into "My Items"."items_1buPSdlPil_0"(id, is_leased, lease_deadline, enqueue_at, expire_deadline, created_at) values
    ('a', false, null, null, now() + interval '1 h', now() - interval '100 s'), ('b', false, null, now() + interval '5 min', null, now()),
    ('c', true, now() + interval '1 min', null, null, now()), ('d', true, now() - interval '1 min', null, null, now()),
    ('e', false, null, null, now() - interval '1 min', now());
insert into "My Items"."items_1buPSdlPil_1"(id, is_leased, created_at) values ('f', false, now() - interval '200 s');
insert into "My Items"."items_HWpwuIDm9m_0"(id, is_leased) values ('g', false), ('h', false);

create schema rad;
create table rad.a2a_tasks(id uuid primary key default gen_random_uuid(), status text, session_id text, message jsonb, metadata jsonb,
    created_at timestamp default now(), updated_at timestamp default now(), expires_at timestamp, parent_id uuid,
    workspace_id text, assigned_agent_id text);
set timezone = 'UTC';
insert into rad.a2a_tasks(status, assigned_agent_id, updated_at, created_at, expires_at) values
    ('submitted', 'agent', now(), now() - interval '90 s', null), ('pending', 'agent', now(), now(), now() - interval '1 s'),
    ('working', 'agent', now(), now(), null), ('working', null, now() - interval '1 h', now(), null),
    ('input-required', 'agent', now(), now(), null), ('completed', 'agent', now(), now(), null);

-- Node.js ---------------------------------------------------------------------------------------------
create schema pgboss;
create table pgboss.version(version int);
create table pgboss.queue(name text, policy text, dead_letter text, deferred_count int, queued_count int, ready_count int,
    active_count int, failed_count int, total_count int, monitor_on timestamptz);
insert into pgboss.queue values ('mail', 'standard', null, 1, 2, 3, 4, 5, 6, null);
create type pgboss.job_state as enum ('created', 'retry', 'active', 'completed', 'cancelled', 'failed');
create table pgboss.job(id uuid default gen_random_uuid(), name text, state pgboss.job_state, retry_limit int default 2,
    retry_count int default 0, start_after timestamptz default now(), started_on timestamptz, singleton_key text,
    keep_until timestamptz, completed_on timestamptz, created_on timestamptz default now(), expire_seconds int default 900,
    blocked boolean default false, heartbeat_on timestamptz, heartbeat_seconds int, output jsonb);
insert into pgboss.job(name, state, started_on, start_after, blocked) values ('mail', 'created', null, now(), false),
    ('mail', 'created', null, now() + interval '1 h', false), ('mail', 'retry', null, now() + interval '1 h', false),
    ('mail', 'active', now() - interval '2 h', now(), false), ('mail', 'created', null, now(), true), ('mail', 'failed', null, now(), false);

create schema boss10;
create table boss10.version(version int);
create table boss10.queue(name text, policy text, dead_letter text);
create type boss10.job_state as enum ('created', 'retry', 'active', 'completed', 'cancelled', 'failed');
create table boss10.job(id uuid default gen_random_uuid(), name text, state boss10.job_state, retry_limit int, retry_count int,
    start_after timestamptz, started_on timestamptz, singleton_key text, keep_until timestamptz, completed_on timestamptz,
    created_on timestamptz, expire_in interval default '15 min', output jsonb);

create schema gw;
create table gw._private_job_queues(id int, queue_name text, locked_at timestamptz, locked_by text, is_available boolean);
create table gw._private_tasks(id int, identifier text);
create table gw._private_jobs(id bigint, job_queue_id int, task_id int, run_at timestamptz default now(), attempts int default 0,
    max_attempts int default 25, locked_at timestamptz, locked_by text, is_available boolean, key text, updated_at timestamptz default now());
insert into gw._private_tasks values (1, 'send');
insert into gw._private_jobs(id, task_id, locked_at, locked_by) values (1, 1, null, null), (2, 1, now() - interval '5 h', 'w');

-- Go and Elixir ---------------------------------------------------------------------------------------
create schema river;
create type river.river_job_state as enum ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled');
create table river.river_job(id bigserial, state river.river_job_state, queue text, kind text, attempt int, max_attempts int,
    attempted_at timestamptz, attempted_by text[], scheduled_at timestamptz default now(), finalized_at timestamptz, errors jsonb[], metadata jsonb);
create table river.river_queue(name text, paused_at timestamptz);
insert into river.river_queue values ('slow', now());
insert into river.river_job(state, queue, attempted_at, attempted_by) values ('available', 'default', null, null),
    ('available', 'slow', null, null), ('running', 'default', now() - interval '3 h', array['a', 'b']), ('completed', 'default', null, null);

create schema oban;
create type oban.oban_job_state as enum ('available', 'scheduled', 'executing', 'retryable', 'completed', 'discarded', 'cancelled');
create table oban.oban_jobs(id bigserial, state oban.oban_job_state, queue text, worker text, args jsonb, attempt int, max_attempts int,
    attempted_at timestamp, attempted_by text[], scheduled_at timestamp default now(), completed_at timestamp, discarded_at timestamp, cancelled_at timestamp);
comment on table oban.oban_jobs is '12';
insert into oban.oban_jobs(state, queue, attempted_at) values ('available', 'default', null), ('executing', 'default', now() - interval '2 h');

-- Ruby ------------------------------------------------------------------------------------------------
create schema solid;
create table solid.solid_queue_jobs(id bigint, queue_name text, class_name text, priority int, finished_at timestamp, scheduled_at timestamp);
create table solid.solid_queue_ready_executions(id bigserial, job_id bigint, queue_name text, priority int, created_at timestamp default now());
create table solid.solid_queue_claimed_executions(id bigserial, job_id bigint, process_id bigint, created_at timestamp default now());
create table solid.solid_queue_scheduled_executions(id bigserial, job_id bigint, queue_name text, scheduled_at timestamp);
create table solid.solid_queue_failed_executions(id bigserial, job_id bigint, error text, created_at timestamp default now());
create table solid.solid_queue_blocked_executions(id bigserial, job_id bigint, queue_name text, expires_at timestamp, created_at timestamp default now());
create table solid.solid_queue_processes(id bigint, last_heartbeat_at timestamp, pid int, hostname text);
create table solid.solid_queue_pauses(id bigserial, queue_name text);
insert into solid.solid_queue_jobs values (1, 'default', 'Mail', 0, null, null), (2, 'default', 'Mail', 0, null, null), (3, 'low', 'Mail', 0, null, null);
insert into solid.solid_queue_ready_executions(job_id, queue_name) values (1, 'default'), (3, 'low');
insert into solid.solid_queue_pauses(queue_name) values ('low');
insert into solid.solid_queue_claimed_executions(job_id, process_id) values (2, 99);

create schema good;
create table good.good_jobs(id uuid default gen_random_uuid(), queue_name text, serialized_params jsonb, scheduled_at timestamp, performed_at timestamp,
    finished_at timestamp, error text, locked_by_id uuid, locked_at timestamp, job_class text, executions_count int, created_at timestamp default now());
create table good.good_job_processes(id uuid, updated_at timestamp, state jsonb, lock_type int);
insert into good.good_jobs(queue_name, performed_at, locked_by_id) values ('default', null, null), ('default', now() - interval '1 h', gen_random_uuid());

create schema que;
create table que.que_jobs(id bigserial, queue text, job_class text, run_at timestamptz default now(), error_count int default 0,
    finished_at timestamptz, expired_at timestamptz);
create table que.que_lockers(pid int, worker_count int, ruby_pid int, ruby_hostname text);
comment on table que.que_jobs is '7';
insert into que.que_jobs(queue, run_at, error_count) values ('default', now(), 0), ('default', now() + interval '1 h', 1);

create schema dj;
create table dj.delayed_jobs(id bigserial, priority int, attempts int default 0, handler text, last_error text, run_at timestamp default now(),
    locked_at timestamp, failed_at timestamp, locked_by text, queue text);
insert into dj.delayed_jobs(handler, locked_at, locked_by) values ('x', null, null), ('x', now() - interval '5 h', 'host:1');

-- Python ----------------------------------------------------------------------------------------------
create schema pro;
create type pro.procrastinate_job_status as enum ('todo', 'doing', 'succeeded', 'failed', 'cancelled', 'aborting', 'aborted');
create table pro.procrastinate_jobs(id bigserial, queue_name text, task_name text, priority int default 0, status pro.procrastinate_job_status, scheduled_at timestamptz,
    attempts int default 0, worker_id bigint, abort_requested boolean, lock text);
create table pro.procrastinate_workers(id bigint, last_heartbeat timestamptz);
create table pro.procrastinate_events(job_id bigint, type text, at timestamptz);
insert into pro.procrastinate_jobs(queue_name, status, lock) values ('default', 'todo', 'l'), ('default', 'todo', 'l'), ('default', 'doing', null);
insert into pro.procrastinate_events select id, 'deferred', now() - interval '1 min' from pro.procrastinate_jobs;

create schema pgq;
create type pgq.status as enum ('queued', 'picked', 'successful', 'exception', 'canceled', 'deleted');
create table pgq.pgqueuer(id serial, entrypoint text, status pgq.status, heartbeat timestamptz, execute_after timestamptz default now(),
    queue_manager_id uuid, updated timestamptz default now(), attempts int default 0, priority int);
create table pgq.pgqueuer_log(job_id bigint, status pgq.status, entrypoint text, created timestamptz, priority int);
insert into pgq.pgqueuer(entrypoint, status, heartbeat) values ('fetch', 'queued', null), ('fetch', 'picked', now() - interval '1 h');

create schema dbos;
create table dbos.workflow_status(workflow_uuid text, status text, name text, queue_name text, executor_id text, created_at bigint,
    recovery_attempts bigint, started_at_epoch_ms bigint, updated_at bigint);
create table dbos.operation_outputs(workflow_uuid text, function_id int);
insert into dbos.workflow_status(workflow_uuid, status, created_at, updated_at) values ('a', 'ENQUEUED', extract(epoch from now()) * 1000 - 5000, 0),
    ('b', 'PENDING', 1700000000000, 1700000000000);

create schema dt;
create table dt.django_tasks_database_dbtaskresult(id uuid default gen_random_uuid(), status text, enqueued_at timestamptz default now(), started_at timestamptz,
    finished_at timestamptz, queue_name text, run_after timestamptz default '9999-01-01', worker_ids jsonb, task_path text);
insert into dt.django_tasks_database_dbtaskresult(status, queue_name, started_at, worker_ids) values ('READY', 'default', null, '[]'),
    ('RUNNING', 'default', now() - interval '2 h', '["w"]');

create schema dq;
create table dq.django_q_ormq(id serial, key text, payload text, lock timestamptz);
create table dq.django_q_task(id text, name text, func text, started timestamptz, stopped timestamptz, success boolean);
create table dq.django_q_schedule(id serial, func text, next_run timestamptz, repeats int);
insert into dq.django_q_ormq(key, lock) values ('default', now() + interval '1 min'), ('default', now() - interval '1 min');
insert into dq.django_q_schedule(next_run, repeats) values (now() - interval '1 h', -1), (now() + interval '1 h', -1);

-- Others ----------------------------------------------------------------------------------------------
create schema pgmq;
create table pgmq.meta(queue_name text, is_partitioned boolean, is_unlogged boolean, created_at timestamptz);
create function pgmq.read() returns int language sql as 'select 1';
create function pgmq.set_vt() returns int language sql as 'select 1';
create function pgmq.archive() returns int language sql as 'select 1';
create function pgmq.archive(int) returns int language sql as 'select 1';
create table pgmq.q_mails(msg_id bigint generated always as identity, read_ct int default 0, enqueued_at timestamptz default now(), vt timestamptz default now(), message jsonb);
insert into pgmq.meta(queue_name) values ('Mails'), ('gone');
insert into pgmq.q_mails(read_ct, vt) values (0, now()), (7, now()), (1, now() + interval '1 min');

create schema lara;
create table lara.jobs(id bigserial, queue text, payload text, attempts int, reserved_at int, available_at int, created_at int);
create table lara.failed_jobs(id bigserial, uuid text, connection text, queue text, payload text, exception text, failed_at timestamp default now());
insert into lara.jobs(queue, payload, attempts, reserved_at, available_at) values ('default', '{"displayName":"Mail"}', 0, null, 1), ('default', '{"displayName":"Mail"}', 1, 1, 1);
insert into lara.failed_jobs(queue) values ('default');

create schema hat;
create table hat.v1_queue_item(id bigint, tenant_id uuid, queue text, task_id bigint, task_inserted_at timestamptz default now(), retry_count int, schedule_timeout_at timestamp);
create table hat.v1_task_runtime(task_id bigint, task_inserted_at timestamptz default now(), retry_count int, worker_id uuid, timeout_at timestamp);
create table hat.v1_retry_queue_item(task_id bigint, retry_after timestamptz);
create table hat.v1_rate_limited_queue_items(requeue_after timestamptz, queue text);
create table hat."Worker"(id uuid, name text, "lastHeartbeatAt" timestamp, "isActive" boolean);
insert into hat.v1_queue_item(queue) values ('a:b');
insert into hat.v1_task_runtime(task_id, timeout_at) values (1, now() - interval '1 h');

-- Known only to the YAML of the test -------------------------------------------------------------------
create schema own;
create table own.outbox(id bigserial, topic text, sent_at timestamptz, made_at timestamptz default now(), tries int default 0);
insert into own.outbox(topic, made_at, tries) values ('mail', now() - interval '42 s', 0), ('mail', now(), 9), ('push', now(), 0);

create role monitor login;
grant usage on schema orch, rad, own to monitor;
grant select on orch.tasks to monitor;
