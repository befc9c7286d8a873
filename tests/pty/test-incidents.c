/* Incidents that are staged on real servers: each is named with its cause on the first screen of 80x24 within two
 * intervals, and gone within three intervals of its end. Every run prints how long it took. */
#include "base/mem.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define INTERVAL_MS 2000
#define DEADLINE_MS 2000        /* of a question */
#define STAYS_MS    12000       /* an incident; what is shown changes at most once in 10 s */
#define WORSENS_MS  26000       /* one that becomes critical after 10 s */

static struct lab *lab;

/* The lab is born with tasks whose workers are dead. */
static const char bury[] =
    "do $$ declare t text; begin for t in select format('%I.%I', n.nspname, c.relname) from pg_class c"
    " join pg_namespace n on n.oid = c.relnamespace where c.relname in ('tasks', 'a2a_tasks') and c.relkind = 'r'"
    " loop execute format('delete from %s where status in (''started'', ''working'')', t); end loop; end $$";

/* And has more connections than it can fill by itself. */
static int start_lab(void **state)
{
    (void)state;
    lab = lab_start((const char *const[]){"--load", "off", NULL});
    return lab && witness_do(lab_conninfo(lab, "primary"), bury) && witness_do(lab_conninfo(lab, "tasks"), bury) &&
                   witness_do(lab_conninfo(lab, "primary"), "alter system set max_connections = 100") &&
                   lab_command(lab, "restart primary")
               ? 0
               : -1;
}

static int stop_lab(void **state)
{
    (void)state;
    lab_stop(lab);
    return 0;
}

struct incident {
    const char *name, *target;
    const char *begin, *end;        /* commands of the lab, or SQL on the target */
    const char *regex;              /* what is said: the finding with its cause */
    const char *words;              /* a part of it that nothing else says */
    int stays_ms;
    int slow_ms;                    /* for questions that are asked less often */
};

static void stage(const struct incident *i, const char *what)
{
    bool sql = strchr(what, ';') != NULL;
    if (sql ? !witness_do(lab_conninfo(lab, i->target), what) : !lab_command(lab, what))
        fail_msg("%s: %s: %s", i->name, what, sql ? "" : lab_answer(lab));
}

static void watch(const struct incident *i)
{
    struct pty *p = visit(lab, i->target);
    assert_true(console_wait_fresh(p, PATIENCE));
    pty_settle(p, 3000);            /* all has been asked once */
    assert_false(pty_find(p, i->words, NULL, NULL));
    stage(i, i->begin);
    int64_t begun = pty_now_us();
    if (!pty_wait_regex(p, i->regex, 2 * INTERVAL_MS + DEADLINE_MS + i->slow_ms))
        fail_msg("%s is not named", i->name);
    double named_s = (double)(pty_now_us() - begun) / 1e6;
    pty_settle(p, i->stays_ms - (int)(named_s * 1000));
    stage(i, i->end);
    int64_t ended = pty_now_us();
    assert_true(pty_wait_gone(p, i->words, 3 * INTERVAL_MS + DEADLINE_MS + i->slow_ms));
    printf("%s: named after %.1f s, gone after %.1f s\n", i->name, named_s, (double)(pty_now_us() - ended) / 1e6);
    assert_int_equal(visit_leave(p), 0);
}

static void a_blocker_in_an_idle_transaction(void **state)
{
    (void)state;
    watch(&(struct incident){"blocker", "primary", "block 60", "unblock",
                             "[!‼] *4 sessions wait behind pid [0-9]+ \\(billing, idle in transaction [0-9.]+ s\\)",
                             "wait behind pid", WORSENS_MS, 0});
}

static void a_lost_standby(void **state)
{
    (void)state;
    watch(&(struct incident){"lost standby", "primary", "kill9 standby", "restart standby",
                             "! *standby lost: nobody uses slot standby", "standby lost", STAYS_MS, 0});
}

static void full_connection_slots(void **state)
{
    (void)state;
    char begin[40];     /* the last two places are the console's, and whose connection is a little slow to go */
    double room = witness_number(lab_conninfo(lab, "primary"),
                                 "select current_setting('max_connections')::int"
                                 " - current_setting('superuser_reserved_connections')::int - count(*)"
                                 " from pg_stat_activity where backend_type = 'client backend'");
    snprintf(begin, sizeof(begin), "sessions %.0f", room - 2);
    watch(&(struct incident){"full slots", "primary", begin, "sessions 0",
                             "‼ *[0-9]+ of [0-9]+ connections are taken: [0-9]+ are [^ ]+ \\([a-z]+\\)",
                             "connections are taken", STAYS_MS, 0});
}

static void a_dead_queue_worker(void **state)
{
    (void)state;
    watch(&(struct incident){
        "dead worker", "tasks",
        "insert into orchestrator.tasks (task_id, skill_name, task_type, source_repo, target_repo, change_event,"
        " relationship_config, status, started_at, worker_id, attempt_count) values ('lost-1', 's', 'incident', 'a', 'b',"
        " '{}', '{}', 'started', now() - interval '14 min', 'w-7', 1);",
        "delete from orchestrator.tasks where task_id = 'lost-1';",
        "! *1 task stuck, worker gone or slow: orchestrator incident", "orchestrator incident", STAYS_MS, 4000});
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocker_in_an_idle_transaction),
        cmocka_unit_test(a_lost_standby),
        cmocka_unit_test(full_connection_slots),
        cmocka_unit_test(a_dead_queue_worker),
    };
    return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
