/* Heavy questions of a primary on its standby: asked there and not here, and here again when that one is gone. */
#include "tests/fault/fault.h"
#include "tests/pty/console.h"
#include "tests/pty/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEAVY       "pg_total_relation_size"
#define INTERVAL_MS 2000

static struct lab *lab;
static char config[4096];

/* The page of tables of the primary, its standby watched too; sizes each two seconds. */
static struct pty *open_tables(void)
{
    snprintf(config, sizeof(config), "%s/routing.yaml", lab_dir(lab));
    FILE *f = fopen(config, "w");
    assert_non_null(f);
    fprintf(f, "format: 1\nbackground: 1 s\nprobes:\n  table_sizes: %d ms\ntargets:\n"
               "- name: shop-1\n  conninfo: %s\n- name: shop-2\n  conninfo: %s\n",
            INTERVAL_MS, lab_conninfo(lab, "primary"), lab_conninfo(lab, "standby"));
    assert_int_equal(fclose(f), 0);
    return console_start(&(struct console_start){
        .args = (const char *const[]){"--config", config, "--page=tables", NULL}, .cols = 120});
}

/* Each server's log tells what it was asked. */
static void prepare(void)
{
    static const char *const sql[] = {
        "create unlogged table unlogged_one as select n, repeat('x', 200) as words from generate_series(1, 20000) n",
        "create table logged_one as table unlogged_one", "vacuum analyze unlogged_one, logged_one",
        "alter database shop set log_statement = 'all'"};
    for (size_t i = 0; i < COUNT_OF(sql); i++)
        assert_true(witness_do(lab_conninfo(lab, "primary"), sql[i]));
}

static void sizes_come_from_the_standby(void **state)
{
    (void)state;
    prepare();
    const char *here = lab_log(lab, "primary"), *there = lab_log(lab, "standby");
    struct pty *p = open_tables();
    assert_true(console_wait_data(p, PATIENCE));
    fault_true("ROUTE", "the page says who answered", pty_wait_regex(p, "exact sizes .* ago from shop-2", 4 * PATIENCE));
    fault_true("ROUTE", "a table that is not logged has no exact size", pty_wait_regex(p, "unlogged_one .* ~", PATIENCE));
    fault_true("ROUTE", "and one that is logged has it", pty_wait_regex(p, "[^n]logged_one +[0-9]", PATIENCE));
    long from_here = log_end(here), from_there = log_end(there);
    pty_settle(p, 3 * INTERVAL_MS);
    fault_most("ROUTE", "sizes asked of the primary", log_count(here, from_here, HEAVY), 0, "");
    fault_true("ROUTE", "and of the standby", log_count(there, from_there, HEAVY) >= 2);
    fault_most("ROUTE", "sessions there", witness_sessions(lab_conninfo(lab, "standby")), 1, "");

    assert_true(lab_command(lab, "kill9 standby"));
    int64_t start = pty_now_us();
    bool said = pty_wait(p, ", no standby fit", 3 * PATIENCE);
    fault_most("ROUTE", "killed: the primary answers after", said ? fault_since_ms(start) : 1e9, 2 * INTERVAL_MS + 2000, "ms");
    fault_true("ROUTE", "which was asked", log_count(here, from_here, HEAVY) >= 1);
    assert_true(lab_command(lab, "restart standby"));
    fault_true("ROUTE", "the standby is taken back", pty_wait_regex(p, "exact sizes .* ago from shop-2", 6 * PATIENCE));
    visit_leave(p);
}

int main(int argc, char **argv)
{
    static const struct fault_test tests[] = {FAULT(sizes_come_from_the_standby)};
    return fault_run_lab(argc, argv, tests, COUNT_OF(tests), &lab,
                         (const char *const[]){"--load", "light", "--no-pooler", NULL});
}
