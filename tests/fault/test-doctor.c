/* What the doctor says of the lab's roles, and how it ends. */
#include "base/mem.h"
#include "tests/fault/app.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct lab *lab;

static int start_lab(void **state)
{
    (void)state;
    lab = lab_start((const char *const[]){NULL});
    setenv("PGVIGIL_CONFIG_DIR", "/nonexistent", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    return lab ? 0 : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(lab);
    return 0;
}

static char out[65536];

static int ask(const char *command, const char *conninfo)
{
    return visit_run(command, conninfo, out, sizeof(out));
}

static void each_role_hears_what_it_lacks(void **state)
{
    (void)state;
    static const struct {
        const char *name, *more;        /* of the lab; behind its conninfo */
        int status;
        const char *says[6], *says_not;
    } all[] = {
        {"primary_monitor", "", 0, {"shop: PostgreSQL 15", "monitor has pg_monitor, and is no superuser",
         "· sessions           all of it", "· pg_stat_statements preloaded and created", "· orchestrator       3 queues, all"},
         "to mend it"},
        {"standby_monitor", "", 0, {"· replication        all of it"}, "to mend it"},
        {"pooler", "", 0, {"pgbouncer: PgBouncer 1.", "monitor, of PgBouncer's stats_users", "· bouncer_pools      all of it"},
         "to mend it"},
        {"primary_plain", "", 1, {"? role               plain has no pg_monitor", "? sessions           partly hidden",
         "no SELECT on orchestrator.tasks", "    GRANT pg_monitor TO plain;\n",
         "    GRANT USAGE ON SCHEMA orchestrator TO plain; GRANT SELECT ON orchestrator.tasks TO plain;\n"}, "\x1b"},
        {"standby_plain", "", 1, {"? sessions           partly hidden", "  to mend it, on its primary, as a superuser:\n    GRANT "},
         "to mend it, as"},
        {"tasks_monitor", "", 1, {"? pg_stat_statements is not created in this database",
         "    CREATE EXTENSION pg_stat_statements;\n", "; -- and so for ", "· orchestrator       3 queues, all of it",
         "? radgateway         no SELECT on radgateway.a2a_tasks"}, NULL},
        {"primary", " password=hush", 0, {"! role               postgres is a superuser", "! password           stands in the"},
         "hush"},
        {"primary_tcp", "", 0, {"· connection         within this machine"}, NULL},
        {"primary_limited", " dbname=nosuch", 3, {"not reached", "nosuch"}, "to mend it"},
        {"pooler", " user=plain", 4, {"not let in", "stats_users"}, "to mend it"},
        {"primary_password", " host=127.0.0.1", 4, {"not let in"}, "to mend it"},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        char conninfo[1024];
        snprintf(conninfo, sizeof(conninfo), "%s%s", lab_conninfo(lab, all[i].name), all[i].more);
        int status = ask("doctor", conninfo);
        for (int k = 0; k < 6 && all[i].says[k]; k++)
            if (!strstr(out, all[i].says[k]))
                fail_msg("%s lacks \"%s\":\n%s", all[i].name, all[i].says[k], out);
        if (all[i].says_not && strstr(out, all[i].says_not))
            fail_msg("%s says \"%s\":\n%s", all[i].name, all[i].says_not, out);
        if (status != all[i].status)
            fail_msg("%s ends with %d, wanted %d:\n%s", all[i].name, status, all[i].status, out);
    }
}

/* What is switched off for everybody no role can see. */
static void settings_that_blind_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *set, *says, *mends;
        int status;
    } all[] = {
        {"track_activities = off", "? track_activities   off: nobody sees", "ALTER SYSTEM SET track_activities = on;", 1},
        {"track_counts = off", "? track_counts       off: there are no", "ALTER SYSTEM SET track_counts = on;", 1},
        {"track_io_timing = off", "! track_io_timing    off: nobody knows", "ALTER SYSTEM SET track_io_timing = on;", 0},
        {"compute_query_id = off", "? compute_query_id   off: pg_stat_statements", "compute_query_id = auto;", 1},
    };
    const char *admin = lab_conninfo(lab, "primary");
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        char sql[200];
        snprintf(sql, sizeof(sql), "alter role monitor set %s", all[i].set);
        assert_true(witness_do(admin, sql));
        int status = ask("doctor", lab_conninfo(lab, "primary_monitor"));
        assert_true(witness_do(admin, "alter role monitor reset all"));
        if (status != all[i].status || !strstr(out, all[i].says) || !strstr(out, all[i].mends))
            fail_msg("%s: %d\n%s", all[i].set, status, out);
    }
}

/* The statements are what a superuser can run, and then nothing is hidden. */
static void what_it_prescribes_heals(void **state)
{
    (void)state;
    const char *admin = lab_conninfo(lab, "primary");
    int healed = 0;
    assert_int_equal(ask("doctor", lab_conninfo(lab, "primary_plain")), 1);
    for (char *at = strstr(out, "to mend it"), *line; at && (line = strstr(at, "\n    ")) != NULL; healed++) {
        char sql[1024];
        snprintf(sql, sizeof(sql), "%.*s", (int)strcspn(line + 5, "\n"), line + 5);
        assert_true(witness_do(admin, sql));
        at = line + 5;
    }
    assert_true(healed >= 2);
    int status = ask("doctor", lab_conninfo(lab, "primary_plain"));
    assert_true(witness_do(admin, "revoke pg_monitor, pg_read_all_stats from plain;"
                                  "revoke all on schema orchestrator from plain; revoke all on orchestrator.tasks from plain"));
    if (status != 0)
        fail_msg("%s", out);
}

/* A standby runs nothing that writes; what is a setting of its own stays with it. */
static void what_a_standby_lacks_is_mended_on_its_primary(void **state)
{
    (void)state;
    char both[2048];
    const char *admin = lab_conninfo(lab, "primary");
    assert_true(witness_do(admin, "alter role plain set track_io_timing = off"));
    assert_true(witness_do(lab_conninfo(lab, "standby"), "select pg_sleep(1)"));        /* replayed */
    snprintf(both, sizeof(both), "%s' '%s", lab_conninfo(lab, "standby_plain"), lab_conninfo(lab, "primary_monitor"));
    int status = ask("doctor", both);
    assert_true(witness_do(admin, "alter role plain reset all"));
    if (status != 1 || !strstr(out, "  to mend it, as a superuser:\n    ALTER SYSTEM SET track_io_timing = on") ||
        !strstr(out, "  to mend it, on its primary shop:"))
        fail_msg("%d\n%s", status, out);
}

static void an_application_is_no_server(void **state)
{
    (void)state;
    struct app *a = app_start(APP_MODE_JSON);
    char url[200];
    snprintf(url, sizeof(url), "app+http://me:hush@%s", app_url(a) + strlen("http://"));
    int status = ask("doctor", url);
    app_stop(a);
    if (status != 0 || !strstr(out, ": application JSON\n") || !strstr(out, "! password           stands in the URL") ||
        strstr(out, "role") || strstr(out, "hush"))
        fail_msg("%d\n%s", status, out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_hears_what_it_lacks),
        cmocka_unit_test(settings_that_blind_are_told),
        cmocka_unit_test(what_it_prescribes_heals),
        cmocka_unit_test(what_a_standby_lacks_is_mended_on_its_primary),
        cmocka_unit_test(an_application_is_no_server),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
