/* Traps in a database for whoever looks into it with more rights: functions that shadow the server's own, and a table
 * that was swapped for a view. Each trap leaves a file behind when it is stepped on. */
#include "tests/fault/fault.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"
#include "tests/unit/random.h"

#include "base/buf.h"
#include "model/grant.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct lab *lab;
static char loot[300], own[300];    /* what would be taken; a folder of settings */

static int stop_lab(void **state)
{
    (void)state;
    fault_remove_tree(own);         /* it is root's where we are, and the lab is not */
    lab_stop(lab);
    return 0;
}

static bool stepped_on(void)
{
    return unlink(loot) == 0;
}

/* COPY to a file goes on in a read-only transaction; READ ONLY is no fence around a superuser. */
static bool set_trap(void)
{
    char sql[900];
    snprintf(sql, sizeof(sql),
             "create schema trap; grant usage on schema trap to public; "
             "create function trap.spring() returns bool language plpgsql as $$ begin "
             "execute 'copy (select 1) to ''%s'''; return true; exception when others then return true; end $$", loot);
    return witness_do(lab_conninfo(lab, "tasks"), sql);
}

static int start_lab(void **state)
{
    (void)state;
    lab = lab_start((const char *const[]){"--no-standby", "--no-pooler", NULL});
    if (!lab)
        return -1;
    snprintf(loot, sizeof(loot), "%s/primary/loot", lab_dir(lab));
    return set_trap() ? 0 : -1;
}

/* All probes once; 0 when all could be asked. */
static void look(const char *name)
{
    int status;
    struct pty *p = console_start(&(struct console_start){
        .args = (const char *const[]){"report", "--text", lab_conninfo(lab, name), NULL}, .cols = 200, .rows = 200});
    assert_true(pty_wait_exit(p, 3 * PATIENCE, &status));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(pty_find(p, "queues", NULL, NULL));
    pty_free(p);
}

/* Names as the server's own, with the same or better fitting types, first in everybody's path. */
static void functions_in_disguise_are_not_called(void **state)
{
    (void)state;
    static const char *const all[] = {
        "now() returns timestamptz",                "clock_timestamp() returns timestamptz",
        "current_setting(text) returns text",       "pg_is_in_recovery() returns bool",
        "pg_backend_pid() returns int",             "left(text, int) returns text",
        "lower(varchar) returns text",              "extract(text, timestamptz) returns numeric",
        "date_part(text, interval) returns float8", "pg_blocking_pids(int) returns int[]",
        "quote_ident(name) returns text",           "pg_relation_filenode(regclass) returns oid",
    };
    char sql[600];
    const char *conninfo = lab_conninfo(lab, "tasks");
    assert_true(witness_do(conninfo, "alter database tasks set search_path = trap, pg_catalog, public"));
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        snprintf(sql, sizeof(sql), "create function trap.%s language plpgsql as $$ begin perform trap.spring(); "
                                   "return null; end $$", all[i]);
        assert_true(witness_do(conninfo, sql));
    }
    witness_number(conninfo, "select now()");
    assert_true(stepped_on());          /* it is a trap indeed */
    look("tasks");
    fault_true("LOOT", "functions in disguise", !stepped_on());
    assert_true(witness_do(conninfo, "alter database tasks reset search_path"));
}

static void a_view_in_place_of_a_table_is_not_looked_into(void **state)
{
    (void)state;
    const char *conninfo = lab_conninfo(lab, "tasks");
    assert_true(witness_do(conninfo, "alter table orchestrator.tasks rename to tasks_of_before"));
    assert_true(witness_do(conninfo, "create view orchestrator.tasks as select * from orchestrator.tasks_of_before "
                                     "where trap.spring()"));
    assert_true(witness_do(conninfo, "grant select on orchestrator.tasks to public"));
    witness_number(conninfo, "select count(*) from orchestrator.tasks");
    assert_true(stepped_on());
    look("tasks");
    fault_true("LOOT", "a view in place of a table", !stepped_on());
    struct pty *p = visit_conninfo(conninfo, 24, 200);
    visit_page(p, "queues");
    fault_true("LOOT", "the page says why", pty_wait(p, "access to non-system view \"tasks\" is restricted", PATIENCE));
    fault_true("LOOT", "a console that stays", !stepped_on());
    visit_leave(p);
    assert_true(witness_do(conninfo, "drop view orchestrator.tasks"));
    assert_true(witness_do(conninfo, "alter table orchestrator.tasks_of_before rename to tasks"));
}

/* Statements of the user's own stand inside one question of ours, which may only read. */
static void a_definition_that_wants_more_gets_nothing(void **state)
{
    (void)state;
    static const char *const wants[][2] = {     /* the name of the file between them, where there are two */
        {"true; copy (select 1) to '", "'; select 1"},
        {"true) x; copy (select 1) to '", "' --"},
        {"nextval('trap.counter') > 0"},
        {"exists (select set_config('transaction_read_only', 'off', false)) and nextval('trap.counter') > 0"},
        {"exists (select 1 from trap.bait where trap.spring())"},
        {"j.id > 0"},       /* an honest one */
    };
    const char *conninfo = lab_conninfo(lab, "tasks");
    char path[500], setting[500], want[500];
    snprintf(own, sizeof(own), "%s/own", lab_dir(lab));
    snprintf(path, sizeof(path), "%s/own/queues", lab_dir(lab));
    assert_true(mkdir(own, 0700) == 0 && mkdir(path, 0700) == 0);
    snprintf(setting, sizeof(setting), "PGVIGIL_CONFIG_DIR=%s", own);
    snprintf(path, sizeof(path), "%s/own/queues/own.yaml", lab_dir(lab));
    assert_true(witness_do(conninfo, "create table trap.outbox(id int, topic text, at timestamptz)"));
    assert_true(witness_do(conninfo, "insert into trap.outbox values (1, 'a', now())"));
    assert_true(witness_do(conninfo, "create sequence trap.counter"));
    assert_true(witness_do(conninfo, "create view trap.bait as select 1 where trap.spring()"));
    for (size_t i = 0; i < COUNT_OF(wants); i++) {
        bool honest = i == COUNT_OF(wants) - 1;
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        snprintf(want, sizeof(want), "%s%s%s", wants[i][0], wants[i][1] ? loot : "", wants[i][1] ? wants[i][1] : "");
        fprintf(f, "format: 1\nqueues:\n- id: outbox\n  title: Outbox\n  detect:\n    outbox:\n    - id\n    - topic\n    - at\n"
                   "  sources:\n  - from: '{s}.outbox j'\n    queue: j.topic\n    where: |-\n      %s\n"
                   "    states:\n    - state: ready\n      since: j.at\n", want);
        assert_int_equal(fclose(f), 0);
        struct pty *p = console_start(&(struct console_start){
            .args = (const char *const[]){"report", "--text", "--probe=queues", conninfo, NULL}, .cols = 200, .rows = 60,
            .env = (const char *const[]){setting, NULL}});
        assert_true(pty_wait_exit(p, 2 * PATIENCE, NULL));
        assert_true(pty_find(p, "outbox", NULL, NULL));
        bool counted = !pty_find(p, "not counted", NULL, NULL);
        if (counted != honest)
            pty_print(p, want);
        assert_true(counted == honest);
        pty_free(p);
        fault_true("LOOT", wants[i][0], !stepped_on());
    }
    assert_true(witness_number(conninfo, "select is_called::int from trap.counter") == 0);
}

/* The server itself reads what we have written, and says which words need quotes. */
static void names_are_written_as_the_server_reads_them(void **state)
{
    (void)state;
    struct random r = random_start("names");
    PGconn *conn = PQconnectdb(lab_conninfo(lab, "primary"));
    PGresult *words = PQexec(conn, "select word from pg_get_keywords() where catcode in ('R', 'T')");
    struct buf out = {0};
    assert_true(PQntuples(words) > 50);
    for (int i = 0; i < PQntuples(words); i++) {
        buf_clear(&out);
        grant_name(&out, PQgetvalue(words, i, 0));
        assert_int_equal(buf_text(&out)[0], '"');
    }
    PQclear(words);
    for (int i = 0; i < (fault_full() ? 20000 : 2000); i++) {
        static const char letters[] = "ab_Z09\"\"\"'\\ .;-$\n\t";
        char name[64] = "";
        for (unsigned k = 0, n = 1 + random_below(&r, 62); k < n; k++)
            name[k] = letters[random_below(&r, sizeof(letters) - 1)];
        buf_clear(&out);
        grant_name(&out, name);
        const char *const value[] = {buf_text(&out)};
        PGresult *back = PQexecParams(conn, "select (parse_ident($1))[1]", 1, NULL, value, NULL, NULL, 0);
        assert_int_equal(PQresultStatus(back), PGRES_TUPLES_OK);
        assert_string_equal(PQgetvalue(back, 0, 0), name);
        PQclear(back);
    }
    buf_free(&out);
    PQfinish(conn);
}

/* Who is more than a watcher is told so. */
static void a_superuser_is_told_so(void **state)
{
    (void)state;
    struct pty *p = visit(lab, "primary");
    fault_true("LOOT", "a superuser is told on the first screen", pty_wait(p, "SUPERUSER", PATIENCE));
    visit_leave(p);
    p = visit(lab, "primary_monitor");
    pty_settle(p, 1000);
    fault_true("LOOT", "a role with pg_monitor is not", !pty_find(p, "SUPERUSER", NULL, NULL));
    visit_leave(p);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {
        FAULT(functions_in_disguise_are_not_called),
        FAULT(a_view_in_place_of_a_table_is_not_looked_into),
        FAULT(a_definition_that_wants_more_gets_nothing),
        FAULT(names_are_written_as_the_server_reads_them),
        FAULT(a_superuser_is_told_so),
    };
    return fault_run(argc, argv, tests, COUNT_OF(tests), start_lab, stop_lab);
}
