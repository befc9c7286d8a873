/* The lab does what its header promises: every way to every server answers, the standby streams, the queues
 * move and hold every kind of trouble that a queue page must show, and the commands do what they say. */
#include "base/attr.h"
#include "tests/lab/lab_client.h"

#include <errno.h>
#include <libpq-fe.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct lab *lab_of(void **state)
{
    return *state;
}

static PGconn *open_as(struct lab *lab, const char *name)
{
    const char *conninfo = lab_conninfo(lab, name);
    assert_non_null(conninfo);
    PGconn *conn = PQconnectdb(conninfo);
    if (PQstatus(conn) != CONNECTION_OK)
        fail_msg("%s: %s", name, PQerrorMessage(conn));
    return conn;
}

static long ask(PGconn *conn, const char *sql)
{
    PGresult *res = PQexec(conn, sql);
    if (PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) == 0)
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    long n = strtol(PQgetvalue(res, 0, 0), NULL, 10);
    PQclear(res);
    return n;
}

/* Asks for up to 15 s until the answer is at least n. */
static void await(PGconn *conn, const char *sql, long n)
{
    long got = 0;
    for (int i = 0; i < 300 && (got = ask(conn, sql)) < n; i++)
        usleep(50000);
    if (got < n)
        fail_msg("%s: %ld, not %ld", sql, got, n);
}

static void command(struct lab *lab, const char *line)
{
    if (!lab_command(lab, line))
        fail_msg("%s: %s", line, lab_answer(lab));
}

static void every_way_answers(void **state)
{
    static const char *const names[] = {
        "primary",         "standby",       "tasks",       "primary_monitor",
        "primary_plain",   "primary_app",   "primary_tcp", "primary_limited",
        "standby_monitor", "standby_plain", "standby_tcp", "tasks_monitor",
        "tasks_plain",     "tasks_worker",  "small",       "pooled",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        PGconn *conn = open_as(lab_of(state), names[i]);
        assert_int_equal(ask(conn, "SELECT 42"), 42);
        PQfinish(conn);
    }
    assert_null(lab_conninfo(lab_of(state), "nobody"));
    assert_true(lab_pid_of(lab_of(state), "primary") > 0 &&
                kill(lab_pid_of(lab_of(state), "primary"), 0) == 0);
    assert_int_equal(access(lab_log(lab_of(state), "primary"), R_OK), 0);
}

static void pooler_has_its_console(void **state)
{
    static const char *const names[] = {"pooler", "pooler_tcp", "pooler_admin"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        PGconn *conn = open_as(lab_of(state), names[i]);
        PGresult *res = PQexec(conn, "SHOW POOLS");
        assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
        assert_true(PQntuples(res) >= 2);
        PQclear(res);
        PQfinish(conn);
    }
    PGconn *pooled = open_as(lab_of(state), "pooled");
    assert_int_not_equal(ask(pooled, "SELECT pg_backend_pid()"), PQbackendPID(pooled));
    PQfinish(pooled);
}

static void secret_needs_its_password(void **state)
{
    const char *conninfo = lab_conninfo(lab_of(state), "primary_password");
    char with[500];
    PGconn *conn = PQconnectdb(conninfo);
    assert_int_equal(PQstatus(conn), CONNECTION_BAD);
    assert_true(PQconnectionNeedsPassword(conn));
    PQfinish(conn);
    snprintf(with, sizeof with, "%s password=%s", conninfo, lab_password(lab_of(state)));
    conn = PQconnectdb(with);
    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    PQfinish(conn);
}

static void limits_are_set(void **state)
{
    PGconn *conn = open_as(lab_of(state), "primary");
    assert_int_equal(ask(conn, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'limited'"), 3);
    assert_int_equal(ask(conn, "SELECT datconnlimit FROM pg_database WHERE datname = 'small'"), 2);
    assert_int_equal(
        ask(conn, "SELECT count(*) FROM pg_settings WHERE name = 'track_io_timing' AND setting = 'on'"), 1);
    assert_true(ask(conn, "SELECT count(*) FROM pg_stat_statements") > 10);
    assert_int_equal(ask(conn, "SELECT pg_has_role('monitor', 'pg_monitor', 'member')::int"), 1);
    assert_int_equal(ask(conn, "SELECT pg_has_role('plain', 'pg_monitor', 'member')::int"), 0);
    PQfinish(conn);
}

static void standby_streams(void **state)
{
    PGconn *primary = open_as(lab_of(state), "primary"), *standby = open_as(lab_of(state), "standby");
    assert_int_equal(ask(primary, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"), 1);
    assert_int_equal(
        ask(primary, "SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name = 'standby'"), 1);
    assert_int_equal(ask(standby, "SELECT pg_is_in_recovery()::int"), 1);
    PQclear(PQexec(primary, "CREATE TABLE public.mark AS SELECT 7 AS n"));
    await(standby, "SELECT count(*) FROM pg_class WHERE relname = 'mark'", 1);
    PQfinish(primary);
    PQfinish(standby);
}

static void queues_move(void **state)
{
    static const char *const moves[] = {
        "SELECT count(*) FROM orchestrator.tasks WHERE task_id NOT LIKE 'seed%'",
        "SELECT count(*) FROM orchestrator.tasks WHERE worker_id LIKE 'build-1-%' AND ended_at IS NOT NULL",
        "SELECT count(*) FROM radgateway.a2a_tasks WHERE updated_at > now() - interval '1 min'",
        "SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = 'items_1buPSdlPil_0'",
        "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'items_af67ca2fe7ff_000000'",
    };
    PGconn *conn = open_as(lab_of(state), "tasks");
    for (size_t i = 0; i < COUNT_OF(moves); i++)
        await(conn, moves[i], 2);
    PQfinish(conn);
}

/* The states that the definitions of the three queues tell apart, each there from the first look on. */
static void queues_have_troubles(void **state)
{
    static const char *const troubles[] = {
        "orchestrator.tasks WHERE status = 'started' AND started_at < now() - interval '10 min'",
        "orchestrator.tasks WHERE status = 'queued' AND attempt_count >= max_attempts",
        "orchestrator.tasks WHERE status = 'failed'",
        "radgateway.a2a_tasks WHERE status = 'working' AND updated_at < now() - interval '30 min'",
        "radgateway.a2a_tasks WHERE status = 'submitted' AND expires_at < now()",
        "radgateway.a2a_tasks WHERE status = 'input-required'",
        "querator.\"items_1buPSdlPil_1\" WHERE is_leased AND lease_deadline < now() - interval '30 s'",
        "querator.\"items_af67ca2fe7ff_000000\" WHERE enqueue_at > now()",
        "querator.\"items_af67ca2fe7ff_000000\" WHERE expire_deadline < now() AND NOT is_leased",
        "querator.\"items_HWpwuIDm9m_0\"",
    };
    PGconn *conn = open_as(lab_of(state), "tasks");
    for (size_t i = 0; i < COUNT_OF(troubles); i++) {
        char sql[300];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", troubles[i]);
        if (ask(conn, sql) == 0)
            fail_msg("There is no row in %s", troubles[i]);
    }
    PQfinish(conn);
}

static void stop_and_cont(void **state)
{
    PGconn *conn = open_as(lab_of(state), "primary");
    command(lab_of(state), "stop primary");
    assert_int_equal(PQsendQuery(conn, "SELECT 1"), 1);
    usleep(300000);
    assert_int_equal(PQconsumeInput(conn), 1);
    assert_int_equal(PQisBusy(conn), 1);
    command(lab_of(state), "cont primary");
    PGresult *res = PQgetResult(conn);
    assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
    PQclear(res);
    PQfinish(conn);
}

static void crash_and_restart(void **state)
{
    static const char *const names[] = {"primary", "standby", "pooler"};
    command(lab_of(state), "load light");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char line[40], before[400];
        pid_t pid = lab_pid_of(lab_of(state), names[i]);
        snprintf(before, sizeof before, "%s", lab_conninfo(lab_of(state), names[i]));
        snprintf(line, sizeof line, "kill9 %s", names[i]);
        command(lab_of(state), line);
        assert_int_equal(kill(pid, 0), -1);
        assert_int_equal(lab_pid_of(lab_of(state), names[i]), -1);
        snprintf(line, sizeof line, "restart %s", names[i]);
        command(lab_of(state), line);
        assert_int_not_equal(lab_pid_of(lab_of(state), names[i]), pid);
        assert_string_equal(lab_conninfo(lab_of(state), names[i]), before);
        PQfinish(open_as(lab_of(state), names[i]));
    }
    command(lab_of(state), "restart primary");
    PGconn *conn = open_as(lab_of(state), "primary");
    await(conn, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'web-1'", 1);
    await(conn, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", 1);
    PQfinish(conn);
}

static void block_and_unblock(void **state)
{
    static const char waiting[] = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                                  "(application_name = 'deploy-42' OR application_name LIKE 'web-1_')";
    PGconn *conn = open_as(lab_of(state), "primary");
    command(lab_of(state), "block 30");
    assert_int_equal(ask(conn, waiting), 4);
    command(lab_of(state), "unblock");
    for (int i = 0; i < 40 && ask(conn, waiting) > 0; i++)
        usleep(50000);      /* those that waited have to run and to say so */
    assert_int_equal(ask(conn, waiting), 0);
    PQfinish(conn);
}

static void sessions_and_load(void **state)
{
    PGconn *conn = open_as(lab_of(state), "primary");
    static const char idle[] = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'web-pool'";
    command(lab_of(state), "sessions 25");
    assert_int_equal(ask(conn, idle), 25);
    command(lab_of(state), "sessions 0");
    assert_int_equal(ask(conn, idle), 0);
    command(lab_of(state), "load demo");
    await(conn, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'metabase'", 1);
    command(lab_of(state), "load off");
    await(conn,
          "SELECT (count(*) = 0)::int FROM pg_stat_activity WHERE application_name IN ('web-1', 'cron')", 1);
    PQfinish(conn);
}

static void nonsense_is_refused(void **state)
{
    static const char *const lines[] = {"dance",           "stop",     "stop mars", "cont primary now",
                                        "promote primary", "block -1", "block x",   "load heavy",
                                        "sessions 99999",  "kill9 /"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_false(lab_command(lab_of(state), lines[i]));
        assert_int_equal(strncmp(lab_answer(lab_of(state)), "error ", 6), 0);
    }
    command(lab_of(state), "ping");
}

static void standby_is_promoted(void **state)
{
    command(lab_of(state), "promote standby");
    PGconn *conn = open_as(lab_of(state), "standby");
    assert_int_equal(ask(conn, "SELECT pg_is_in_recovery()::int"), 0);
    PQfinish(conn);
}

static int start(void **state)
{
    *state =
        lab_start((const char *const[]){"--load", "light", "--tables", "600", "--statements", "20", NULL});
    return *state != NULL ? 0 : -1;
}

static int stop(void **state)
{
    lab_stop(*state);
    return 0;
}

static void extras_are_made(void **state)
{
    PGconn *conn = open_as(lab_of(state), "primary");
    assert_int_equal(ask(conn, "SELECT count(*) FROM pg_tables WHERE schemaname = 'many'"), 600);
    assert_int_equal(ask(conn,
                         "SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%generated_report%' AND "
                         "length(query) > 4000 AND query LIKE 'SELECT /* report %'"),
                     20);
    PQfinish(conn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_answers),
        cmocka_unit_test(pooler_has_its_console),
        cmocka_unit_test(secret_needs_its_password),
        cmocka_unit_test(limits_are_set),
        cmocka_unit_test(extras_are_made),
        cmocka_unit_test(standby_streams),
        cmocka_unit_test(queues_move),
        cmocka_unit_test(queues_have_troubles),
        cmocka_unit_test(stop_and_cont),
        cmocka_unit_test(block_and_unblock),
        cmocka_unit_test(sessions_and_load),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(crash_and_restart),
        cmocka_unit_test(standby_is_promoted),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
