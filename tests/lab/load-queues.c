/* The three seed queues: who puts work in, who takes it with FOR UPDATE SKIP LOCKED, who dies over it. A
 * worker that dies backdates its task first, so that a demo need not wait ten minutes to see one stuck. */
#include "tests/lab/actor.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define ONE_IN_DIES 70

static void add_tasks(struct stage *s, long n)
{
    stage_run(s,
              "INSERT INTO orchestrator.tasks (task_id, skill_name, task_type, source_repo, target_repo, "
              "change_event, "
              "relationship_config) SELECT md5(random()::text || clock_timestamp() || i), "
              "'receive_change_notification', CASE WHEN random() < 0.3 THEN 'template_triage' ELSE "
              "'consumer_triage' END, "
              "'acme/service-' || i %% 7, 'acme/client-' || i %% 11, '{\"ref\": \"main\"}', '{\"kind\": "
              "\"api_consumer\"}' "
              "FROM generate_series(1, %ld) i WHERE (SELECT count(*) FROM orchestrator.tasks WHERE status = "
              "'queued') < 500",
              n);
}

double act_task_producer(struct stage *s)
{
    add_tasks(s, s->turn % 40 == 20 ? 60 : 1 + stage_pick(s, 4));
    return stage_between(s, 0.4, 1.6) / (s->rate * stage_wave(s, 50));
}

/* The process ends in the middle of its work, as one does under the kernel's memory killer. */
static void die(void)
{
    kill(getpid(), SIGKILL);
}

double act_task_worker(struct stage *s)
{
    char sql[200], task[80];
    snprintf(sql, sizeof sql, "SELECT orchestrator.get_next_task('%s-%d')", s->actor->name, (int)getpid());
    if (!stage_ask(s, task, sizeof task, sql))
        return stage_between(s, 0.5, 1.5);
    stage_pause(stage_between(s, 0.1, 1.1));
    if (stage_pick(s, ONE_IN_DIES) == 0) {
        stage_run(
            s, "UPDATE orchestrator.tasks SET started_at = now() - interval '%ld min' WHERE task_id = '%s'",
            11 + stage_pick(s, 9), task);
        die();
    }
    if (stage_pick(s, 16) == 0)
        stage_run(s, "SELECT orchestrator.end_task('%s', 'failed', 'upstream answered 502')", task);
    else
        stage_run(s, "SELECT orchestrator.end_task('%s', 'finished', NULL)", task);
    return stage_between(s, 0.05, 0.3);
}

#define NEW_UUID "md5(random()::text || clock_timestamp())::uuid"

static void gateway_take(struct stage *s)
{
    stage_run(
        s,
        "UPDATE radgateway.a2a_tasks SET status = 'working', updated_at = now(), "
        "assigned_agent_id = coalesce(assigned_agent_id, 'coder') "
        "WHERE id = (SELECT id FROM radgateway.a2a_tasks WHERE status = 'submitted' AND expires_at > now() "
        "ORDER BY created_at DESC LIMIT 1 FOR UPDATE SKIP LOCKED)");
}

static void gateway_end(struct stage *s)
{
    static const char *const ends[] = {"completed", "completed",      "completed", "completed",
                                       "failed",    "input-required", "canceled"};
    stage_run(s,
              "UPDATE radgateway.a2a_tasks SET status = '%s', updated_at = now() WHERE id IN "
              "(SELECT id FROM radgateway.a2a_tasks WHERE status = 'working' AND updated_at > now() - "
              "interval '10 min' "
              "ORDER BY updated_at LIMIT 2 FOR UPDATE SKIP LOCKED)",
              ends[stage_pick(s, (long)COUNT_OF(ends))]);
}

double act_gateway(struct stage *s)
{
    long what = stage_pick(s, 100);
    if (what < 42)
        stage_run(
            s,
            "INSERT INTO radgateway.a2a_tasks (id, status, session_id, message, expires_at, workspace_id, "
            "assigned_agent_id) VALUES (" NEW_UUID ", 'submitted', 'session-%ld', "
            "'{\"role\": \"user\"}', now() + interval '2 hours', 'atelier', "
            "(ARRAY['planner', 'coder', 'reviewer', NULL])[%ld])",
            stage_pick(s, 20), 1 + stage_pick(s, 4));
    else if (what < 72)
        gateway_take(s);
    else if (what < 97)
        gateway_end(s);
    else if (what < 99)
        stage_run(s, "UPDATE radgateway.a2a_tasks SET status = 'working', updated_at = now() WHERE id = "
                     "(SELECT id FROM "
                     "radgateway.a2a_tasks WHERE status = 'input-required' ORDER BY updated_at LIMIT 1)");
    else
        stage_run(s, "UPDATE radgateway.a2a_tasks SET updated_at = now() - interval '40 min' WHERE id = "
                     "(SELECT id FROM "
                     "radgateway.a2a_tasks WHERE status = 'working' LIMIT 1)");
    return stage_between(s, 0.1, 0.7) / (s->rate * stage_wave(s, 60));
}

/* Sorted by time, as Querator's own item ids are. */
#define NEW_ID                                                                          \
    "lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || " \
    "left(md5(random()::text), 15)"

static void querator_add(struct stage *s, const char *table, const char *kind, long n)
{
    stage_run(
        s,
        "INSERT INTO querator.\"%s\" (id, expire_deadline, enqueue_at, created_at, max_attempts, kind) "
        "SELECT " NEW_ID
        ", now() + interval '1 hour', CASE WHEN random() < 0.05 THEN now() + interval '40 s' END, "
        "now(), 3, '%s' FROM generate_series(1, %ld) WHERE (SELECT count(*) FROM querator.\"%s\") < 2000",
        table, kind, n, table);
}

/* Leases a few items, works on them, completes most; a retry gets a new id at the tail, the third goes to the
 * dead. */
static void querator_work(struct stage *s, const char *table)
{
    stage_run(
        s,
        "UPDATE querator.\"%s\" SET is_leased = true, lease_deadline = now() + interval '60 s', "
        "attempts = attempts + 1, reference = '%s' WHERE id IN (SELECT id FROM querator.\"%s\" WHERE NOT "
        "is_leased "
        "AND (enqueue_at IS NULL OR enqueue_at <= now()) AND expire_deadline > now() ORDER BY id LIMIT 12 "
        "FOR UPDATE SKIP LOCKED)",
        table, s->actor->name, table);
    stage_pause(stage_between(s, 0.05, 0.8));
    stage_run(s,
              "WITH gone AS (DELETE FROM querator.\"%s\" WHERE is_leased AND lease_deadline > now() AND "
              "reference = '%s' "
              "AND attempts >= 0 RETURNING *), again AS (SELECT * FROM gone WHERE random() < 0.06), "
              "dead AS (INSERT INTO querator.\"items_HWpwuIDm9m_0\" (id, expire_deadline, created_at, "
              "attempts, kind) "
              "SELECT " NEW_ID ", now() + interval '9 days', now(), attempts, kind FROM again "
              "WHERE attempts >= max_attempts OR random() < 0.02) "
              "INSERT INTO querator.\"%s\" (id, expire_deadline, created_at, attempts, max_attempts, kind) "
              "SELECT " NEW_ID ", expire_deadline, created_at, attempts, max_attempts, kind FROM again "
              "WHERE attempts < max_attempts",
              table, s->actor->name, table);
}

double act_querator(struct stage *s)
{
    static const char *const orders = "items_1buPSdlPil_0", *const emails = "items_af67ca2fe7ff_000000";
    querator_add(s, orders, "order.placed", s->turn % 50 == 25 ? 120 : 1 + stage_pick(s, 7));
    if (s->turn % 3 == 0)
        querator_add(s, emails, "email.receipt", 1 + stage_pick(s, 5));
    querator_work(s, s->turn % 3 == 1 ? emails : orders);
    return stage_between(s, 0.1, 0.6) / (s->rate * stage_wave(s, 80));
}

/* Keep a demo that runs for days as it was in its first hour: a few stuck, a few failed, never many. */
#define TASK_JOBS                                                                                          \
    "UPDATE orchestrator.tasks SET status = 'queued', started_at = NULL, worker_id = NULL WHERE task_id "  \
    "IN (SELECT "                                                                                          \
    "task_id FROM orchestrator.tasks WHERE status = 'started' AND started_at < now() - interval '10 min' " \
    "ORDER BY started_at DESC OFFSET 6)",                                                                  \
        "DELETE FROM orchestrator.tasks WHERE task_id IN (SELECT task_id FROM orchestrator.tasks "         \
        "WHERE status = 'finished' ORDER BY ended_at DESC OFFSET 2000)",                                   \
        "DELETE FROM orchestrator.tasks WHERE task_id IN (SELECT task_id FROM orchestrator.tasks WHERE "   \
        "status = 'failed' "                                                                               \
        "ORDER BY ended_at DESC OFFSET 60)"

double act_task_janitor(struct stage *s)
{
    static const char *const jobs[] = {TASK_JOBS};
    stage_run(s, "%s", jobs[s->turn % (long)COUNT_OF(jobs)]);
    return 2;
}

double act_janitor(struct stage *s)
{
    static const char *const jobs[] = {
        TASK_JOBS,
        "UPDATE radgateway.a2a_tasks SET status = 'failed', updated_at = now() WHERE id IN (SELECT id FROM "
        "radgateway.a2a_tasks WHERE status = 'working' AND updated_at < now() - interval '30 min' "
        "ORDER BY updated_at OFFSET 6)",
        "DELETE FROM radgateway.a2a_tasks WHERE id IN (SELECT id FROM radgateway.a2a_tasks WHERE status IN "
        "('completed', 'failed', 'canceled') ORDER BY updated_at DESC OFFSET 1500)",
        "DELETE FROM querator.\"items_HWpwuIDm9m_0\" WHERE id IN (SELECT id FROM "
        "querator.\"items_HWpwuIDm9m_0\" "
        "ORDER BY id DESC OFFSET 40)",
        "UPDATE querator.\"items_1buPSdlPil_0\" SET is_leased = false, lease_deadline = NULL WHERE "
        "lease_deadline < now()",
    };
    stage_run(s, "%s", jobs[s->turn % (long)COUNT_OF(jobs)]);
    return 2;
}
