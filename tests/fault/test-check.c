/* How those end that look once, when not all of it is answered: check for a monitoring system, and the report. */
#include "base/mem.h"
#include "tests/fault/hostile.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct lab *lab;
static char dir[] = "/tmp/pgvigil-check-XXXXXX";
static char out[65536];

static int set_up(void **state)
{
    (void)state;
    setenv("LC_ALL", "C.UTF-8", 1);
    if (!mkdtemp(dir))
        return -1;
    setenv("PGVIGIL_CONFIG_DIR", dir, 1);
    lab = lab_start((const char *const[]){NULL});
    return lab ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[100];
    (void)state;
    lab_stop(lab);
    snprintf(command, sizeof(command), "rm -r %s", dir);
    return system(command);
}

static int ask(const char *command, const char *conninfo)
{
    return visit_run(command, conninfo, out, sizeof(out));
}

static void expect(const char *command, const char *conninfo, int wanted, const char *says)
{
    int status = ask(command, conninfo);
    if (status != wanted || (says && !strstr(out, says)))
        fail_msg("%s ends with %d, wanted %d and \"%s\":\n%s", command, status, wanted, says ? says : "", out);
}

static void put_file(const char *name, const char *text, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", dir, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

/* ---- a server that lets us in ---- */

static void what_is_not_answered_is_not_fine(void **state)
{
    (void)state;
    static const char late[] = "57014 canceling statement due to statement timeout";
    static const struct {
        const char *regex, *error;
        int status;
        const char *says;
    } all[] = {
        {"pg_stat_archiver", late, 2, "critical: 127.0.0.1: server: no answer: canceling statement"},
        {"pg_stat_activity", late, 1, "warning: 127.0.0.1: sessions: no answer: canceling statement"},
        {"pg_stat_activity", "55P03 canceling statement due to lock timeout", 1, "sessions: no answer: canceling"},
        {"pg_stat_activity", "53200 out of memory", 1, "sessions: no answer: out of memory"},
        {"pg_stat_activity", "XX001 invalid page in block 7", 2, "sessions: no answer: invalid page in block 7"},
        {"pg_stat_archiver", "58030 could not read block 7", 2, "server: no answer: could not read block 7"},
        {"pg_stat_replication", late, 3, "PGVIGIL UNKNOWN - 127.0.0.1: replication: no answer: canceling statement"},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        char text[300], path[100];
        snprintf(text, sizeof(text), "/%s/\nerror %s\n", all[i].regex, all[i].error);
        put_file("script", text, path, sizeof(path));
        struct hostile *h = hostile_start((const char *const[]){"--script", path, NULL});
        expect("check", hostile_conninfo(h), all[i].status, all[i].says);
        hostile_stop(h);
    }
}

/* A standby refuses one question or another for the sake of its replay: those are asked again. Of this one each second
 * answer is such a refusal, so that no look is whole at once, and now and then one question has all of them. */
static void a_conflict_is_tried_again(void **state)
{
    (void)state;
    struct hostile *h = hostile_start((const char *const[]){"--mode", "alternate", "--sqlstate", "40001", "--after", "2",
                                                            "--behind", lab_conninfo(lab, "primary"), "--password",
                                                            "secret", NULL});
    char conninfo[300];
    snprintf(conninfo, sizeof(conninfo), "%s password=secret", hostile_conninfo(h));
    bool whole = false;
    for (int i = 0; i < 10 && !whole; i++) {
        ask("check", conninfo);
        whole = strstr(out, "server.backends") && !strstr(out, "no answer");
    }
    if (!whole)
        fail_msg("%s", out);
    hostile_stop(h);
}

/* Each answer is in time, and all of them together are not. */
static void what_there_was_no_time_for_is_told(void **state)
{
    (void)state;
    static const char *const slow[] = {"--mode", "slow", "--count", "1400", "--after", "2", NULL};
    struct hostile *h = hostile_start(slow);
    assert_int_not_equal(ask("check", hostile_conninfo(h)), 0);
    assert_non_null(strstr(out, ": no answer in time"));
    hostile_stop(h);
}

/* ---- and one that does not ---- */

static void a_first_attempt_that_takes_too_long_is_told(void **state)
{
    (void)state;
    char conninfo[200];
    struct hostile *h = hostile_mode("silent");
    int port = hostile_port(h);
    snprintf(conninfo, sizeof(conninfo), "host=127.0.0.1,127.0.0.1,127.0.0.1 port=%d,%d,%d user=a dbname=a", port, port, port);
    expect("check", conninfo, 2, "not reached in time: ");
    hostile_stop(h);
}

/* ---- the report ---- */

static void a_report_that_is_not_whole_says_so(void **state)
{
    (void)state;
    static const struct {
        const char *mode, *after, *sqlstate, *command;
        int status;
        const char *says;
    } all[] = {
        {"healthy", "0", "57014", "report --probe sessions --probe server", 0, NULL},
        {"freeze", "2", "57014", "report --probe sessions", 3, "127.0.0.1: not reached: the server did not answer within 2 s"},
        {"freeze", "2", "57014", "doctor", 3, "127.0.0.1: not reached: the server did not answer within 2 s"},
        {"freeze", "3", "57014", "report", 3, "127.0.0.1: not reached: "},
        {"error", "2", "57014", "report --probe sessions", 1, "127.0.0.1: no answer, or an error, from: sessions\n"},
        {"error", "2", "53200", "report --probe sessions", 1, "127.0.0.1: no answer, or an error, from: sessions\n"},
        {"error", "2", "42501", "report --probe sessions", 0, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct hostile *h = hostile_start((const char *const[]){"--mode", all[i].mode, "--after", all[i].after,
                                                                "--sqlstate", all[i].sqlstate, NULL});
        expect(all[i].command, hostile_conninfo(h), all[i].status, all[i].says);
        hostile_stop(h);
    }
}

/* ---- servers that are well ---- */

static void what_is_well_is_not_blind(void **state)
{
    (void)state;
    static const char *const names[] = {"primary_monitor", "standby_monitor", "pooler", "tasks_monitor", "pooled"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        ask("check", lab_conninfo(lab, names[i]));
        if (strstr(out, "no answer") || strstr(out, "not reached"))
            fail_msg("%s: %s", names[i], out);
        expect("report", lab_conninfo(lab, names[i]), 0, NULL);
    }
}

static void a_database_that_an_admin_has_closed_is_told(void **state)
{
    (void)state;
    expect("check", lab_conninfo(lab, "pooler"), 0, "nothing is found to be wrong");
    assert_true(witness_do(lab_conninfo(lab, "pooler_admin"), "DISABLE shop"));
    int status = ask("check", lab_conninfo(lab, "pooler"));
    assert_true(witness_do(lab_conninfo(lab, "pooler_admin"), "ENABLE shop"));
    if (status != 1 || !strstr(out, "DISABLED: database shop"))
        fail_msg("%d: %s", status, out);
}

/* A second bar would end the numbers. */
static void there_is_one_bar(void **state)
{
    (void)state;
    static const char script[] = "/pg_stat_activity/\nerror XX001 invalid | page\n";
    char path[100], text[600];
    put_file("script", script, path, sizeof(path));
    struct hostile *h = hostile_start((const char *const[]){"--script", path, NULL});
    snprintf(text, sizeof(text), "format: 1\ntargets:\n- name: shop\n  conninfo: %s\nrules:\n  no_answer:\n    runbook: a | b\n",
             hostile_conninfo(h));
    put_file("pgvigil.yaml", text, path, sizeof(path));
    expect("check", "shop", 2, "critical: shop: sessions: no answer: invalid / page; runbook: a / b\n");
    const char *bar = strchr(out, '|');
    if (!bar || strchr(bar + 1, '|'))
        fail_msg("%s", out);
    unlink(path);
    hostile_stop(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_one_bar),
        cmocka_unit_test(what_is_not_answered_is_not_fine),
        cmocka_unit_test(a_conflict_is_tried_again),
        cmocka_unit_test(what_there_was_no_time_for_is_told),
        cmocka_unit_test(a_first_attempt_that_takes_too_long_is_told),
        cmocka_unit_test(a_report_that_is_not_whole_says_so),
        cmocka_unit_test(what_is_well_is_not_blind),
        cmocka_unit_test(a_database_that_an_admin_has_closed_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
