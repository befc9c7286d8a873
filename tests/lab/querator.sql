-- Querator: one table for each partition of a queue, under both forms of its name (the code's base 62
-- hash of the name, and the documented md5). Completed items are deleted.
CREATE SCHEMA querator AUTHORIZATION worker;
SET ROLE worker;
SET search_path = querator;

CREATE TABLE queues (
    name text PRIMARY KEY,
    lease_timeout_ns bigint NOT NULL,
    expire_timeout_ns bigint NOT NULL,
    dead_queue text NOT NULL DEFAULT '',
    max_attempts integer NOT NULL DEFAULT 0,
    reference text NOT NULL DEFAULT '',
    requested_partitions integer NOT NULL,
    partition_info jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
INSERT INTO queues (name, lease_timeout_ns, expire_timeout_ns, dead_queue, max_attempts, requested_partitions,
                    created_at, updated_at)
VALUES ('orders', 60000000000, 86400000000000, 'orders-dead', 3, 2, now(), now()),
       ('orders-dead', 60000000000, 864000000000000, '', 0, 1, now(), now()),
       ('emails', 60000000000, 3600000000000, '', 5, 1, now(), now());

CREATE TABLE "items_1buPSdlPil_0" (
    id text COLLATE "C" PRIMARY KEY,
    source_id text,
    is_leased boolean NOT NULL DEFAULT false,
    lease_deadline timestamptz,
    expire_deadline timestamptz NOT NULL,
    enqueue_at timestamptz,
    created_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 0,
    reference text NOT NULL DEFAULT '',
    encoding text NOT NULL DEFAULT '',
    kind text NOT NULL DEFAULT '',
    payload bytea
);
CREATE INDEX ON "items_1buPSdlPil_0" (enqueue_at) WHERE enqueue_at IS NOT NULL;
CREATE INDEX ON "items_1buPSdlPil_0" (lease_deadline) WHERE is_leased;
CREATE INDEX ON "items_1buPSdlPil_0" (expire_deadline);
CREATE TABLE "items_1buPSdlPil_1" (LIKE "items_1buPSdlPil_0" INCLUDING ALL);
CREATE TABLE "items_HWpwuIDm9m_0" (LIKE "items_1buPSdlPil_0" INCLUDING ALL);
CREATE TABLE "items_af67ca2fe7ff_000000" (LIKE "items_1buPSdlPil_0" INCLUDING ALL);

-- Nobody serves partition 1 of orders: its leases have run out. Some emails are for later, some too late.
INSERT INTO "items_1buPSdlPil_1" (id, is_leased, lease_deadline, expire_deadline, created_at, attempts,
                                  max_attempts, kind)
SELECT 'seed' || lpad(i::text, 8, '0'), i <= 4, CASE WHEN i <= 4 THEN now() - i * interval '3 min' END,
       now() + interval '20 hours', now() - interval '30 min' + i * interval '4 s',
       CASE WHEN i <= 4 THEN 1 ELSE 0 END, 3, 'order.placed'
FROM generate_series(1, 25) i;
INSERT INTO "items_af67ca2fe7ff_000000" (id, expire_deadline, enqueue_at, created_at, max_attempts, kind)
SELECT 'seed' || lpad(i::text, 8, '0'),
       CASE WHEN i <= 5 THEN now() - i * interval '5 min' ELSE now() + interval '1 hour' END,
       CASE WHEN i > 12 THEN now() + i * interval '2 min' END, now() - interval '2 hours', 5, 'email.reminder'
FROM generate_series(1, 40) i;
INSERT INTO "items_HWpwuIDm9m_0" (id, expire_deadline, created_at, attempts, kind)
SELECT 'seed' || lpad(i::text, 8, '0'), now() + interval '9 days', now() - i * interval '1 hour', 3,
       'order.placed'
FROM generate_series(1, 6) i;

GRANT USAGE ON SCHEMA querator TO monitor;
GRANT SELECT ON queues TO monitor;
